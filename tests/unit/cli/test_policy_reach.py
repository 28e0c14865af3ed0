"""`masugata policy who-can`, `what-can` and `escalations`."""

import json

import pytest

from unit.authorization.reach.account import ARN, ID, allow, deny, export, role, trust, user

MENU = "arn:aws:s3:::shop/menu"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.fixture
def account(tmp_path):
    """An exported account."""
    path = tmp_path / "account.json"
    path.write_text(
        json.dumps(
            export(
                user("alice", allow("s3:*", Sid="Shop")),
                user("bob", allow("s3:GetObject", Condition=MFA), deny("s3:*", "arn:aws:s3:::shop/till")),
                user("carol", allow("iam:PutUserPolicy", f"{ARN}:user/carol")),
                role("cook", [trust({"AWS": f"{ARN}:user/carol"})], allow("s3:Get*")),
            )
        )
    )
    return path


def test_who_can_says_who_and_why(masugata, account):
    """Each line of the answer says who, and the next because of what."""
    done = masugata("policy", "who-can", "s3:GetObject", MENU, "--export", account)
    assert done.status == 1
    assert done.out.splitlines() == [
        f"s3:GetObject on {MENU}",
        f"may: {ARN}:root",
        "    the root user may do it",
        f"may: {ARN}:user/alice",
        f"    by inline policy own of {ARN}:user/alice, statement Shop",
        f"may, if: {ARN}:user/bob",
        f"    by inline policy own of {ARN}:user/bob, statement 0, if Bool aws:MultiFactorAuthPresent true",
        f"may: {ARN}:role/cook",
        f"    by inline policy own of {ARN}:role/cook, statement 0",
        f"may: {ARN}:user/carol",
        f"    through {ARN}:role/cook",
        f"        by trust policy of {ARN}:role/cook, statement 0",
        "note: the resource is taken to have no policy of its own",
    ]


def test_who_can_as_json(masugata, account):
    """Programs get the same, with the statements as members."""
    done = masugata("policy", "who-can", "s3:GetObject", MENU, "--export", account, "--json")
    found = json.loads(done.out)
    verdicts = {one["principal"]: one["verdict"] for one in found["direct"]}
    assert verdicts[f"{ARN}:user/bob"] == "possible"
    bob = next(one for one in found["direct"] if one["principal"] == f"{ARN}:user/bob")
    assert bob["allows"][0]["if"] == ["Bool aws:MultiFactorAuthPresent true"]
    (carol,) = found["through_roles"]
    assert [hop["role"] for hop in carol["hops"]] == [f"{ARN}:role/cook"]


def test_who_can_finds_nobody(masugata, account):
    """The root user does not count, nor does who was expected; then the status is 0."""
    asked = ("policy", "who-can", "--export", account)
    assert masugata(*asked, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ID}:orders").status == 0
    expected = ("--except", "*:user/*", "--except", f"{ARN}:role/cook")
    done = masugata(*asked, "s3:GetObject", MENU, *expected)
    assert done.status == 0
    assert f"may: {ARN}:root" in done.out


def test_who_can_with_context_and_policies_from_files(masugata, account, tmp_path):
    """What is said of requests, service control policies and the resource's own policy decide."""
    scp = tmp_path / "scp.json"
    scp.write_text(json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*"), deny("s3:Get*")]}))
    asked = ("policy", "who-can", "s3:GetObject", MENU, "--export", account)
    assert masugata(*asked, "--scp", scp).status == 0
    done = masugata(*asked, "--context", "aws:MultiFactorAuthPresent=true")
    assert f"may: {ARN}:user/bob" in done.out
    bucket = tmp_path / "bucket.json"
    denied = deny("*") | {"Principal": {"AWS": ID}}
    bucket.write_text(json.dumps({"Version": "2012-10-17", "Statement": [denied]}))
    assert masugata(*asked, "--resource-policy", bucket).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("who-can", "s3:Get*", MENU),
        ("who-can", "s3:GetObject", "menu"),
        ("what-can", f"{ARN}:user/nobody"),
        ("escalations", "--context", "nothing"),
    ],
)
def test_what_cannot_be_answered(masugata, account, arguments):
    """A question that makes no sense ends with status 2 and one line that says why."""
    done = masugata("policy", *arguments, "--export", account)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("masugata: ") or done.err.startswith("Error: ") or "`" in done.err


def test_a_file_that_is_no_policy_of_its_type_is_refused(masugata, account, tmp_path):
    """A misspelled guardrail must not count as one that allows nothing."""
    scp = tmp_path / "scp.json"
    scp.write_text(json.dumps({"Version": "2012-10-17", "Statement": [allow("s3 Get")]}))
    done = masugata("policy", "who-can", "s3:GetObject", MENU, "--export", account, "--scp", scp)
    assert done.status == 2
    assert f"`{scp}` is not a policy of type scp: " in done.err


def test_what_can(masugata, account):
    """Actions are shown as patterns with their resources and conditions."""
    done = masugata("policy", "what-can", f"{ARN}:user/bob", "--action", "s3:*", "--export", account)
    assert done.status == 1
    assert done.out.splitlines() == [
        f"{ARN}:user/bob",
        "s3",
        "  on *",
        "      may, if: GetObject",
        "          Bool aws:MultiFactorAuthPresent true",
        "  on arn:aws:s3:::shop/till",
        "      nothing",
    ]
    found = json.loads(
        masugata(
            "policy", "what-can", f"{ARN}:user/carol", "--action", "s3:*", "--export", account, "--json"
        ).out
    )
    assert found["services"] == []
    assert [one["role"] for one in found["roles"]] == [f"{ARN}:role/cook"]


def test_what_can_nothing(masugata, account):
    """Nothing is status 0."""
    asked = ("policy", "what-can", f"{ARN}:user/alice", "--action", "sqs:*", "--export", account)
    assert masugata(*asked).status == 0


def test_escalations(masugata, account):
    """A way is shown step by step, and as JSON with its source."""
    asked = ("policy", "escalations", "--export", account)
    done = masugata(*asked)
    assert done.status == 1
    assert done.out.splitlines() == [
        "administrators: none but the root user",
        f"certain: {ARN}:user/carol becomes an administrator in 1 step",
        f"    {ARN}:user/carol",
        f"        iam:PutUserPolicy on {ARN}:user/carol: any policy to whom the target gives its rights",
    ]
    (path,) = json.loads(masugata(*asked, "--json").out)["paths"]
    assert path["steps"][0]["source"].endswith("API_PutUserPolicy.html")
    assert masugata(*asked, "--from", f"{ARN}:user/alice").status == 0


def test_an_installation_is_asked(masugata, installation):
    """Without an export the installation here is asked: trust is by unique id there."""
    role_arn = f"{ARN}:role/cook"
    done = masugata("policy", "who-can", "sts:AssumeRole", role_arn, "--data", installation.data)
    assert done.status == 1
    assert f"may: {ARN}:user/kitchen/alice" in done.out
    found = masugata("policy", "escalations", "--data", installation.data)
    assert found.out.splitlines()[0] == f"administrators: {ARN}:user/admin"
