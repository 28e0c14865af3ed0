"""What the tests of `local_aws` share."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from policies import document

ACCOUNT = "111122223333"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def trusting(principal: Any, action: Any = "sts:AssumeRole", **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action}
    return document(statement | ({"Condition": condition} if condition else {}))


def new_user(account: Any, name: str, *statements: dict[str, Any]) -> str:
    """A user of an account with these permissions; its ARN."""
    iam = account.client("iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    return str(arn)


def new_role(account: Any, name: str, trust: str, *statements: dict[str, Any], **more: Any) -> str:
    """A role of an account; its ARN."""
    iam = account.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return str(arn)


def who(client: Any) -> str:
    """The ARN that a client of STS acts as."""
    return str(client.get_caller_identity()["Arn"])


def failure(call: Any, **arguments: Any) -> ClientError:
    """The error of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and the message of a call that must fail."""
    error = failure(call, **arguments).response["Error"]
    return error["Code"], error["Message"]


def wearing(account: Any, answer: Any, service: str) -> Any:
    """A client with the credentials that STS answered."""
    given = answer["Credentials"]
    return account.session().client(
        service,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
