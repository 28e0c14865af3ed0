"""Permissions boundaries of users and roles."""

from typing import Any

import pytest

ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
ARN = "arn:aws:iam::111122223333:policy/fence"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
KINDS = ["User", "Role"]


@pytest.fixture
def house(iam) -> Any:
    """An account with one user and one role, each named Kim, and one policy."""
    iam("CreateUser", UserName="Kim")
    iam.add_role("Kim")
    iam("CreatePolicy", PolicyName="fence", PolicyDocument=ALLOW)
    return iam


def boundary(iam: Any, kind: str) -> Any:
    return iam(f"Get{kind}", **{f"{kind}Name": "Kim"})[kind].get("PermissionsBoundary")


@pytest.mark.parametrize("kind", KINDS)
def test_put_replace_and_delete(house, kind):
    """A boundary is shown, can be replaced by one of AWS's, and taken away."""
    name = {f"{kind}Name": "Kim"}
    assert boundary(house, kind) is None
    assert house(f"Put{kind}PermissionsBoundary", **name, PermissionsBoundary=ARN) == {}
    assert house.touched == [(f"AWS::IAM::{kind}", "Kim"), ("AWS::IAM::Policy", ARN)]
    assert boundary(house, kind) == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": ARN}
    house(f"Put{kind}PermissionsBoundary", **name, PermissionsBoundary=READ_ONLY)
    assert boundary(house, kind)["PermissionsBoundaryArn"] == READ_ONLY
    assert house(f"Delete{kind}PermissionsBoundary", **name) == {}
    assert boundary(house, kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_boundary_must_exist(house, kind):
    """A missing policy, or what is no policy, bounds nobody."""
    name = {f"{kind}Name": "Kim"}
    missing = "arn:aws:iam::111122223333:policy/missing"
    assert house.fails(f"Put{kind}PermissionsBoundary", **name, PermissionsBoundary=missing) == (
        "NoSuchEntity",
        f"Scope ARN: {missing} does not exist or is not attachable.",
        404,
    )
    user = "arn:aws:iam::111122223333:user/Kim"
    assert house.fails(f"Put{kind}PermissionsBoundary", **name, PermissionsBoundary=user)[0] == "InvalidInput"


@pytest.mark.parametrize("kind", KINDS)
def test_a_boundary_needs_its_entity(house, kind):
    """A missing user or role has no boundary."""
    expected = ("NoSuchEntity", f"The {kind.lower()} with name Sam cannot be found.", 404)
    name = {f"{kind}Name": "Sam"}
    assert house.fails(f"Put{kind}PermissionsBoundary", **name, PermissionsBoundary=ARN) == expected
    assert house.fails(f"Delete{kind}PermissionsBoundary", **name) == expected
