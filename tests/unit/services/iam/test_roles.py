"""Roles: creating, reading, changing and deleting them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.records.iam import ROLE

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
MISSING = ("NoSuchEntity", "The role with name clerk cannot be found.", 404)


def create(iam: Any, name: str = "clerk", **members: Any) -> Any:
    return iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, **members)["Role"]


def test_create_role_answers_the_essentials(iam):
    """A new role's answer has no description and duration, as AWS's has none."""
    role = create(iam, Path="/staff/", Description="d", MaxSessionDuration=7200)
    record = iam.get(ROLE, "clerk")
    assert role == {
        "Path": "/staff/",
        "RoleName": "clerk",
        "RoleId": record.id,
        "Arn": "arn:aws:iam::111122223333:role/staff/clerk",
        "CreateDate": iam.now.replace(microsecond=0),
        "AssumeRolePolicyDocument": TRUST,
    }
    assert record.id.startswith("AROA")
    assert iam.touched == [("AWS::IAM::Role", "clerk")]


def test_create_role_with_boundary_and_tags(iam):
    """Boundary and tags come back at once."""
    tags = [{"Key": "Team", "Value": "books"}]
    role = create(iam, PermissionsBoundary=READ_ONLY, Tags=tags)
    assert role["Tags"] == tags
    assert role["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": READ_ONLY,
    }


def test_create_role_refuses_a_missing_boundary(iam):
    """A role is never created without the boundary that was asked for."""
    arn = "arn:aws:iam::111122223333:policy/missing"
    assert iam.fails(
        "CreateRole", RoleName="clerk", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn
    ) == ("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404)


def test_create_role_refuses_taken_names_in_any_case(iam):
    """Names are unique without regard to case."""
    create(iam)
    assert iam.fails("CreateRole", RoleName="Clerk", AssumeRolePolicyDocument=TRUST) == (
        "EntityAlreadyExists",
        "Role with name Clerk already exists.",
        409,
    )


def test_create_role_refuses_tags_twice(iam):
    """Tag keys are compared without regard to case."""
    tags = [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]
    code, message, _ = iam.fails("CreateRole", RoleName="clerk", AssumeRolePolicyDocument=TRUST, Tags=tags)
    assert (code, message) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/aws-service-role/ecs.amazonaws.com/",
            "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
        ),
        ("/aws-reserved/sso/", "Path prefix '/aws-reserved/' can only be used for AWS reserved Roles"),
    ],
)
def test_create_role_refuses_reserved_paths(iam, path, message):
    """Nobody makes a role that SCPs would spare."""
    assert iam.fails("CreateRole", RoleName="clerk", Path=path, AssumeRolePolicyDocument=TRUST) == (
        "InvalidInput",
        message,
        400,
    )


def test_create_role_keeps_the_quota_of_the_account(iam, monkeypatch):
    """The role after the last one allowed is refused."""
    monkeypatch.setattr("masugata.services.iam.roles.ROLES_PER_ACCOUNT", 1)
    create(iam)
    assert iam.fails("CreateRole", RoleName="second", AssumeRolePolicyDocument=TRUST) == (
        "LimitExceeded",
        "Cannot exceed quota for RolesPerAccount: 1",
        409,
    )


def test_get_role_of_defaults(iam):
    """One hour, no tags, no boundary, never used."""
    created = create(iam)
    assert iam("GetRole", RoleName="clerk")["Role"] == {
        **created,
        "MaxSessionDuration": 3600,
        "RoleLastUsed": {},
    }


def test_get_role_shows_everything(iam):
    """Description, duration, tags and boundary are shown."""
    tags = [{"Key": "Team", "Value": "books"}]
    create(iam, Description="d", MaxSessionDuration=7200, Tags=tags, PermissionsBoundary=READ_ONLY)
    role = iam("GetRole", RoleName="clerk")["Role"]
    assert (role["Description"], role["MaxSessionDuration"], role["Tags"]) == ("d", 7200, tags)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY


def test_get_role_shows_its_last_use(iam):
    """The last use is what was noted for the role's id."""
    role_id = create(iam)["RoleId"]
    iam.store.touch(f"role/{role_id}", b'{"date":1790000000,"region":"eu-west-1","service":"kms"}')
    assert iam("GetRole", RoleName="clerk")["Role"]["RoleLastUsed"] == {
        "LastUsedDate": datetime.fromtimestamp(1790000000, UTC),
        "Region": "eu-west-1",
    }


def test_an_unreadable_last_use_is_told(iam):
    """A broken note is an error, not a role that was never used."""
    role_id = create(iam)["RoleId"]
    for broken in (b"{", b"[]", b"{}"):
        iam.store.touch(f"role/{role_id}", broken)
        code, _, status = iam.fails("GetRole", RoleName="clerk")
        assert (code, status) == ("ServiceFailure", 500)


def test_list_roles_by_name_and_path_in_pages(iam):
    """Listings leave tags, boundaries and last uses out."""
    create(iam, "Zoe", Path="/staff/", Description="d", Tags=[{"Key": "a", "Value": "b"}])
    create(iam, "adam", Path="/staff/", PermissionsBoundary=READ_ONLY)
    create(iam, "guest")
    first = iam("ListRoles", PathPrefix="/staff/", MaxItems=1)
    assert [role["RoleName"] for role in first["Roles"]] == ["adam"]
    assert set(first["Roles"][0]) == {
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
        "MaxSessionDuration",
    }
    rest = iam("ListRoles", PathPrefix="/staff/", Marker=first["Marker"])
    assert [role["RoleName"] for role in rest["Roles"]] == ["Zoe"]
    assert rest["Roles"][0]["Description"] == "d"
    assert "Tags" not in rest["Roles"][0]


def test_update_role(iam):
    """Description and duration change; a description left out stays, a duration left out is one hour."""
    create(iam, Description="old")
    assert iam("UpdateRole", RoleName="clerk", Description="new", MaxSessionDuration=7200) == {}
    role = iam("GetRole", RoleName="clerk")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 7200)
    iam("UpdateRole", RoleName="clerk")
    role = iam("GetRole", RoleName="clerk")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 3600)


def test_update_role_description(iam):
    """The answer shows the role with its new description; the duration stays."""
    create(iam, MaxSessionDuration=7200)
    role = iam("UpdateRoleDescription", RoleName="clerk", Description="new")["Role"]
    assert role["Description"] == "new"
    assert "MaxSessionDuration" not in role
    assert iam("GetRole", RoleName="clerk")["Role"]["MaxSessionDuration"] == 7200


def test_update_assume_role_policy(iam):
    """The trust policy is replaced and named for the event."""
    create(iam)
    changed = TRUST.replace("ec2", "lambda")
    assert iam("UpdateAssumeRolePolicy", RoleName="clerk", PolicyDocument=changed) == {}
    assert iam.touched == [("AWS::IAM::Role", "clerk")]
    assert iam("GetRole", RoleName="clerk")["Role"]["AssumeRolePolicyDocument"] == changed


def test_white_space_of_a_trust_policy_is_bounded(iam):
    """White space inside a string is stored, so it must not be more than eight times the quota."""
    condition = '"Condition":{"StringEquals":{"sts:ExternalId":"%s"}}}]}'
    trust = TRUST.removesuffix("}]}") + "," + condition
    longest = trust % (" " * (8 * 2048 - len(trust % "")))
    create(iam)
    iam("UpdateAssumeRolePolicy", RoleName="clerk", PolicyDocument=longest)
    over = longest.replace('" ', '"  ')
    refusal = (
        "LimitExceeded",
        "policies of `16385` characters with white space exceed the 16384 that are stored",
        409,
    )
    assert iam.fails("UpdateAssumeRolePolicy", RoleName="clerk", PolicyDocument=over) == refusal
    assert iam.fails("CreateRole", RoleName="other", AssumeRolePolicyDocument=over) == refusal


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetRole", {}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"Description": "d"}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
        ("DeleteRole", {}),
    ],
)
def test_roles_are_found_by_their_exact_name(iam, operation, members):
    """A role of another case is another role."""
    create(iam, "Clerk")
    assert iam.fails(operation, RoleName="clerk", **members) == MISSING


def test_delete_role(iam):
    """A role without policies goes, with its boundary and tags."""
    create(iam, PermissionsBoundary=READ_ONLY, Tags=[{"Key": "a", "Value": "b"}])
    assert iam("DeleteRole", RoleName="clerk") == {}
    assert iam.touched == [("AWS::IAM::Role", "clerk")]
    assert iam.fails("GetRole", RoleName="clerk") == MISSING


def test_delete_role_tells_what_remains(iam):
    """Instance profiles, inline policies and attached policies must go first, in this order."""
    create(iam)
    iam("CreateInstanceProfile", InstanceProfileName="host")
    iam("AddRoleToInstanceProfile", InstanceProfileName="host", RoleName="clerk")
    iam("PutRolePolicy", RoleName="clerk", PolicyName="own", PolicyDocument=ALLOW)
    iam("AttachRolePolicy", RoleName="clerk", PolicyArn=READ_ONLY)
    for message, remove in (
        (
            "Cannot delete entity, must remove roles from instance profile first.",
            ("RemoveRoleFromInstanceProfile", {"InstanceProfileName": "host"}),
        ),
        ("Cannot delete entity, must delete policies first.", ("DeleteRolePolicy", {"PolicyName": "own"})),
        (
            "Cannot delete entity, must detach all policies first.",
            ("DetachRolePolicy", {"PolicyArn": READ_ONLY}),
        ),
    ):
        assert iam.fails("DeleteRole", RoleName="clerk") == ("DeleteConflict", message, 409)
        iam(remove[0], RoleName="clerk", **remove[1])
    iam("DeleteRole", RoleName="clerk")
