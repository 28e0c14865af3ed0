"""A table of decisions for `masugata policy test`: what each policy must and must not allow.

    python cases.py | masugata policy test -

The policies are those of policies/, as they will be deployed. Nothing runs, so any action of any service can
be asked for.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
DEVELOPER = f"arn:aws:iam::{ACCOUNT}:user/hanako"
APP = f"arn:aws:sts::{ACCOUNT}:assumed-role/shop/run"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/apps/shop"
BOUNDARY = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/app-boundary"}
OTHER_BOUNDARY = {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
HERSELF = {"aws:username": "hanako"}
MFA = {"aws:MultiFactorAuthPresent": "true"}
LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}
EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}

NO, NEVER, YES = "deny_implicit", "deny_explicit", "allow"


def policy(name: str) -> Any:
    """A policy of this folder."""
    return json.loads((Path(__file__).parent / "policies" / f"{name}.json").read_text())


# What she asks for, on what, under which conditions, and what the answer must be.
Row = tuple[str, str, dict[str, str], str]
DEVELOPERS: list[Row] = [
    ("iam:CreateRole", ROLE, BOUNDARY, YES),
    ("iam:CreateRole", ROLE, {}, NO),
    ("iam:CreateRole", ROLE, OTHER_BOUNDARY, NO),
    ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/shop", BOUNDARY, NO),
    ("iam:AttachRolePolicy", ROLE, BOUNDARY, YES),
    ("iam:AttachRolePolicy", ROLE, {}, NO),
    ("iam:DeleteRolePermissionsBoundary", ROLE, BOUNDARY, NEVER),
    ("iam:CreatePolicyVersion", BOUNDARY["iam:PermissionsBoundary"], {}, NEVER),
    ("iam:UpdateAssumeRolePolicy", ROLE, BOUNDARY, NO),
    ("iam:PassRole", ROLE, LAMBDA, YES),
    ("iam:PassRole", ROLE, EC2, NO),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", LAMBDA, NO),
    ("iam:CreateAccessKey", DEVELOPER, HERSELF | MFA, YES),
    ("iam:CreateAccessKey", DEVELOPER, HERSELF, NO),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/admin", HERSELF | MFA, NO),
]
# Even with AdministratorAccess an app stays inside its boundary.
APPS: list[Row] = [
    ("s3:GetObject", "arn:aws:s3:::orders/today", {}, YES),
    ("dynamodb:PutItem", f"arn:aws:dynamodb:ap-northeast-1:{ACCOUNT}:table/orders", {}, YES),
    ("s3:PutBucketPolicy", "arn:aws:s3:::orders", {}, NO),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/mallory", {}, NO),
    ("kms:Decrypt", f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/1", {}, NO),
]
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/all"
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def cases() -> Iterator[dict[str, Any]]:
    """All cases, in the form of docs/reference/policy-cases.md."""
    for row in DEVELOPERS:
        yield case("developer", DEVELOPER, row, {"identity": [policy("developer")]})
    for row in APPS:
        bounded = {"identity": [ADMINISTRATOR], "boundary": [policy("app-boundary")]}
        yield case("app", APP, row, bounded)
    guarded = {"identity": [ADMINISTRATOR], "scp": [{"level": "root", "docs": [policy("guardrails-scp")]}]}
    for principal in (DEVELOPER, ROOT):
        where = {"aws:PrincipalArn": principal}
        yield case("organization", principal, ("cloudtrail:StopLogging", TRAIL, where, NEVER), guarded)
    everyday = ("iam:CreateUser", DEVELOPER, {"aws:PrincipalArn": ROOT}, NEVER)
    yield case("organization", ROOT, everyday, guarded)
    everyday = ("iam:CreateUser", DEVELOPER, {"aws:PrincipalArn": DEVELOPER}, YES)
    yield case("organization", DEVELOPER, everyday, guarded)


def case(about: str, principal: str, row: Row, policies: dict[str, Any]) -> dict[str, Any]:
    """One case."""
    action, resource, context, decision = row
    conditions = " and ".join(f"{key}={value}" for key, value in context.items()) or "no conditions"
    return {
        "kind": "decision",
        "id": f"{about}: {action} on {resource} with {conditions}",
        "request": {
            "action": action,
            "resource": resource,
            "resourceAccount": ACCOUNT,  # an ARN of S3 does not tell
            "principal": principal,
            "context": context,
        },
        "policies": policies,
        "expect": {"decision": decision},
    }


if __name__ == "__main__":
    for each in cases():
        print(json.dumps(each))
