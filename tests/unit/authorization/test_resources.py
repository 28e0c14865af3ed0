"""Every built operation resolves to the ARN and the condition keys of the service authorization reference."""

from collections.abc import Mapping
from typing import Any

import pytest

from masugata.authorization import catalogue
from masugata.authorization.access import Access
from masugata.authorization.resources import UnresolvedResourceError, accesses
from masugata.identity.caller import Caller
from masugata.services import SERVICES
from unit.authorization.resource_rows import (
    BOUND,
    FEDERATED_ROWS,
    GROUP,
    IAM_ROWS,
    ROLE,
    SEAL,
    STS_ROWS,
    TAG,
    TAGS,
    USER,
    USER_TAGS,
    A,
    G,
    Row,
    S,
)
from unit.authorization.resource_rows_reports import FURTHER
from unit.authorization.world import ACCOUNT_ID, BOUNDARY, IAM, OTHER_ID, ROOT_KEY, World, trusting


@pytest.fixture(scope="module")
def world() -> World:
    """A world in which alice and the role Cook have a permissions boundary."""
    world = World()
    world.change_user(boundary=BOUNDARY)
    world.change_role(boundary=BOUNDARY)
    return world


def needed(
    world: World, service: str, operation: str, request: Mapping[str, Any], caller: Caller | None = None
) -> list[Access]:
    """What alice, or another caller, needs for this call."""
    return accesses(service, operation, request, caller or world.alice(), world.records, "us-east-1")


def shown(found: list[Access]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Action, resource and context of each."""
    return [(access.action, access.resource, access.context) for access in found]


@pytest.mark.parametrize(("row", "tags"), IAM_ROWS, ids=[row[0] for row, _ in IAM_ROWS])
def test_iam(world: World, row: Row, tags: Mapping[str, Any]) -> None:
    """One permission, on the resource as it is stored, path included, with exactly the documented keys."""
    operation, request, resource, keys = row
    found = needed(world, "iam", operation, request)
    assert shown(found) == [(f"iam:{operation}", resource, {**tags, **keys})]
    assert found[0].resource_account == (None if resource == "*" else ACCOUNT_ID)
    assert found[0].trust_policy is None


@pytest.mark.parametrize("operation", STS_ROWS)
def test_sts(world: World, operation: str) -> None:
    """The permissions of each STS operation; who one is and session tokens need none."""
    request, expected = STS_ROWS[operation]
    assert shown(needed(world, "sts", operation, request)) == expected


def test_cloudtrail(world: World) -> None:
    """Looking up events is a permission on everything."""
    found = needed(world, "cloudtrail", "LookupEvents", {})
    assert shown(found) == [("cloudtrail:LookupEvents", "*", {})]


@pytest.mark.parametrize(("operation", "request_", "resource"), FURTHER)
def test_service_linked_roles_and_reports(
    world: World, operation: str, request_: Mapping[str, Any], resource: str
) -> None:
    """Further requests of the same operations, of what is not there among them."""
    (access,) = needed(world, "iam", operation, request_)
    assert (access.action, access.resource) == (f"iam:{operation}", resource)
    assert access.resource_account == ACCOUNT_ID


def test_every_operation_has_its_row() -> None:
    """No operation is built without standing here."""
    rows = {
        "cloudtrail": ["LookupEvents"],
        "iam": [row[0] for row, _ in IAM_ROWS],
        "sts": [*STS_ROWS, *FEDERATED_ROWS],
    }
    assert {service: sorted(names) for service, names in rows.items()} == {
        service: sorted(operations) for service, operations in SERVICES.items() if service in rows
    }
    assert SERVICES.keys() - rows == {"kms", "organizations", "wafv2"}  # which have tables of their own


def test_resources_are_of_the_types_that_the_reference_has() -> None:
    """Each expected ARN has the form of the reference's resource type for that action."""
    for (operation, _, resource, _), _ in IAM_ROWS:
        if operation == "UpdateDelegationRequest":  # whose action the reference does not have
            continue
        action = catalogue.action(f"iam:{operation}")
        assert action is not None
        types = [use.name for use in action.resource_types]
        if types:
            assert resource.startswith(tuple(f"{IAM}{name}/" for name in types)), operation
        else:
            assert resource == "*" or operation.startswith("List"), operation


@pytest.mark.parametrize(
    ("operation", "request_", "action"),
    [
        ("CreateUser", {"UserName": "bob", **TAGS, **BOUND}, "iam:TagUser"),
        ("CreateRole", {"RoleName": "Waiter", **TAGS, **BOUND}, "iam:TagRole"),
        ("CreatePolicy", {"PolicyName": "Cake", **TAGS}, "iam:TagPolicy"),
        ("CreateInstanceProfile", {"InstanceProfileName": "Stove", **TAGS}, "iam:TagInstanceProfile"),
        ("UploadServerCertificate", {"ServerCertificateName": "Stamp", **TAGS}, "iam:TagServerCertificate"),
    ],
)
def test_tags_at_creation(world: World, operation: str, request_: Mapping[str, Any], action: str) -> None:
    """Whoever creates with tags needs the permission to tag too, on the same resource, with its keys only."""
    creating, tagging = needed(world, "iam", operation, request_)
    assert (creating.action, tagging.action) == (f"iam:{operation}", action)
    assert creating.resource == tagging.resource
    assert tagging.context == TAG
    assert TAG.items() <= creating.context.items()


@pytest.mark.parametrize(
    ("operation", "request_", "resources"),
    [
        ("UpdateUser", {**A, "NewUserName": "bob"}, [USER, f"{IAM}user/staff/bob"]),
        ("UpdateUser", {**A, "NewPath": "/boss/"}, [USER, f"{IAM}user/boss/alice"]),
        ("UpdateUser", {**A, "NewPath": "/b/", "NewUserName": "bob"}, [USER, f"{IAM}user/b/bob"]),
        ("UpdateUser", {**A, "NewPath": "/staff/", "NewUserName": "alice"}, [USER]),
        ("UpdateUser", {"UserName": "nobody", "NewUserName": "bob"}, [f"{IAM}user/nobody", f"{IAM}user/bob"]),
        ("UpdateGroup", {**G, "NewGroupName": "boss"}, [GROUP, f"{IAM}group/kitchen/boss"]),
        ("UpdateGroup", {**G, "NewPath": "/"}, [GROUP, f"{IAM}group/bakers"]),
        (
            "UpdateServerCertificate",
            {**S, "NewServerCertificateName": "Stamp"},
            [SEAL, f"{IAM}server-certificate/kitchen/Stamp"],
        ),
    ],
)
def test_renames(world: World, operation: str, request_: Mapping[str, Any], resources: list[str]) -> None:
    """A rename or move needs the permission on what is and on what it becomes."""
    found = needed(world, "iam", operation, request_)
    assert [access.resource for access in found] == resources
    assert {access.action for access in found} == {f"iam:{operation}"}


def test_credentials_of_all_users(world: World) -> None:
    """Listing everybody's credentials needs the permission on everybody."""
    request = {"AllUsers": True, "ServiceName": "bedrock.amazonaws.com"}
    found = needed(world, "iam", "ListServiceSpecificCredentials", request)
    assert shown(found) == [("iam:ListServiceSpecificCredentials", f"{IAM}user/*", {})]


@pytest.mark.parametrize("name", ["ALICE", "Alice", "alice2", "al"])
def test_only_the_exact_name_is_the_user(world: World, name: str) -> None:
    """Another spelling is another resource, without the path and the tags of the user."""
    assert shown(needed(world, "iam", "GetUser", {"UserName": name})) == [
        ("iam:GetUser", f"{IAM}user/{name}", {})
    ]


@pytest.mark.parametrize(
    "arn",
    [
        f"{IAM}policy/Bread",
        f"{IAM}policy/kitchen/BREAD",
        f"arn:aws:iam::{OTHER_ID}:policy/kitchen/Bread",
    ],
)
def test_only_the_exact_arn_is_the_policy(world: World, arn: str) -> None:
    """A policy named with another path, case or account has no tags to be judged by."""
    assert shown(needed(world, "iam", "GetPolicy", {"PolicyArn": arn})) == [("iam:GetPolicy", arn, {})]


def test_aws_managed_policy(world: World) -> None:
    """A policy of AWS's is judged by its own ARN."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert shown(needed(world, "iam", "GetPolicy", {"PolicyArn": arn})) == [("iam:GetPolicy", arn, {})]


@pytest.mark.parametrize("operation", ["GetUser", "CreateAccessKey", "ListAccessKeys"])
def test_user_name_left_out(world: World, operation: str) -> None:
    """Without a name the caller asks for itself: the user, or the root user or session that it is."""
    assert needed(world, "iam", operation, {})[0].resource == USER
    for caller in (world.root(), world.cook()):
        assert needed(world, "iam", operation, {}, caller)[0].resource == caller.arn


@pytest.mark.parametrize("operation", ["UpdateAccessKey", "DeleteAccessKey"])
def test_user_name_left_out_beside_a_key(world: World, operation: str) -> None:
    """Changing a key without a user's name is judged on the caller, whoever the key belongs to."""
    found = needed(world, "iam", operation, {"AccessKeyId": ROOT_KEY, "Status": "Inactive"})
    assert found[0].resource == USER


def test_last_use_of_a_key_is_judged_on_its_owner(world: World) -> None:
    """The root user's key is not among a user's own."""
    found = needed(world, "iam", "GetAccessKeyLastUsed", {"AccessKeyId": ROOT_KEY})
    assert shown(found) == [("iam:GetAccessKeyLastUsed", f"{IAM}root", {})]


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "CreateVirtualMFADevice"),
        ("iam", "NoSuchOperation"),
        ("iam", "createuser"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoot"),
        ("cloudtrail", "CreateTrail"),
        ("cloudtrail", "NoSuchOperation"),
        ("kms", "Encrypt"),
    ],
)
def test_operation_without_a_rule(world: World, service: str, operation: str) -> None:
    """What no rule covers is not resolved to anything, and names itself."""
    with pytest.raises(UnresolvedResourceError, match=f"`{service}:{operation}`"):
        needed(world, service, operation, {})


def test_assume_role_in_full(world: World) -> None:
    """Tags and a source identity are permissions of their own, and all keys are there for each."""
    request = {
        "RoleArn": ROLE,
        "RoleSessionName": "hanako",
        "ExternalId": "shop-7",
        "SourceIdentity": "hanako@example.com",
        **TAGS,
        "TransitiveTagKeys": ["Shop"],
    }
    found = needed(world, "sts", "AssumeRole", request)
    assert [access.action for access in found] == [
        "sts:AssumeRole",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ]
    keys = {
        **USER_TAGS,
        **TAG,
        "sts:ExternalId": "shop-7",
        "sts:RoleSessionName": "hanako",
        "sts:SourceIdentity": "hanako@example.com",
        "sts:TransitiveTagKeys": ["Shop"],
    }
    for access in found:
        assert (access.resource, access.resource_account, access.context) == (ROLE, ACCOUNT_ID, keys)
        assert access.trust_policy == trusting({"AWS": ACCOUNT_ID})


@pytest.mark.parametrize(
    ("carried", "actions"),
    [
        ({"tags": {"Shop": "b"}}, ["sts:AssumeRole"]),
        ({"tags": {"Shop": "b"}, "transitive_tag_keys": ("Shop",)}, ["sts:AssumeRole", "sts:TagSession"]),
        ({"source_identity": "hanako"}, ["sts:AssumeRole", "sts:SetSourceIdentity"]),
    ],
)
def test_what_a_chain_passes_on(world: World, carried: Mapping[str, Any], actions: list[str]) -> None:
    """Transitive tags and a source identity of the calling session must be admitted by the next role."""
    request = {"RoleArn": ROLE, "RoleSessionName": "two"}
    found = needed(world, "sts", "AssumeRole", request, world.cook(**carried))
    assert [access.action for access in found] == actions


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        (f"{IAM}role/Cook", ACCOUNT_ID),
        (f"{IAM}role/kitchen/cook", ACCOUNT_ID),
        (f"arn:aws:iam::{OTHER_ID}:role/kitchen/Cook", OTHER_ID),
        (f"arn:aws-cn:iam::{ACCOUNT_ID}:role/kitchen/Cook", ACCOUNT_ID),
        (f"arn:aws:sts::{ACCOUNT_ID}:role/kitchen/Cook", ACCOUNT_ID),
        (f"{IAM}user/kitchen/Cook", ACCOUNT_ID),
        ("kitchen/Cook and nothing else", None),
    ],
)
def test_role_that_is_not_there(world: World, arn: str, account: str | None) -> None:
    """An ARN that is not exactly a role's has a trust policy that trusts nobody, and no tags."""
    (access,) = needed(world, "sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "x"})
    assert (access.resource, access.resource_account, access.trust_policy) == (arn, account, "")
    assert access.context == {"sts:RoleSessionName": "x"}


def test_federation_with_tags(world: World) -> None:
    """Tags on a federated user need the permission to tag the session."""
    found = needed(world, "sts", "GetFederationToken", {"Name": "taro", **TAGS})
    resource = f"arn:aws:sts::{ACCOUNT_ID}:federated-user/taro"
    assert shown(found) == [("sts:GetFederationToken", resource, TAG), ("sts:TagSession", resource, TAG)]


def test_tag_keys_that_differ_in_case(world: World) -> None:
    """Both spellings reach the engine, which takes them as one key of two values."""
    tags = [{"Key": "Shop", "Value": "a"}, {"Key": "shop", "Value": "b"}]
    (access,) = needed(world, "iam", "TagUser", {**A, "Tags": tags})
    assert access.context["aws:TagKeys"] == ["Shop", "shop"]
    assert {key for key in access.context if key.startswith("aws:RequestTag/")} == {
        "aws:RequestTag/Shop",
        "aws:RequestTag/shop",
    }
