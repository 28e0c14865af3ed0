"""Operations on policies that are written into a user, group or role."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import policy_size
from masugata.errors import AwsError
from masugata.records.iam import Principal
from masugata.services.iam._common import (
    GROUPS,
    ROLES,
    USERS,
    EntityType,
    PageEnd,
    no_such_entity,
    page,
)
from masugata.services.iam.policies import check_document, check_stored_length

if TYPE_CHECKING:
    from masugata_types import iam as shapes

INLINE_POLICY_SIZES = {"User": 2048, "Group": 5120, "Role": 10240}
"""Characters without white space that all inline policies of one entity may have together."""

Entity = TypeVar("Entity", bound=Principal)


def put_user_policy(call: Call, request: "shapes.PutUserPolicyRequest") -> "shapes.PutUserPolicyResponse":
    """Write a policy into a user, in the place of any of the same name."""
    _put(call, USERS, request)
    return {}


def put_group_policy(call: Call, request: "shapes.PutGroupPolicyRequest") -> "shapes.PutGroupPolicyResponse":
    """Write a policy into a group, in the place of any of the same name."""
    _put(call, GROUPS, request)
    return {}


def put_role_policy(call: Call, request: "shapes.PutRolePolicyRequest") -> "shapes.PutRolePolicyResponse":
    """Write a policy into a role, in the place of any of the same name."""
    _put(call, ROLES, request)
    return {}


def get_user_policy(call: Call, request: "shapes.GetUserPolicyRequest") -> "shapes.GetUserPolicyResponse":
    """An inline policy of a user."""
    name, document = _get(call, USERS, request)
    return {"UserName": request["UserName"], "PolicyName": name, "PolicyDocument": document}


def get_group_policy(call: Call, request: "shapes.GetGroupPolicyRequest") -> "shapes.GetGroupPolicyResponse":
    """An inline policy of a group."""
    name, document = _get(call, GROUPS, request)
    return {"GroupName": request["GroupName"], "PolicyName": name, "PolicyDocument": document}


def get_role_policy(call: Call, request: "shapes.GetRolePolicyRequest") -> "shapes.GetRolePolicyResponse":
    """An inline policy of a role."""
    name, document = _get(call, ROLES, request)
    return {"RoleName": request["RoleName"], "PolicyName": name, "PolicyDocument": document}


def list_user_policies(
    call: Call, request: "shapes.ListUserPoliciesRequest"
) -> "shapes.ListUserPoliciesResponse":
    """The names of a user's inline policies."""
    names, end = _list(call, USERS, request)
    return {"PolicyNames": names, **end}


def list_group_policies(
    call: Call, request: "shapes.ListGroupPoliciesRequest"
) -> "shapes.ListGroupPoliciesResponse":
    """The names of a group's inline policies."""
    names, end = _list(call, GROUPS, request)
    return {"PolicyNames": names, **end}


def list_role_policies(
    call: Call, request: "shapes.ListRolePoliciesRequest"
) -> "shapes.ListRolePoliciesResponse":
    """The names of a role's inline policies."""
    names, end = _list(call, ROLES, request)
    return {"PolicyNames": names, **end}


def delete_user_policy(
    call: Call, request: "shapes.DeleteUserPolicyRequest"
) -> "shapes.DeleteUserPolicyResponse":
    """Delete an inline policy of a user."""
    _delete(call, USERS, request)
    return {}


def delete_group_policy(
    call: Call, request: "shapes.DeleteGroupPolicyRequest"
) -> "shapes.DeleteGroupPolicyResponse":
    """Delete an inline policy of a group."""
    _delete(call, GROUPS, request)
    return {}


def delete_role_policy(
    call: Call, request: "shapes.DeleteRolePolicyRequest"
) -> "shapes.DeleteRolePolicyResponse":
    """Delete an inline policy of a role."""
    _delete(call, ROLES, request)
    return {}


def inline_shapes(entity: Principal) -> "list[shapes.PolicyDetail]":
    """An entity's inline policies with their documents, by name."""
    return [
        {"PolicyName": name, "PolicyDocument": document}
        for name, document in sorted(entity.inline_policies.items())
    ]


def _put(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> None:
    entity = entities.to_change(call, request)
    check_document(request["PolicyDocument"], PolicyType.IDENTITY)
    policies = {**entity.inline_policies, request["PolicyName"]: request["PolicyDocument"]}
    limit = INLINE_POLICY_SIZES[entities.noun]
    if sum(policy_size(document) for document in policies.values()) > limit:
        raise AwsError(
            "LimitExceeded",
            f"Maximum policy size of {limit} bytes exceeded for {entities.noun.lower()} {entity.name}",
            409,
        )
    check_stored_length(policies.values(), limit)
    entities.save(call, msgspec.structs.replace(entity, inline_policies=policies))


def _get(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> tuple[str, str]:
    name: str = request["PolicyName"]
    entity = entities.named(call, request)
    if name not in entity.inline_policies:
        raise no_such_entity(f"The {entities.noun.lower()} policy with name {name} cannot be found.")
    return name, entity.inline_policies[name]


def _list(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> tuple[list[str], PageEnd]:
    return page(sorted(entities.named(call, request).inline_policies), request, "PolicyNames", str)


def _delete(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> None:
    entity = entities.to_change(call, request)
    name, _ = _get(call, entities, request)
    left = {other: document for other, document in entity.inline_policies.items() if other != name}
    entities.save(call, msgspec.structs.replace(entity, inline_policies=left))
