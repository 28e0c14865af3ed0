"""What a grant allows, to whom, and under which constraints: by calls that are allowed or denied."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from masugata.services import SERVICES
from masugata.testing import LocalAws, local_aws

ACCOUNT = "111122223333"
OTHER = "444455556666"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
SOURCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
    }
)


@pytest.fixture
def aws() -> Any:
    """An installation with two users, a role, and another account with a user."""
    with local_aws() as entered:
        iam = boto3.client("iam")
        for name in ("alice", "bob"):
            iam.create_user(UserName=name)
        iam.create_role(RoleName="barista", AssumeRolePolicyDocument=TRUST)
        entered.account(OTHER).client("iam").create_user(UserName="dave")
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """The administrator's client."""
    return aws.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a symmetric key."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def allowed(call: Any, **request: Any) -> bool:
    """Whether a call is allowed; any error but a denial is the test's own."""
    try:
        call(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def uses(client: Any, key: str, **context: str) -> bool:
    """Whether somebody may encrypt."""
    return allowed(client.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context)


@pytest.mark.parametrize(
    ("grantee", "who"),
    [
        (ALICE, "alice"),
        (f"arn:aws:iam::{ACCOUNT}:role/barista", "monday"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/barista/monday", "monday"),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/carol", "carol"),
    ],
)
def test_a_grant_is_for_its_grantee(aws: LocalAws, kms: Any, key: str, grantee: str, who: str) -> None:
    """Who is named may at once, without any policy, what the grant allows and no more; nobody else may."""
    boto3.client("iam").put_user_policy(
        UserName="bob",
        PolicyName="p",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*"},
            }
        ),
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
    }
    token = aws.client("sts", user="bob").get_federation_token(Name="carol", Policy=json.dumps(policy))
    carol = token["Credentials"]
    clients = {
        "alice": aws.client("kms", user="alice"),
        "bob": aws.client("kms", user="bob"),
        "monday": aws.client("kms", role="barista", session_name="monday"),
        "tuesday": aws.client("kms", role="barista", session_name="tuesday"),
        "carol": boto3.client(
            "kms",
            aws_access_key_id=carol["AccessKeyId"],
            aws_secret_access_key=carol["SecretAccessKey"],
            aws_session_token=carol["SessionToken"],
        ),
    }
    assert not any(uses(client, key) for client in clients.values())
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    expected = {who, *(["tuesday"] if ":role/" in grantee else [])}
    assert {name for name, client in clients.items() if uses(client, key)} == expected
    assert not allowed(clients[who].describe_key, KeyId=key)
    other_key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert not uses(clients[who], other_key)


def test_an_account_s_grant_leaves_it_to_its_policies(aws: LocalAws, kms: Any) -> None:
    """The account's principals may where IAM lets them, in another account, too."""
    admin = boto3.client("sts").get_caller_identity()["Arn"]
    only_me = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": admin}, "Action": "kms:*", "Resource": "*"}],
    }
    key = kms.create_key(Policy=json.dumps(only_me))["KeyMetadata"]["Arn"]
    other = aws.account(OTHER)
    assert not uses(other.client("kms"), key)
    assert not uses(aws.client("kms", root=True), key)
    for account in (ACCOUNT, OTHER):
        kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{account}:root", Operations=["Encrypt"])
    assert uses(other.client("kms"), key)
    assert uses(aws.client("kms", root=True), key)
    assert not uses(aws.client("kms", user="alice"), key)
    assert not uses(other.client("kms", user="dave"), key)


def test_a_principal_of_another_account_needs_its_own_side_too(aws: LocalAws, kms: Any, key: str) -> None:
    """As by a key policy: the grant is one half."""
    other = aws.account(OTHER)
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{OTHER}:user/dave", Operations=["Encrypt"])
    dave = other.client("kms", user="dave")
    assert not uses(dave, key)
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": key},
    }
    other.client("iam").put_user_policy(UserName="dave", PolicyName="p", PolicyDocument=json.dumps(document))
    assert uses(dave, key)


@pytest.mark.parametrize(
    ("constraint", "context", "fits"),
    [
        ({"EncryptionContextEquals": {"a": "b"}}, {"a": "b"}, True),
        ({"EncryptionContextEquals": {"a": "b"}}, {"a": "b", "c": "d"}, False),
        ({"EncryptionContextEquals": {"a": "b"}}, {"a": "B"}, False),
        ({"EncryptionContextEquals": {"a": "b"}}, {"A": "b"}, False),
        ({"EncryptionContextEquals": {"a": "b"}}, {}, False),
        ({"EncryptionContextEquals": {}}, {}, True),
        ({"EncryptionContextEquals": {}}, {"a": "b"}, False),
        ({"EncryptionContextSubset": {"a": "b"}}, {"c": "d", "a": "b"}, True),
        ({"EncryptionContextSubset": {"a": "b", "c": "d"}}, {"a": "b", "c": "d"}, True),
        ({"EncryptionContextSubset": {"a": "b", "c": "d"}}, {"a": "b"}, False),
        ({"EncryptionContextSubset": {"a": "b", "c": "d"}}, {"c": "d"}, False),
        ({"EncryptionContextSubset": {"a": "bc"}}, {"ab": "c"}, False),
        ({"EncryptionContextSubset": {}}, {"a": "b"}, True),
        ({"SourceArn": SOURCE}, {}, False),
    ],
)
def test_constraints(
    aws: LocalAws,
    kms: Any,
    key: str,
    constraint: dict[str, Any],
    context: dict[str, str],
    fits: bool,
) -> None:
    """Equals is the whole context and Subset a part of it; letters and pairs are compared as they are."""
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=ALICE,
        Operations=["Encrypt", "DescribeKey", "RetireGrant"],
        Constraints=constraint,
    )
    alice = aws.client("kms", user="alice")
    assert uses(alice, key, **context) is fits
    assert allowed(alice.describe_key, KeyId=key) is ("SourceArn" not in constraint)
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    assert allowed(alice.retire_grant, KeyId=key, GrantId=grant["GrantId"])


def test_each_side_of_a_re_encryption_has_its_context(aws: LocalAws, kms: Any, key: str) -> None:
    """The constraint on ReEncryptFrom is met by the source's context, that on ReEncryptTo by the other."""
    for operation, stage in (("ReEncryptFrom", "old"), ("ReEncryptTo", "new")):
        kms.create_grant(
            KeyId=key,
            GranteePrincipal=ALICE,
            Operations=[operation],
            Constraints={"EncryptionContextEquals": {"stage": stage}},
        )
    blobs = {
        stage: kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"stage": stage})["CiphertextBlob"]
        for stage in ("old", "new")
    }
    alice = aws.client("kms", user="alice")
    for source, destination in (("old", "new"), ("new", "old"), ("old", "old")):
        assert allowed(
            alice.re_encrypt,
            CiphertextBlob=blobs[source],
            DestinationKeyId=key,
            SourceEncryptionContext={"stage": source},
            DestinationEncryptionContext={"stage": destination},
        ) is ((source, destination) == ("old", "new"))


def test_a_service_uses_its_grant_for_its_source(aws: LocalAws, kms: Any, key: str) -> None:
    """A grant for a service counts for that service, on behalf of that resource, and for nobody else."""
    kms.create_grant(
        KeyId=key,
        GranteeServicePrincipal="ec2.amazonaws.com",
        RetiringServicePrincipal="ebs.amazonaws.com",
        Operations=["Encrypt"],
        Constraints={"SourceArn": SOURCE},
    )
    ec2 = aws.service_client("kms", "ec2.amazonaws.com", source_arn=SOURCE)
    assert uses(ec2, key)
    elsewhere = aws.service_client("kms", "ec2.amazonaws.com", source_arn=SOURCE[:-1] + "2")
    assert not uses(elsewhere, key)
    assert not uses(aws.service_client("kms", "ec2.amazonaws.com"), key)
    assert not uses(aws.service_client("kms", "s3.amazonaws.com", source_arn=SOURCE), key)
    ebs = aws.service_client("kms", "ebs.amazonaws.com")
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    named = {"KeyId": key, "GrantId": grant["GrantId"]}
    assert not allowed(ec2.retire_grant, **named)
    assert allowed(ebs.retire_grant, **named)


def test_a_freed_name_inherits_nothing(aws: LocalAws, kms: Any, key: str) -> None:
    """Who is created under the name of a deleted user or role has none of its grants, retiring included."""
    iam = boto3.client("iam")
    role = f"arn:aws:iam::{ACCOUNT}:role/barista"
    for grantee in (ALICE, role, f"arn:aws:sts::{ACCOUNT}:assumed-role/barista/monday"):
        kms.create_grant(KeyId=key, GranteePrincipal=grantee, RetiringPrincipal=ALICE, Operations=["Encrypt"])
    old = iam.get_user(UserName="alice")["User"]["UserId"]
    iam.delete_user(UserName="alice")
    iam.delete_role(RoleName="barista")
    iam.create_user(UserName="alice")
    iam.create_role(RoleName="barista", AssumeRolePolicyDocument=TRUST)
    alice = aws.client("kms", user="alice")
    assert not uses(alice, key)
    assert not uses(aws.client("kms", role="barista", session_name="monday"), key)
    grants = kms.list_grants(KeyId=key)["Grants"]
    assert not any(allowed(alice.retire_grant, KeyId=key, GrantId=grant["GrantId"]) for grant in grants)
    assert kms.list_grants(KeyId=key, GranteePrincipal=ALICE)["Grants"] == []
    (orphan,) = kms.list_grants(KeyId=key, GranteePrincipal=old)["Grants"]
    assert orphan["GranteePrincipal"] == orphan["RetiringPrincipal"] == old
    assert kms.list_retirable_grants(RetiringPrincipal=ALICE)["Grants"] == []


def test_a_deny_wins(aws: LocalAws, kms: Any) -> None:
    """An explicit Deny of the key policy overrules a grant."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {"Effect": "Deny", "Principal": {"AWS": ALICE}, "Action": "kms:Encrypt", "Resource": "*"},
        ],
    }
    key = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt", "DescribeKey"])
    alice = aws.client("kms", user="alice")
    assert not uses(alice, key)
    assert allowed(alice.describe_key, KeyId=key)


SUBSET = {"EncryptionContextSubset": {"Department": "IT"}}


@pytest.mark.parametrize(
    ("operations", "constraints", "narrower"),
    [
        (["Encrypt", "CreateGrant"], SUBSET, True),
        (["Encrypt"], {"EncryptionContextSubset": {"Department": "IT", "Floor": "2"}}, True),
        (["Encrypt"], {"EncryptionContextEquals": {"Department": "IT"}}, True),
        (["Encrypt"], {**SUBSET, "SourceArn": SOURCE}, True),
        (["Encrypt"], {}, False),
        (["DescribeKey"], {}, False),
        (["Encrypt"], {"EncryptionContextSubset": {}}, False),
        (["Encrypt"], {"EncryptionContextSubset": {"Department": "HR"}}, False),
        (["Encrypt"], {"EncryptionContextEquals": {"Floor": "2"}}, False),
        (["Decrypt"], SUBSET, False),
        (["Encrypt", "RetireGrant"], SUBSET, False),
    ],
)
def test_what_is_passed_on_is_no_wider(
    aws: LocalAws,
    kms: Any,
    key: str,
    operations: list[str],
    constraints: dict[str, Any],
    *,
    narrower: bool,
) -> None:
    """CreateGrant by a grant reaches as far as that grant, in operations and in constraints."""
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=ALICE,
        Operations=["CreateGrant", "Encrypt", "DescribeKey"],
        Constraints=SUBSET,
    )
    alice = aws.client("kms", user="alice")
    request = {"KeyId": key, "GranteePrincipal": BOB, "Operations": operations, "Constraints": constraints}
    assert allowed(alice.create_grant, **request) is narrower


def test_two_grants_do_not_add_up_to_a_wider_one(aws: LocalAws, kms: Any, key: str) -> None:
    """Each operation may be somebody's by another grant; what is passed on must fit into one of them."""
    for operations in (["CreateGrant", "Encrypt"], ["Decrypt"]):
        kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=operations)
    alice = aws.client("kms", user="alice")
    request = {"KeyId": key, "GranteePrincipal": BOB}
    assert not allowed(alice.create_grant, **request, Operations=["Encrypt", "Decrypt"])
    assert not allowed(alice.create_grant, **request, Operations=["Decrypt"])
    assert allowed(alice.create_grant, **request, Operations=["Encrypt"])


def test_grants_are_of_one_region(aws: LocalAws, kms: Any) -> None:
    """The replica of a key has no grants of the primary."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt"])
    assert uses(aws.client("kms", user="alice"), key)
    if "ReplicateKey" not in SERVICES["kms"]:
        pytest.skip("ReplicateKey is not built yet")
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    there = aws.client("kms", user="alice", region_name="eu-west-1")
    assert not uses(there, key)
    assert boto3.client("kms", region_name="eu-west-1").list_grants(KeyId=key)["Grants"] == []
