"""What rules refer to: sets and rule groups by ARN, managed rule groups by vendor and name."""

from collections.abc import Iterable

from masugata.call import Call
from masugata.engines.waf.definitions import ManagedRuleGroupStatement, Rule, RuleGroupReferenceStatement
from masugata.engines.waf.managed import ManagedGroup
from masugata.records.wafv2 import (
    IP_SET_PATH,
    REGEX_PATTERN_SET_PATH,
    RULE_GROUP_PATH,
    RuleGroup,
    WafName,
    parse_waf_arn,
    statements_of,
)
from masugata.services.wafv2._checks import check_distinct
from masugata.services.wafv2._entities import find_named
from masugata.services.wafv2._errors import (
    INVALID_REFERENCE,
    RATES_ALLOW_NOTHING,
    invalid,
    nonexistent,
    not_subscribed,
)
from masugata.services.wafv2._managed import managed_group, managed_groups


def check_references(call: Call, rules: Iterable[Rule], scope: str) -> dict[str, int]:
    """The capacity of each rule group that rules refer to, by ARN.

    Raises WAFInvalidParameterException for an ARN that cannot be meant, WAFNonexistentItemException and
    WAFSubscriptionNotFoundException for what is not there.
    """
    capacities: dict[str, int] = {}
    for statement in statements_of(rules):
        ip_set = statement.ip_set_reference_statement
        regexes = statement.regex_pattern_set_reference_statement
        group = statement.rule_group_reference_statement
        managed = statement.managed_rule_group_statement
        if ip_set is not None:
            _find_own(call, ip_set.arn, IP_SET_PATH, "IP_SET_REFERENCE_STATEMENT", scope)
        if regexes is not None:
            _find_own(call, regexes.arn, REGEX_PATTERN_SET_PATH, "REGEX_PATTERN_REFERENCE_STATEMENT", scope)
        if group is not None:
            found = _find_group(call, group.arn, scope)
            capacities[group.arn] = found.capacity
            _check_overrides(group, {rule.name for rule in found.rules})
            _check_rates(group, found.rules)
        if managed is not None:
            _check_managed(managed)
    return capacities


def _name(call: Call, arn: str, path: str, field: str, scope: str) -> WafName:
    name = parse_waf_arn(arn)
    if name is None or (name.path, name.scope, name.partition) != (path, scope, call.partition):
        raise invalid(field, arn, INVALID_REFERENCE)
    return name


def _find_own(call: Call, arn: str, path: str, field: str, scope: str) -> None:
    """Sets are of the same account; those of others are as if they were not there."""
    name = _name(call, arn, path, field, scope)
    if name.account != call.account:
        raise nonexistent(arn)
    find_named(call, name)


def _find_group(call: Call, arn: str, scope: str) -> RuleGroup:
    name = _name(call, arn, RULE_GROUP_PATH, "RULE_GROUP_REFERENCE_STATEMENT", scope)
    if name.account != call.account and call.operation == "CheckCapacity":
        # Whose permission asks of no resource: what another account has is told to those who may use it.
        rules = [{"Statement": {"RuleGroupReferenceStatement": {"ARN": arn}}}]
        call.authorize_operation("CreateWebACL", {"Name": "capacity", "Scope": scope, "Rules": rules})
    found: RuleGroup = find_named(call, name)
    return found


def _check_managed(statement: ManagedRuleGroupStatement) -> None:
    group = find_managed(statement.vendor_name, statement.name, statement.version)
    rules = group.rules
    if statement.managed_rule_group_configs:
        if group.configure is None:
            reason = "This managed rule group takes no ManagedRuleGroupConfigs."
            raise invalid("MANAGED_RULE_GROUP_CONFIG", statement.name, reason)
        try:
            rules = group.configure(statement.managed_rule_group_configs)
        except ValueError as error:
            raise invalid("MANAGED_RULE_GROUP_CONFIG", statement.name, str(error)) from None
    _check_overrides(statement, {rule.name for rule in rules if not rule.internal})


def find_managed(vendor: str, name: str, version: str | None) -> ManagedGroup:
    """A managed rule group; raises WAFSubscriptionNotFoundException or WAFNonexistentItemException."""
    group = managed_group(vendor, name, version)
    default = managed_group(vendor, name, None) if group is None else group
    if default is not None and default.unavailable:
        raise not_subscribed(f"{vendor}/{name}: {default.unavailable}")
    if group is not None:
        return group
    if default is not None:
        raise nonexistent(f"version {version} of {vendor}/{name}")
    if any(known == vendor for known, _, _ in managed_groups()):
        raise nonexistent(f"{vendor}/{name}")
    raise not_subscribed(f"{vendor}/{name}: there is no marketplace here")


def _check_overrides(
    statement: RuleGroupReferenceStatement | ManagedRuleGroupStatement, rules: set[str]
) -> None:
    """Overriding what is not there would be a rule that blocks although it was told not to.

    Of two overrides of a rule nobody knows which one is meant.
    """
    excluded = [named.name for named in statement.excluded_rules]
    overridden = [override.name for override in statement.rule_action_overrides]
    check_distinct(overridden, "RULE_ACTION", "RuleActionOverrides", "The rule {} is overridden twice.")
    for name in (*excluded, *overridden):
        if name not in rules:
            raise invalid("EXCLUDED_RULE", name, "The rule group has no rule with this name.")


def _check_rates(statement: RuleGroupReferenceStatement, rules: Iterable[Rule]) -> None:
    """An override is any action that the rule could have: of managed rules none is rate-based."""
    rates = {rule.name for rule in rules if rule.statement.rate_based_statement is not None}
    for override in statement.rule_action_overrides:
        if override.name in rates and override.action_to_use.allow is not None:
            raise invalid("RULE_ACTION", override.name, RATES_ALLOW_NOTHING)
