"""Words for what rules did, and for what cannot be known of them away from a server."""

from collections.abc import Iterator
from typing import NamedTuple

import click

from masugata.cli._waf_default import managed_groups
from masugata.cli._waf_running import Outcome
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions import Rule, Ruleset, Statement

_WIDTH = 300


class Notes(NamedTuple):
    """What people should know; `in_order`: requests must be asked about one after another."""

    texts: tuple[str, ...]
    in_order: bool


def rules_of(ruleset: Ruleset) -> Iterator[str]:
    """The names of all rules, in order; those of groups behind the rule that refers to the group."""
    managed = managed_groups()
    for rule in sorted(ruleset.web_acl.rules, key=lambda rule: rule.priority):
        own, bought = (
            rule.statement.rule_group_reference_statement,
            rule.statement.managed_rule_group_statement,
        )
        if own is not None and own.arn in ruleset.rule_groups:
            yield from (f"{rule.name}/{inner.name}" for inner in _sorted(ruleset.rule_groups[own.arn].rules))
        elif bought is not None:
            group = managed.get((bought.vendor_name, bought.name, bought.version))
            rules = group.rules if group is not None else ()
            yield from (f"{rule.name}/{inner.name}" for inner in rules if not inner.internal)
        else:
            yield rule.name


def untested(ruleset: Ruleset) -> Notes:
    """What the web ACL asks that recorded requests cannot answer."""
    if "rate_based_statement" not in set(_statements(ruleset)):
        return Notes((), in_order=False)
    text = "rates are counted by the times of the records, in one process; records without are not"
    return Notes((text,), in_order=True)


def _statements(ruleset: Ruleset) -> Iterator[str]:
    rules = [*ruleset.web_acl.rules]
    for group in ruleset.rule_groups.values():
        rules += group.rules
    waiting = [rule.statement for rule in rules]
    while waiting:
        statement = waiting.pop()
        for name in statement.__struct_fields__:
            found = getattr(statement, name)
            if found is None:
                continue
            yield name
            waiting += getattr(found, "statements", ())
            nested = (getattr(found, "statement", None), getattr(found, "scope_down_statement", None))
            waiting += [each for each in nested if isinstance(each, Statement)]


def _sorted(rules: tuple[Rule, ...]) -> list[Rule]:
    return sorted(rules, key=lambda rule: rule.priority)


def show_outcome(outcome: Outcome) -> str:
    """A request, and what was found in it."""
    colour = "red" if outcome.stopped else "green"
    said = "/".join(part for part in (outcome.label, outcome.family, outcome.source) if part)
    head = f"{click.style(outcome.action, fg=colour)} {outcome.rule} {outcome.id}"
    lines = [f"{head} [{said}]" if said else head, f"  {printable(outcome.target)}"]
    for hit in outcome.hits:
        lines += [f"  {hit.action} {hit.rule}: {detail_text(detail)}" for detail in hit.details]
    return "\n".join(lines)


def detail_text(detail: MatchDetail) -> str:
    """What was found, and where."""
    data = ", ".join(f"`{printable(text)}`" for text in detail.matched_data)
    return f"{detail.condition} in {detail.location}" + (f": {data}" if data else "")


def printable(text: str) -> str:
    """Safe for a terminal, and not too long."""
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: _WIDTH + 1])
    return safe if len(text) <= _WIDTH else f"{safe[:_WIDTH]}…"
