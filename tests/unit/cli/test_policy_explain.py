"""`masugata policy explain`."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from masugata.authorization.access import Access
from masugata.authorization.authorizer import Authorizer
from masugata.authorization.context import request_context
from masugata.cli._caller import caller_from
from masugata.errors import AwsError
from masugata.records.iam import USER
from masugata.server import open_installation
from masugata.trail import RecordedCall, cloudtrail_event
from masugata.wire import HttpRequest

ALICE = "arn:aws:iam::111122223333:user/alice"
IN_KITCHEN = "arn:aws:iam::111122223333:user/kitchen/alice"
COOK = "arn:aws:iam::111122223333:role/cook"
TIME = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
MENU = "arn:aws:s3:::shop/menu"


@pytest.fixture
def files(tmp_path):
    """Policies in files."""
    documents = {
        "own": [
            {"Sid": "Home", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop/*"},
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-3"]}},
            },
            {"Sid": "Unrelated", "Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        ],
        "everything": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
        "nothing": [{"Sid": "Sqs", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
        "trust": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ALICE}}],
        "username": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}"}],
    }
    paths = {}
    for name, statements in documents.items():
        paths[name] = tmp_path / f"{name}.json"
        paths[name].write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return paths


@pytest.fixture
def explain(masugata):
    """Explains as JSON."""

    def run(*arguments):
        finished = masugata("policy", "explain", "--json", *arguments)
        return finished.status, json.loads(finished.out)

    return run


def denied_call(installation, *, error=True):
    """Record alice's call from the office that was denied; gives the event's id and the denial's text."""
    store, keeper = open_installation(installation, create=False)
    records = store.snapshot()
    caller = caller_from(IN_KITCHEN, records, TIME)
    http = HttpRequest(method="POST", path="/", source_ip="203.0.113.7")
    access = Access(action="iam:GetUser", resource=IN_KITCHEN, resource_account="111122223333")
    context = request_context(http, caller, "us-east-1", TIME, records)
    with pytest.raises(AwsError) as denial:
        Authorizer(keeper).authorize(access, caller, context, records)
    call = RecordedCall(
        service="iam",
        operation="GetUser",
        caller=caller,
        region="us-east-1",
        now=TIME,
        http=http,
        request_id="r",
        event_id="3038ebd2-c98a-4c65-9b6e-e22506292313",
        read_only=True,
        error=denial.value if error else None,
    )
    store.submit(lambda transaction: transaction.emit(cloudtrail_event(call))).result()
    store.close()
    return call.event_id, denial.value.message


def asked(principal=ALICE, action="s3:GetObject", resource=MENU):
    return ["--principal", principal, "--action", action, "--resource", resource]


def test_a_denial_is_shown_as_a_tree(masugata, files):
    """The reason in AWS's words, then level, policy and statements, with what a condition wants and gets."""
    finished = masugata(
        "policy", "explain", "--policy", files["own"], *asked(), "--context", "aws:RequestedRegion=us-east-1"
    )
    wants = "wants `eu-west-1`, `eu-west-3`"
    assert finished.status == 1
    assert finished.out.splitlines() == [
        ALICE,
        f"  s3:GetObject on {MENU}",
        f"denied: with an explicit deny in an identity-based policy: {files['own']}, statement 1",
        "",
        "identity-based policies: denies",
        f"  {files['own']}",
        "    ✓ Allow Home: matches",
        "    ✓ Deny statement 1: matches",
        f"        ✓ StringNotEquals aws:RequestedRegion: {wants}; the request has `us-east-1`",
        "  (1 statement about other actions; see them with --all)",
        f"note: {MENU} is taken to belong to the caller's account 111122223333; else say --resource-account",
    ]


def test_an_allow_is_shown_with_what_did_not_match(masugata, files):
    """Status 0, the allowing statement, and why the Deny does not hold; --all adds the other statements."""
    arguments = ["--policy", files["own"], *asked(), "--context", "aws:RequestedRegion=eu-west-3"]
    finished = masugata("policy", "explain", *arguments)
    assert finished.status == 0
    assert f"allowed: by {files['own']}, statement Home" in finished.out
    assert "· Deny statement 1: does not match: Condition" in finished.out
    assert "Unrelated" not in finished.out
    assert "· Allow Unrelated: does not match: another Action" in (
        masugata("policy", "explain", "--all", *arguments).out
    )


@pytest.mark.parametrize(
    ("options", "allowed", "reason"),
    [
        ([], True, "by {everything}, statement All"),
        (["--boundary", "nothing"], False, "because no permissions boundary allows the s3:GetObject action"),
        (["--session", "nothing"], False, "because no session policy allows the s3:GetObject action"),
        (
            ["--scp", "everything", "--scp", "nothing"],
            False,
            "because no service control policy allows the s3:GetObject action",
        ),
        (["--scp", "everything"], True, "by {everything}, statement All"),
        (
            ["--resource-account", "444455556666"],
            False,
            "because no resource-based policy allows the s3:GetObject action",
        ),
    ],
)
def test_every_kind_of_file_takes_part(explain, files, options, allowed, reason):
    """Boundary, session policy, each SCP level and the other account's silence deny, in AWS's words."""
    options = [files.get(option, option) for option in options]
    status, answer = explain("--policy", files["everything"], *options, *asked())
    assert (status, answer["allowed"]) == (0 if allowed else 1, allowed)
    assert answer["reason"] == reason.format(**files)


def test_a_role_is_assumed_only_by_those_its_trust_policy_names(explain, files):
    """For a role, --resource-policy is its trust policy; without one nobody is trusted."""
    assume = ["--policy", files["everything"], *asked(action="sts:AssumeRole", resource=COOK)]
    assert explain(*assume, "--resource-policy", files["trust"])[0] == 0
    status, answer = explain(*assume)
    assert status == 1
    assert answer["reason"] == "because no role trust policy allows the sts:AssumeRole action"


def test_what_every_request_of_a_caller_has_is_implied(explain, files):
    """`aws:username` need not be said for a user, and what is said wins."""
    home = ["--policy", files["username"], *asked(resource="arn:aws:s3:::home/alice")]
    assert explain(*home)[0] == 0
    assert explain(*home, "--context", "AWS:UserName=bob")[0] == 1


def test_repeated_context_keys_are_sets(explain, files):
    """A key given twice has both values in the request."""
    _, answer = explain(
        "--policy",
        files["everything"],
        *asked(),
        "--context",
        "aws:TagKeys=a",
        "--context",
        "aws:TagKeys=b=c",
    )
    assert answer["context"]["aws:TagKeys"] == ["a", "b=c"]


def test_json_holds_every_statement(explain, files):
    """--json gives the decision and each statement of each level with its conditions."""
    _, answer = explain("--policy", files["own"], *asked())
    (level,) = answer["explanation"]["levels"]
    assert level["type"] == "identity"
    assert [(s["sid"], s["matched"], s["failing"]) for s in level["statements"]] == [
        ("Home", True, None),
        (None, True, None),
        ("Unrelated", False, "Action"),
    ]
    assert level["statements"][1]["conditions"][0]["request_values"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--policy", "own", "--action", "s3:GetObject"], "--principal"),
        (["--policy", "own", "--principal", ALICE], "--action"),
        (["--policy", "own", *asked(principal="alice")], "`alice` is not a principal"),
        (["--policy", "own", *asked(resource="shop/menu")], "`shop/menu` is not a resource"),
        (["--policy", "own", *asked(), "--context", "team"], "`team` is not KEY=VALUE"),
        (["--policy", "none.json", *asked()], "cannot read `none.json`"),
        (["--policy", "broken", *asked()], "is not a policy"),
        (["--policy", "own", "--data", ".", *asked()], "cannot be used together"),
        (["--policy", "own", *asked(principal="\udcff")], "is not UTF-8"),
        ([*asked()], "holds no installation"),
    ],
)
def test_a_question_that_cannot_be_answered_ends_with_status_2(masugata, files, tmp_path, arguments, told):
    """What is missing, unreadable or contradictory is named in one line, never guessed."""
    files["broken"] = tmp_path / "broken.json"
    files["broken"].write_text('{"Statement": {"Effect": "Maybe"}}')
    finished = masugata("policy", "explain", *(files.get(argument, argument) for argument in arguments))
    assert finished.status == 2
    assert told in finished.err
    assert "Traceback" not in finished.err


def test_an_installation_gives_the_callers_real_policies(masugata, installation):
    """With --data, a user's inline policies and tags decide, and the resource's own tags."""
    finished = masugata(
        "policy", "explain", "--data", installation.data, *asked(IN_KITCHEN, "iam:GetUser", IN_KITCHEN)
    )
    assert "does not match: Condition" in finished.out
    assert finished.status == 0, finished.out
    assert f"inline policy own of {IN_KITCHEN}, statement Team" in finished.out
    # a Deny of an address: nobody called, so the request has none
    assert "IpAddress aws:SourceIp: wants `203.0.113.0/24`; the request has none" in finished.out
    at_office = ["--context", "aws:SourceIp=203.0.113.9"]
    finished = masugata(
        "policy",
        "explain",
        "--data",
        installation.data,
        *asked(IN_KITCHEN, "iam:GetUser", IN_KITCHEN),
        *at_office,
    )
    assert finished.status == 1
    assert "statement Office" in finished.out


@pytest.mark.parametrize("principal", [COOK, "arn:aws:sts::111122223333:assumed-role/cook/lunch"])
def test_a_role_and_its_session_have_the_roles_policies(explain, installation, tmp_path, principal):
    """The role's attached managed policy decides; a session policy that is given limits it."""
    read = ["--data", installation.data, *asked(principal, "iam:GetUser", IN_KITCHEN)]
    status, answer = explain(*read)
    assert (status, answer["allowed"]) == (0, True)
    assert "ReadOnlyAccess" in answer["reason"]
    assert "session policies" in answer["notes"][0]
    (tmp_path / "session.json").write_text(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    )
    status, answer = explain(*read, "--session", tmp_path / "session.json")
    assert (status, answer["reason"]) == (1, "because no session policy allows the iam:GetUser action")


@pytest.mark.parametrize(
    ("principal", "resource", "status"),
    [
        (IN_KITCHEN, COOK, 0),
        ("arn:aws:iam::111122223333:user/admin", COOK, 1),
        (IN_KITCHEN, "arn:aws:iam::111122223333:role/nobody", 1),
    ],
)
def test_trust_is_read_from_the_installation(explain, installation, principal, resource, status):
    """A role is assumed by whom its trust policy names, by unique id; nobody assumes a missing one."""
    found = explain("--data", installation.data, *asked(principal, "sts:AssumeRole", resource))
    assert found[0] == status
    if status:
        assert found[1]["reason"] == "because no role trust policy allows the sts:AssumeRole action"


def test_the_root_user_needs_no_policy(explain, installation):
    """Root may do anything in its account."""
    root = "arn:aws:iam::111122223333:root"
    assert explain("--data", installation.data, *asked(root, "iam:GetUser", IN_KITCHEN))[0] == 0


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111122223333:user/nobody",
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:group/cooks",
        "arn:aws:iam::444455556666:user/alice",
        "arn:aws:sts::111122223333:assumed-role/Cook/lunch",
        "alice",
    ],
)
def test_a_principal_that_is_not_there_is_named(masugata, installation, principal):
    """Whoever the installation does not have, path and case included, ends with status 2."""
    finished = masugata("policy", "explain", "--data", installation.data, *asked(principal))
    assert finished.status == 2
    assert principal in finished.err


def test_an_attached_policy_that_is_gone_denies(explain, installation):
    """A caller whose policy cannot be found may do nothing, and the policy is named."""
    missing = "arn:aws:iam::111122223333:policy/gone"

    def attach(transaction):
        alice = transaction.get(USER, "111122223333", "alice")
        transaction.put(USER, "111122223333", msgspec.structs.replace(alice, attached_policies=(missing,)))

    store, _ = open_installation(installation, create=False)
    store.submit(attach).result()
    store.close()
    status, answer = explain("--data", installation.data, *asked(IN_KITCHEN))
    assert (status, answer["explanation"]) == (1, None)
    assert missing in answer["reason"]


def test_a_recorded_denial_is_explained_from_its_event(masugata, installation):
    """--event takes caller, action, resource, address and time from the event, the policies from now."""
    event_id, message = denied_call(installation)
    finished = masugata("policy", "explain", "--data", installation.data, "--event", event_id)
    assert finished.status == 1
    assert "statement Office" in finished.out
    assert "IpAddress aws:SourceIp: wants `203.0.113.0/24`; the request has `203.0.113.7`" in finished.out
    assert f"note: it was denied with: {message}" in finished.out
    assert "note: the call was made at 2026-03-01T12:30:00Z" in finished.out


def test_an_event_that_is_no_denial_or_not_there_ends_with_status_2(masugata, installation):
    """Only a denial can be explained, and an event in another Region is not found without --region."""
    event_id, _ = denied_call(installation, error=False)
    finished = masugata("policy", "explain", "--data", installation.data, "--event", event_id)
    assert (finished.status, "does not record a call that a policy denied" in finished.err) == (2, True)
    elsewhere = ["--event", event_id, "--region", "eu-west-1"]
    finished = masugata("policy", "explain", "--data", installation.data, *elsewhere)
    assert (finished.status, "no event" in finished.err) == (2, True)
