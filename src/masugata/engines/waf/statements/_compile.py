"""A statement by its name: the table of all that may stand in others."""

from collections.abc import Callable, Mapping
from typing import Any

from masugata.engines.waf.definitions import Statement
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._scope import Scope
from masugata.engines.waf.statements.and_ import compile_and
from masugata.engines.waf.statements.asn_match import compile_asn_match
from masugata.engines.waf.statements.byte_match import compile_byte_match
from masugata.engines.waf.statements.geo_match import compile_geo_match
from masugata.engines.waf.statements.ip_set_reference import compile_ip_set_reference
from masugata.engines.waf.statements.label_match import compile_label_match
from masugata.engines.waf.statements.not_ import compile_not
from masugata.engines.waf.statements.or_ import compile_or
from masugata.engines.waf.statements.regex_match import compile_regex_match
from masugata.engines.waf.statements.regex_pattern_set_reference import compile_regex_pattern_set_reference
from masugata.engines.waf.statements.size_constraint import compile_size_constraint
from masugata.engines.waf.statements.sqli_match import compile_sqli_match
from masugata.engines.waf.statements.xss_match import compile_xss_match

COMPILERS: Mapping[str, Callable[[Any, Scope], Matcher]] = {
    "byte_match_statement": compile_byte_match,
    "size_constraint_statement": compile_size_constraint,
    "geo_match_statement": compile_geo_match,
    "ip_set_reference_statement": compile_ip_set_reference,
    "regex_pattern_set_reference_statement": compile_regex_pattern_set_reference,
    "label_match_statement": compile_label_match,
    "regex_match_statement": compile_regex_match,
    "asn_match_statement": compile_asn_match,
    "sqli_match_statement": compile_sqli_match,
    "xss_match_statement": compile_xss_match,
}
TOP_LEVEL = ("rate_based_statement", "rule_group_reference_statement", "managed_rule_group_statement")
DEEPEST = 64
"""How deep statements may be nested; AWS states no limit but that of the size of a rule."""


def the_one(statement: Statement, scope: Scope) -> tuple[str, Any]:
    """The member that is there and its name; raises RulesetError unless it is exactly one."""
    found = [(n, v) for n in statement.__struct_fields__ if (v := getattr(statement, n)) is not None]
    if len(found) != 1:
        raise scope.error(f"a statement must be exactly one of the statements, not {len(found)}")
    return found[0]


def compile_statement(statement: Statement, scope: Scope, depth: int = 0) -> Matcher:
    """A statement that may stand in others; raises RulesetError for what is not understood."""
    if depth > DEEPEST:
        raise scope.error(f"statements are nested more than {DEEPEST} deep")
    name, found = the_one(statement, scope)
    if name in TOP_LEVEL:
        raise scope.error(f"`{name}` may not stand in another statement")
    if name == "not_statement":
        return compile_not(
            compile_statement(found.statement, scope.doubting(doubt=not scope.doubt), depth + 1)
        )
    if name in {"and_statement", "or_statement"}:
        if len(found.statements) < 2:
            raise scope.error(f"`{name}` needs two statements at least")
        nested = tuple(compile_statement(part, scope, depth + 1) for part in found.statements)
        return compile_and(nested) if name == "and_statement" else compile_or(nested)
    return COMPILERS[name](found, scope)
