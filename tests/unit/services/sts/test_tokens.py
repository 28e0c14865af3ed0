"""GetSessionToken, GetFederationToken, GetAccessKeyInfo."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from masugata.records.iam import ACCESS_KEY
from masugata.server import Credentials, sealed_key
from support import ACCOUNT, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


LIST_EVENTS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"},
    }
)


def test_federated_user_is_within_policy_and_user(house: House) -> None:
    """A federated user may do what both the session policy and its user's policies allow."""
    answer = house.client("sts").get_federation_token(Name="taro", Policy=LIST_EVENTS)
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/taro"
    credentials = answer["Credentials"]
    key, token = (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]
    house.client("cloudtrail", key, token=token).lookup_events()
    assert house.client("sts", key, token=token).get_caller_identity()["UserId"] == f"{ACCOUNT}:taro"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        house.client("iam", key, token=token).list_users()


def test_federated_user_without_session_policy_may_nothing(house: House) -> None:
    """Without a session policy a federated user has no permissions."""
    credentials = house.client("sts").get_federation_token(Name="nobody")["Credentials"]
    key, token = (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]
    with pytest.raises(ClientError, match="because no session policy allows"):
        house.client("cloudtrail", key, token=token).lookup_events()


def test_access_key_info(house: House) -> None:
    """The account of any well-formed key id is known, also of one that is not kept here."""
    sts = house.client("sts")
    assert sts.get_access_key_info(AccessKeyId=house.admin[0])["Account"] == ACCOUNT
    assert sts.get_access_key_info(AccessKeyId="ASIAQNZGKIQY56JQ7WML")["Account"] == "029608264753"
    with pytest.raises(ClientError, match="ValidationError"):
        sts.get_access_key_info(AccessKeyId="A" * 20)


def test_session_token_durations(house: House) -> None:
    """Fifteen minutes to 36 hours; others are refused with the constraint."""
    sts = house.client("sts")
    for seconds in (900, 129600):
        sts.get_session_token(DurationSeconds=seconds)
    for seconds in (899, 129601):
        with pytest.raises(ClientError, match="failed to satisfy constraint"):
            sts.get_session_token(DurationSeconds=seconds)


def test_root_gets_an_hour(house: House) -> None:
    """The root user may ask for more than an hour, and gets an hour."""
    key = Credentials("rootkey", "r" * 40)
    record = sealed_key(house.keeper, key, ACCOUNT, house.clock())
    house.store.submit(lambda tx: tx.put(ACCESS_KEY, ACCOUNT, record)).result()
    sts = house.client("sts", key)
    for answer in (
        sts.get_session_token(DurationSeconds=43_200),
        sts.get_federation_token(Name="bob", DurationSeconds=43_200),
    ):
        left = answer["Credentials"]["Expiration"] - house.clock()
        assert left <= timedelta(hours=1)
