"""What rules of web ACLs and of rule groups have in common."""

from collections.abc import Iterable
from itertools import pairwise

from masugata.engines.waf.definitions import Rule, RuleAction, Statement
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.statements import Matcher, Scope, compile_rate_based, compile_statement

NO_RATE_ALLOWS = "the action of a rate-based rule is not Allow"


def in_order(rules: Iterable[Rule], where: str) -> list[Rule]:
    """By priority; raises RulesetError if two share one, or a name."""
    found = sorted(rules, key=lambda rule: rule.priority)
    for before, rule in pairwise(found):
        if before.priority == rule.priority:
            raise RulesetError(f"{where}/{rule.name}", f"`{before.name}` has the same priority")
    names: set[str] = set()
    for rule in found:
        if rule.name in names:
            raise RulesetError(f"{where}/{rule.name}", "two rules have this name")
        names.add(rule.name)
    return found


def compile_matcher(statement: Statement, scope: Scope, action: RuleAction) -> Matcher:
    """A statement at the top of a rule: also one that counts requests, which may not allow them."""
    rate = statement.rate_based_statement
    if rate is not None:
        if action.allow is not None:
            raise scope.error(NO_RATE_ALLOWS)
        return compile_rate_based(rate, scope)
    return compile_statement(statement, scope)
