"""The program under test: makes a role for an app, as developers do it."""

import json
from typing import Any

RUNS_ON = "lambda.amazonaws.com"


def make_app_role(iam: Any, name: str, account: str, policy: dict[str, Any]) -> str:
    """A role that Lambda runs `name` with, inside the boundary of apps; gives its ARN."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": RUNS_ON}, "Action": "sts:AssumeRole"},
    }
    role = iam.create_role(
        RoleName=name,
        Path="/apps/",
        AssumeRolePolicyDocument=json.dumps(trust),
        PermissionsBoundary=f"arn:aws:iam::{account}:policy/app-boundary",
    )["Role"]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
    return str(role["Arn"])


def remove_app_role(iam: Any, name: str) -> None:
    """Remove what `make_app_role` made."""
    iam.delete_role_policy(RoleName=name, PolicyName=name)
    iam.delete_role(RoleName=name)
