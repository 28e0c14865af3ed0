"""Operations that attach managed policies to users, groups and roles."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from masugata.authorization import managed_policies
from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import GROUP, ROLE, USER, Group, Principal, Role, User
from masugata.records.kind import Kind
from masugata.services.iam._common import (
    GROUPS,
    ROLES,
    USERS,
    EntityType,
    PageEnd,
    check_policy_arn,
    find_managed_policy,
    no_such_entity,
    page,
    quota_exceeded,
)
from masugata.services.iam.policies import find_policy, name_order

if TYPE_CHECKING:
    from masugata_types import iam as shapes

ATTACHED_POLICIES_PER_ENTITY = 10

Entity = TypeVar("Entity", bound=Principal)


def attach_user_policy(
    call: Call, request: "shapes.AttachUserPolicyRequest"
) -> "shapes.AttachUserPolicyResponse":
    """Attach a managed policy to a user."""
    _attach(call, USERS, request)
    return {}


def attach_group_policy(
    call: Call, request: "shapes.AttachGroupPolicyRequest"
) -> "shapes.AttachGroupPolicyResponse":
    """Attach a managed policy to a group."""
    _attach(call, GROUPS, request)
    return {}


def attach_role_policy(
    call: Call, request: "shapes.AttachRolePolicyRequest"
) -> "shapes.AttachRolePolicyResponse":
    """Attach a managed policy to a role."""
    _attach(call, ROLES, request)
    return {}


def detach_user_policy(
    call: Call, request: "shapes.DetachUserPolicyRequest"
) -> "shapes.DetachUserPolicyResponse":
    """Detach a managed policy from a user."""
    _detach(call, USERS, request)
    return {}


def detach_group_policy(
    call: Call, request: "shapes.DetachGroupPolicyRequest"
) -> "shapes.DetachGroupPolicyResponse":
    """Detach a managed policy from a group."""
    _detach(call, GROUPS, request)
    return {}


def detach_role_policy(
    call: Call, request: "shapes.DetachRolePolicyRequest"
) -> "shapes.DetachRolePolicyResponse":
    """Detach a managed policy from a role."""
    _detach(call, ROLES, request)
    return {}


def list_attached_user_policies(
    call: Call, request: "shapes.ListAttachedUserPoliciesRequest"
) -> "shapes.ListAttachedUserPoliciesResponse":
    """The managed policies attached to a user, by name."""
    policies, end = _listed(call, USERS, request)
    return {"AttachedPolicies": policies, **end}


def list_attached_group_policies(
    call: Call, request: "shapes.ListAttachedGroupPoliciesRequest"
) -> "shapes.ListAttachedGroupPoliciesResponse":
    """The managed policies attached to a group, by name."""
    policies, end = _listed(call, GROUPS, request)
    return {"AttachedPolicies": policies, **end}


def list_attached_role_policies(
    call: Call, request: "shapes.ListAttachedRolePoliciesRequest"
) -> "shapes.ListAttachedRolePoliciesResponse":
    """The managed policies attached to a role, by name."""
    policies, end = _listed(call, ROLES, request)
    return {"AttachedPolicies": policies, **end}


def list_entities_for_policy(
    call: Call, request: "shapes.ListEntitiesForPolicyRequest"
) -> "shapes.ListEntitiesForPolicyResponse":
    """The groups, roles and users that a managed policy is attached to, or whose boundary it is."""
    arn = request["PolicyArn"]
    find_policy(call, arn)
    using = [(key, entity) for key, entity in _using(call, arn, request.get("PolicyUsageFilter"))]
    entity_filter, prefix = request.get("EntityFilter"), request.get("PathPrefix", "/")
    using = [
        (key, entity)
        for key, entity in using
        if entity.path.startswith(prefix) and entity_filter in (None, type(entity).__name__)
    ]
    chosen, end = page(sorted(using, key=_key), request, "entities", _key)
    entities = [entity for _, entity in chosen]
    return {
        "PolicyGroups": [{"GroupName": e.name, "GroupId": e.id} for e in entities if isinstance(e, Group)],
        "PolicyUsers": [{"UserName": e.name, "UserId": e.id} for e in entities if isinstance(e, User)],
        "PolicyRoles": [{"RoleName": e.name, "RoleId": e.id} for e in entities if isinstance(e, Role)],
        **end,
    }


def attached_shapes(entity: Principal) -> "list[shapes.AttachedPolicy]":
    """The managed policies attached to an entity, by name."""
    shown: list[shapes.AttachedPolicy] = [
        {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in entity.attached_policies
    ]
    return sorted(shown, key=_order)


def _attach(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> None:
    """Attaching what is attached changes nothing."""
    arn = request["PolicyArn"]
    check_policy_arn(arn)
    entity = entities.to_change(call, request)
    policy = managed_policies.get(arn, call.partition) or find_managed_policy(call, arn)
    if policy is None:
        raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")
    if arn.startswith(f"arn:{call.partition}:iam::aws:policy/aws-service-role/"):
        # made for the roles that services create for themselves
        raise AwsError(
            "PolicyNotAttachable", f"Cannot attach a Service Role Policy to a Customer {entities.noun}."
        )
    if arn not in entity.attached_policies:
        if len(entity.attached_policies) >= ATTACHED_POLICIES_PER_ENTITY:
            raise quota_exceeded(f"PoliciesPer{entities.noun}", ATTACHED_POLICIES_PER_ENTITY)
        entity = msgspec.structs.replace(entity, attached_policies=(*entity.attached_policies, arn))
    entities.save(call, entity)
    call.touches("AWS::IAM::Policy", arn)


def _detach(call: Call, entities: EntityType[Entity], request: Mapping[str, Any]) -> None:
    arn = request["PolicyArn"]
    check_policy_arn(arn)
    entity = entities.to_change(call, request)
    if arn not in entity.attached_policies:
        raise no_such_entity(f"Policy {arn} was not found.")
    left = tuple(other for other in entity.attached_policies if other != arn)
    entities.save(call, msgspec.structs.replace(entity, attached_policies=left))
    call.touches("AWS::IAM::Policy", arn)


def _listed(
    call: Call, entities: EntityType[Entity], request: Mapping[str, Any]
) -> "tuple[list[shapes.AttachedPolicy], PageEnd]":
    prefix = request.get("PathPrefix", "/")
    attached = attached_shapes(entities.named(call, request))
    under_prefix = [policy for policy in attached if _path(policy["PolicyArn"]).startswith(prefix)]
    return page(under_prefix, request, "AttachedPolicies", _order)


def _path(arn: str) -> str:
    return arn[arn.index("/") : arn.rindex("/") + 1]


def _order(policy: "shapes.AttachedPolicy") -> str:
    return name_order(policy["PolicyName"], aws=":iam::aws:" in policy["PolicyArn"])


def _using(call: Call, arn: str, how: str | None) -> list[tuple[str, Principal]]:
    """The entities that use a policy, each once, under a key that orders them by type and name."""
    labels = {"PermissionsPolicy": ["policy"], "PermissionsBoundary": ["boundary"]}.get(
        how or "", ["policy", "boundary"]
    )
    kinds: tuple[Kind[Any], ...] = (GROUP, ROLE, USER)
    found: dict[str, Principal] = {}
    for label in labels:
        for kind in kinds:
            for entity in call.records.referring(kind, call.account, label, arn):
                found[f"{kind.name} {entity.name.lower()}"] = entity
    return list(found.items())


def _key(pair: tuple[str, Principal]) -> str:
    return pair[0]
