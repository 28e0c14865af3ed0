"""Which rules of a web ACL count requests, and under what names."""

from collections.abc import Iterator
from typing import NamedTuple

from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.engines.waf.definitions.statements import RateBasedStatement


class RateBasedRule(NamedTuple):
    """The rule's name, behind that of the rule that refers to its group if it is in one."""

    names: tuple[str, ...]
    statement: RateBasedStatement


def rate_based_rules(ruleset: Ruleset) -> Iterator[RateBasedRule]:
    """All of them; managed rule groups have none."""
    for rule in ruleset.web_acl.rules:
        yield from _counting(rule, ())
        reference = rule.statement.rule_group_reference_statement
        if reference is not None:
            for inner in ruleset.rule_groups[reference.arn].rules:
                yield from _counting(inner, (rule.name,))


def rate_name(ruleset: Ruleset, rule: RateBasedRule) -> str:
    """The name that `Rates.count` is given."""
    return "/".join((ruleset.web_acl.arn, *rule.names))


def _counting(rule: Rule, within: tuple[str, ...]) -> Iterator[RateBasedRule]:
    statement = rule.statement.rate_based_statement
    if statement is not None:
        yield RateBasedRule((*within, rule.name), statement)
