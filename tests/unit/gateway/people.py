"""Users, roles and policies made through the API, and calls that must fail."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.server import Credentials
from policies import document
from support import ACCOUNT, House

IAM = f"arn:aws:iam::{ACCOUNT}:"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def user(house: House, name: str, *statements: dict[str, Any], **more: Any) -> Credentials:
    """A new user with these permissions, and its key."""
    iam = house.client("iam")
    iam.create_user(UserName=name, **more)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    return house.client_key(name)


def policy(house: House, name: str, *statements: dict[str, Any], **more: Any) -> str:
    """A new managed policy's ARN."""
    iam = house.client("iam")
    made = iam.create_policy(PolicyName=name, PolicyDocument=document(*statements), **more)
    return str(made["Policy"]["Arn"])


def role(house: House, name: str, *statements: dict[str, Any], action: Any = "sts:AssumeRole") -> str:
    """A new role that the account may assume."""
    iam = house.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": action}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return str(made["Arn"])


def session(house: House, credentials: dict[str, Any], service: str) -> Any:
    """A client with temporary credentials."""
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return house.client(service, key, token=credentials["SessionToken"])


def refused(call: Any, **arguments: Any) -> str:
    """The error code of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def denied(call: Any, **arguments: Any) -> None:
    """The call must be denied."""
    assert refused(call, **arguments) == "AccessDenied"
