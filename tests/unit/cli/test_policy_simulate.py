"""`masugata policy simulate`."""

import json

import pytest

from masugata.testing import local_aws

ALICE = "arn:aws:iam::111122223333:user/kitchen/alice"
COOK = "arn:aws:iam::111122223333:role/cook"
MENU = "arn:aws:s3:::shop/menu"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop/*"},
    {"Sid": "AtHome", "Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}
  ]
}"""
REGION = ("--context", "aws:RequestedRegion=eu-central-1")


@pytest.fixture
def policy(tmp_path):
    """An identity policy in a file."""
    path = tmp_path / "own.json"
    path.write_text(POLICY)
    return path


@pytest.fixture
def other(tmp_path):
    """Writes one more policy of one statement."""

    def write(name, **statement):
        path = tmp_path / f"{name}.json"
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"} | statement
        kept = {key: value for key, value in statement.items() if value is not None}
        path.write_text(json.dumps({"Version": "2012-10-17", "Statement": kept}))
        return path

    return write


@pytest.fixture
def simulate(masugata):
    """Simulates, and gives the status and the results from JSON."""

    def run(*arguments):
        finished = masugata("policy", "simulate", "--json", *arguments)
        return finished.status, json.loads(finished.out)["results"]

    return run


def test_files_are_enough(masugata, policy):
    """Without account and principal; the statement is named with file and line."""
    finished = masugata("policy", "simulate", "s3:GetObject", "--policy", policy, "--resource", MENU, *REGION)
    assert (finished.status, finished.err) == (0, "")
    assert finished.out.splitlines() == [
        f"allowed  s3:GetObject on {MENU}",
        f"  by {policy}, statement Read",
        f"  {policy}:4: Allow Read",
    ]


def test_a_denial_says_why(masugata, policy):
    """The statement that denies, the condition that made it match, and the key that nobody said."""
    finished = masugata("policy", "simulate", "s3:GetObject", "--policy", policy, "--resource", MENU)
    assert finished.status == 1
    assert f"{policy}:5: Deny AtHome" in finished.out
    assert "StringNotEquals aws:RequestedRegion: wants `eu-central-1`; the request has none" in finished.out
    assert "not known: aws:RequestedRegion (say them with --context)" in finished.out


def test_each_action_on_each_resource(simulate, policy):
    """One result for each pair; one denial makes the status 1."""
    status, results = simulate(
        "s3:GetObject", "s3:PutObject", "--policy", policy, "--resource", MENU, "--resource", "*", *REGION
    )
    assert status == 1
    assert [(one["action"], one["resource"], one["decision"]) for one in results] == [
        ("s3:GetObject", MENU, "allowed"),
        ("s3:GetObject", "*", "implicitDeny"),
        ("s3:PutObject", MENU, "implicitDeny"),
        ("s3:PutObject", "*", "implicitDeny"),
    ]
    (matched,) = results[0]["matched"]
    assert (matched["policy"], matched["start"]) == (str(policy), {"line": 4, "column": 5})


def test_boundary_and_organization_limit(simulate, policy, other):
    """All that can limit is asked, each from its file."""
    common = ("s3:GetObject", "--policy", policy, "--resource", MENU, *REGION)
    everything, nothing = other("everything"), other("nothing", Action="sqs:*")
    assert simulate(*common, "--boundary", everything, "--scp", everything)[0] == 0
    for option in ("--boundary", "--scp"):
        status, (result,) = simulate(*common, option, nothing)
        assert status == 1
        assert result["explanation"]["decision"]["level"] == option.strip("-")


def test_a_resource_policy_names_the_principal(simulate, masugata, other):
    """Across accounts both sides must allow; without a principal nobody is named."""
    identity = other("identity")
    bucket = other("bucket", Principal={"AWS": "arn:aws:iam::444455556666:user/bob"})
    common = ("s3:GetObject", "--policy", identity, "--resource", MENU, "--resource-policy", bucket)
    owner = ("--resource-account", "111122223333")
    bob = ("--principal", "arn:aws:iam::444455556666:user/bob")
    assert simulate(*common, *owner, *bob)[0] == 0
    assert simulate(*common, *owner, *bob[:1], bob[1].replace("bob", "eve"))[0] == 1
    finished = masugata("policy", "simulate", *common)
    assert (finished.status, finished.out) == (2, "")
    assert "say --principal" in finished.err


def test_an_installation(simulate, installation):
    """The principal's own policies, tags and the role's trust policy are those of the records."""
    here = ("--data", installation.data, "--principal", ALICE)
    status, (result,) = simulate("sts:AssumeRole", "--resource", COOK, *here)
    assert (status, result["matched"][0]["type"]) == (0, "trust")
    status, (result,) = simulate("iam:GetUser", *here, "--context", "aws:ResourceTag/team=pasta")
    assert (status, result["missing"]) == (0, ["aws:SourceIp"])
    assert simulate("iam:GetUser", *here, "--context", "aws:ResourceTag/team=soup")[0] == 1
    assert simulate("iam:ListUsers", "--data", installation.data, "--principal", COOK)[0] == 0


def test_policies_are_added_to_those_of_an_account(simulate, installation, other):
    """A policy that would be attached tomorrow counts today, and a boundary takes the place of the other."""
    here = ("s3:GetObject", "--data", installation.data, "--principal", ALICE)
    assert simulate(*here)[0] == 1
    assert simulate(*here, "--policy", other("more"))[0] == 0
    assert simulate(*here, "--policy", other("more"), "--boundary", other("less", Action="sqs:*"))[0] == 1


def test_an_exported_account_answers_like_the_account(simulate, tmp_path):
    """What GetAccountAuthorizationDetails gives is enough for the same answers as real calls get."""
    with local_aws() as aws:
        iam = aws.client("iam")
        iam.create_user(UserName="bob")
        iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=POLICY)
        details = iam.get_account_authorization_details()
    export = tmp_path / "account.json"
    export.write_text(json.dumps(details, default=str))
    bob = ("--export", export, "--principal", "arn:aws:iam::111122223333:user/bob", "--resource", MENU)
    status, (result,) = simulate("s3:GetObject", *bob, *REGION)
    assert (status, result["matched"][0]["policy"]) == (
        0,
        "inline policy own of arn:aws:iam::111122223333:user/bob",
    )
    assert simulate("s3:GetObject", *bob, "--context", "aws:RequestedRegion=us-east-1")[0] == 1


BAD = {
    "unknown action": (["s3:GetObjects"], "`s3:GetObjects` is not an action of s3"),
    "unknown service": (["s4:GetObject"], "`s4` is not the prefix of a service"),
    "wildcard": (["s3:*"], "wildcards cannot be simulated"),
    "no resource": (["s3:GetObject", "--resource", "menu"], "`menu` is not a resource"),
    "no context": (["s3:GetObject", "--context", "x"], "`x` is not KEY=VALUE"),
}


@pytest.mark.parametrize(("arguments", "problem"), BAD.values(), ids=BAD.keys())
def test_bad_questions(masugata, policy, arguments, problem):
    """Nothing is guessed: the status is 2 and the problem is named."""
    finished = masugata("policy", "simulate", "--policy", policy, *arguments)
    assert (finished.status, finished.out) == (2, "")
    assert problem in finished.err


def test_bad_sources(masugata, policy, tmp_path):
    """Two sources, an export that is none, and a policy that is none."""
    finished = masugata("policy", "simulate", "s3:GetObject", "--export", policy, "--data", tmp_path)
    assert (finished.status, "different sources" in finished.err) == (2, True)
    finished = masugata("policy", "simulate", "s3:GetObject", "--export", policy, "--principal", ALICE)
    assert (finished.status, "get-account-authorization-details" in finished.err) == (2, True)
    policy.write_text('{"Statement": [], "Statement": []}')
    finished = masugata("policy", "simulate", "s3:GetObject", "--policy", policy)
    assert (finished.status, "is not a policy of type identity" in finished.err) == (2, True)
