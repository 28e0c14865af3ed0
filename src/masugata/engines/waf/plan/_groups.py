"""Rule groups, one's own and managed ones, with what the web ACL overrides of them."""

from collections.abc import Sequence

import msgspec

from masugata.engines.waf.definitions import (
    ManagedRuleGroupStatement,
    Rule,
    RuleAction,
    RuleGroupReferenceStatement,
    Ruleset,
    Statement,
)
from masugata.engines.waf.managed import ManagedGroup, ManagedGroups, ManagedRule
from masugata.engines.waf.plan._actions import Act, Bodies, Immunities, compile_action, immunities
from masugata.engines.waf.plan._rule import CompiledRule, Group
from masugata.engines.waf.plan._rules import NO_RATE_ALLOWS, compile_matcher, in_order
from masugata.engines.waf.statements import Matcher, Scope, compile_detect, compile_statement

GROUPS = ("rule_group_reference_statement", "managed_rule_group_statement")
GroupStatement = RuleGroupReferenceStatement | ManagedRuleGroupStatement


class Member(msgspec.Struct, frozen=True):
    """A rule of a group, before anything is overridden."""

    name: str
    matcher: Matcher
    action: RuleAction
    labels: tuple[str, ...]
    immunity: Immunities
    rate: bool
    """Whether it counts requests, which no override may let it allow."""


def compile_rule_group(
    statement: GroupStatement,
    rule: Rule,
    ruleset: Ruleset,
    managed: ManagedGroups,
    scope: Scope,
    immunity: Immunities,
    start: int,
) -> list[CompiledRule]:
    """Its rules as rules number `start` and so on of the plan."""
    if rule.action is not None or rule.override_action is None:
        raise scope.error("a rule that refers to a rule group needs `OverrideAction`, and no `Action`")
    if rule.rule_labels:
        raise scope.error("a rule that refers to a rule group has no `RuleLabels`")
    override = compile_action(rule.override_action, {}, immunity, scope.where)
    if override.inserted:
        raise scope.error("the override action of a rule group has no `CustomRequestHandling`")
    immunity = immunities(rule, immunity)
    gate: list[CompiledRule] = []
    bodies: Bodies = {}
    counts = rule.override_action.count is not None
    allowed = _Allowed(statement, counts=counts)
    if isinstance(statement, RuleGroupReferenceStatement):
        name = statement.arn
        members, bodies = _own(statement, ruleset, scope, immunity, allowed)
    else:
        name = f"{statement.vendor_name}#{statement.name}"
        members = _managed(statement, managed, scope, immunity, allowed)
    group = Group(name, counts=counts)
    if isinstance(statement, ManagedRuleGroupStatement) and statement.scope_down_statement is not None:
        gate = [_gate(rule.name, statement.scope_down_statement, scope, group)]
    own = ruleset.web_acl.custom_response_bodies
    found = gate + _overridden(statement, rule.name, members, group, bodies, own, scope)
    group.end = start + len(found)
    return found


class _Allowed:
    """Tells which rules of a group allow what they match, after what the web ACL overrides."""

    def __init__(self, statement: GroupStatement, *, counts: bool) -> None:
        self._counts = counts
        self._actions = {
            override.name: override.action_to_use for override in statement.rule_action_overrides
        }
        self._excluded = {rule.name for rule in statement.excluded_rules}

    def __call__(self, name: str, action: RuleAction) -> bool:
        if self._counts:
            return False
        overriding = self._actions.get(name)
        if overriding is not None:
            return overriding.allow is not None
        return action.allow is not None and name not in self._excluded


def _gate(name: str, statement: Statement, scope: Scope, group: Group) -> CompiledRule:
    """Asked whatever was found, for the others are asked only if it matches."""
    return CompiledRule.of(name, compile_statement(statement, scope), None, group=group)


def _own(
    statement: RuleGroupReferenceStatement,
    ruleset: Ruleset,
    scope: Scope,
    immunity: Immunities,
    allowed: _Allowed,
) -> tuple[list[Member], Bodies]:
    found = ruleset.rule_groups.get(statement.arn)
    if found is None:
        raise scope.error(f"there is no rule group `{statement.arn}`")
    members = []
    for rule in in_order(found.rules, scope.where):
        inner = scope.within(rule.name, found.label_namespace)
        if any(getattr(rule.statement, name) is not None for name in GROUPS):
            raise inner.error("a rule group may not hold rule groups")
        if rule.action is None or rule.override_action is not None:
            raise inner.error("a rule of a rule group needs `Action`, and no `OverrideAction`")
        labels = tuple(found.label_namespace + label.name for label in rule.rule_labels)
        inner = inner.doubting(doubt=not allowed(rule.name, rule.action))
        matcher = compile_matcher(rule.statement, inner, rule.action)
        rate = rule.statement.rate_based_statement is not None
        members.append(Member(rule.name, matcher, rule.action, labels, immunities(rule, immunity), rate))
    return members, found.custom_response_bodies


def _managed(
    statement: ManagedRuleGroupStatement,
    managed: ManagedGroups,
    scope: Scope,
    immunity: Immunities,
    allowed: _Allowed,
) -> list[Member]:
    found = managed.get((statement.vendor_name, statement.name, statement.version))
    if found is None:
        version = f" in version `{statement.version}`" if statement.version is not None else ""
        raise scope.error(
            f"there is no managed rule group `{statement.vendor_name}/{statement.name}`{version}"
        )
    if found.unavailable:
        raise scope.error(f"managed rule group `{found.name}` is not available: {found.unavailable}")
    outer = msgspec.structs.replace(scope, ip_sets=found.ip_sets, regex_pattern_sets=found.regex_pattern_sets)
    members = []
    for rule in _configured(found, statement, scope):
        inner = outer.within(rule.name, found.label_namespace)
        labels = tuple(found.label_namespace + label for label in rule.labels)
        rate = rule.statement is not None and rule.statement.rate_based_statement is not None
        inner = inner.doubting(doubt=not allowed(rule.name, rule.action))
        matcher = _managed_matcher(rule, inner)
        members.append(Member(rule.name, matcher, rule.action, labels, immunity, rate))
    return members


def _configured(
    group: ManagedGroup, statement: ManagedRuleGroupStatement, scope: Scope
) -> Sequence[ManagedRule]:
    configs = statement.managed_rule_group_configs
    if not configs:
        return group.rules
    if group.configure is None:
        raise scope.error(f"managed rule group `{group.name}` takes no `ManagedRuleGroupConfigs`")
    try:
        return group.configure(configs)
    except ValueError as error:
        raise scope.error(str(error)) from None


def _managed_matcher(rule: ManagedRule, scope: Scope) -> Matcher:
    if rule.statement is not None and rule.detect is None:
        return compile_matcher(rule.statement, scope, rule.action)
    if rule.detect is not None and rule.statement is None:
        return compile_detect(rule.detect, scope)
    raise scope.error("a managed rule has either a statement or something to detect")


def _overridden(
    statement: GroupStatement,
    name: str,
    members: Sequence[Member],
    group: Group,
    bodies: Bodies,
    own: Bodies,
    scope: Scope,
) -> list[CompiledRule]:
    """Members with the actions that the web ACL has for them, whose bodies are its own."""
    actions = {override.name: override.action_to_use for override in statement.rule_action_overrides}
    excluded = {rule.name for rule in statement.excluded_rules}
    known = {member.name for member in members}
    for missing in sorted((actions.keys() | excluded) - known):
        raise scope.error(f"rule `{missing}`, which is overridden, is not in the rule group")
    found = []
    for member in members:
        where = f"{scope.where}/{member.name}"
        original = compile_action(member.action, bodies, member.immunity, where)
        act, shown = original, str(original.kind)
        if member.name in actions:
            if member.rate and actions[member.name].allow is not None:
                raise scope.error(
                    f"rule `{member.name}`, which is overridden, is rate-based: {NO_RATE_ALLOWS}"
                )
            act = compile_action(actions[member.name], own, member.immunity, where)
            shown = act.kind
        elif member.name in excluded:
            act, shown = Act("COUNT"), "EXCLUDED_AS_COUNT"
        found.append(
            CompiledRule.of(
                name,
                member.matcher,
                act,
                shown,
                overridden=original.kind if act is not original else None,
                labels=member.labels,
                group=group,
                name_in_group=member.name,
            )
        )
    return found
