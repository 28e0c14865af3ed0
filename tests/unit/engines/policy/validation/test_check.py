"""The whole check: where findings are, how they are told, and that it ends."""

import json

import pytest

from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.engines.policy.validation import REFUSED, FindingType, learn_more, validate
from unit.engines.policy.cases import CASES, load
from unit.engines.policy.validation.knowing import KNOWLEDGE, check, codes

# As in the AWS CLI's example of validate-policy: the same document and the same spans as AWS answers.
COGNITO = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {
                "Federated": "cognito-identity.amazonaws.com"
            },
            "Action": [
                "sts:AssumeRole"
            ],
            "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-west-2_EXAMPLE"}}
        }
    ]
}
"""
NEW = {"Version": "2012-10-17"}


def statement(**more):
    """A policy of one statement."""
    return NEW | {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | more]}


def test_spans_and_paths_are_as_aws_counts_them() -> None:
    """Lines count from 1, columns and offsets from 0, and the end is not of the span."""
    sid, mismatch = (finding.to_dict() for finding in check(COGNITO, "trust"))
    assert sid["issueCode"] == "EMPTY_SID_VALUE"
    assert sid["findingType"] == "SUGGESTION"
    assert sid["locations"] == [
        {
            "path": [{"value": "Statement"}, {"index": 0}, {"value": "Sid"}],
            "span": {
                "start": {"line": 5, "column": 19, "offset": 79},
                "end": {"line": 5, "column": 21, "offset": 81},
            },
        }
    ]
    assert mismatch["issueCode"] == "MISMATCHED_ACTION_FOR_PRINCIPAL"
    assert mismatch["learnMoreLink"].endswith("policy-checks-error-mismatched-action-for-principal")
    assert mismatch["locations"][0]["span"] == {
        "start": {"line": 11, "column": 16, "offset": 258},
        "end": {"line": 11, "column": 32, "offset": 274},
    }
    assert mismatch["locations"][1]["path"][-1] == {"value": "Federated"}


def test_the_page_of_a_warning() -> None:
    """AWS's anchors call a warning a general one."""
    assert learn_more(FindingType.WARNING, "MISSING_VERSION").endswith(
        "checks-general-warning-missing-version"
    )
    assert learn_more(FindingType.SECURITY_WARNING, "X_Y").endswith("checks-security-warning-x-y")


def test_a_name_that_occurs_twice_is_found_where_it_is_again() -> None:
    """Neither of two equal names is dropped in silence, as Python's reader would."""
    text = json.dumps(statement()).replace('"Effect": "Allow"', '"Effect": "Allow", "Effect": "Deny"')
    [finding] = check(text)
    assert finding.code == "JSON_SYNTAX_ERROR"
    assert finding.locations[0].start.offset == text.rindex('"Effect"')


@pytest.mark.parametrize(
    ("policy", "meant"),
    [
        (statement(Action="s3:getobjct"), "`GetObject`"),
        (statement(Action="ec22:RunInstances"), "`ec2`"),
        (statement(Condition={"StringEqual": {"aws:username": "a"}}), "`StringEquals`"),
        (statement(Condition={"StringEquals": {"aws:SourceAcount": "a"}}), "`aws:sourceaccount`"),
        (statement(Resource="arn:aws:sqs:eu-wst-1:111122223333:q"), "`eu-west-1`"),
        (statement(resource="*"), "`Resource`"),
    ],
)
def test_what_was_meant(policy, meant) -> None:
    """A name that is nearly right is told the right one."""
    assert any(f"did you mean {meant}?" in finding.message for finding in check(policy))


def test_messages_hold_nothing_that_terminals_obey() -> None:
    """Control characters come out escaped, and long texts short, in the grammar's messages too."""
    hostile = "s3:\x1b[31m\u0085" + "x" * 5000
    for policy in (
        statement(Action=hostile),
        statement(Sid=hostile),
        statement(Condition={hostile: {hostile: 1}}),
    ):
        for finding in check(policy):
            assert finding.message.isprintable()
            assert len(finding.message) < 3000


def test_scps_have_the_whole_language() -> None:
    """Since 19 September 2025 nothing of this is an error in an SCP."""
    allow = statement(
        Action="s3:*Object",
        Resource="arn:aws:s3:::menus/*",
        Condition={"Bool": {"aws:SecureTransport": "true"}},
    )
    negated = NEW | {
        "Statement": [{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::menus/*"}]
    }
    assert codes(allow, "scp") == set()
    assert codes(negated, "scp") == set()


def test_a_hostile_document_ends_and_says_that_it_was_too_much() -> None:
    """Comparisons are counted: a check that needs too many is cut short, and the result says so."""
    actions = [f"ec2:*x{number}*y" for number in range(100)]
    text = json.dumps(statement(Action=actions))
    assert validate(text, PolicyType.IDENTITY, KNOWLEDGE).complete
    short = validate(text, PolicyType.IDENTITY, KNOWLEDGE, steps=1000)
    assert not short.complete
    assert len(short.findings) < 100


def test_redundancy_is_counted_too() -> None:
    """Comparing patterns with each other takes a step for each pair, so that it is bounded."""
    text = json.dumps(statement(Resource=[f"arn:aws:s3:::*{number}" for number in range(100)]))
    assert validate(text, PolicyType.IDENTITY, KNOWLEDGE, steps=100 * 100 + 5000).complete
    assert not validate(text, PolicyType.IDENTITY, KNOWLEDGE, steps=5000).complete


def test_what_the_api_refuses_has_an_error_at_the_statement() -> None:
    """Where no check of AWS's says so, the grammar's refusal is a finding of ours, where the statement is."""
    policy = statement(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}})
    refused = next(finding for finding in check(policy) if finding.code == REFUSED)
    assert refused.type is FindingType.ERROR
    assert refused.locations[0].path == ("Statement", 0)


@pytest.mark.skipif(not CASES.is_dir(), reason="THE PUBLIC POLICY CASES ARE NOT BESIDE THE REPOSITORY")
def test_the_public_cases() -> None:
    """Of all policies of the public cases, those that the API refuses, and no others, are refused here."""
    refused = tried = 0
    for case in [*load("decision"), *load("discovery")]:
        found = case["policies"]
        for kind in ("identity", "session", "boundary", "vpce"):
            for document in found.get("pb" if kind == "boundary" and "pb" in found else kind) or ():
                tried += 1
                refused += _agrees(json.dumps(document), PolicyType(kind))
        for kind in ("scp", "rcp"):
            for document in (document for level in found[kind] for document in level["docs"]):
                tried += 1
                refused += _agrees(json.dumps(document), PolicyType(kind))
        if found["resource"]:
            tried += 1
            refused += _agrees(json.dumps(found["resource"]), PolicyType.RESOURCE)
    assert tried > 300
    assert refused > 10


def _agrees(text, type_):
    """Whether the API refuses the text; if so there must be an error."""
    errors = [finding for finding in check(text, type_) if finding.type is FindingType.ERROR]
    try:
        validate_policy(text, type_)
    except MalformedPolicyError:
        assert errors, text
        return True
    return False


@pytest.mark.parametrize(("policy_type", "action"), [("scp", "iam:*"), ("rcp", "s3:*")])
def test_all_white_space_of_a_file_counts_for_organizations(policy_type, action) -> None:
    """Also that around the policy: the line end of a file is the character that Organizations refuses."""
    everybody = {"Principal": "*"} if policy_type == "rcp" else {}
    condition = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    text = json.dumps(statement(Effect="Deny", Action=action, **everybody, **condition))
    fits = text + " " * (5_119 - len(text)) + "\n"
    code = f"POLICY_SIZE_EXCEEDS_{policy_type.upper()}_QUOTA"
    assert code not in codes(fits, policy_type)
    assert code in codes("\n" + fits, policy_type)
