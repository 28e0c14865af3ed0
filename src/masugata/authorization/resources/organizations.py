"""What Organizations operations act on, and whose permission it takes.

The management account's own policies decide what its principals may do. Of a member account's principals a
few operations ask nothing more; delegated administrators may read; everything else that can be delegated
must be allowed by the organization's resource-based policy, too.

Sources: the service authorization reference, and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from masugata.authorization import catalogue
from masugata.authorization.access import Access, ContextValue
from masugata.authorization.resources.sts import request_tags
from masugata.identity.caller import Caller
from masugata.records.iam.tag import Tag
from masugata.records.organizations import (
    AWS_POLICIES,
    HANDSHAKE,
    ORGANIZATION,
    RESPONSIBILITY_TRANSFER,
    Handshake,
    Organization,
    find_policy,
    find_target,
    organization_arn,
    organization_of,
    policy_arn,
    policy_path_segment,
    recipient_of,
)
from masugata.store import Records

ANY_MEMBER: Final = frozenset(
    {
        "AcceptHandshake", "CancelHandshake", "CreateOrganization", "DeclineHandshake",
        "DescribeEffectivePolicy", "DescribeHandshake", "DescribeOrganization", "LeaveOrganization",
        "ListHandshakesForAccount",
    }
)  # fmt: skip
"""Operations for every account, whether it is the management account or not; each says what it does then."""
DELEGATED_READ: Final = frozenset(
    {
        "DescribeAccount", "DescribeCreateAccountStatus", "DescribeEffectivePolicy",
        "DescribeOrganizationalUnit", "DescribePolicy", "DescribeResourcePolicy",
        "ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent",
        "ListAccountsWithInvalidEffectivePolicy", "ListChildren", "ListCreateAccountStatus",
        "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
        "ListEffectivePolicyValidationErrors", "ListHandshakesForOrganization",
        "ListOrganizationalUnitsForParent", "ListParents", "ListPolicies", "ListPoliciesForTarget",
        "ListRoots", "ListTagsForResource", "ListTargetsForPolicy",
    }
)  # fmt: skip
"""Operations that a delegated administrator of any service may do by its own account's policies."""
NAMED_IN_RESOURCE_POLICIES: Final = frozenset(
    {
        "AttachPolicy", "CreatePolicy", "DeletePolicy", "DescribeAccount", "DescribeCreateAccountStatus",
        "DescribeEffectivePolicy", "DescribeHandshake", "DescribeOrganization", "DescribeOrganizationalUnit",
        "DescribePolicy", "DescribeResourcePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType",
        "ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent", "ListChildren",
        "ListCreateAccountStatus", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
        "ListHandshakesForAccount", "ListHandshakesForOrganization", "ListOrganizationalUnitsForParent",
        "ListParents", "ListPolicies", "ListPoliciesForTarget", "ListRoots", "ListTagsForResource",
        "ListTargetsForPolicy", "TagResource", "UntagResource", "UpdatePolicy",
    }
)  # fmt: skip
"""The actions that the organization's resource-based policy may name, as AWS documents them."""
DELEGABLE: Final = NAMED_IN_RESOURCE_POLICIES - ANY_MEMBER
"""Operations that the organization's resource-based policy can delegate."""
# Members of requests that name resources; what they are the ids tell.
_NAMING: Final = (
    "AccountId", "ChildId", "DestinationParentId", "HandshakeId", "Id", "OrganizationalUnitId", "ParentId",
    "PolicyId", "ResourceId", "RootId", "SourceParentId", "TargetId",
)  # fmt: skip
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
# Whoever creates with tags needs the permission to tag as well; of those below AWS's reference is silent.
_TAGGING: Final = "organizations:TagResource"
_TAGS_TOO: Final = frozenset({"InviteOrganizationToTransferResponsibility", "PutResourcePolicy"})
# Who invites will manage what is of others.
_DIRECTIONS: Final[Mapping[str, str]] = {
    "InviteOrganizationToTransferResponsibility": "INBOUND",
    "ListInboundResponsibilityTransfers": "INBOUND",
    "ListOutboundResponsibilityTransfers": "OUTBOUND",
}


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """The permissions that an Organizations operation needs; raises KeyError where there is no rule."""
    del region
    entry = catalogue.operation("organizations", operation)
    if entry is None:
        raise KeyError(operation)
    names = list(entry.actions)
    if request.get("Tags") and (_TAGGING in entry.dependent_actions or operation in _TAGS_TOO):
        names.append(_TAGGING)
    return [access for name in names for access in _accesses(name, operation, request, caller, records)]


def _accesses(
    name: str, operation: str, request: Mapping[str, Any], caller: Caller, records: Records
) -> list[Access]:
    """One action on everything that the request names; raises KeyError for an unknown one."""
    action = catalogue.action(name)
    if action is None:
        raise KeyError(name)
    organization = organization_of(records, caller.account)
    context = _context(action.condition_keys, request, organization, records)
    if "organizations:TransferDirection" in action.condition_keys and operation in _DIRECTIONS:
        context["organizations:TransferDirection"] = _DIRECTIONS[operation]
    found = [("*", context)]
    if action.resource_types:
        found = list(_resources(operation, request, caller, organization, records)) or found
    owner, policy = _judged_by(operation, caller, organization)
    return [
        Access(
            action=name,
            resource=arn,
            resource_account=owner,
            context=context | keys,
            resource_policy=policy,
        )
        for arn, keys in found
    ]


def _judged_by(operation: str, caller: Caller, organization: Organization | None) -> tuple[str, str | None]:
    """Whose the resource counts as, and the resource-based policy that is asked.

    Where nothing has to be delegated it still can deny.
    """
    if organization is None or caller.account == organization.management_account:
        return caller.account, None
    policy = organization.resource_policy
    needs_nothing = _needs_nothing(operation, caller.account, organization)
    if operation in DELEGABLE and policy is not None and not needs_nothing:
        return organization.management_account, policy.content
    # Without a delegation the operation refuses it.
    return caller.account, None if policy is None else _denials(policy.content)


def _needs_nothing(operation: str, account: str, organization: Organization) -> bool:
    """Whether a member's own policies decide, and nothing has to be delegated."""
    return operation in ANY_MEMBER or (operation in DELEGATED_READ and organization.delegates_any(account))


def delegation_needed(action: str, account: str, records: Records) -> tuple[str, str] | None:
    """Who must delegate an action to this account, and the resource-based policy that can.

    None where the account's own policies decide. The policy is empty where nothing can delegate the action:
    no policy denies it then, but the operation does.
    """
    entry = catalogue.action_in_any_case(action)
    organization = organization_of(records, account)
    if entry is None or organization is None or account == organization.management_account:
        return None
    service, _, operation = entry.name.partition(":")
    if service != "organizations" or _needs_nothing(operation, account, organization):
        return None
    policy = organization.resource_policy if operation in DELEGABLE else None
    return organization.management_account, "" if policy is None else policy.content


@lru_cache(maxsize=64)
def _denials(content: str) -> str | None:
    """A resource-based policy without what it allows, or None if that is all."""
    policy = json.loads(content)
    statements = policy["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    denials = [statement for statement in statements if statement["Effect"] == "Deny"]
    return json.dumps(policy | {"Statement": denials}) if denials else None


def _resources(
    operation: str,
    request: Mapping[str, Any],
    caller: Caller,
    organization: Organization | None,
    records: Records,
) -> Iterator[tuple[str, dict[str, ContextValue]]]:
    if organization is None:
        named = request.get("HandshakeId")
        if named is not None:
            yield _handshake(named, caller, records)
        return
    if operation in {"CreatePolicy", "PutResourcePolicy"}:
        what = ("policy", policy_path_segment(request["Type"])) if "Type" in request else ("resourcepolicy",)
        yield organization_arn(organization, *what, "*", partition=caller.partition), {}
    target = request.get("Target")
    if isinstance(target, Mapping) and _ACCOUNT.fullmatch(str(target.get("Id", ""))):
        yield organization_arn(organization, "account", target["Id"], partition=caller.partition), {}
    for member in _NAMING:
        if member in request:
            yield _named(str(request[member]), caller, organization, records)


def _named(
    id_: str, caller: Caller, organization: Organization, records: Records
) -> tuple[str, dict[str, ContextValue]]:
    """The ARN of what has this id, and the keys that describe it; what is not there has no tags."""
    prefix, partition = id_.partition("-")[0], caller.partition
    if prefix == "h":
        return _handshake(id_, caller, records)
    if prefix == "rt":
        return _transfer(id_, caller, organization, records)
    if prefix == "rp":
        policy = organization.resource_policy
        tags = policy.tags if policy is not None and policy.id == id_ else ()
        return organization_arn(organization, "resourcepolicy", id_, partition=partition), _tags(tags)
    if prefix == "p":
        record = find_policy(records, organization, id_)
        if record is None:
            return organization_arn(organization, "policy", "*", id_, partition=partition), {}
        return policy_arn(organization, record, partition), _tags(record.tags)
    what = {"r": "root", "ou": "ou", "o": "organization"}.get(prefix, "account")
    target = find_target(records, organization, id_)
    tags = () if target is None else target.tags
    parts = () if what == "organization" else (id_,)
    return organization_arn(organization, what, *parts, partition=partition), _tags(tags)


def _handshake(id_: str, caller: Caller, records: Records) -> tuple[str, dict[str, ContextValue]]:
    """A handshake is of the organization that began it; of others' nothing is told, be it in a denial."""
    found = records.by_name(HANDSHAKE, "id", id_)
    if found is None or caller.account not in _parties(found[0], found[2], records):
        return f"arn:{caller.partition}:organizations::{caller.account}:handshake/*/{id_}", {}
    management, _, record = found
    action = record.action.lower()
    resource = f"handshake/{record.organization}/{action}/{record.id}"
    return f"arn:{caller.partition}:organizations::{management}:{resource}", {}


def _parties(management: str, handshake: Handshake, records: Records) -> Iterator[str]:
    organization = records.get(ORGANIZATION, management, handshake.organization)
    yield management
    yield recipient_of(records, handshake)
    if organization is not None:
        for accounts in organization.delegated_administrators.values():
            yield from accounts


def _transfer(
    id_: str, caller: Caller, organization: Organization, records: Records
) -> tuple[str, dict[str, ContextValue]]:
    found = records.by_name(RESPONSIBILITY_TRANSFER, "id", id_)
    if found is None or caller.account not in (found[2].source, found[2].target):
        return organization_arn(organization, "transfer", "*", id_, partition=caller.partition), {}
    record = found[2]
    direction = "outbound" if record.source == caller.account else "inbound"
    parts = "transfer", record.type.lower(), direction, record.id
    keys: dict[str, ContextValue] = {
        "organizations:TransferType": record.type,
        "organizations:TransferDirection": direction.upper(),
    }
    return organization_arn(organization, *parts, partition=caller.partition), keys | _tags(record.tags)


def _context(
    keys: tuple[str, ...],
    request: Mapping[str, Any],
    organization: Organization | None,
    records: Records,
) -> dict[str, ContextValue]:
    """The condition keys of the request, as far as the action knows them."""
    context = request_tags(request)
    if "organizations:ServicePrincipal" in keys and "ServicePrincipal" in request:
        context["organizations:ServicePrincipal"] = request["ServicePrincipal"]
    if "organizations:PolicyType" in keys:
        named = request.get("PolicyType") or request.get("Type") or request.get("Filter")
        if named is None and organization is not None:
            policy_id = request.get("PolicyId") or request.get("ResourceId") or ""
            policy = AWS_POLICIES.get(policy_id) or find_policy(records, organization, policy_id)
            named = None if policy is None else policy.type
        if named is not None:
            context["organizations:PolicyType"] = named
    if "organizations:TransferType" in keys and "Type" in request:
        context["organizations:TransferType"] = request["Type"]
    return context


def _tags(tags: tuple[Tag, ...]) -> dict[str, ContextValue]:
    return {f"aws:ResourceTag/{tag.key}": tag.value for tag in tags}
