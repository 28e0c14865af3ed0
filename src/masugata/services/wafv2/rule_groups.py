"""Operations on rule groups."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.authorization.resources.wafv2 import named_arn
from masugata.call import Call
from masugata.engines.waf.definitions import Rule, VisibilityConfig
from masugata.records.wafv2 import RULE_GROUP_PATH, RuleGroup, statements_of
from masugata.services.wafv2._actions import read_bodies
from masugata.services.wafv2._checks import check_count, check_visibility
from masugata.services.wafv2._compiling import check_compiles
from masugata.services.wafv2._entities import (
    RULE_GROUPS,
    arn,
    check_lock,
    create,
    delete,
    find,
    find_named,
    listing,
    new_uuid,
    save,
    scope_of,
)
from masugata.services.wafv2._errors import invalid, invalid_operation, limits_exceeded
from masugata.services.wafv2._labels import label_namespace
from masugata.services.wafv2._rules import capacity_of, check_rules
from masugata.services.wafv2._shapes import shape
from masugata.services.wafv2._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def prepare_creation(call: Call, request: "shapes.CreateRuleGroupRequest") -> dict[str, Any]:
    """What a new rule group is to hold, checked; raises as `create_rule_group`."""
    check_count(call, "wafv2.rule-group-capacity", request["Capacity"], "RULE_GROUP")
    return _content(call, request, scope_of(call, request), request["Capacity"])


def create_rule_group(call: Call, request: "shapes.CreateRuleGroupRequest") -> dict[str, Any]:
    """Make a rule group, whose capacity it keeps.

    Raises WAFInvalidParameterException, WAFInvalidOperationException, WAFNonexistentItemException,
    WAFDuplicateItemException and WAFLimitsExceededException.
    """
    scope = scope_of(call, request)
    capacity = request["Capacity"]
    content: dict[str, Any] = call.prepared
    _check_capacity(call, content["rules"], scope, capacity)
    group = RuleGroup(
        name=request["Name"],
        id=new_uuid(call),
        scope=scope,
        lock_token=new_uuid(call),
        tags=read_tags(call, request.get("Tags")),
        capacity=capacity,
        **content,
    )
    return create(call, RULE_GROUPS, group)


def get_rule_group(call: Call, request: "shapes.GetRuleGroupRequest") -> dict[str, Any]:
    """A rule group by name, scope and id, or by ARN, of another account too if it is shared.

    Raises WAFNonexistentItemException and WAFInvalidParameterException.
    """
    if "ARN" in request:
        name = named_arn(request["ARN"], RULE_GROUP_PATH)
        account, group = name.account, find_named(call, name)
        own = str(name)
    else:
        for member in ("Name", "Scope", "Id"):
            if member not in request:
                reason = "A rule group is named by Name, Scope and Id, or by its ARN."
                raise invalid("RULE_GROUP", member, reason)
        account, group = call.account, find(call, RULE_GROUPS, request)
        own = arn(call, RULE_GROUPS, group)
    return {"RuleGroup": _shape(account, own, group), "LockToken": group.lock_token}


def prepare_update(call: Call, request: "shapes.UpdateRuleGroupRequest") -> dict[str, Any]:
    """What a rule group is to hold from now on, checked; raises as `update_rule_group`."""
    group = find(call, RULE_GROUPS, request)
    check_lock(group, request["LockToken"])
    return _content(call, request, group.scope, group.capacity)


def update_rule_group(
    call: Call, request: "shapes.UpdateRuleGroupRequest"
) -> "shapes.UpdateRuleGroupResponse":
    """Give a rule group other rules within its capacity; raises as `create_rule_group`, and if it changed.

    Raises WAFOptimisticLockException as well.
    """
    group = find(call, RULE_GROUPS, request)
    check_lock(group, request["LockToken"])
    content: dict[str, Any] = call.prepared
    _check_capacity(call, content["rules"], group.scope, group.capacity)
    changed = RuleGroup(
        name=group.name,
        id=group.id,
        scope=group.scope,
        lock_token=new_uuid(call),
        tags=group.tags,
        capacity=group.capacity,
        policy=group.policy,
        **content,
    )
    save(call, RULE_GROUPS, changed)
    return {"NextLockToken": changed.lock_token}


def delete_rule_group(call: Call, request: "shapes.DeleteRuleGroupRequest") -> dict[str, Any]:
    """Delete a rule group that nobody refers to.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFAssociatedItemException.
    """
    delete(call, RULE_GROUPS, request)
    return {}


def list_rule_groups(call: Call, request: "shapes.ListRuleGroupsRequest") -> dict[str, Any]:
    """The rule groups of a scope by name, page by page; raises WAFInvalidParameterException."""
    return listing(call, RULE_GROUPS, request, "RuleGroups")


def _content(call: Call, request: Mapping[str, Any], scope: str, capacity: int) -> dict[str, Any]:
    """What a request to make or change a rule group says of it.

    Whether all is there that the rules refer to, and fits, is asked again in the transaction.
    """
    if "MonetizationConfig" in request:
        raise invalid_operation("MonetizationConfig cannot be done: nobody is paid for requests here.")
    bodies = read_bodies(call, request.get("CustomResponseBodies"))
    rules = check_rules(call, request.get("Rules"), bodies, group=True)
    _check_capacity(call, rules, scope, capacity)
    check_compiles(rules, bodies)
    visibility = msgspec.convert(request["VisibilityConfig"], VisibilityConfig)
    check_visibility(visibility)
    return {
        "description": request.get("Description", ""),
        "visibility_config": visibility,
        "rules": rules,
        "custom_response_bodies": bodies,
    }


def _check_capacity(call: Call, rules: tuple[Rule, ...], scope: str, capacity: int) -> None:
    """Raise WAFLimitsExceededException for rules that cost more than the rule group has."""
    cost = capacity_of(call, rules, scope)
    if cost > capacity:
        raise limits_exceeded(f"the rules need {cost} of {capacity} capacity units", "RULE_GROUP")


def _shape(account: str, own: str, group: RuleGroup) -> dict[str, Any]:
    namespace = label_namespace(account, RULE_GROUP_PATH, group.name)
    found = {
        "Name": group.name,
        "Id": group.id,
        "Capacity": group.capacity,
        "ARN": own,
        "Description": group.description,
        "Rules": shape(group.rules),
        "VisibilityConfig": shape(group.visibility_config),
        "LabelNamespace": namespace,
    }
    added = {namespace + label.name for rule in group.rules for label in rule.rule_labels}
    asked = {
        statement.label_match_statement.key
        for statement in statements_of(group.rules)
        if statement.label_match_statement is not None
    }
    further = {
        "CustomResponseBodies": shape(group.custom_response_bodies),
        "AvailableLabels": [{"Name": name} for name in sorted(added)],
        "ConsumedLabels": [{"Name": name} for name in sorted(asked)],
    }
    return found | {member: value for member, value in further.items() if value}
