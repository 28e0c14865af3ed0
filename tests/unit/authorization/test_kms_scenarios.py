"""Key policies with all that surrounds them, by real calls.

Source of the rules: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from masugata.records.account import ACCOUNT
from masugata.testing import LocalAws, local_aws
from policies import allow, deny, document
from unit.authorization.company import MEMBER, RCP, Company, company, refused
from unit.authorization.kms_house import (
    DELEGATES,
    ON_THIS_RESOURCE,
    OTHER,
    OWNER,
    ROOT,
    encrypts,
    key,
    may,
    named,
    role,
    user,
)

ALICE = f"arn:aws:iam::{OWNER}:user/alice"
COOK = f"arn:aws:iam::{OWNER}:role/Cook"
NOWHERE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """Accounts of the test's own."""
    with local_aws() as found:
        yield found


def test_without_delegation_iam_policies_allow_nothing(aws: LocalAws) -> None:
    """The administrator's policy allows everything, and this key's policy names somebody else."""
    role(aws, "Cook")
    arn = key(aws, named({"AWS": COOK}))
    assert refused(aws.client("kms").encrypt, KeyId=arn, Plaintext=b"x").endswith(
        f"on resource: {arn} because no resource-based policy allows the kms:Encrypt action"
    )
    assert encrypts(aws.client("kms", role="Cook"), arn)


def test_with_delegation_iam_policies_decide(aws: LocalAws) -> None:
    """Who is allowed by an IAM policy may; who is not may not, though of the same account."""
    arn = key(aws)
    assert encrypts(user(aws, "alice", allow("kms:Encrypt", arn)), arn)
    assert refused(user(aws, "bob").encrypt, KeyId=arn, Plaintext=b"x").endswith(
        "because no identity-based policy allows the kms:Encrypt action"
    )


def test_an_iam_deny_always_counts(aws: LocalAws) -> None:
    """Also for a user whom the key policy names, with or without delegation."""
    alice = user(aws, "alice", deny("kms:Encrypt", sid="Never"))
    for statements in ((named({"AWS": ALICE}),), (named({"AWS": ALICE}), DELEGATES)):
        message = refused(alice.encrypt, KeyId=key(aws, *statements), Plaintext=b"x")
        assert "with an explicit deny in an identity-based policy: inline policy own" in message
        assert message.endswith("statement Never")


def test_a_direct_grant_needs_no_iam_policy(aws: LocalAws) -> None:
    """Whom the key policy names may use the key without any policy of its own; so may sessions of a role."""
    alice = user(aws, "alice")
    role(aws, "Cook")
    arn = key(aws, named({"AWS": [ALICE, COOK]}, "kms:Encrypt"))
    cook = aws.client("kms", role="Cook")
    for client in (alice, cook):
        assert encrypts(client, arn)
        assert not may(client.describe_key, KeyId=arn)


def test_a_deny_in_the_key_policy_counts_for_all(aws: LocalAws) -> None:
    """Root user and administrators included."""
    arn = key(aws, DELEGATES, named("*", "kms:Encrypt", effect="Deny", Sid="Sealed"))
    for client in (aws.client("kms"), aws.client("kms", root=True)):
        message = refused(client.encrypt, KeyId=arn, Plaintext=b"x")
        assert "with an explicit deny in a resource-based policy" in message
        assert message.endswith("statement Sealed")


def test_the_root_user_can_be_locked_out(aws: LocalAws) -> None:
    """A key policy that does not name the account leaves its root user out, too."""
    role(aws, "Cook")
    arn = key(aws, named({"AWS": COOK}))
    root = aws.client("kms", root=True)
    assert not encrypts(root, arn)
    assert not may(root.describe_key, KeyId=arn)
    assert encrypts(root, key(aws))


def test_across_accounts_both_sides_must_allow(aws: LocalAws) -> None:
    """The key policy and the policy of the caller; neither alone is enough."""
    there = aws.account(OTHER)
    with_policy, without = user(there, "hanako", allow("kms:Encrypt")), user(there, "taro")
    named_both = key(
        aws, DELEGATES, named({"AWS": [f"arn:aws:iam::{OTHER}:user/{n}" for n in ("hanako", "taro")]})
    )
    trusting = key(aws, DELEGATES, named({"AWS": OTHER}, "kms:Encrypt"))
    neither = key(aws)
    for arn in (named_both, trusting):
        assert encrypts(with_policy, arn)
        assert refused(without.encrypt, KeyId=arn, Plaintext=b"x").endswith(
            f"on resource: {arn} because no identity-based policy allows the kms:Encrypt action"
        )
    assert refused(with_policy.encrypt, KeyId=neither, Plaintext=b"x").endswith(ON_THIS_RESOURCE)


def test_an_id_without_an_account_is_of_one_s_own(aws: LocalAws) -> None:
    """Only an ARN names a key of another account."""
    arn = key(aws, DELEGATES, named({"AWS": OTHER}))
    there = aws.account(OTHER).client("kms")
    with pytest.raises(there.exceptions.NotFoundException, match=f"{OTHER}:key/"):
        there.encrypt(KeyId=arn.rpartition("/")[2], Plaintext=b"x")
    assert encrypts(there, arn)


def test_what_is_no_operation_across_accounts(aws: LocalAws) -> None:
    """Managing a key of another account is nobody's, whatever its key policy says."""
    arn = key(aws, DELEGATES, named({"AWS": OTHER}))
    there = aws.account(OTHER).client("kms")
    assert may(there.describe_key, KeyId=arn)
    assert refused(there.disable_key, KeyId=arn).endswith(ON_THIS_RESOURCE)
    own = key(aws.account(OTHER))
    assert refused(there.create_alias, AliasName="alias/x", TargetKeyId=arn).endswith(ON_THIS_RESOURCE)
    there.create_alias(AliasName="alias/x", TargetKeyId=own)


@pytest.mark.parametrize(
    "statements", [(), (allow("kms:Encrypt"),), (deny("kms:*"),)], ids=["none", "allow", "deny"]
)
@pytest.mark.parametrize("conditions", [False, True], ids=["plain", "by-what-the-key-is"])
def test_nothing_tells_a_stranger_whether_a_key_is_there(
    aws: LocalAws, statements: tuple[dict[str, Any], ...], conditions: bool
) -> None:
    """Whatever policies the stranger has, a key and its alias are refused in the words for missing ones."""
    arn = key(aws, Tags=[{"TagKey": "Env", "TagValue": "prod"}])
    aws.client("kms").create_alias(AliasName="alias/bread", TargetKeyId=arn)
    mine = list(statements)
    if conditions:
        mine += [
            deny("kms:Encrypt", **{operator: {key: value}})
            for operator, key, value in (
                ("StringEquals", "aws:ResourceTag/Env", "prod"),
                ("ForAnyValue:StringLike", "kms:ResourceAliases", "alias/*"),
                ("StringEquals", "kms:KeySpec", "SYMMETRIC_DEFAULT"),
            )
        ]
    stranger = user(aws.account(OTHER), "hanako", *mine)
    head = arn.rpartition("key/")[0]
    pairs = [(arn, f"{head}key/{NOWHERE}"), (f"{head}alias/bread", f"{head}alias/brown")]
    for there, gone in pairs:
        told = [refused(stranger.encrypt, KeyId=name, Plaintext=b"x") for name in (there, gone)]
        assert told[0].replace(there, "NAME") == told[1].replace(gone, "NAME")
        if there == arn:
            assert arn in told[0] or told[0].endswith(ON_THIS_RESOURCE)
        else:
            assert arn not in told[0]


def test_a_ciphertext_does_not_tell_whose_its_key_is(aws: LocalAws) -> None:
    """One of another account's key, and one whose key is nowhere, are refused with the same words."""
    blob = aws.client("kms").encrypt(KeyId=key(aws), Plaintext=b"x")["CiphertextBlob"]
    stranger = user(aws.account(OTHER), "hanako", allow("kms:Decrypt"))
    gone = blob[:5] + bytes(14) + blob[19:]
    told = {refused(stranger.decrypt, CiphertextBlob=one) for one in (blob, gone)}
    words = f"associated with this ciphertext {ON_THIS_RESOURCE.partition('resource ')[2]}"
    head = f"User: arn:aws:iam::{OTHER}:user/hanako is not authorized to perform: kms:Decrypt"
    assert told == {f"{head} on the resource {words}"}


def test_a_key_that_is_missing_in_one_s_own_account(aws: LocalAws) -> None:
    """Who may use keys is told that there is none; who may not is denied."""
    admin, bob = aws.client("kms"), user(aws, "bob")
    for name in (NOWHERE, "alias/nothing"):
        with pytest.raises(admin.exceptions.NotFoundException):
            admin.encrypt(KeyId=name, Plaintext=b"x")
        assert not encrypts(bob, name)


def test_keys_of_a_closed_account_are_refused_to_everybody(aws: LocalAws) -> None:
    """As if they were not there, though their key policies trust others."""
    there = aws.account(OTHER)
    arn = key(there, DELEGATES, named({"AWS": OWNER}))
    caller = aws.client("kms")
    assert encrypts(caller, arn)

    def close(transaction: Any) -> None:
        account = transaction.get(ACCOUNT, OTHER, OTHER)
        transaction.put(ACCOUNT, OTHER, replace(account, state="SUSPENDED"))

    aws._installation.store.submit(close).result()
    assert refused(caller.encrypt, KeyId=arn, Plaintext=b"x").endswith(ON_THIS_RESOURCE)


def test_not_principal(aws: LocalAws) -> None:
    """A Deny for everybody but one, and their account; an Allow for all others allows strangers as well."""
    alice, bob = user(aws, "alice"), user(aws, "bob", allow())
    closed = named({}, "kms:Encrypt", effect="Deny", NotPrincipal={"AWS": [ALICE, ROOT]})
    del closed["Principal"]
    arn = key(aws, named({"AWS": ALICE}), DELEGATES, closed)
    assert encrypts(alice, arn)
    assert not encrypts(bob, arn)


def test_the_resource_of_a_statement(aws: LocalAws) -> None:
    """In a key policy `*` is this key; a statement on another resource says nothing of it."""
    role(aws, "Cook")
    other = key(aws)
    arn = key(aws, DELEGATES, {**named({"AWS": COOK}), "Resource": other})
    cook = aws.client("kms", role="Cook")
    assert not encrypts(cook, arn)
    arn = key(aws, DELEGATES, {**named({"AWS": COOK}), "Resource": [other, "arn:aws:kms:us-east-1:*:key/*"]})
    assert encrypts(cook, arn)


def test_a_session_policy_limits(aws: LocalAws) -> None:
    """The role's session may do what both allow; a key policy that names the role is limited, too."""
    role(aws, "Cook", allow("kms:*"))
    cook = aws.client("kms", role="Cook", policy=document(allow("kms:DescribeKey")))
    for arn in (key(aws), key(aws, named({"AWS": COOK}))):
        assert may(cook.describe_key, KeyId=arn)
        assert refused(cook.encrypt, KeyId=arn, Plaintext=b"x").endswith(
            "because no session policy allows the kms:Encrypt action"
        )


def test_a_boundary_limits(aws: LocalAws) -> None:
    """What the boundary leaves out is denied by IAM policies, and to a role that the key policy names."""
    iam = aws.client("iam")
    boundary = iam.create_policy(PolicyName="B", PolicyDocument=document(allow("kms:DescribeKey")))
    role(aws, "Cook", allow("kms:*"), PermissionsBoundary=boundary["Policy"]["Arn"])
    cook = aws.client("kms", role="Cook")
    for arn in (key(aws), key(aws, named({"AWS": COOK}))):
        assert may(cook.describe_key, KeyId=arn)
        assert refused(cook.encrypt, KeyId=arn, Plaintext=b"x").endswith(
            "because no permissions boundary allows the kms:Encrypt action"
        )


def test_encryption_context(aws: LocalAws) -> None:
    """A pair that is demanded, keys that are limited, and a pair that is forbidden."""
    role(aws, "Cook")
    demanded = {"StringEquals": {"kms:EncryptionContext:App": "till"}}
    only = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["App", "Stage"]}}
    forbidden = {"StringEquals": {"kms:EncryptionContext:Stage": "secret"}}
    arn = key(
        aws,
        named({"AWS": COOK}, Condition=demanded | only),
        named({"AWS": COOK}, effect="Deny", Condition=forbidden),
    )
    cook = aws.client("kms", role="Cook")
    for context, allowed in (
        ({}, False),
        ({"App": "till"}, True),
        ({"app": "till"}, False),  # the key of the condition has no case, its value has
        ({"App": "Till"}, False),
        ({"App": "till", "Stage": "test"}, True),
        ({"App": "till", "Stage": "secret"}, False),
        ({"App": "till", "Stage": "secret", "stage": "test"}, False),
        ({"App": "till", "More": "x"}, False),
    ):
        assert encrypts(cook, arn, EncryptionContext=context) == allowed, context


def test_tags_of_caller_and_key(aws: LocalAws) -> None:
    """A role may use the keys that have its own tag, and tags of another case are other tags."""
    same = {"StringEquals": {"aws:ResourceTag/Team": "${aws:PrincipalTag/Team}"}}
    role(aws, "Cook", allow("kms:Encrypt", **same), Tags=[{"Key": "Team", "Value": "red"}])
    cook = aws.client("kms", role="Cook")
    for value, allowed in (("red", True), ("blue", False), ("Red", False)):
        assert encrypts(cook, key(aws, Tags=[{"TagKey": "Team", "TagValue": value}])) == allowed
    assert not encrypts(cook, key(aws))


def test_aliases_of_request_and_key(aws: LocalAws) -> None:
    """By the name in the request, or by any name that the key has; a new alias changes who may."""
    by_request = {"StringEquals": {"kms:RequestAlias": "alias/bread"}}
    by_key = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/cake*"}}
    hanako = user(aws, "hanako", allow("kms:Encrypt", **by_request))
    taro = user(aws, "taro", allow("kms:Encrypt", **by_key))
    admin, arn = aws.client("kms"), key(aws)
    admin.create_alias(AliasName="alias/bread", TargetKeyId=arn)
    assert encrypts(hanako, "alias/bread")
    assert encrypts(hanako, arn.replace("key/", "alias/").rpartition("/")[0] + "/bread")
    assert not encrypts(hanako, arn)
    assert not encrypts(taro, arn)
    admin.create_alias(AliasName="alias/cake-1", TargetKeyId=arn)
    assert encrypts(taro, arn)
    admin.delete_alias(AliasName="alias/cake-1")
    assert not encrypts(taro, arn)


def test_an_alias_is_no_resource_of_the_key(aws: LocalAws) -> None:
    """A policy on the ARN of an alias says nothing of its key."""
    aws.client("kms").create_alias(AliasName="alias/bread", TargetKeyId=key(aws))
    alice = user(aws, "alice", allow("kms:Encrypt", f"arn:aws:kms:us-east-1:{OWNER}:alias/bread"))
    assert not encrypts(alice, "alias/bread")


def test_scp_and_rcp_deny() -> None:
    """A service control policy binds the caller's account, a resource control policy the key's."""
    with company() as shops:
        member, outside = shops.aws.account(MEMBER), shops.aws.account("999900001111")
        arn = key(member, {**DELEGATES, "Principal": {"AWS": MEMBER}}, named({"AWS": "999900001111"}))
        for client in (member.client("kms"), outside.client("kms")):
            assert encrypts(client, arn)
        policy_id, policy_arn = shops.attach(shops.root, deny("kms:Encrypt", sid="NoKeys"))
        assert refused(member.client("kms").encrypt, KeyId=arn, Plaintext=b"x").endswith(
            f"with an explicit deny in a service control policy: {policy_arn}, statement NoKeys"
        )
        assert encrypts(outside.client("kms"), arn)
        shops.detach(shops.root, policy_id)
        _only_from_the_organization(shops)
        assert encrypts(member.client("kms"), arn)
        message = refused(outside.client("kms").encrypt, KeyId=arn, Plaintext=b"x")
        assert message.endswith("with an explicit deny in a resource control policy")
        missing = f"{arn.rpartition('/')[0]}/{NOWHERE}"
        assert refused(outside.client("kms").encrypt, KeyId=missing, Plaintext=b"x") == message.replace(
            arn, missing
        )


def _only_from_the_organization(shops: Company) -> None:
    inside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": shops.id}}
    shops.attach(shops.root, {**deny("kms:*", **inside), "Principal": "*"}, kind=RCP)


def test_rcps_do_not_bind_aws_managed_keys() -> None:
    """A resource control policy that denies everything leaves them alone."""
    with company() as shops:
        member = shops.aws.account(MEMBER)
        through = member.client("kms", via="s3")
        assert encrypts(through, "alias/aws/s3")
        shops.attach(shops.root, {**deny("kms:Encrypt"), "Principal": "*"}, kind=RCP)
        assert encrypts(through, "alias/aws/s3")
        assert not encrypts(through, key(member, {**DELEGATES, "Principal": {"AWS": MEMBER}}))
