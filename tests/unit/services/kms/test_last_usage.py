"""When keys were last used."""

import json
from typing import Any

import boto3
import pytest

from masugata.testing import LocalAws, local_aws

OTHER = "444455556666"
ANYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


@pytest.fixture(autouse=True)
def aws() -> Any:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


def test_a_new_key_was_never_used() -> None:
    """Without any use the element is there and empty, and tracking began with the key."""
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]
    found = kms.get_key_last_usage(KeyId=key["Arn"])
    assert found["KeyLastUsage"] == {}
    assert found["KeyId"] == key["KeyId"]
    assert found["TrackingStartDate"] == found["KeyCreationDate"] == key["CreationDate"]


def test_the_last_use_names_its_event(aws: LocalAws) -> None:
    """The operation, its time and request, and the id under which the trail has its event."""
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    aws.clock.advance(hours=1)
    answer = kms.decrypt(CiphertextBlob=blob)
    usage = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
    assert usage["Operation"] == "Decrypt"
    assert usage["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
    (event,) = boto3.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": usage["CloudTrailEventId"]}]
    )["Events"]
    assert event["EventName"] == "Decrypt"
    assert event["EventTime"] == usage["Timestamp"].replace(microsecond=0)


def test_a_use_by_another_account_names_the_event_of_the_key_s(aws: LocalAws) -> None:
    """The event id is that of the account that owns the key, which never sees the caller's."""
    kms = boto3.client("kms")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ANYBODY]})
    arn = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    aws.account(OTHER).client("kms").encrypt(KeyId=arn, Plaintext=b"espresso")
    usage = kms.get_key_last_usage(KeyId=arn)["KeyLastUsage"]
    (event,) = boto3.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": usage["CloudTrailEventId"]}]
    )["Events"]
    told = json.loads(event["CloudTrailEvent"])
    assert told["recipientAccountId"] == "111122223333"
    assert told["userIdentity"]["accountId"] == OTHER


def test_a_refused_use_is_none() -> None:
    """What failed does not count as a use."""
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key, Plaintext=b"espresso")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}


def test_an_alias_is_refused() -> None:
    """Only a key id or an ARN says which key is meant."""
    kms = boto3.client("kms")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.get_key_last_usage(KeyId="alias/shop")
