"""Keys that AWS services use, for somebody or for themselves, by real calls.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from masugata.testing import LocalAws, local_aws
from policies import allow, deny
from unit.authorization.company import MEMBER, Company, company, refused
from unit.authorization.kms_house import (
    DELEGATES,
    ON_THIS_RESOURCE,
    OTHER,
    OWNER,
    encrypts,
    key,
    may,
    named,
    role,
    user,
)

TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/all"
COOK = f"arn:aws:iam::{OWNER}:role/Cook"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """Accounts of the test's own."""
    with local_aws() as found:
        yield found


def test_only_by_way_of_a_service(aws: LocalAws) -> None:
    """A key policy that demands the service of a Region is met by calls through it alone."""
    role(aws, "Cook")
    only = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    arn = key(aws, named({"AWS": COOK}, "kms:Encrypt", Condition=only))
    assert encrypts(aws.client("kms", role="Cook", via="s3"), arn)
    assert not encrypts(aws.client("kms", role="Cook"), arn)
    assert not encrypts(aws.client("kms", role="Cook", via="ec2"), arn)


def test_the_caller_s_own_policies_bind_the_service(aws: LocalAws) -> None:
    """A service that calls for somebody may do what that one may, and no more."""
    arn = key(aws)
    assert not encrypts(user(aws, "bob", via="s3"), arn)
    alice = user(aws, "alice", allow("kms:*"), deny(Bool={"aws:ViaAWSService": "true"}), via="s3")
    assert not encrypts(alice, arn)
    assert encrypts(aws.client("kms", user="alice"), arn)


@pytest.mark.parametrize(
    ("operator", "name", "value"),
    [
        ("Bool", "aws:ViaAWSService", "true"),
        ("ForAnyValue:StringEquals", "aws:CalledVia", "dynamodb.amazonaws.com"),
        ("StringEquals", "aws:CalledViaFirst", "dynamodb.amazonaws.com"),
        ("StringEquals", "aws:CalledViaLast", "dynamodb.amazonaws.com"),
        ("Null", "aws:SourceIp", "true"),
        ("Bool", "aws:PrincipalIsAWSService", "false"),
    ],
)
def test_keys_of_a_call_through_a_service(aws: LocalAws, operator: str, name: str, value: str) -> None:
    """Each condition key that tells of the service; the address that the call came from is not known."""
    arn = key(aws)
    through = user(aws, "alice", allow("kms:Encrypt", **{operator: {name: value}}), via="dynamodb")
    assert encrypts(through, arn)
    direct = encrypts(aws.client("kms", user="alice"), arn)
    assert direct == (name == "aws:PrincipalIsAWSService")


def test_no_request_can_say_that_a_service_calls(aws: LocalAws) -> None:
    """Headers by which AWS's services know each other mean nothing."""
    only = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    arn = key(aws, named({"AWS": "*"}, "kms:Encrypt", Condition=only))
    client = aws.client("kms")

    def claim(request: Any, **_: Any) -> None:
        for name in ("via", "kms-via-service", "amz-via-service", "x-amz-source-arn", "x-amzn-via-service"):
            request.headers[name] = "s3.us-east-1.amazonaws.com"

    client.meta.events.register("before-sign.kms", claim)
    assert not encrypts(client, arn)


def test_an_aws_managed_key_is_made_at_its_first_use(aws: LocalAws) -> None:
    """Through its service, and not otherwise; for AWS, rotated every year, and only once."""
    admin = aws.client("kms")
    for client in (admin, aws.client("kms", via="ec2")):
        with pytest.raises(client.exceptions.NotFoundException):
            client.describe_key(KeyId="alias/aws/s3")
    assert admin.list_aliases()["Aliases"] == []
    through = aws.client("kms", via="s3")
    blob = through.encrypt(KeyId="alias/aws/s3", Plaintext=b"bread")["CiphertextBlob"]
    assert through.decrypt(CiphertextBlob=blob)["Plaintext"] == b"bread"
    found = admin.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (found["KeyManager"], found["KeySpec"]) == ("AWS", "SYMMETRIC_DEFAULT")
    rotation = admin.get_key_rotation_status(KeyId=found["KeyId"])
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 365)
    aws.clock.advance(days=366)
    rotated = admin.get_key_rotation_status(KeyId=found["KeyId"])
    assert rotated["NextRotationDate"] > rotation["NextRotationDate"]
    assert through.decrypt(CiphertextBlob=blob)["Plaintext"] == b"bread"
    assert [alias["AliasName"] for alias in admin.list_aliases()["Aliases"]] == ["alias/aws/s3"]
    assert through.encrypt(KeyId="alias/aws/s3", Plaintext=b"x")["KeyId"] == found["Arn"]


def test_an_aws_managed_key_is_used_through_its_service_alone(aws: LocalAws) -> None:
    """By everybody of its account, and by nobody of another; nobody manages it."""
    through = aws.client("kms", via="s3")
    blob = through.encrypt(KeyId="alias/aws/s3", Plaintext=b"bread")["CiphertextBlob"]
    arn = through.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert encrypts(user(aws, "bob", via="s3"), arn)
    assert not encrypts(aws.client("kms"), arn)
    assert not encrypts(aws.client("kms", via="sqs"), arn)
    assert not encrypts(aws.client("kms", root=True), arn)
    stranger = aws.account(OTHER).client("kms", via="s3")
    assert refused(stranger.encrypt, KeyId=arn, Plaintext=b"x").endswith(ON_THIS_RESOURCE)
    assert not may(stranger.decrypt, CiphertextBlob=blob)
    admin = aws.client("kms")
    assert not may(admin.disable_key, KeyId=arn)
    assert not may(admin.create_alias, AliasName="alias/mine", TargetKeyId=arn)
    assert not may(admin.delete_alias, AliasName="alias/aws/s3")
    assert not may(admin.update_alias, AliasName="alias/aws/s3", TargetKeyId=key(aws))
    assert not may(admin.create_alias, AliasName="alias/aws/other", TargetKeyId=key(aws))


def test_the_key_of_another_account_is_not_made(aws: LocalAws) -> None:
    """A stranger's first use through the service makes no key of the account that it names."""
    stranger = aws.account(OTHER).client("kms", via="s3")
    name = f"arn:aws:kms:us-east-1:{OWNER}:alias/aws/s3"
    assert refused(stranger.encrypt, KeyId=name, Plaintext=b"x").endswith(ON_THIS_RESOURCE)
    assert aws.client("kms").list_aliases()["Aliases"] == []


def test_a_service_principal(aws: LocalAws) -> None:
    """A service that calls for itself may what a key policy lets it, for the resource that it names."""
    mine = {"StringEquals": {"aws:SourceArn": TRAIL, "aws:SourceAccount": OWNER}}
    policy = named({"Service": "cloudtrail.amazonaws.com"}, "kms:Encrypt", Condition=mine)
    arn = key(aws, DELEGATES, policy)
    assert encrypts(aws.service_client("kms", "cloudtrail.amazonaws.com", source_arn=TRAIL), arn)
    others = TRAIL.replace(OWNER, OTHER)
    for client in (
        aws.service_client("kms", "cloudtrail.amazonaws.com"),
        aws.service_client("kms", "cloudtrail.amazonaws.com", source_arn=others),
        aws.service_client("kms", "config.amazonaws.com", source_arn=TRAIL),
    ):
        assert refused(client.encrypt, KeyId=arn, Plaintext=b"x").endswith(ON_THIS_RESOURCE)
    assert not encrypts(aws.client("kms", via="cloudtrail"), key(aws, policy))


def test_a_service_has_no_account(aws: LocalAws) -> None:
    """It names keys by their ARNs; an id or an alias is nobody's key."""
    arn = key(aws, DELEGATES, named({"Service": "cloudtrail.amazonaws.com"}, "kms:*"))
    service = aws.service_client("kms", "cloudtrail.amazonaws.com")
    assert encrypts(service, arn)
    assert not encrypts(service, arn.rpartition("/")[2])
    assert not encrypts(service, "alias/aws/s3")
    assert not may(service.list_keys)
    assert not may(service.create_key)


def test_a_grant_of_a_service(aws: LocalAws) -> None:
    """It holds for the service that it names, calling for the resource of its constraint, for no other."""
    arn = key(aws)
    aws.client("kms").create_grant(
        KeyId=arn,
        GranteeServicePrincipal="cloudtrail.amazonaws.com",
        RetiringServicePrincipal="cloudtrail.amazonaws.com",
        Operations=["Encrypt"],
        Constraints={"SourceArn": TRAIL, "EncryptionContextSubset": {"App": "till"}},
    )
    allowed = {"EncryptionContext": {"App": "till"}}
    service = aws.service_client("kms", "cloudtrail.amazonaws.com", source_arn=TRAIL)
    assert encrypts(service, arn, **allowed)
    assert not encrypts(service, arn)
    assert not may(service.describe_key, KeyId=arn)
    for client in (
        aws.service_client("kms", "cloudtrail.amazonaws.com"),
        aws.service_client("kms", "cloudtrail.amazonaws.com", source_arn=f"{TRAIL}2"),
        aws.service_client("kms", "config.amazonaws.com", source_arn=TRAIL),
    ):
        assert not encrypts(client, arn, **allowed)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sts", "get_caller_identity"),
        ("sts", "get_session_token"),
        ("iam", "list_users"),
        ("kms", "list_keys"),
    ],
)
def test_what_is_for_principals_of_accounts(aws: LocalAws, service: str, operation: str) -> None:
    """A service is of no account, so what needs no permission there is not for it either."""
    client = aws.service_client(service, "ec2.amazonaws.com")
    assert "ec2.amazonaws.com is not authorized" in refused(getattr(client, operation))


def test_a_trust_in_the_organization_of_the_source() -> None:
    """A key policy may demand that a service calls for an account of the organization."""
    with company() as shops:
        arn = _for_sources_in(shops)
        inside = shops.aws.account(MEMBER).service_client("kms", "cloudtrail.amazonaws.com")
        outside = shops.aws.account("999900001111").service_client("kms", "cloudtrail.amazonaws.com")
        assert encrypts(inside, arn)
        assert not encrypts(outside, arn)


def _for_sources_in(shops: Company) -> str:
    ours = {"StringEquals": {"aws:SourceOrgID": shops.id}, "Bool": {"aws:PrincipalIsAWSService": "true"}}
    return key(shops.aws, named({"Service": "cloudtrail.amazonaws.com"}, "kms:Encrypt", Condition=ours))


def test_events_name_the_service(aws: LocalAws) -> None:
    """The event of a call through a service says whose call it was and which service made it."""
    arn = key(aws, DELEGATES, named({"Service": "cloudtrail.amazonaws.com"}))
    assert encrypts(aws.client("kms", via="s3"), arn)
    assert encrypts(aws.service_client("kms", "cloudtrail.amazonaws.com", source_arn=TRAIL), arn)
    through, itself = aws.events("Encrypt")
    assert through["userIdentity"]["userName"] == "admin"
    assert through["userIdentity"]["invokedBy"] == "s3.amazonaws.com"
    assert through["sourceIPAddress"] == through["userAgent"] == "s3.amazonaws.com"
    assert itself["userIdentity"] == {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    assert itself["recipientAccountId"] == OWNER


def test_the_account_of_the_key_has_the_event_of_a_service(aws: LocalAws) -> None:
    """A service that calls for one account and uses the key of another is seen by both."""
    arn = key(aws, DELEGATES, named({"Service": "cloudtrail.amazonaws.com"}))
    assert encrypts(aws.account(OTHER).service_client("kms", "cloudtrail.amazonaws.com"), arn)
    own, others = aws.account(OTHER).events("Encrypt"), aws.events("Encrypt")
    assert [len(own), len(others)] == [1, 1]
    assert own[0]["sharedEventID"] == others[0]["sharedEventID"]
    assert json.dumps(others).count(OTHER) == 0


@pytest.mark.parametrize("name", ["s3.amazonaws.com", "S3", "", "a b"])
def test_what_is_no_service(aws: LocalAws, name: str) -> None:
    """A test that names a service in another form is told so."""
    with pytest.raises(ValueError, match="is not a service"):
        aws.client("kms", via=name)
    with pytest.raises(ValueError, match="is not a service principal"):
        aws.service_client("kms", name.removesuffix(".amazonaws.com"))
    with pytest.raises(ValueError, match="is not an ARN"):
        aws.service_client("kms", "s3.amazonaws.com", source_arn="trail")


@pytest.mark.parametrize("days", [0, 3])
def test_keys_in_use_can_be_protected(aws: LocalAws, days: int) -> None:
    """For how many days a key was not used is counted from its last use, or from its creation."""
    recent = {"NumericLessThanEquals": {"kms:TrailingDaysWithoutKeyUsage": "2"}}
    admin = user(aws, "alice", allow("kms:*"), deny("kms:DisableKey", **recent))
    used, unused = key(aws), key(aws)
    aws.clock.advance(days=10)
    assert encrypts(admin, used)
    aws.clock.advance(days=days, hours=1)
    assert may(admin.disable_key, KeyId=unused)
    assert may(admin.disable_key, KeyId=used) == (days > 2)
