"""Instance profiles and the role in each."""

from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.records.iam import INSTANCE_PROFILE

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
MISSING = ("NoSuchEntity", "Instance Profile host cannot be found.", 404)


def create(iam: Any, name: str = "host", **members: Any) -> Any:
    return iam("CreateInstanceProfile", InstanceProfileName=name, **members)["InstanceProfile"]


@pytest.fixture
def house(iam) -> Any:
    """An account with the role clerk and the empty instance profile host."""
    iam("CreateRole", RoleName="clerk", AssumeRolePolicyDocument=TRUST)
    create(iam)
    return iam


def test_create_instance_profile(iam):
    """A new instance profile is empty and named for the event."""
    profile = create(iam, Path="/web/")
    record = iam.get(INSTANCE_PROFILE, "host")
    assert profile == {
        "Path": "/web/",
        "InstanceProfileName": "host",
        "InstanceProfileId": record.id,
        "Arn": "arn:aws:iam::111122223333:instance-profile/web/host",
        "CreateDate": iam.now.replace(microsecond=0),
        "Roles": [],
    }
    assert record.id.startswith("AIPA")
    assert iam.touched == [("AWS::IAM::InstanceProfile", "host")]


def test_tags_are_shown_by_create_and_get(iam):
    """GetInstanceProfile shows tags even if there are none, listings never."""
    tags = [{"Key": "a", "Value": "b"}]
    assert create(iam, Tags=tags)["Tags"] == tags
    create(iam, "plain")
    assert iam("GetInstanceProfile", InstanceProfileName="host")["InstanceProfile"]["Tags"] == tags
    assert iam("GetInstanceProfile", InstanceProfileName="plain")["InstanceProfile"]["Tags"] == []
    assert "Tags" not in iam("ListInstanceProfiles")["InstanceProfiles"][0]


def test_names_are_unique_in_any_case(iam):
    """Names are unique without regard to case, and looked up with it."""
    create(iam, "Host")
    assert iam.fails("CreateInstanceProfile", InstanceProfileName="host") == (
        "EntityAlreadyExists",
        "Instance Profile host already exists.",
        409,
    )
    assert iam.fails("GetInstanceProfile", InstanceProfileName="host") == MISSING


def test_the_quota_of_the_account(iam, monkeypatch):
    """The instance profile after the last one allowed is refused."""
    monkeypatch.setattr("masugata.services.iam.instance_profiles.INSTANCE_PROFILES_PER_ACCOUNT", 1)
    create(iam)
    assert iam.fails("CreateInstanceProfile", InstanceProfileName="second") == (
        "LimitExceeded",
        "Cannot exceed quota for InstanceProfilesPerAccount: 1",
        409,
    )


def test_list_by_name_and_path_in_pages(iam):
    """Listings are in order of names and continue on the next page."""
    for name in ("c", "B", "a"):
        create(iam, name, Path="/web/")
    create(iam, "other")
    first = iam("ListInstanceProfiles", PathPrefix="/web/", MaxItems=2)
    assert [profile["InstanceProfileName"] for profile in first["InstanceProfiles"]] == ["a", "B"]
    rest = iam("ListInstanceProfiles", PathPrefix="/web/", Marker=first["Marker"])
    assert [profile["InstanceProfileName"] for profile in rest["InstanceProfiles"]] == ["c"]


def test_add_and_remove_a_role(house):
    """The role is shown with its essentials only, after PassRole was asked for it."""
    request = {"InstanceProfileName": "host", "RoleName": "clerk"}
    assert house("AddRoleToInstanceProfile", **request) == {}
    assert house.authorized == [("iam:PassRole", "arn:aws:iam::111122223333:role/clerk")]
    assert house.touched == [("AWS::IAM::InstanceProfile", "host"), ("AWS::IAM::Role", "clerk")]
    (role,) = house("GetInstanceProfile", InstanceProfileName="host")["InstanceProfile"]["Roles"]
    assert set(role) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert role["RoleName"] == "clerk"
    assert house("RemoveRoleFromInstanceProfile", **request) == {}
    assert house("GetInstanceProfile", InstanceProfileName="host")["InstanceProfile"]["Roles"] == []


def test_adding_needs_permission_to_pass_the_role(house, monkeypatch):
    """Who may not pass the role to EC2 cannot put it into an instance profile."""
    asked: list[Any] = []

    def refuse(action: str, resource: str, context: Any = None) -> None:
        asked.append((action, resource, context))
        raise AwsError("AccessDenied", "no", 403)

    monkeypatch.setattr(house, "_authorize", refuse)
    request = {"InstanceProfileName": "host", "RoleName": "clerk"}
    assert house.fails("AddRoleToInstanceProfile", **request) == ("AccessDenied", "no", 403)
    assert asked == [
        (
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/clerk",
            {"iam:PassedToService": "ec2.amazonaws.com"},
        )
    ]
    assert house.get(INSTANCE_PROFILE, "host").roles == ()


def test_one_role_at_most(house):
    """A second role is refused, and the same one again too."""
    request = {"InstanceProfileName": "host", "RoleName": "clerk"}
    house("AddRoleToInstanceProfile", **request)
    assert house.fails("AddRoleToInstanceProfile", **request) == (
        "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
        409,
    )


@pytest.mark.parametrize("operation", ["AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"])
def test_role_and_profile_must_exist(house, operation):
    """A missing profile is told before a missing role."""
    assert house.fails(operation, InstanceProfileName="missing", RoleName="missing") == (
        "NoSuchEntity",
        "Instance Profile missing cannot be found.",
        404,
    )
    assert house.fails(operation, InstanceProfileName="host", RoleName="missing") == (
        "NoSuchEntity",
        "The role with name missing cannot be found.",
        404,
    )


def test_only_a_role_inside_can_be_removed(house):
    """A role that is not in the profile is told with both names."""
    assert house.fails("RemoveRoleFromInstanceProfile", InstanceProfileName="host", RoleName="clerk") == (
        "NoSuchEntity",
        "Role clerk in Instance Profile host cannot be found.",
        404,
    )


def test_list_instance_profiles_for_role(house):
    """The profiles of a role are listed by name, in pages."""
    create(house, "another")
    create(house, "empty")
    for name in ("host", "another"):
        house("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName="clerk")
    first = house("ListInstanceProfilesForRole", RoleName="clerk", MaxItems=1)
    assert [profile["InstanceProfileName"] for profile in first["InstanceProfiles"]] == ["another"]
    rest = house("ListInstanceProfilesForRole", RoleName="clerk", Marker=first["Marker"])
    assert [profile["InstanceProfileName"] for profile in rest["InstanceProfiles"]] == ["host"]
    assert house.fails("ListInstanceProfilesForRole", RoleName="missing")[0] == "NoSuchEntity"


def test_delete_instance_profile(house):
    """An empty profile goes; one with a role stays."""
    house("AddRoleToInstanceProfile", InstanceProfileName="host", RoleName="clerk")
    assert house.fails("DeleteInstanceProfile", InstanceProfileName="host") == (
        "DeleteConflict",
        "Cannot delete entity, must remove roles from instance profile first.",
        409,
    )
    house("RemoveRoleFromInstanceProfile", InstanceProfileName="host", RoleName="clerk")
    assert house("DeleteInstanceProfile", InstanceProfileName="host") == {}
    assert house.touched == [("AWS::IAM::InstanceProfile", "host")]
    assert house.fails("DeleteInstanceProfile", InstanceProfileName="host") == MISSING
