"""The program, run as the people who will run it: with the policies that they will have, and no more.

Each test has an account of its own in the memory of the process; see docs/how-to/test-with-local-aws.md.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
