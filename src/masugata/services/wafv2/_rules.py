"""Rules of web ACLs and rule groups, read and checked."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from masugata.call import Call
from masugata.engines.waf.capacity import capacity
from masugata.engines.waf.definitions import (
    ManagedRuleGroupStatement,
    RateBasedStatement,
    Rule,
    RuleGroupReferenceStatement,
)
from masugata.records.wafv2 import statements_of
from masugata.services.wafv2._actions import Bodies, check_action, check_immunity
from masugata.services.wafv2._checks import (
    STATEMENT_FIELDS,
    check_count,
    check_distinct,
    check_visibility,
    given,
)
from masugata.services.wafv2._errors import INVALID_REFERENCE, NESTING, NOT_ONE, RATES_ALLOW_NOTHING, invalid
from masugata.services.wafv2._managed import managed_groups
from masugata.services.wafv2._references import check_references
from masugata.services.wafv2._statements import check_statement

_GROUPS: Final = (RuleGroupReferenceStatement, ManagedRuleGroupStatement)
_RESERVED: Final = frozenset(
    {"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"}
)
"""Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-requirements.html"""
_MOST_PARTS: Final = 6
_LONGEST_PART: Final = 128


def convert(value: Any, form: Any, field: str, parameter: str) -> Any:
    """A member of a request as a struct; raises WAFInvalidParameterException for what has no meaning here."""
    try:
        return msgspec.convert(value, form, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise invalid(field, parameter, str(error).replace("`", "'")) from None


def check_rules(
    call: Call, given: Iterable[Mapping[str, Any]] | None, bodies: Bodies | None, *, group: bool
) -> tuple[Rule, ...]:
    """The rules of a web ACL, or of a rule group.

    Without `bodies` nobody knows which there are, and none is missed. Whoever is to hold them checks what
    they cost, and then whether they compile. Raises WAFInvalidParameterException and
    WAFLimitsExceededException.
    """
    rules: tuple[Rule, ...] = convert(list(given or ()), tuple[Rule, ...], "RULE", "Rules")
    check_distinct((rule.name for rule in rules), "RULE", "Name", "Two rules are called {}.")
    check_distinct((rule.priority for rule in rules), "RULE", "Priority", "Two rules have the priority {}.")
    _check_counts(call, rules, group=group)
    for rule in rules:
        _check_rule(call, rule, bodies, group=group)
    return rules


def capacity_of(call: Call, rules: tuple[Rule, ...], scope: str) -> int:
    """The web ACL capacity units that rules cost, if all is there that they refer to.

    Raises WAFInvalidParameterException, WAFNonexistentItemException and WAFSubscriptionNotFoundException.
    """
    capacities = check_references(call, rules, scope)
    return capacity(rules, rule_groups=capacities, managed=managed_groups())


def _check_rule(call: Call, rule: Rule, bodies: Bodies | None, *, group: bool) -> None:
    statement = check_statement(call, rule.statement)
    known = _Everything() if bodies is None else bodies
    if (rule.action is None) == (rule.override_action is None):
        raise invalid("RULE", "Rule", NOT_ONE)
    if isinstance(statement, _GROUPS):
        if group:
            (name,) = given(rule.statement)
            raise invalid(STATEMENT_FIELDS[name], rule.name, NESTING)
        if rule.override_action is None:
            raise invalid("RULE", "Statement", INVALID_REFERENCE)
        if rule.rule_labels:
            raise invalid("RULE", rule.name, "A rule that refers to a rule group adds no labels.")
        check_action(call, rule.override_action, known, "OVERRIDE_ACTION", "OverrideAction")
        count = rule.override_action.count
        if count is not None and count.custom_request_handling is not None:
            reason = "The override action of a rule group has no custom request handling."
            raise invalid("CUSTOM_REQUEST_HANDLING", rule.name, reason)
        for override in statement.rule_action_overrides:
            check_action(call, override.action_to_use, known, "RULE_ACTION", "RuleAction")
    else:
        if rule.action is None:
            raise invalid("RULE", "Statement", INVALID_REFERENCE)
        name = check_action(call, rule.action, known, "RULE_ACTION", "RuleAction")
        if isinstance(statement, RateBasedStatement) and name == "Allow":
            raise invalid("RULE_ACTION", rule.name, RATES_ALLOW_NOTHING)
    _check_labels(rule)
    check_visibility(rule.visibility_config)
    check_immunity(rule.captcha_config, rule.challenge_config)


def _check_labels(rule: Rule) -> None:
    names = [label.name for label in rule.rule_labels]
    check_distinct(names, "RULE", rule.name, "The label {} is there twice.")
    for name in names:
        parts = name.split(":")
        if not all(parts) or _RESERVED & {part.lower() for part in parts}:
            raise invalid("RULE", name, "The name of a label has parts that are not empty and not reserved.")
        if len(parts) > _MOST_PARTS or max(map(len, parts)) > _LONGEST_PART:
            reason = "A label has up to five namespaces, and each of them and the name up to 128 characters."
            raise invalid("RULE", name, reason)


def _check_counts(call: Call, rules: tuple[Rule, ...], *, group: bool) -> None:
    holder = "rule-group" if group else "web-acl"
    statements = list(statements_of(rules))
    # Each costs a unit or more, but for those that hold others: what cannot fit is not looked at further.
    least = sum(
        statement.and_statement is None and statement.or_statement is None and statement.not_statement is None
        for statement in statements
    )
    check_count(call, f"wafv2.{holder}-capacity", least, "RULE_GROUP" if group else "WEB_ACL")
    rates = sum(statement.rate_based_statement is not None for statement in statements)
    check_count(call, f"wafv2.rate-based-rules-per-{holder}", rates)
    references = sum(
        one is not None
        for statement in statements
        for one in (
            statement.ip_set_reference_statement,
            statement.regex_pattern_set_reference_statement,
            statement.rule_group_reference_statement,
            statement.managed_rule_group_statement,
        )
    )
    check_count(call, f"wafv2.references-per-{holder}", references)


class _Everything(dict[str, Any]):
    """Custom response bodies of which nobody says which there are."""

    def __contains__(self, key: object) -> bool:
        return True
