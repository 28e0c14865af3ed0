"""Checks of statements: exactly one each, nested where that is allowed, with values that mean something."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from masugata.call import Call
from masugata.engines.waf.definitions import (
    Inspected,
    ManagedRuleGroupStatement,
    RateBasedStatement,
    RuleGroupReferenceStatement,
    Statement,
)
from masugata.engines.waf.definitions.statements import (
    AndStatement,
    AsnMatchStatement,
    ByteMatchStatement,
    GeoMatchStatement,
    LabelMatchStatement,
    NotStatement,
    OrStatement,
    RegexMatchStatement,
)
from masugata.services.wafv2._checks import STATEMENT_FIELDS, check_count, check_one
from masugata.services.wafv2._errors import BELOW_MINIMUM, MALFORMED, NESTING, invalid
from masugata.services.wafv2._fields import check_inspected, check_transformations

_WINDOWS: Final = frozenset({60, 120, 300, 600})
_WITH_ANOTHER: Final = frozenset({"IP", "ForwardedIP"})
_TOP_ONLY: Final = (RateBasedStatement, RuleGroupReferenceStatement, ManagedRuleGroupStatement)


def check_statement(call: Call, statement: Statement, *, nested: bool = False) -> Any:
    """The one statement in it; raises WAFInvalidParameterException and WAFLimitsExceededException.

    What it refers to is not looked up.
    """
    name = check_one(statement, "STATEMENT", "Statement")
    (found,) = (
        inner for member in statement.__struct_fields__ if (inner := getattr(statement, member)) is not None
    )
    field = STATEMENT_FIELDS.get(name, "STATEMENT")
    if nested and isinstance(found, _TOP_ONLY):
        raise invalid(field, name, NESTING)
    if isinstance(found, Inspected):
        check_inspected(call, found)
    check = _CHECKS.get(type(found))
    if check is not None:
        check(call, found, field)
    return found


def _byte_match(call: Call, statement: ByteMatchStatement, field: str) -> None:
    if not statement.search_string:
        raise invalid(field, "SearchString", BELOW_MINIMUM)
    check_count(call, "wafv2.search-string-size", len(statement.search_string))


def _regex_match(call: Call, statement: RegexMatchStatement, field: str) -> None:
    """Whether it can be matched is found out when all else is right: that takes longest."""
    del field
    check_count(call, "wafv2.regex-size", len(statement.regex_string))


def _geo_match(call: Call, statement: GeoMatchStatement, field: str) -> None:
    if not statement.country_codes:
        raise invalid(field, "CountryCodes", BELOW_MINIMUM)
    check_count(call, "wafv2.country-codes-per-statement", len(statement.country_codes))


def _asn_match(call: Call, statement: AsnMatchStatement, field: str) -> None:
    del call
    if not statement.asn_list:
        raise invalid(field, "AsnList", BELOW_MINIMUM)


def _label_match(call: Call, statement: LabelMatchStatement, field: str) -> None:
    del call
    if statement.scope == "LABEL" and statement.key.endswith(":"):
        raise invalid(field, statement.key, MALFORMED)


def _several(call: Call, statement: AndStatement | OrStatement, field: str) -> None:
    if len(statement.statements) < 2:
        raise invalid(field, "Statements", BELOW_MINIMUM)
    for inner in statement.statements:
        check_statement(call, inner, nested=True)


def _not(call: Call, statement: NotStatement, field: str) -> None:
    del field
    check_statement(call, statement.statement, nested=True)


def _managed(call: Call, statement: ManagedRuleGroupStatement, field: str) -> None:
    del field
    if statement.scope_down_statement is not None:
        check_statement(call, statement.scope_down_statement, nested=True)


def _rate_based(call: Call, statement: RateBasedStatement, field: str) -> None:
    if statement.evaluation_window_sec not in _WINDOWS:
        raise invalid(field, "EvaluationWindowSec", "A window has 60, 120, 300 or 600 seconds.")
    keys = statement.custom_keys
    kind = statement.aggregate_key_type
    if (kind == "CUSTOM_KEYS") != bool(keys):
        raise invalid("CUSTOM_KEYS", "CustomKeys", "CustomKeys belong to the aggregate key type CUSTOM_KEYS.")
    names = [check_one(key, "CUSTOM_KEYS", "CustomKeys") for key in keys]
    if len(keys) == 1 and names[0] in _WITH_ANOTHER:
        reason = "An address is a custom key beside another one; by itself it is an aggregate key type."
        raise invalid("CUSTOM_KEYS", names[0], reason)
    for key in keys:
        for named in (key.header, key.cookie, key.query_argument, key.query_string, key.uri_path):
            if named is not None:
                check_transformations(call, named.text_transformations)
    forwarded = kind == "FORWARDED_IP" or any(key.forwarded_ip is not None for key in keys)
    if forwarded and statement.forwarded_ip_config is None:
        reason = "A forwarded address is read from the header that ForwardedIPConfig names."
        raise invalid("FORWARDED_IP_CONFIG", "ForwardedIPConfig", reason)
    scope_down = statement.scope_down_statement
    if kind == "CONSTANT" and scope_down is None:
        raise invalid("SCOPE_DOWN", "ScopeDownStatement", "What counts all requests needs a scope-down.")
    if scope_down is not None:
        check_statement(call, scope_down, nested=True)


_CHECKS: Final[Mapping[type, Callable[[Call, Any, str], None]]] = {
    AndStatement: _several,
    AsnMatchStatement: _asn_match,
    ByteMatchStatement: _byte_match,
    GeoMatchStatement: _geo_match,
    LabelMatchStatement: _label_match,
    ManagedRuleGroupStatement: _managed,
    NotStatement: _not,
    OrStatement: _several,
    RateBasedStatement: _rate_based,
    RegexMatchStatement: _regex_match,
}
