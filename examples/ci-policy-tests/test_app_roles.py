"""The program, run as the people who will run it: with the policies that they will have, and no more.

Each test has an account of its own in the memory of the process; see docs/how-to/test-with-local-aws.md.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyotp
import pytest
from app_roles import make_app_role, remove_app_role
from botocore.exceptions import ClientError

from masugata.testing import LocalAws, local_aws

POLICIES = Path(__file__).parent / "policies"
ORDERS = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"},
}
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An account with the policies of policies/, and the developer hanako."""
    with local_aws() as aws:
        iam = aws.client("iam")
        boundary = (POLICIES / "app-boundary.json").read_text()
        iam.create_policy(PolicyName="app-boundary", PolicyDocument=boundary)
        iam.create_user(UserName="hanako")
        own = (POLICIES / "developer.json").read_text()
        iam.put_user_policy(UserName="hanako", PolicyName="developer", PolicyDocument=own)
        yield aws


@pytest.fixture
def hanako(aws: LocalAws) -> Any:
    """IAM, as hanako may use it."""
    return aws.client("iam", user="hanako")


def test_a_developer_makes_and_removes_a_role(aws: LocalAws, hanako: Any) -> None:
    """The program needs nothing that developers do not have."""
    assert make_app_role(hanako, "shop", aws.id, ORDERS) == f"arn:aws:iam::{aws.id}:role/apps/shop"
    remove_app_role(hanako, "shop")


def test_what_is_in_the_role_does_not_matter(aws: LocalAws, hanako: Any) -> None:
    """A developer who gives an app everything gives it what the boundary has, and no more."""
    make_app_role(hanako, "shop", aws.id, EVERYTHING)
    app = aws.client("iam", role="shop")
    with pytest.raises(ClientError, match="no permissions boundary allows the iam:CreateUser action"):
        app.create_user(UserName="mallory")


def test_no_role_outside_the_boundary(hanako: Any) -> None:
    """Without the boundary there is no role."""
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        }
    )
    with pytest.raises(ClientError, match="not authorized to perform: iam:CreateRole"):
        hanako.create_role(RoleName="free", Path="/apps/", AssumeRolePolicyDocument=trust)


def test_the_boundary_stays(aws: LocalAws, hanako: Any) -> None:
    """Nobody takes the boundary off a role, or changes what it says; the denial names the statement."""
    make_app_role(hanako, "shop", aws.id, ORDERS)
    with pytest.raises(ClientError) as denied:
        hanako.delete_role_permissions_boundary(RoleName="shop")
    assert "KeepTheBoundary" in aws.explain(denied.value).reason
    with pytest.raises(ClientError) as denied:
        hanako.create_policy_version(
            PolicyArn=f"arn:aws:iam::{aws.id}:policy/app-boundary",
            PolicyDocument=json.dumps(EVERYTHING),
            SetAsDefault=True,
        )
    assert "KeepWhatTheBoundarySays" in aws.explain(denied.value).reason


def signed_in_with_mfa(aws: LocalAws, user: str) -> dict[str, str]:
    """The keys of a session of the user, who gave a code of an authenticator app: pyotp."""
    iam = aws.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    app, now = pyotp.TOTP(device["Base32StringSeed"]), aws.clock.freeze()
    serial = device["SerialNumber"]
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=serial,
        AuthenticationCode1=app.at(now, counter_offset=-1),
        AuthenticationCode2=app.at(now),
    )
    sts = aws.client("sts", user=user)
    keys = sts.get_session_token(SerialNumber=serial, TokenCode=app.at(now, counter_offset=1))["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def test_own_keys_need_mfa(aws: LocalAws, hanako: Any) -> None:
    """An access key alone does not make another one; with a code it does, for herself and nobody else."""
    with pytest.raises(ClientError, match="not authorized to perform: iam:CreateAccessKey"):
        hanako.create_access_key(UserName="hanako")
    careful = boto3.client("iam", **signed_in_with_mfa(aws, "hanako"))
    careful.create_access_key(UserName="hanako")
    with pytest.raises(ClientError, match="not authorized to perform: iam:CreateAccessKey"):
        careful.create_access_key(UserName="admin")


def test_deployers_need_a_fresh_code(aws: LocalAws) -> None:
    """The role is for people with MFA, and for an hour after their code."""
    trust = (POLICIES / "deployer-trust.json").read_text().replace("111122223333", aws.id)
    role = aws.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    may = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role},
    }
    aws.client("iam").put_user_policy(UserName="hanako", PolicyName="deploy", PolicyDocument=json.dumps(may))
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        aws.client("sts", user="hanako").assume_role(RoleArn=role, RoleSessionName="deploy")
    sts = boto3.client("sts", **signed_in_with_mfa(aws, "hanako"))
    sts.assume_role(RoleArn=role, RoleSessionName="deploy")
    aws.clock.advance(hours=1)
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        sts.assume_role(RoleArn=role, RoleSessionName="deploy")
