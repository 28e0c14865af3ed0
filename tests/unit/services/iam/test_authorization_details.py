"""GetAccountAuthorizationDetails."""

from collections.abc import Iterator
from typing import Any

import pytest

from masugata.services.iam import _common

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
DENY = ALLOW.replace("Allow", "Deny")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
SHELF = "arn:aws:iam::111122223333:policy/shelf"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def house(iam) -> Any:
    """An account with one of everything."""
    iam("CreatePolicy", PolicyName="shelf", PolicyDocument=ALLOW, Description="d")
    iam("CreatePolicyVersion", PolicyArn=SHELF, PolicyDocument=DENY)
    iam("CreateUser", UserName="alice", PermissionsBoundary=BILLING, Tags=[{"Key": "a", "Value": "b"}])
    iam("CreateGroup", GroupName="readers")
    iam("AddUserToGroup", UserName="alice", GroupName="readers")
    iam("CreateRole", RoleName="clerk", AssumeRolePolicyDocument=TRUST, Description="d")
    iam("CreateInstanceProfile", InstanceProfileName="host")
    iam("AddRoleToInstanceProfile", InstanceProfileName="host", RoleName="clerk")
    iam("AttachRolePolicy", RoleName="clerk", PolicyArn=SHELF)
    iam("AttachGroupPolicy", GroupName="readers", PolicyArn=READ_ONLY)
    iam("PutGroupPolicy", GroupName="readers", PolicyName="own", PolicyDocument=DENY)
    return iam


def details(iam: Any, **members: Any) -> Any:
    return iam("GetAccountAuthorizationDetails", **members)


def test_an_empty_account(iam):
    """Nothing is listed, and none of the lists is missing."""
    assert details(iam) == {**{key: [] for key in LISTS}, "IsTruncated": False}


def test_users(house):
    """A user is shown with groups, tags and boundary; inline policies only where there are some."""
    (user,) = details(house, Filter=["User"])["UserDetailList"]
    assert user == {
        "Path": "/",
        "UserName": "alice",
        "UserId": house("GetUser", UserName="alice")["User"]["UserId"],
        "Arn": "arn:aws:iam::111122223333:user/alice",
        "CreateDate": house.now.replace(microsecond=0),
        "GroupList": ["readers"],
        "AttachedManagedPolicies": [],
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BILLING},
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    house("PutUserPolicy", UserName="alice", PolicyName="own", PolicyDocument=ALLOW)
    (user,) = details(house, Filter=["User"])["UserDetailList"]
    assert user["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": ALLOW}]


def test_groups(house):
    """A group is shown with its inline and attached policies."""
    (group,) = details(house, Filter=["Group"])["GroupDetailList"]
    assert group["GroupName"] == "readers"
    assert group["GroupPolicyList"] == [{"PolicyName": "own", "PolicyDocument": DENY}]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]


def test_roles(house):
    """A role is shown with trust policy, instance profiles, policies, tags and last use."""
    house("PutRolePermissionsBoundary", RoleName="clerk", PermissionsBoundary=BILLING)
    (role,) = details(house, Filter=["Role"])["RoleDetailList"]
    assert role["AssumeRolePolicyDocument"] == TRUST
    assert [profile["InstanceProfileName"] for profile in role["InstanceProfileList"]] == ["host"]
    assert role["InstanceProfileList"][0]["Roles"][0]["RoleName"] == "clerk"
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "shelf", "PolicyArn": SHELF}]
    assert (role["RolePolicyList"], role["Tags"], role["RoleLastUsed"]) == ([], [], {})
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BILLING
    assert "Description" not in role


def test_local_policies(house):
    """The account's policies are shown with all versions and documents, newest first."""
    (policy,) = details(house, Filter=["LocalManagedPolicy"])["Policies"]
    assert (policy["Arn"], policy["AttachmentCount"], policy["DefaultVersionId"]) == (SHELF, 1, "v1")
    assert [(v["VersionId"], v["Document"]) for v in policy["PolicyVersionList"]] == [
        ("v2", DENY),
        ("v1", ALLOW),
    ]
    assert "Description" not in policy


def test_aws_policies(house):
    """AWS's policies are shown as far as they are attached or a boundary, with their document."""
    policies = details(house, Filter=["AWSManagedPolicy"])["Policies"]
    assert [(policy["Arn"], policy["AttachmentCount"]) for policy in policies] == [
        (BILLING, 0),
        (READ_ONLY, 1),
    ]
    assert policies[0]["PermissionsBoundaryUsageCount"] == 1
    (version,) = policies[1]["PolicyVersionList"]
    assert version["VersionId"] == policies[1]["DefaultVersionId"]
    assert '"Statement"' in version["Document"]


def test_filters_join(house):
    """Several filters show several lists, the others stay empty."""
    answer = details(house, Filter=["Group", "User"])
    assert [len(answer[name]) for name in LISTS] == [1, 1, 0, 0]


def test_pages_run_through_all_lists(house):
    """Every item is on one page only, whatever the size of the page."""
    whole = details(house)
    assert [len(whole[name]) for name in LISTS] == [1, 1, 1, 3]
    for size in (1, 2, 4):
        seen: dict[str, list[Any]] = {name: [] for name in LISTS}
        members: dict[str, Any] = {"MaxItems": size}
        while True:
            answer = details(house, **members)
            assert sum(len(answer[name]) for name in LISTS) <= size
            for name in LISTS:
                seen[name] += answer[name]
            if not answer["IsTruncated"]:
                break
            members["Marker"] = answer["Marker"]
        assert seen == {name: whole[name] for name in LISTS}


def pages(iam: Any, operation: str, **members: Any) -> Iterator[Any]:
    """All pages of a listing."""
    while True:
        answer = iam(operation, MaxItems=1000, **members)
        yield answer
        if not answer["IsTruncated"]:
            return
        members["Marker"] = answer["Marker"]


def test_a_page_ends_before_its_documents_grow_over_a_mebibyte(iam):
    """Long documents make pages shorter than was asked for; no item is lost or shown twice."""
    blank = ALLOW + " " * (8 * 6144 - len(ALLOW))
    for number in range(6):
        arn = iam("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=blank)["Policy"]["Arn"]
        for _ in range(4):
            iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=blank)
    shown = [answer["Policies"] for answer in pages(iam, "GetAccountAuthorizationDetails")]
    assert [[policy["PolicyName"] for policy in page] for page in shown] == [
        ["p0", "p1", "p2", "p3"],
        ["p4", "p5"],
    ]
    assert all(len(policy["PolicyVersionList"]) == 5 for page in shown for policy in page)


def test_an_item_over_the_budget_has_a_page_of_its_own(house, monkeypatch):
    """However small the budget, every page shows one item, so that a listing comes to its end."""
    whole = details(house)
    monkeypatch.setattr(_common, "TEXT_PER_PAGE", 1)
    answers = list(pages(house, "GetAccountAuthorizationDetails"))
    assert [sum(len(answer[name]) for name in LISTS) for answer in answers] == [1] * 6
    assert {name: [item for answer in answers for item in answer[name]] for name in LISTS} == {
        name: whole[name] for name in LISTS
    }


@pytest.mark.parametrize(
    ("section", "prepare"),
    [
        ("User", {"PutUserPolicy": {"UserName": "alice", "PolicyName": "own", "PolicyDocument": ALLOW}}),
        ("User", {"TagUser": {"UserName": "alice", "Tags": [{"Key": "k", "Value": "v" * 99}]}}),
        ("Group", {}),
        ("Role", {}),
        ("LocalManagedPolicy", {}),
        ("AWSManagedPolicy", {}),
    ],
)
def test_the_text_of_every_kind_of_item_counts(house, monkeypatch, section, prepare):
    """A second item does not fit on a page that the first one fills by its documents or tags."""
    for operation, members in prepare.items():
        house(operation, **members)
    house("CreateUser", UserName="zoe", Tags=[{"Key": "k", "Value": "v"}])
    house("CreateGroup", GroupName="zoe")
    house("PutGroupPolicy", GroupName="zoe", PolicyName="own", PolicyDocument=DENY)
    house("CreateRole", RoleName="zoe", AssumeRolePolicyDocument=TRUST)
    house("CreatePolicy", PolicyName="zoe", PolicyDocument=DENY)
    assert not details(house, Filter=[section])["IsTruncated"]
    monkeypatch.setattr(_common, "TEXT_PER_PAGE", 90)
    assert details(house, Filter=[section])["IsTruncated"]


def test_a_role_counts_once_more_for_each_instance_profile(house, monkeypatch):
    """Each instance profile of a role shows the role's trust policy again."""
    house("CreateRole", RoleName="zoe", AssumeRolePolicyDocument=TRUST)
    monkeypatch.setattr(_common, "TEXT_PER_PAGE", 3 * len(TRUST))
    assert not details(house, Filter=["Role"])["IsTruncated"]
    house("CreateInstanceProfile", InstanceProfileName="other")
    house("AddRoleToInstanceProfile", InstanceProfileName="other", RoleName="clerk")
    assert details(house, Filter=["Role"])["IsTruncated"]


@pytest.mark.parametrize(
    ("operation", "member"), [("ListRoles", "Roles"), ("ListInstanceProfiles", "InstanceProfiles")]
)
def test_trust_policies_count_in_other_listings(house, monkeypatch, operation, member):
    """Pages of roles and instance profiles end early as well, and lose nothing."""
    house("CreateRole", RoleName="zoe", AssumeRolePolicyDocument=TRUST)
    house("CreateInstanceProfile", InstanceProfileName="other")
    house("AddRoleToInstanceProfile", InstanceProfileName="other", RoleName="clerk")
    whole = house(operation)[member]
    monkeypatch.setattr(_common, "TEXT_PER_PAGE", len(TRUST))
    answers = [answer[member] for answer in pages(house, operation)]
    assert [len(answer) for answer in answers] == [1, 1]
    assert [item for answer in answers for item in answer] == whole
