"""Writing a policy: what is refused, with AWS's text."""

import json

import pytest

from masugata.engines.policy import PolicyType, compile_policy
from masugata.engines.policy.grammar import MalformedPolicyError, policy_size, validate_policy
from unit.engines.policy.build import document, statement

IDENTITY, TRUST, RESOURCE = PolicyType.IDENTITY, PolicyType.TRUST, PolicyType.RESOURCE
SCP, RCP, VPCE = PolicyType.SCP, PolicyType.RCP, PolicyType.VPCE
SYNTAX = "Syntax errors in policy."
ORGANIZATIONS = "The provided policy document does not meet the requirements of the specified policy type."


def refusal(text, type_):
    """The message with which `text` is refused."""
    with pytest.raises(MalformedPolicyError) as caught:
        validate_policy(text if isinstance(text, str | bytes) else json.dumps(text), type_)
    return caught.value.message


def with_statement(**elements):
    """An identity policy of one statement; None leaves an element out."""
    return document(statement(**elements))


def trust(**elements):
    """A trust policy of one statement."""
    known = {"action": "sts:AssumeRole", "resource": None, "Principal": {"AWS": "111122223333"}}
    return document(statement(**known | elements))


GOOD = [
    (IDENTITY, with_statement()),
    (IDENTITY, {"Statement": statement()}),
    (IDENTITY, document(statement(), version="2008-10-17")),
    (IDENTITY, document(statement(Sid="A1"), statement(Sid="B2"), statement(Sid=""), statement())),
    (IDENTITY, with_statement(action=["s3:Get*", "ec2:*"], resource=["arn:aws:s3:::b", "arn:aws:ec2:*:*:*"])),
    (IDENTITY, with_statement(action=None, NotAction="iam:*")),
    (IDENTITY, with_statement(resource=None, NotResource="arn:aws:s3:::b/${aws:username}")),
    (IDENTITY, with_statement(resource="arn:aws:sqs:*")),
    (IDENTITY, with_statement(resource="arn:aws:iam::*:role/${aws:username}")),
    (IDENTITY, with_statement(resource="arn:aws:iam::*:delegation-request/*")),
    (
        IDENTITY,
        with_statement(Condition={"ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a", 1, True]}}),
    ),
    (IDENTITY, with_statement(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})),
    (IDENTITY, with_statement(Condition={})),
    (TRUST, trust()),
    (TRUST, trust(Principal={"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
    (TRUST, trust(action=["sts:AssumeRole", "sts:TagSession"], Principal={"Service": "ec2.amazonaws.com"})),
    (TRUST, trust(Principal={"AWS": ["AIDAEXAMPLE", "arn:aws:sts::111122223333:assumed-role/r/s"]})),
    (TRUST, trust() | {"Version": "2008-10-17"}),
    (TRUST, trust(action=["sts:assumerolewithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetContext"])),
    (TRUST, trust(action=["sts:*", "STS:assume*", "sts:?agSession", "sts:SetSourceIdentity"])),
    (
        RESOURCE,
        {"Id": "key policy"} | with_statement(Principal={"AWS": "*"}, Sid="Allow use of it"),
    ),
    (RESOURCE, with_statement(effect="Deny", NotPrincipal={"AWS": "111122223333"})),
    (RESOURCE, with_statement(Principal={"CanonicalUser": "79a59d"})),
    (SCP, with_statement(action="s3:*Object", Condition={"Bool": {"aws:SecureTransport": "true"}})),
    (SCP, with_statement(effect="Deny", action=None, NotAction="iam:*", resource="arn:aws:s3:*")),
    # the whole language since September 2025
    (SCP, with_statement(action=["ec2:*Instances", "s3:Get*Acl"], resource="arn:aws:s3:::shop/*")),
    (SCP, with_statement(action=None, NotAction=["iam:*", "sts:Get*Token"])),
    (SCP, with_statement(resource=None, NotResource=["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"])),
    (SCP, with_statement(action=None, resource=None, NotAction="iam:*", NotResource="arn:aws:s3:::shop")),
    (SCP, with_statement(effect="Deny", resource=None, NotResource="arn:aws:s3:::shop/${aws:username}")),
    (SCP, with_statement(Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}}, Sid="A")),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal="*")),
    (
        RCP,
        with_statement(
            effect="Deny",
            action=["s3:*", "sts:*"],
            resource=None,
            NotResource="arn:aws:s3:::open",
            Principal="*",
            Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}},
        ),
    ),
    (VPCE, with_statement(Principal="*", Sid="Allow everything")),
]


@pytest.mark.parametrize(("type_", "found"), GOOD)
def test_sound_policies(type_, found):
    """Policies that AWS takes are taken, as text and as bytes, and can be compiled."""
    text = json.dumps(found)
    validate_policy(text, type_)
    validate_policy(text.encode(), type_)
    assert compile_policy(text, type_, "source").statements


BAD_JSON = {
    "empty": "",
    "no JSON": "not json",
    "an array": "[]",
    "null": "null",
    "duplicate element": '{"Id": "a", "Id": "b", "Statement": {"Effect": "Allow", "Action": "*"}}',
    "duplicate in a statement": '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*"}}',
    "not a number": '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",'
    ' "Condition": {"NumericEquals": {"a:b": NaN}}}}',
    "trailing text": '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}} x',
    "invalid UTF-8": b'{"Version": "\xff"}',
    "character beyond U+00FF": '{"Version": "\u3042"}',
    "control character": '{"Version": "\u0001"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "lone surrogate": '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Sid": "\\ud800"}}',
    "too deep": "[" * 100_000,
    "deep within": '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": '
    + "[" * 50
    + '"*"'
    + "]" * 50
    + "}}",
}


@pytest.mark.parametrize("text", BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json(text):
    """Text that is not the JSON of a policy is refused, in the words of each parser."""
    assert refusal(text, IDENTITY) == SYNTAX
    assert refusal(text, TRUST) == "This policy contains invalid Json"
    assert refusal(text, SCP) == ORGANIZATIONS


IAM_PATHS = (
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, '
    "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, "
    "report/, access-report/."
)
BAD_IDENTITY = {
    "unknown top element": ({"Conditions": {}} | with_statement(), SYNTAX),
    "Id": ({"Id": "x"} | with_statement(), SYNTAX),
    "unknown version": (document(statement(), version="2020-01-01"), SYNTAX),
    "version is a number": ({"Version": 2012, "Statement": statement()}, SYNTAX),
    "no statement": ({"Version": "2012-10-17"}, SYNTAX),
    "empty statement list": (document(), SYNTAX),
    "statement is text": ({"Statement": "x"}, SYNTAX),
    "statement is a list of text": ({"Statement": ["x"]}, SYNTAX),
    "unknown statement element": (with_statement(Conditions={}), SYNTAX),
    "lower-case element": (with_statement(action=None, notaction="s3:*"), SYNTAX),
    "lower-case effect": (with_statement(effect="allow"), SYNTAX),
    "no effect": ({"Statement": {"Action": "*", "Resource": "*"}}, SYNTAX),
    "bad Sid": (with_statement(Sid="with space"), SYNTAX),
    "Sid is a number": (with_statement(Sid=1), SYNTAX),
    "Action and NotAction": (with_statement(NotAction="s3:*"), SYNTAX),
    "Resource and NotResource": (with_statement(NotResource="*"), SYNTAX),
    "action is an object": (with_statement(action={"a": "b"}), SYNTAX),
    "action is a number": (with_statement(action=[1]), SYNTAX),
    "resource is null": ({"Statement": {"Effect": "Allow", "Action": "*", "Resource": None}}, SYNTAX),
    "condition is a list": (with_statement(Condition=[]), SYNTAX),
    "condition without operator": (with_statement(Condition={"aws:username": "a"}), SYNTAX),
    "condition value is null": (with_statement(Condition={"Null": {"aws:username": None}}), SYNTAX),
    "condition value is an object": (with_statement(Condition={"Null": {"aws:username": {}}}), SYNTAX),
    "unknown operator": (with_statement(Condition={"StringEqual": {"aws:username": "a"}}), SYNTAX),
    "operator in wrong case": (with_statement(Condition={"stringEquals": {"aws:username": "a"}}), SYNTAX),
    "NullIfExists": (with_statement(Condition={"NullIfExists": {"aws:username": "true"}}), SYNTAX),
    "two set prefixes": (
        with_statement(Condition={"ForAllValues:ForAnyValue:StringLike": {"aws:TagKeys": "a"}}),
        SYNTAX,
    ),
    "duplicate Sid": (
        document(statement(Sid="A"), statement(Sid="A")),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    "principal": (with_statement(Principal="*"), "Policy document should not specify a principal."),
    "NotPrincipal": (
        with_statement(NotPrincipal={"AWS": "1"}),
        "Policy document should not specify a principal.",
    ),
    "no action": (with_statement(action=None), "Policy statement must contain actions."),
    "empty action list": (with_statement(action=[]), "Policy statement must contain actions."),
    "no resource": (with_statement(resource=None), "Policy statement must contain resources."),
    "empty resource list": (with_statement(resource=[]), "Policy statement must contain resources."),
    "action without vendor": (
        with_statement(action="GetObject"),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    "empty action": (
        with_statement(action=""),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    "condition key without vendor": (
        with_statement(Condition={"StringEquals": {"username": "a"}}),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    "two colons": (with_statement(action="s3:Get:Object"), "Actions/Condition can contain only one colon."),
    "wildcard in the vendor": (with_statement(action="s*:GetObject"), "Vendor s* is not valid"),
    "space in the action": (with_statement(action="s3:Get Object"), "The policy failed legacy parsing"),
    "no name after the vendor": (with_statement(action="s3:"), "The policy failed legacy parsing"),
    "bad date": (
        with_statement(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}),
        "The policy failed legacy parsing",
    ),
    "resource is no ARN": (
        with_statement(resource="bucket"),
        'Resource bucket must be in ARN format or "*".',
    ),
    "empty resource": (with_statement(resource=""), 'Resource  must be in ARN format or "*".'),
    "unknown partition": (
        with_statement(resource="arn:amazon:s3:::b"),
        'Partition "amazon" is not valid for resource "arn:amazon:s3:::b".',
    ),
    "unknown partition, short": (
        with_statement(resource="arn:amazon:s3"),
        'Partition "amazon" is not valid for resource "arn:amazon:s3:*:*:*".',
    ),
    "wildcard in the service": (
        with_statement(resource="arn:aws:s*:::b"),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    "IAM resource with a Region": (
        with_statement(resource="arn:aws:iam:us-east-1:1:user/a"),
        "IAM resource arn:aws:iam:us-east-1:1:user/a cannot contain region information.",
    ),
    "unknown IAM path": (
        with_statement(resource="arn:aws:iam::1:users/a"),
        IAM_PATHS,
    ),
}


@pytest.mark.parametrize(("found", "message"), BAD_IDENTITY.values(), ids=BAD_IDENTITY)
def test_identity_policies(found, message):
    """Identity policies, boundaries and session policies are refused in the words of IAM's older parser."""
    for type_ in (IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION):
        assert refusal(found, type_) == message


BAD_TRUST = {
    "unknown field": ({"statement": []}, "Unknown field statement"),
    "bad version": (trust() | {"Version": "2013-01-01"}, "The policy must contain a valid version string"),
    "empty statement": (document(), "Could not parse the policy: Statement is empty!"),
    "no effect": ({"Statement": [{}]}, "Missing required field Effect"),
    "bad effect": (trust(effect="allow"), "Invalid effect: allow"),
    "no principal": (trust(Principal=None), "Missing required field Principal"),
    "empty principal": (trust(Principal={}), "Missing required field Principal cannot be empty!"),
    "empty principal list": (
        trust(Principal={"AWS": []}),
        "Missing required field Principal cannot be empty!",
    ),
    "partial wildcard": (
        trust(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*"',
    ),
    "principal is no ARN": (trust(Principal={"AWS": "bob"}), 'Invalid principal in policy: "AWS":"bob"'),
    "wildcard service": (trust(Principal={"Service": "*"}), 'Invalid principal in policy: "SERVICE":"*"'),
    "unknown principal type": (trust(Principal={"Team": "a"}), 'Invalid principal in policy: "TEAM":"a"'),
    "canonical user": (
        trust(Principal={"CanonicalUser": "79a"}),
        'Invalid principal in policy: "CANONICALUSER":"79a"',
    ),
    "NotPrincipal with Allow": (
        trust(Principal=None, NotPrincipal={"AWS": "111122223333"}),
        "Allow with NotPrincipal is not allowed.",
    ),
    "NotPrincipal": (
        trust(effect="Deny", Principal=None, NotPrincipal={"AWS": "111122223333"}),
        "AssumeRole policy must not contain NotPrincipal field.",
    ),
    "no action": (trust(action=None), "Missing required field Action"),
    "another service's action": (
        trust(action="s3:GetObject"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "everybody as a string": (
        trust(Principal="*"),
        'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    ),
    "everybody as a string, denied": (
        trust(effect="Deny", Principal="*"),
        'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    ),
    "no such action": (
        trust(action=["sts:AssumeRole", "sts:Nonsense"]),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "an action of STS that is not on roles": (
        trust(action="sts:GetCallerIdentity"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "wildcard that reaches no action": (
        trust(action="sts:Get*"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "NotAction": (
        trust(action=None, NotAction="sts:TagSession"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "all actions": (trust(action="*"), "AssumeRole policy may only specify STS AssumeRole actions."),
    "resource": (trust(resource="*"), "Has prohibited field Resource"),
    "NotResource": (trust(NotResource="*"), "AssumeRole policy must not contain resources."),
    "duplicate Sid": (
        {"Statement": [trust(Sid="A")["Statement"][0]] * 2},
        "The Statement Ids in the policy are not unique",
    ),
    "unknown operator": (
        trust(Condition={"StringEqual": {"sts:ExternalId": "x"}}),
        "Invalid Condition type : StringEqual",
    ),
}


@pytest.mark.parametrize(("found", "message"), BAD_TRUST.values(), ids=BAD_TRUST)
def test_trust_policies(found, message):
    """Trust policies are refused in the words of IAM's newer parser."""
    assert refusal(found, TRUST) == message


def test_resource_policies():
    """Resource and endpoint policies must say who, what and on what."""
    for type_ in (RESOURCE, VPCE):
        assert refusal(with_statement(), type_) == "Missing required field Principal"
        assert refusal(with_statement(Principal="*", action=None), type_) == "Missing required field Action"
        assert (
            refusal(with_statement(Principal="*", resource=None), type_) == "Missing required field Resource"
        )
        assert refusal(with_statement(NotPrincipal="*"), type_) == "Allow with NotPrincipal is not allowed."


BAD_ORGANIZATION = [
    (SCP, document(statement(), version="2008-10-17")),
    (SCP, {"Statement": statement()}),
    (SCP, with_statement(Principal="*")),
    (SCP, with_statement(NotPrincipal="*")),
    (SCP, {"Id": "x"} | with_statement()),
    (SCP, with_statement(Sid="with space")),
    (SCP, document(statement(Sid="A"), statement(Sid="A"))),
    (SCP, with_statement(resource=None)),
    (SCP, with_statement(action=None)),
    (SCP, with_statement(NotAction="s3:*")),
    (SCP, with_statement(NotResource="*")),
    (RCP, {"Id": "x"} | with_statement(effect="Deny", action="s3:*", Principal="*")),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal="*", Sid="with space")),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal={"AWS": "*"})),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal="*") | {"Version": "2008-10-17"}),
    (SCP, with_statement(resource="arn:aws:s3")),
    (RCP, with_statement(action="s3:*", Principal="*")),
    (RCP, with_statement(effect="Deny", action="*", Principal="*")),
    (RCP, with_statement(effect="Deny", action="s3:*")),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal={"AWS": "111122223333"})),
    (RCP, with_statement(effect="Deny", action="s3:*", NotPrincipal="*")),
    (RCP, with_statement(effect="Deny", action=None, NotAction="s3:*", Principal="*")),
    (RCP, with_statement(effect="Deny", action="s3:*", Principal="*", resource="arn:aws:s3:*")),
]


@pytest.mark.parametrize(("type_", "found"), BAD_ORGANIZATION)
def test_organization_policies(type_, found):
    """SCPs and RCPs have a grammar of their own, and Organizations one sentence for all of it."""
    assert refusal(found, type_) == ORGANIZATIONS


def test_detail_says_where():
    """Beside AWS's text the error says what is wrong and where."""
    with pytest.raises(MalformedPolicyError, match=r"Statement\[1\].*`Foo`"):
        validate_policy(json.dumps(document(statement(), statement(Foo=1))), IDENTITY)


def test_braces_in_the_offending_text():
    """Text with braces is quoted as it is."""
    assert refusal(with_statement(resource="{0}{x}"), IDENTITY) == (
        'Resource {0}{x} must be in ARN format or "*".'
    )


def test_size():
    """IAM counts characters without white space, Organizations all of them."""
    text = '{ "a":\t"b c"\r\n}'
    assert [policy_size(text, type_) for type_ in (IDENTITY, TRUST, SCP, RCP)] == [10, 10, 15, 15]


@pytest.mark.parametrize(
    "found",
    [
        "{}",
        '{"Statement": [1]}',
        '{"Statement": {"Effect": "Maybe"}}',
        {"Statement": {1, 2}},
        {"Statement": object()},
    ],
)
def test_compiling_needs_a_sound_structure(found):
    """What has no policy's structure cannot be compiled either."""
    with pytest.raises(MalformedPolicyError):
        compile_policy(found, IDENTITY, "source")


def test_compiling_refuses_unknown_elements():
    """An element that is not understood may be a restriction, so it is never skipped."""
    with pytest.raises(MalformedPolicyError):
        compile_policy(
            with_statement(Conditions={"Bool": {"aws:SecureTransport": "true"}}), IDENTITY, "source"
        )
