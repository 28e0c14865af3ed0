"""Grants: how they are made, listed, revoked and retired."""

import json
from typing import Any

import boto3
import pytest

from masugata.testing import LocalAws, local_aws
from unit.services.kms.using_keys import refusal

ACCOUNT = "111122223333"
OTHER = "444455556666"
NOBODY = "0" * 64
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
    }
)
RETIRES = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "kms:RetireGrant", "Resource": "*"},
}


@pytest.fixture
def aws() -> Any:
    """An installation with a user `alice`, a role `barista`, and another account."""
    with local_aws(limits={"kms.grants-per-key": 5}) as entered:
        iam = boto3.client("iam")
        iam.create_user(UserName="alice")
        iam.create_user(UserName="bob")
        iam.create_role(RoleName="barista", AssumeRolePolicyDocument=TRUST)
        entered.account(OTHER)
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """The administrator's client."""
    return aws.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a symmetric key."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def allow(aws: LocalAws, user: str, document: Any = RETIRES, account: str = ACCOUNT) -> None:
    """An inline policy for a user."""
    aws.account(account).client("iam").put_user_policy(
        UserName=user, PolicyName="p", PolicyDocument=json.dumps(document)
    )


def test_a_grant_is_listed_as_it_was_made(kms: Any, key: str) -> None:
    """All that CreateGrant was given comes back, principals by their ARNs, without empty members."""
    full = {
        "GranteePrincipal": ALICE,
        "RetiringPrincipal": f"arn:aws:iam::{ACCOUNT}:role/barista",
        "Operations": ["Encrypt", "Decrypt", "RetireGrant"],
        "Constraints": {"EncryptionContextSubset": {"Department": "IT"}},
        "Name": "IT-decrypt",
    }
    made = kms.create_grant(KeyId=key, **full)
    assert set(made["GrantId"]) <= set("0123456789abcdef")
    assert len(made["GrantId"]) == 64
    bare = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["DescribeKey"])
    listed = {grant["GrantId"]: grant for grant in kms.list_grants(KeyId=key)["Grants"]}
    grant = listed[made["GrantId"]]
    assert {name: grant[name] for name in full} == full
    assert grant["KeyId"] == key
    assert grant["IssuingAccount"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert {"Name", "Constraints", "RetiringPrincipal"}.isdisjoint(listed[bare["GrantId"]])


def test_a_name_makes_a_request_that_can_be_repeated(kms: Any, key: str) -> None:
    """The same name and parameters find the grant again, under another token; anything else makes another."""
    request = {
        "KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt", "Decrypt"], "Name": "n",
    }  # fmt: skip
    first, again = kms.create_grant(**request), kms.create_grant(**request)
    assert first["GrantId"] == again["GrantId"]
    assert first["GrantToken"] != again["GrantToken"]
    turned = kms.create_grant(**(request | {"Operations": ["Decrypt", "Encrypt", "Decrypt"]}))
    assert turned["GrantId"] == first["GrantId"]
    narrower = kms.create_grant(**(request | {"Operations": ["Decrypt"]}))
    assert narrower["GrantId"] != first["GrantId"]
    del request["Name"]
    assert kms.create_grant(**request)["GrantId"] != kms.create_grant(**request)["GrantId"]


def test_a_key_has_so_many_grants_and_no_more(kms: Any, key: str) -> None:
    """LimitExceededException at the limit, where a repeated request still finds its grant."""
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    for number in range(5):
        last = kms.create_grant(Name=f"n{number}", **request)
    assert refusal(kms.create_grant, **request)[0] == "LimitExceededException"
    assert kms.create_grant(Name="n4", **request)["GrantId"] == last["GrantId"]
    kms.revoke_grant(KeyId=key, GrantId=last["GrantId"])
    kms.create_grant(**request)


def test_listing_goes_page_by_page_and_finds_one_grantee(kms: Any, key: str) -> None:
    """Pages follow each other without gap; filters by grant and by grantee hold together."""
    bob = f"arn:aws:iam::{ACCOUNT}:user/bob"
    made = [
        kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])["GrantId"]
        for grantee in (ALICE, bob, ALICE, ALICE)
    ]
    pages = kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 2})
    assert [grant["GrantId"] for page in pages for grant in page["Grants"]] == sorted(made)
    alices = kms.get_paginator("list_grants").paginate(
        KeyId=key, GranteePrincipal=ALICE, PaginationConfig={"PageSize": 1}
    )
    assert [grant["GrantId"] for page in alices for grant in page["Grants"]] == sorted(
        {made[0], made[2], made[3]}
    )
    one = {"KeyId": key, "GrantId": made[0]}
    assert [grant["GrantId"] for grant in kms.list_grants(**one)["Grants"]] == [made[0]]
    assert kms.list_grants(**one, GranteePrincipal=bob)["Grants"] == []
    assert kms.list_grants(KeyId=key, GrantId=NOBODY)["Grants"] == []


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"GrantId": "short"}, "InvalidGrantIdException"),
        ({"Limit": 101}, "ValidationException"),
        ({"Marker": "%"}, "InvalidMarkerException"),
        ({"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:user/carol"}, "InvalidArnException"),
        ({"GranteeServicePrincipal": "ec2.amazonaws.com"}, "ValidationException"),
        ({"KeyId": "alias/espresso"}, "NotFoundException"),
        ({"KeyId": "00000000-0000-4000-8000-000000000000"}, "NotFoundException"),
        ({"KeyId": "arn:aws:s3:::bucket"}, "InvalidArnException"),
    ],
)
def test_what_cannot_be_listed(kms: Any, key: str, filters: dict[str, Any], code: str) -> None:
    """Each filter that is none gives AWS's error."""
    assert refusal(kms.list_grants, **({"KeyId": key} | filters))[0] == code


def test_a_dry_run_changes_nothing(aws: LocalAws, kms: Any, key: str) -> None:
    """DryRunOperationException where it would have succeeded, and the real error where not."""
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    said = ("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
    assert refusal(kms.create_grant, **request, DryRun=True) == said
    assert kms.list_grants(KeyId=key)["Grants"] == []
    made = kms.create_grant(**request)
    named = {"KeyId": key, "GrantId": made["GrantId"]}
    assert refusal(kms.revoke_grant, **named, DryRun=True) == said
    assert refusal(kms.retire_grant, **named, DryRun=True) == said
    assert refusal(kms.retire_grant, GrantToken=made["GrantToken"], DryRun=True) == said
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 1
    assert refusal(kms.create_grant, **(request | {"Operations": ["Sign"]}), DryRun=True)[0] == (
        "ValidationException"
    )
    alice = aws.client("kms", user="alice")
    assert refusal(alice.revoke_grant, **named, DryRun=True)[0] == "AccessDeniedException"


def test_revoking_takes_the_permission_and_not_a_grant(aws: LocalAws, kms: Any, key: str) -> None:
    """Who may use a key by a grant may not revoke it; once revoked it is gone for everything."""
    made = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt", "RetireGrant"])
    named = {"KeyId": key, "GrantId": made["GrantId"]}
    alice = aws.client("kms", user="alice")
    assert refusal(alice.revoke_grant, **named)[0] == "AccessDeniedException"
    kms.revoke_grant(**named)
    assert refusal(alice.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    assert refusal(kms.revoke_grant, **named)[0] == "NotFoundException"
    assert refusal(kms.revoke_grant, KeyId=key, GrantId="x")[0] == "InvalidGrantIdException"
    assert kms.list_grants(KeyId=key)["Grants"] == []


@pytest.mark.parametrize("by_token", [True, False])
@pytest.mark.parametrize(
    ("operations", "retiring", "who", "retires"),
    [
        (["RetireGrant"], None, "alice", True),
        (["Encrypt"], None, "alice", False),
        (["Encrypt"], ALICE, "alice", True),
        (["Encrypt", "RetireGrant"], None, "bob", False),
        (["Encrypt"], f"arn:aws:iam::{ACCOUNT}:user/bob", "bob", True),
        (["Encrypt"], f"arn:aws:iam::{ACCOUNT}:root", "bob", False),
    ],
)
def test_who_may_retire(
    aws: LocalAws,
    kms: Any,
    key: str,
    operations: list[str],
    retiring: str | None,
    who: str,
    *,
    by_token: bool,
    retires: bool,
) -> None:
    """The grantee if the grant says so, and the retiring principal, need no further permission."""
    further = {} if retiring is None else {"RetiringPrincipal": retiring}
    made = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=operations, **further)
    named = {"GrantToken": made["GrantToken"]} if by_token else {"KeyId": key, "GrantId": made["GrantId"]}
    client = aws.client("kms", user=who)
    if retires:
        client.retire_grant(**named)
    else:
        assert refusal(client.retire_grant, **named)[0] == "AccessDeniedException"
    assert bool(kms.list_grants(KeyId=key)["Grants"]) is not retires


def test_the_key_s_account_may_retire(aws: LocalAws, kms: Any) -> None:
    """Its root user and whoever it lets by IAM may, though the key policy trusts neither for it."""
    only_bob = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": aws_admin()}, "Action": "kms:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "kms:RetireGrant",
                "Resource": "*",
            },
        ],
    }
    key = kms.create_key(Policy=json.dumps(only_bob))["KeyMetadata"]["Arn"]
    allow(aws, "bob")
    for client in (aws.client("kms", root=True), aws.client("kms", user="bob")):
        made = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt"])
        client.retire_grant(KeyId=key, GrantId=made["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []


def aws_admin() -> str:
    """The ARN of the administrator."""
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def test_a_deny_of_iam_keeps_from_retiring(aws: LocalAws, kms: Any, key: str) -> None:
    """An explicit Deny wins over the grant."""
    made = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["RetireGrant"])
    allow(aws, "alice", {**RETIRES, "Statement": {**RETIRES["Statement"], "Effect": "Deny"}})  # type: ignore[dict-item]
    alice = aws.client("kms", user="alice")
    code, text = refusal(alice.retire_grant, GrantToken=made["GrantToken"])
    assert code == "AccessDeniedException"
    assert "explicit deny in an identity-based policy" in text


@pytest.mark.parametrize(
    "named", [{}, {"GrantId": NOBODY}, {"KeyId": "key"}, {"GrantToken": "x", "GrantId": NOBODY}]
)
def test_what_is_to_be_retired_is_named_in_one_way(kms: Any, key: str, named: dict[str, str]) -> None:
    """By token, or by key and grant, and not by halves or both."""
    named = {**named, **({"KeyId": key} if "KeyId" in named else {})}
    assert refusal(kms.retire_grant, **named)[0] == "ValidationException"


def test_retiring_what_is_not_there(kms: Any, key: str) -> None:
    """An unknown grant is not found, a malformed id is not valid, and a token says so itself."""
    assert refusal(kms.retire_grant, KeyId=key, GrantId=NOBODY)[0] == "NotFoundException"
    assert refusal(kms.retire_grant, KeyId=key, GrantId="a/b")[0] == "InvalidGrantIdException"
    made = kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt"])
    kms.retire_grant(GrantToken=made["GrantToken"])
    assert refusal(kms.retire_grant, GrantToken=made["GrantToken"])[0] == "InvalidGrantTokenException"


def test_retirable_grants_are_those_of_one_principal(aws: LocalAws, kms: Any, key: str) -> None:
    """Of keys of all accounts in the Region, page by page, and only for principals of one's own account."""
    theirs = aws.account(OTHER).client("kms")
    foreign = theirs.create_key()["KeyMetadata"]["Arn"]
    elsewhere = boto3.client("kms", region_name="eu-west-1")
    far = elsewhere.create_key()["KeyMetadata"]["Arn"]
    request = {"GranteePrincipal": ALICE, "Operations": ["Encrypt"], "RetiringPrincipal": ALICE}
    made = [
        client.create_grant(KeyId=of, **request)["GrantId"]
        for client, of in ((kms, key), (theirs, foreign), (kms, key), (elsewhere, far))
    ]
    kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt"])
    pages = kms.get_paginator("list_retirable_grants").paginate(
        RetiringPrincipal=ALICE, PaginationConfig={"PageSize": 1}
    )
    found = [grant for page in pages for grant in page["Grants"]]
    assert {grant["GrantId"] for grant in found} == set(made[:3])
    assert {grant["KeyId"] for grant in found} == {key, foreign}
    assert refusal(kms.list_retirable_grants)[0] == "ValidationException"
    other_root = f"arn:aws:iam::{OTHER}:root"
    assert refusal(kms.list_retirable_grants, RetiringPrincipal=other_root)[0] == "InvalidArnException"
    service = {"RetiringServicePrincipal": "ec2.amazonaws.com"}
    assert refusal(kms.list_retirable_grants, **service)[0] == "ValidationException"


def test_an_account_is_named_by_its_digits_too(kms: Any, key: str) -> None:
    """In all operations on grants, as it is in CreateGrant; another account is refused all the same."""
    request = {"GranteePrincipal": ACCOUNT, "RetiringPrincipal": ACCOUNT, "Operations": ["Encrypt"]}
    made = kms.create_grant(KeyId=key, **request)["GrantId"]
    listings = (
        kms.list_retirable_grants(RetiringPrincipal=ACCOUNT),
        kms.list_grants(KeyId=key, GranteePrincipal=ACCOUNT),
    )
    assert [[grant["GrantId"] for grant in listed["Grants"]] for listed in listings] == [[made], [made]]
    assert refusal(kms.list_retirable_grants, RetiringPrincipal=OTHER)[0] == "InvalidArnException"


def test_across_accounts(aws: LocalAws, kms: Any) -> None:
    """All operations reach a key of another account by its ARN, and its account has the events."""
    trusting = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root"]},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    key = kms.create_key(Policy=json.dumps(trusting))["KeyMetadata"]["Arn"]
    other = aws.account(OTHER)
    theirs = other.client("kms")
    made = theirs.create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{OTHER}:root", Operations=["Encrypt", "RetireGrant"]
    )
    (grant,) = theirs.list_grants(KeyId=key)["Grants"]
    assert grant["IssuingAccount"] == f"arn:aws:iam::{OTHER}:root"
    theirs.retire_grant(GrantToken=made["GrantToken"])
    again = theirs.create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{OTHER}:root", Operations=["Encrypt"]
    )
    theirs.revoke_grant(KeyId=key, GrantId=again["GrantId"])
    for name in ("CreateGrant", "ListGrants", "RetireGrant", "RevokeGrant"):
        (ours, *_), (own, *_) = aws.events(name), other.events(name)
        assert ours["sharedEventID"] == own["sharedEventID"]
        assert ours["userIdentity"]["accountId"] == OTHER
        assert ours["resources"][0]["ARN"] == key
    stranger = refusal(theirs.list_grants, KeyId=key.split("/")[1])
    assert stranger[0] == "NotFoundException"


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("Enabled", None),
        ("Disabled", ("DisabledException", "is disabled.")),
        ("PendingDeletion", ("KMSInvalidStateException", "is pending deletion.")),
        ("PendingReplicaDeletion", ("KMSInvalidStateException", "is pending replica deletion.")),
        ("PendingImport", ("KMSInvalidStateException", "is pending import.")),
        ("Unavailable", None),
        ("Creating", ("KMSInvalidStateException", "is creating.")),
        ("Updating", None),
    ],
)
def test_states(kms: Any, key: str, in_state: Any, state: str, refused: tuple[str, str] | None) -> None:
    """CreateGrant heeds the state of the key; listing, revoking and retiring work in all of them."""
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    made = [kms.create_grant(**request) for _ in range(3)]
    in_state(key, state)
    if refused is None:
        kms.create_grant(**request)
    else:
        code, text = refusal(kms.create_grant, **request)
        assert (code, text) == (refused[0], f"{key} {refused[1]}")
    assert kms.list_grants(KeyId=key)["Grants"]
    kms.revoke_grant(KeyId=key, GrantId=made[0]["GrantId"])
    kms.retire_grant(KeyId=key, GrantId=made[1]["GrantId"])
    kms.retire_grant(GrantToken=made[2]["GrantToken"])


@pytest.fixture
def in_state(aws: LocalAws) -> Any:
    """Puts a key of the first account into a state."""
    from msgspec.structs import replace

    from masugata.records.kms import KEY

    def put(key_arn: str, state: str) -> None:
        def job(transaction: Any) -> None:
            key = transaction.get(KEY, ACCOUNT, key_arn.split("/")[1], "us-east-1")
            transaction.put(KEY, ACCOUNT, replace(key, state=state), "us-east-1")

        aws._installation.store.submit(job).result()

    return put
