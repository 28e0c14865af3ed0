"""Web ACL capacity units (WCU): what rules cost.

Sources: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html, the pages of
the statements, and https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-add.html
And, Or and Not cost what is in them: AWS's own example of CheckCapacity adds up only so.
"""

from collections.abc import Iterable, Mapping

from masugata.engines.waf.definitions import Inspected, Rule, Statement
from masugata.engines.waf.definitions.statements import (
    ByteMatchStatement,
    IPSetReferenceStatement,
    RateBasedStatement,
    RegexMatchStatement,
    RegexPatternSetReferenceStatement,
    SizeConstraintStatement,
    SqliMatchStatement,
    XssMatchStatement,
)
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.managed import ManagedGroups

TRANSFORMATION = 10
ALL_QUERY_ARGUMENTS = 10
CUSTOM_KEY = 30
LABELS_PER_UNIT = 5
BYTE_MATCH = {"EXACTLY": 2, "STARTS_WITH": 2, "ENDS_WITH": 2, "CONTAINS": 10, "CONTAINS_WORD": 10}
SQLI_MATCH = {"LOW": 20, "HIGH": 30}

Chain = tuple[object, ...]
"""A field with transformations: their cost counts once."""


def capacity(
    rules: Iterable[Rule],
    *,
    rule_groups: Mapping[str, int] | None = None,
    managed: ManagedGroups | None = None,
) -> int:
    """The capacity of all rules together; raises RulesetError for a rule group that is not known.

    `rule_groups` has the capacity of each of one's own rule groups, by ARN.
    """
    chains: set[Chain] = set()
    total = labels = 0
    for rule in rules:
        total += _rule(rule, chains, rule_groups or {}, managed or {})
        labels += len(rule.rule_labels)
    return total + -(-labels // LABELS_PER_UNIT)


def _rule(rule: Rule, chains: set[Chain], rule_groups: Mapping[str, int], managed: ManagedGroups) -> int:
    statement = rule.statement
    own = statement.rule_group_reference_statement
    if own is not None:
        if own.arn not in rule_groups:
            raise RulesetError(rule.name, f"there is no rule group `{own.arn}`")
        return rule_groups[own.arn]
    group = statement.managed_rule_group_statement
    if group is not None:
        found = managed.get((group.vendor_name, group.name, group.version))
        if found is None:
            raise RulesetError(
                rule.name, f"there is no managed rule group `{group.vendor_name}/{group.name}`"
            )
        if found.unavailable:
            raise RulesetError(rule.name, f"`{found.name}` is not available: {found.unavailable}")
        return found.capacity + _optional(group.scope_down_statement, chains)
    return _statement(statement, chains)


def _optional(statement: Statement | None, chains: set[Chain]) -> int:
    return 0 if statement is None else _statement(statement, chains)


def _statement(statement: Statement, chains: set[Chain]) -> int:
    total = 0
    for name in statement.__struct_fields__:
        found = getattr(statement, name)
        if name in {"and_statement", "or_statement"} and found is not None:
            total += sum(_statement(nested, chains) for nested in found.statements)
        elif name == "not_statement" and found is not None:
            total += _statement(found.statement, chains)
        elif isinstance(found, Inspected):
            total += _inspected(found, chains)
        elif isinstance(found, RateBasedStatement):
            total += 2 + CUSTOM_KEY * len(found.custom_keys) + _optional(found.scope_down_statement, chains)
        elif isinstance(found, IPSetReferenceStatement):
            config = found.ip_set_forwarded_ip_config
            total += 5 if config is not None and config.position == "ANY" else 1
        elif found is not None:
            total += 1
    return total


def _inspected(statement: Inspected, chains: set[Chain]) -> int:
    """The base, twice for a JSON body; and the transformations, unless another statement has them already."""
    field = statement.field_to_match
    total = _base(statement) * (1 if field.json_body is None else 2)
    if field.all_query_arguments is not None:
        total += ALL_QUERY_ARGUMENTS
    before = sorted((s.priority, s.type) for s in statement.pre_parse_text_transformations)
    after = sorted((s.priority, s.type) for s in statement.text_transformations)
    steps = [kind for _, kind in (*before, *after) if kind != "NONE"]
    chain = (field, *steps)
    if chain in chains:
        return total
    chains.add(chain)
    return total + TRANSFORMATION * len(steps)


def _base(statement: Inspected) -> int:
    match statement:
        case ByteMatchStatement():
            return BYTE_MATCH[statement.positional_constraint]
        case SqliMatchStatement():
            return SQLI_MATCH[statement.sensitivity_level]
        case XssMatchStatement():
            return 40
        case RegexMatchStatement():
            return 3
        case RegexPatternSetReferenceStatement():
            return 25
        case SizeConstraintStatement():
            return 1
        case _:
            raise TypeError(type(statement).__name__)
