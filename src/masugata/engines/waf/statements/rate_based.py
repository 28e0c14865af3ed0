"""RateBasedStatement: more than so many requests with the same key within the window."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import RateBasedStatement
from masugata.engines.waf.statements._compile import compile_statement
from masugata.engines.waf.statements._matcher import Details, Matcher, nothing_located
from masugata.engines.waf.statements._rate_keys import compile_rate_key
from masugata.engines.waf.statements._scope import Scope


def compile_rate_based(statement: RateBasedStatement, scope: Scope) -> Matcher:
    """Counts what its scope-down statement matches. A request that lacks a key is not counted.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
    """
    inner = None
    if statement.scope_down_statement is not None:
        inner = compile_statement(statement.scope_down_statement, scope)
    elif statement.aggregate_key_type == "CONSTANT":
        raise scope.error("a rate-based statement that counts all requests needs `ScopeDownStatement`")
    key = compile_rate_key(statement, scope)
    rule, window, limit = scope.rate, statement.evaluation_window_sec, statement.limit

    def matches(context: Context) -> bool:
        if inner is not None and not inner.matches(context):
            return False
        found = key(context)
        if not isinstance(found, bytes):
            return found is True
        context.found[rule] = found
        return context.environment.rates.count(rule, found, window, limit) > limit

    def details(context: Context) -> Details:
        found = context.found.get(rule)
        text = (found.decode(errors="backslashreplace"),) if isinstance(found, bytes) else ()
        return (MatchDetail("RATE_BASED", statement.aggregate_key_type, text),)

    # What the scope-down statement cannot match need not be counted either.
    return Matcher(
        matches,
        inner.triggers if inner is not None else None,
        details,
        inner.locate if inner is not None else nothing_located,
    )
