"""Attaching managed policies to users, groups and roles."""

from typing import Any

import pytest

ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICE_ROLE = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
KINDS = ["User", "Group", "Role"]


@pytest.fixture
def house(iam) -> Any:
    """An account with one user, group and role, each named Kim, and one policy."""
    iam("CreateUser", UserName="Kim")
    iam("CreateGroup", GroupName="Kim")
    iam.add_role("Kim")
    iam("CreatePolicy", PolicyName="shelf", Path="/team/", PolicyDocument=ALLOW)
    return iam


ARN = "arn:aws:iam::111122223333:policy/team/shelf"


def listed(iam: Any, kind: str, **members: Any) -> list[str]:
    answer = iam(f"ListAttached{kind}Policies", **{f"{kind}Name": "Kim"}, **members)
    return [policy["PolicyArn"] for policy in answer["AttachedPolicies"]]


@pytest.mark.parametrize("kind", KINDS)
def test_attach_and_detach(house, kind):
    """What is attached is listed by name with both its names, until it is detached."""
    name = {f"{kind}Name": "Kim"}
    assert house(f"Attach{kind}Policy", **name, PolicyArn=ARN) == {}
    assert house.touched == [(f"AWS::IAM::{kind}", "Kim"), ("AWS::IAM::Policy", ARN)]
    house(f"Attach{kind}Policy", **name, PolicyArn=READ_ONLY)
    answer = house(f"ListAttached{kind}Policies", **name)
    assert answer == {
        "AttachedPolicies": [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY},
            {"PolicyName": "shelf", "PolicyArn": ARN},
        ],
        "IsTruncated": False,
    }
    assert listed(house, kind, PathPrefix="/team/") == [ARN]
    assert house(f"Detach{kind}Policy", **name, PolicyArn=READ_ONLY) == {}
    assert listed(house, kind) == [ARN]


@pytest.mark.parametrize("kind", KINDS)
def test_attaching_twice_changes_nothing(house, kind):
    """Attaching is idempotent and does not count twice."""
    for _ in range(2):
        house(f"Attach{kind}Policy", **{f"{kind}Name": "Kim"}, PolicyArn=ARN)
    assert listed(house, kind) == [ARN]


@pytest.mark.parametrize("kind", KINDS)
def test_ten_policies_and_no_more(house, kind):
    """The eleventh policy is refused with the name of the quota; one of the ten may come again."""
    name = {f"{kind}Name": "Kim"}
    for number in range(10):
        policy = house("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=ALLOW)["Policy"]
        house(f"Attach{kind}Policy", **name, PolicyArn=policy["Arn"])
    house(f"Attach{kind}Policy", **name, PolicyArn=policy["Arn"])
    assert house.fails(f"Attach{kind}Policy", **name, PolicyArn=ARN) == (
        "LimitExceeded",
        f"Cannot exceed quota for PoliciesPer{kind}: 10",
        409,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_attach_needs_policy_and_entity(house, kind):
    """Invalid ARNs, missing policies and missing entities are told apart."""
    name = {f"{kind}Name": "Kim"}
    missing = "arn:aws:iam::111122223333:policy/shelf"
    assert house.fails(f"Attach{kind}Policy", **name, PolicyArn="shelf") == (
        "InvalidInput",
        "ARN shelf is not valid.",
        400,
    )
    assert house.fails(f"Attach{kind}Policy", **name, PolicyArn=missing) == (
        "NoSuchEntity",
        f"Policy {missing} does not exist or is not attachable.",
        404,
    )
    assert house.fails(f"Attach{kind}Policy", **{f"{kind}Name": "kim"}, PolicyArn=ARN) == (
        "NoSuchEntity",
        f"The {kind.lower()} with name kim cannot be found.",
        404,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_policies_of_service_linked_roles_are_not_attachable(house, kind):
    """What AWS made for service-linked roles is for nobody else."""
    assert house.fails(f"Attach{kind}Policy", **{f"{kind}Name": "Kim"}, PolicyArn=SERVICE_ROLE) == (
        "PolicyNotAttachable",
        f"Cannot attach a Service Role Policy to a Customer {kind}.",
        400,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_detach_needs_an_attachment(house, kind):
    """Detaching what is not attached is told, as is what is no ARN."""
    name = {f"{kind}Name": "Kim"}
    assert house.fails(f"Detach{kind}Policy", **name, PolicyArn=ARN) == (
        "NoSuchEntity",
        f"Policy {ARN} was not found.",
        404,
    )
    assert house.fails(f"Detach{kind}Policy", **name, PolicyArn="shelf")[0] == "InvalidInput"
    assert house.fails(f"Detach{kind}Policy", **{f"{kind}Name": "Sam"}, PolicyArn=ARN)[0] == "NoSuchEntity"


@pytest.mark.parametrize("kind", KINDS)
def test_attached_policies_in_pages(house, kind):
    """Pages continue after the name last shown, although AWS has a namesake."""
    name = {f"{kind}Name": "Kim"}
    own = house("CreatePolicy", PolicyName="readonlyaccess", PolicyDocument=ALLOW)["Policy"]["Arn"]
    for arn in (ARN, READ_ONLY, own):
        house(f"Attach{kind}Policy", **name, PolicyArn=arn)
    first = house(f"ListAttached{kind}Policies", **name, MaxItems=1)
    assert [policy["PolicyArn"] for policy in first["AttachedPolicies"]] == [own]
    rest = house(f"ListAttached{kind}Policies", **name, Marker=first["Marker"])
    assert [policy["PolicyArn"] for policy in rest["AttachedPolicies"]] == [READ_ONLY, ARN]


def entities(iam: Any, **members: Any) -> list[str]:
    answer = iam("ListEntitiesForPolicy", PolicyArn=ARN, **members)
    return [
        *(f"group {group['GroupName']}" for group in answer["PolicyGroups"]),
        *(f"role {role['RoleName']}" for role in answer["PolicyRoles"]),
        *(f"user {user['UserName']}" for user in answer["PolicyUsers"]),
    ]


def test_list_entities_for_policy(house):
    """Entities are found by type, path and use, each once, in pages over all types."""
    house("CreateUser", UserName="Lee", Path="/team/", PermissionsBoundary=ARN)
    for kind in KINDS:
        house(f"Attach{kind}Policy", **{f"{kind}Name": "Kim"}, PolicyArn=ARN)
    house("PutUserPermissionsBoundary", UserName="Kim", PermissionsBoundary=ARN)
    assert entities(house) == ["group Kim", "role Kim", "user Kim", "user Lee"]
    assert entities(house, EntityFilter="Role") == ["role Kim"]
    assert entities(house, EntityFilter="LocalManagedPolicy") == []
    assert entities(house, PathPrefix="/team/") == ["user Lee"]
    assert entities(house, PolicyUsageFilter="PermissionsPolicy") == ["group Kim", "role Kim", "user Kim"]
    assert entities(house, PolicyUsageFilter="PermissionsBoundary") == ["user Kim", "user Lee"]
    first = house("ListEntitiesForPolicy", PolicyArn=ARN, MaxItems=2)
    assert entities(house, MaxItems=2) == ["group Kim", "role Kim"]
    assert entities(house, Marker=first["Marker"]) == ["user Kim", "user Lee"]


def test_list_entities_shows_ids(house):
    """Names come with unique ids."""
    house("AttachUserPolicy", UserName="Kim", PolicyArn=ARN)
    (user,) = house("ListEntitiesForPolicy", PolicyArn=ARN)["PolicyUsers"]
    assert user["UserId"] == house("GetUser", UserName="Kim")["User"]["UserId"]


def test_list_entities_needs_a_policy(house):
    """A missing policy is told; one of AWS's is fine."""
    missing = "arn:aws:iam::111122223333:policy/missing"
    assert house.fails("ListEntitiesForPolicy", PolicyArn=missing)[0] == "NoSuchEntity"
    assert house("ListEntitiesForPolicy", PolicyArn=READ_ONLY)["PolicyUsers"] == []


def test_renaming_a_user_keeps_its_policies(house):
    """Attachments hang on the record, not on the name."""
    house("AttachUserPolicy", UserName="Kim", PolicyArn=ARN)
    house("UpdateUser", UserName="Kim", NewUserName="Lou")
    assert entities(house) == ["user Lou"]
