"""Key policies: what one may say, who may replace it, and how it is shown."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.testing import LocalAws, local_aws

ACCOUNT, OTHER = "111122223333", "444455556666"
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
NOBODY = "Policy contains a statement with one or more invalid principals."
DELEGATION: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("kms")


def policy(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, *actions: str, **more: Any) -> dict[str, Any]:
    """A statement that allows actions."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions) or ["kms:*"]}
    return {**statement, "Resource": "*", **more}


def new(kms: Any, **request: Any) -> str:
    """The id of a new key."""
    return str(kms.create_key(**request)["KeyMetadata"]["KeyId"])


def shown(kms: Any, key: str) -> list[dict[str, Any]]:
    """The statements of a key's policy."""
    statements: list[dict[str, Any]] = json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"]
    return statements


def malformed(kms: Any, key: str, document: str, **more: Any) -> str:
    """The text with which a policy is refused, to be put as well as to create a key with."""
    with pytest.raises(kms.exceptions.MalformedPolicyDocumentException) as caught:
        kms.put_key_policy(KeyId=key, Policy=document, **more)
    with pytest.raises(kms.exceptions.MalformedPolicyDocumentException) as again:
        kms.create_key(Policy=document, **more)
    text = str(caught.value.response["Error"]["Message"])
    assert again.value.response["Error"]["Message"] == text
    return text


def test_the_default_policy(kms: Any) -> None:
    """A key that is created without a policy leaves everything to the account's IAM policies."""
    key = new(kms)
    answer = kms.get_key_policy(KeyId=key, PolicyName="default")
    assert answer["PolicyName"] == "default"
    assert json.loads(answer["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{"Sid": "Enable IAM User Permissions", **DELEGATION}],
    }
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def test_a_new_policy_binds_the_next_call(aws: LocalAws, kms: Any) -> None:
    """What a policy allowed another account it no longer allows once it was replaced."""
    arn = kms.create_key(Policy=policy(DELEGATION, allow({"AWS": OTHER}, "kms:Encrypt")))["KeyMetadata"][
        "Arn"
    ]
    other = aws.account(OTHER).client("kms")
    other.encrypt(KeyId=arn, Plaintext=b"espresso")
    kms.put_key_policy(KeyId=arn, Policy=policy(DELEGATION))
    with pytest.raises(ClientError) as caught:
        other.encrypt(KeyId=arn, Plaintext=b"espresso")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("no json", "This policy contains invalid Json"),
        ("{}", "Could not parse the policy: Statement is empty!"),
        (policy({**DELEGATION, "Effect": "Maybe"}), "Invalid effect: Maybe"),
        (
            policy({k: v for k, v in DELEGATION.items() if k != "Principal"}),
            "Missing required field Principal",
        ),
        (policy({k: v for k, v in DELEGATION.items() if k != "Action"}), "Missing required field Action"),
    ],
)
def test_what_is_no_policy(kms: Any, document: str, text: str) -> None:
    """It is refused in AWS's words, and the policy that was there stays."""
    key = new(kms)
    before = kms.get_key_policy(KeyId=key)["Policy"]
    assert text in malformed(kms, key, document)
    assert kms.get_key_policy(KeyId=key)["Policy"] == before


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"},
        {"AWS": f"arn:aws:iam::{OTHER}:user/nobody"},
        {"AWS": [ACCOUNT, "AIDAAAAAAAAAAAAAAAAAA"]},
        {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"},
        {"Service": "nobody.example.com"},
        {"Federated": "accounts.example.com"},
        {"CanonicalUser": "a" * 64},
    ],
)
def test_principals_must_exist(kms: Any, principal: dict[str, Any]) -> None:
    """A user, role or service that is not there, and what no key policy can name, is refused."""
    assert malformed(kms, new(kms), policy(DELEGATION, allow(principal))) == NOBODY


def test_services_and_accounts_are_taken_at_their_word(kms: Any) -> None:
    """Of a service the form is known, and an account need not be of this installation."""
    key = new(kms)
    statement = allow({"Service": "logs.us-east-1.amazonaws.com", "AWS": "999999999999"})
    kms.put_key_policy(KeyId=key, Policy=policy(DELEGATION, statement))
    assert shown(kms, key)[1] == statement


def test_a_user_who_is_made_again_regains_nothing(aws: LocalAws, kms: Any) -> None:
    """A policy names the user that there was: it is shown by id once it is gone, another one gets nothing."""
    iam = aws.client("iam")
    user = iam.create_user(UserName="alice")["User"]
    key = new(kms, Policy=policy(DELEGATION, allow({"AWS": user["Arn"]}, "kms:DescribeKey")))
    assert shown(kms, key)[1]["Principal"] == {"AWS": user["Arn"]}
    aws.client("kms", user="alice").describe_key(KeyId=key)
    for access_key in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="alice", AccessKeyId=access_key["AccessKeyId"])
    iam.delete_user(UserName="alice")
    assert shown(kms, key)[1]["Principal"] == {"AWS": user["UserId"]}
    iam.create_user(UserName="alice")
    with pytest.raises(ClientError) as caught:
        aws.client("kms", user="alice").describe_key(KeyId=key)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_deny_for_all_but_one_keeps_its_user(aws: LocalAws, kms: Any) -> None:
    """NotPrincipal names the user that there was, too: one who is made again is denied like everybody."""
    iam = aws.client("iam")
    user = iam.create_user(UserName="alice")["User"]
    statement = {
        "Effect": "Deny", "NotPrincipal": {"AWS": [user["Arn"], ACCOUNT]}, "Action": "kms:DescribeKey",
        "Resource": "*",
    }  # fmt: skip
    key = new(kms)
    kms.put_key_policy(
        KeyId=key, Policy=policy(DELEGATION, allow({"AWS": ACCOUNT}, "kms:DescribeKey"), statement)
    )
    assert shown(kms, key)[2] == statement
    iam.delete_user(UserName="alice")
    assert shown(kms, key)[2]["NotPrincipal"] == {"AWS": [user["UserId"], ACCOUNT]}


def test_nobody_locks_themselves_out(aws: LocalAws, kms: Any) -> None:
    """A policy that does not let the caller replace it is refused, and stored if that is what is wanted."""
    key = new(kms)
    others = policy(allow({"AWS": OTHER}))
    assert malformed(kms, key, others) == LOCKED_OUT
    assert kms.get_key_policy(KeyId=key)
    kms.put_key_policy(KeyId=key, Policy=others, BypassPolicyLockoutSafetyCheck=True)
    with pytest.raises(ClientError) as caught:
        kms.put_key_policy(KeyId=key, Policy=policy(DELEGATION))
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    locked = kms.create_key(Policy=others, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    assert aws.account(OTHER).client("kms").describe_key(KeyId=locked)


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"}, "kms:PutKeyPolicy")], True),
        ([allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"}, "kms:Get*")], False),
        ([allow({"AWS": "*"}, "kms:*")], True),
        ([{**DELEGATION, "NotAction": "kms:PutKeyPolicy", "Action": None}], False),
        ([DELEGATION, {**allow({"AWS": "*"}, "kms:PutKeyPolicy"), "Effect": "Deny"}], False),
        ([allow({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], False),
        ([allow({"AWS": ACCOUNT}, Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})], True),
        ([allow({"AWS": ACCOUNT}, Condition={"StringEquals": {"kms:KeySpec": "RSA_2048"}})], False),
        ([{**DELEGATION, "Resource": "arn:aws:kms:us-east-1:111122223333:key/other"}], False),
    ],
)
def test_the_check_is_a_decision(kms: Any, statements: list[dict[str, Any]], *, allowed: bool) -> None:
    """Denies, conditions, resources and the caller's own policies count as in any other call."""
    cleaned = [{k: v for k, v in statement.items() if v is not None} for statement in statements]
    key = new(kms)
    if allowed:
        kms.put_key_policy(KeyId=key, Policy=policy(*cleaned))
        kms.create_key(Policy=policy(*cleaned))
    else:
        assert malformed(kms, key, policy(*cleaned)) == LOCKED_OUT


def test_delegation_is_not_enough_for_who_has_no_iam_policy(aws: LocalAws, kms: Any) -> None:
    """A caller whom the old policy named, and whose own policies allow nothing, locks itself out."""
    user = aws.client("iam").create_user(UserName="alice")["User"]["Arn"]
    key = new(kms, Policy=policy(DELEGATION, allow({"AWS": user}, "kms:PutKeyPolicy")))
    alice = aws.client("kms", user="alice")
    with pytest.raises(alice.exceptions.MalformedPolicyDocumentException) as caught:
        alice.put_key_policy(KeyId=key, Policy=policy(DELEGATION))
    assert caught.value.response["Error"]["Message"] == LOCKED_OUT
    alice.put_key_policy(KeyId=key, Policy=policy(DELEGATION, allow({"AWS": user})))


def test_the_size_of_a_policy() -> None:
    """Its quota is in bytes, white space included."""
    with local_aws(limits={"kms.key-policy-size": 300}) as aws:
        kms = aws.client("kms")
        key = new(kms)
        fits = policy(DELEGATION)
        fits += " " * (300 - len(fits))
        kms.put_key_policy(KeyId=key, Policy=fits)
        for document in (fits + " ", fits[:-1] + "é"):
            with pytest.raises(kms.exceptions.LimitExceededException):
                kms.put_key_policy(KeyId=key, Policy=document)
        with pytest.raises(kms.exceptions.LimitExceededException):
            kms.create_key(Policy=fits + " ")


def test_there_is_one_policy(kms: Any) -> None:
    """No other name than `default` exists; that of RAM's policy is RAM's."""
    key = new(kms)
    for name in ("other", "AWS_RAM"):
        with pytest.raises(kms.exceptions.NotFoundException) as caught:
            kms.get_key_policy(KeyId=key, PolicyName=name)
        assert caught.value.response["Error"]["Message"] == "No such policy exists"
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.put_key_policy(KeyId=key, PolicyName="other", Policy=policy(DELEGATION))
    with pytest.raises(ClientError) as refused:
        kms.put_key_policy(KeyId=key, PolicyName="AWS_RAM", Policy=policy(DELEGATION))
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "The AWS_RAM policy can only be managed by the RAM service",
    }


def test_policies_are_shown_to_their_account_alone(aws: LocalAws, kms: Any) -> None:
    """Whatever a key policy allows another account, these operations are not for it."""
    arn = kms.create_key(Policy=policy(DELEGATION, allow({"AWS": OTHER})))["KeyMetadata"]["Arn"]
    other = aws.account(OTHER).client("kms")
    other.describe_key(KeyId=arn)
    calls: tuple[Callable[[], Any], ...] = (
        lambda: other.get_key_policy(KeyId=arn),
        lambda: other.list_key_policies(KeyId=arn),
        lambda: other.put_key_policy(KeyId=arn, Policy=policy(allow({"AWS": OTHER}))),
        lambda: other.disable_key(KeyId=arn),
        lambda: other.schedule_key_deletion(KeyId=arn),
        lambda: other.tag_resource(KeyId=arn, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    )
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
