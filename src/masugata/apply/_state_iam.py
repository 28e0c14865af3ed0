"""IAM of one account, as it is."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from masugata.apply.description import Document, Iam, ManagedPolicy, Principal
from masugata.apply.live import json_value, name_at, tag_map
from masugata.client import Client
from masugata.records.iam import SERVICE_LINKED_PATH

_KINDS = ("User", "Group", "Role", "LocalManagedPolicy")


def read_iam(client: Client) -> Iam:
    """Policies, groups, users and roles; service-linked roles are their services', and not among them."""
    users: dict[str, Principal] = {}
    groups: dict[str, Principal] = {}
    roles: dict[str, Principal] = {}
    policies: dict[str, ManagedPolicy] = {}
    durations = {role["RoleName"]: role for role in client.listed("iam", "ListRoles", "Roles")}
    for page in client.pages("iam", "GetAccountAuthorizationDetails", Filter=list(_KINDS)):
        for found in page.get("UserDetailList", ()):
            users[found["UserName"]] = _user(client, found)
        for found in page.get("GroupDetailList", ()):
            groups[found["GroupName"]] = _principal("group", found)
        for found in page.get("RoleDetailList", ()):
            if not found["Path"].startswith(SERVICE_LINKED_PATH):
                roles[found["RoleName"]] = _role(found, durations.get(found["RoleName"], {}))
        for found in page.get("Policies", ()):
            policies[found["PolicyName"]] = _policy(client, found)
    return Iam(policies=policies, groups=groups, users=users, roles=roles)


def _principal(kind: str, found: Mapping[str, Any]) -> Principal:
    word = kind.capitalize()
    return Principal(
        kind=kind,
        name=found[f"{word}Name"],
        path=found["Path"],
        policies=[name_at(policy["PolicyArn"]) for policy in found["AttachedManagedPolicies"]],
        inline_policies=_inline(found.get(f"{word}PolicyList", ())),
        tags=None if kind == "group" else tag_map(found.get("Tags", ())),
    )


def _inline(policies: Iterable[Mapping[str, str]]) -> dict[str, Document]:
    return {policy["PolicyName"]: _document(policy["PolicyDocument"]) for policy in policies}


def _user(client: Client, found: Mapping[str, Any]) -> Principal:
    user = _principal("user", found)
    user.groups = [name_at(group) for group in found["GroupList"]]
    _add_boundary(user, found)
    keys = client.listed("iam", "ListAccessKeys", "AccessKeyMetadata", UserName=user.name)
    user.access_key_ids = tuple(key["AccessKeyId"] for key in keys)
    user.access_keys = len(user.access_key_ids)
    return user


def _role(found: Mapping[str, Any], listed: Mapping[str, Any]) -> Principal:
    role = _principal("role", found)
    role.trust_policy = _document(found["AssumeRolePolicyDocument"])
    role.description = listed.get("Description", "")
    role.max_session_duration = listed.get("MaxSessionDuration", 3600)
    _add_boundary(role, found)
    return role


def _add_boundary(principal: Principal, found: Mapping[str, Any]) -> None:
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    principal.permissions_boundary = None if boundary is None else name_at(boundary)


def _policy(client: Client, found: Mapping[str, Any]) -> ManagedPolicy:
    version = next(version for version in found["PolicyVersionList"] if version["IsDefaultVersion"])
    whole = client.call("iam", "GetPolicy", PolicyArn=found["Arn"])["Policy"]
    return ManagedPolicy(
        name=found["PolicyName"],
        path=found["Path"],
        description=whole.get("Description", ""),
        document=_document(version["Document"]),
        tags=tag_map(whole.get("Tags", ())),
    )


def _document(text: str) -> Document:
    return Document(content=json_value(unquote(text)))
