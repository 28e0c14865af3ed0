"""Statements taken apart, so that each part of a rule can be asked for itself, and in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from masugata.engines.waf.definitions import (
    GoOn,
    Inspected,
    Rule,
    RuleAction,
    RuleGroup,
    Ruleset,
    Statement,
)
from masugata.engines.waf.managed import ManagedGroup, ManagedGroups, ManagedRule

MARK = "\0"
"""Between the name of a rule and the number of its part; no name has it."""
_COUNT = RuleAction(count=GoOn())
_COMPARISONS = {
    "EQ": "exactly", "NE": "not", "LE": "at most", "LT": "fewer than", "GE": "at least", "GT": "more than",
}  # fmt: skip
_POSITIONS = {
    "EXACTLY": "is", "STARTS_WITH": "starts with", "ENDS_WITH": "ends with", "CONTAINS": "contains",
    "CONTAINS_WORD": "contains the word",
}  # fmt: skip


def parts_of(statement: Statement) -> list[Statement]:
    """The statements in it that hold no others, in order; itself if it is one."""
    found: list[Statement] = []
    waiting = [statement]
    while waiting:
        one = waiting.pop()
        inner = _inner(one)
        if not inner:
            found.append(one)
        waiting += reversed(inner)
    return found


def _inner(statement: Statement) -> Sequence[Statement]:
    for several in (statement.and_statement, statement.or_statement):
        if several is not None:
            return several.statements
    if statement.not_statement is not None:
        return (statement.not_statement.statement,)
    rate = statement.rate_based_statement
    if rate is not None and rate.scope_down_statement is not None:
        return (rate.scope_down_statement,)
    return ()


def compound(statement: Statement) -> bool:
    """Whether it holds others."""
    return bool(_inner(statement))


def with_parts(ruleset: Ruleset, managed: ManagedGroups) -> tuple[Ruleset, ManagedGroups]:
    """The same rules, each behind its parts, which only count; what is decided stays the same."""
    acl = msgspec.structs.replace(ruleset.web_acl, rules=_expanded(ruleset.web_acl.rules))
    groups = {arn: _with_parts(group) for arn, group in ruleset.rule_groups.items()}
    changed = msgspec.structs.replace(ruleset, web_acl=acl, rule_groups=groups)
    return changed, {key: _managed_with_parts(group) for key, group in managed.items()}


def _with_parts(group: RuleGroup) -> RuleGroup:
    return msgspec.structs.replace(group, rules=_expanded(group.rules))


def _expanded(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for rule in sorted(rules, key=lambda each: each.priority):
        if compound(rule.statement):
            found += [
                Rule(
                    name=f"{rule.name}{MARK}{number}",
                    priority=0,
                    statement=part,
                    action=_COUNT,
                    visibility_config=rule.visibility_config,
                )
                for number, part in enumerate(parts_of(rule.statement))
            ]
        found.append(rule)
    return tuple([msgspec.structs.replace(rule, priority=number) for number, rule in enumerate(found)])


def _managed_with_parts(group: ManagedGroup) -> ManagedGroup:
    configure = group.configure
    return msgspec.structs.replace(
        group,
        rules=_managed_expanded(group.rules),
        configure=None if configure is None else lambda configs: _managed_expanded(configure(configs)),
    )


def _managed_expanded(rules: Sequence[ManagedRule]) -> tuple[ManagedRule, ...]:
    found: list[ManagedRule] = []
    for rule in rules:
        if rule.statement is not None and compound(rule.statement):
            found += [
                ManagedRule(name=f"{rule.name}{MARK}{number}", action=_COUNT, statement=part)
                for number, part in enumerate(parts_of(rule.statement))
            ]
        found.append(rule)
    return tuple(found)


def inspected_by(statement: Statement) -> Inspected | None:
    """The one statement in it, if that looks at text."""
    found = _only(statement)[1]
    return found if isinstance(found, Inspected) else None


def _only(statement: Statement) -> tuple[str, Any]:
    return next((n, v) for n in statement.__struct_fields__ if (v := getattr(statement, n)) is not None)


def in_words(statement: Statement) -> str:
    """What a statement that holds no others asks."""
    name, found = _only(statement)
    words = _WORDS.get(name)
    return words(found) if words is not None else name.removesuffix("_statement").replace("_", " ")


def _field(inspected: Inspected) -> str:
    """Such as ``header `user-agent` after LOWERCASE``."""
    name, found = next(_members(inspected.field_to_match))
    words = name.replace("_", " ").removeprefix("single ")
    if hasattr(found, "name"):
        words += f" `{found.name}`"
    before = sorted(inspected.pre_parse_text_transformations, key=lambda step: step.priority)
    after = sorted(inspected.text_transformations, key=lambda step: step.priority)
    steps = [kind for kind in (*(s.type for s in before), *(s.type for s in after)) if kind != "NONE"]
    return f"{words} after {', '.join(steps)}" if steps else words


def _members(shape: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    return ((n, v) for n in shape.__struct_fields__ if (v := getattr(shape, n)) is not None)


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "byte_match_statement": lambda found: (
        f"{_field(found)} {_POSITIONS[found.positional_constraint]} "
        f"`{found.search_string.decode(errors='backslashreplace')}`"
    ),
    "sqli_match_statement": lambda found: (
        f"{_field(found)} injects SQL (sensitivity {found.sensitivity_level})"
    ),
    "xss_match_statement": lambda found: f"{_field(found)} injects script",
    "size_constraint_statement": lambda found: (
        f"{_field(found)} has {_COMPARISONS[found.comparison_operator]} {found.size} bytes"
    ),
    "regex_match_statement": lambda found: f"{_field(found)} matches `{found.regex_string}`",
    "regex_pattern_set_reference_statement": lambda found: (
        f"{_field(found)} matches one of the set `{found.arn}`"
    ),
    "geo_match_statement": lambda found: f"the address is in {', '.join(found.country_codes or ())}",
    "asn_match_statement": lambda found: f"the address belongs to AS {', '.join(map(str, found.asn_list))}",
    "ip_set_reference_statement": lambda found: f"the address is in the set `{found.arn}`",
    "label_match_statement": lambda found: (
        f"there is {'the label' if found.scope == 'LABEL' else 'a label in'} `{found.key}`"
    ),
    "rate_based_statement": lambda found: (
        f"more than {found.limit} requests in {found.evaluation_window_sec} s by {found.aggregate_key_type}"
    ),
}
