"""How long session tokens are, and that they can be made longer."""

import json
from pathlib import Path
from typing import Any

import pytest

from support import ACCOUNT, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def assume_role(house: House, **size: int) -> Any:
    """A session of a role that everybody in the account may assume."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    house.client("iam").create_role(
        RoleName="Cook",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    arn = f"arn:aws:iam::{ACCOUNT}:role/Cook"
    return house.client("sts").assume_role(RoleArn=arn, RoleSessionName="till", **size)


CALLS = {
    "AssumeRole": assume_role,
    "GetSessionToken": lambda house, **size: house.client("sts").get_session_token(**size),
    "GetFederationToken": lambda house, **size: house.client("sts").get_federation_token(Name="taro", **size),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("minimum", [None, 0, 1, 1023, 4096])
def test_size(house: House, operation: str, minimum: int | None) -> None:
    """The answer tells the token's size, which is at least what was asked for; the token works."""
    answer = CALLS[operation](house, **({} if minimum is None else {"MinimumSessionTokenSize": minimum}))
    credentials = answer["Credentials"]
    size = len(credentials["SessionToken"])
    assert answer["SessionTokenSize"] == size
    assert max(minimum or 0, 1) <= size < max((minimum or 0) + 4, 1000)
    assert 0 < answer["SessionTokenUtilization"] <= 100
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
    assert house.client("sts", key, token=credentials["SessionToken"]).get_caller_identity()


@pytest.mark.parametrize("minimum", [-1, 4097])
def test_size_out_of_range(house: House, minimum: int) -> None:
    """More than 4,096 bytes cannot be asked for."""
    sts = house.client("sts")
    with pytest.raises(sts.exceptions.ClientError, match="minimumSessionTokenSize"):
        sts.get_session_token(MinimumSessionTokenSize=minimum)
