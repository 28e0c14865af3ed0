"""GetCallerIdentity, and messages of denials decoded."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support import ACCOUNT, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def nobody(house: House) -> Any:
    """The key of a user without permissions."""
    house.client("iam").create_user(UserName="nobody")
    return house.client_key("nobody")


def message(house: House, key: Any) -> str:
    """The encoded message of a denial."""
    with pytest.raises(ClientError) as caught:
        house.client("iam", key).list_users()
    return str(caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-masugata-authorization-message"])


def test_caller_identity_needs_no_permission(house: House) -> None:
    """Everybody may ask who they are, whatever is denied to them."""
    key = nobody(house)
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    house.client("iam").put_user_policy(
        UserName="nobody", PolicyName="p", PolicyDocument=json.dumps(document)
    )
    answer = house.client("sts", key).get_caller_identity()
    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/nobody"
    assert answer["Account"] == ACCOUNT
    assert answer["UserId"].startswith("AIDA")


def test_message_is_decoded_for_those_who_may(house: House) -> None:
    """Decoding is a permission of its own, which the denied does not have."""
    key = nobody(house)
    encoded = message(house, key)
    decoded = house.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert json.loads(decoded)["context"]["principal"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/nobody"
    with pytest.raises(ClientError, match="AccessDenied"):
        house.client("sts", key).decode_authorization_message(EncodedMessage=encoded)


def test_message_that_is_none(house: House, tmp_path: Path) -> None:
    """Text that is no message, a changed one, and another installation's are refused alike."""
    other = House(tmp_path / "other")
    encoded = message(house, nobody(house))
    changed = encoded[:50] + ("A" if encoded[50] != "A" else "B") + encoded[51:]
    for wrong in ("AAAA", "é", changed, message(other, nobody(other)), encoded[:-8]):
        with pytest.raises(ClientError, match="InvalidAuthorizationMessageException"):
            house.client("sts").decode_authorization_message(EncodedMessage=wrong)


def test_decoded_message_is_not_in_the_log(house: House) -> None:
    """What only some may decode is not copied to where many may read."""
    encoded = message(house, nobody(house))
    house.client("sts").decode_authorization_message(EncodedMessage=encoded)
    (row,) = house.store.events(ACCOUNT, "us-east-1", attribute=("EventName", "DecodeAuthorizationMessage"))
    assert encoded.encode() not in row.body
    assert b"nobody" not in row.body
