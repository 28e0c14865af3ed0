"""Which sets and rule groups rules refer to."""

from collections.abc import Iterable, Iterator

from masugata.engines.waf.definitions import Rule, Statement


def statements_of(rules: Iterable[Rule]) -> Iterator[Statement]:
    """Every statement of the rules, those within others too."""
    for rule in rules:
        yield from within(rule.statement)


def within(statement: Statement) -> Iterator[Statement]:
    """A statement and all within it."""
    yield statement
    for several in (statement.and_statement, statement.or_statement):
        for inner in () if several is None else several.statements:
            yield from within(inner)
    if statement.not_statement is not None:
        yield from within(statement.not_statement.statement)
    for scoped in (statement.rate_based_statement, statement.managed_rule_group_statement):
        if scoped is not None and scoped.scope_down_statement is not None:
            yield from within(scoped.scope_down_statement)


def referred(rules: Iterable[Rule]) -> set[str]:
    """The ARNs of the IP sets, regex pattern sets and rule groups that rules refer to."""
    return {
        found.arn
        for statement in statements_of(rules)
        for found in (
            statement.ip_set_reference_statement,
            statement.regex_pattern_set_reference_statement,
            statement.rule_group_reference_statement,
        )
        if found is not None
    }
