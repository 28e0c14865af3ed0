"""What the checks of rules share."""

from collections.abc import Iterable
from typing import Final

import msgspec

from masugata.call import Call
from masugata.engines.waf.definitions import VisibilityConfig
from masugata.limits import limit
from masugata.services.wafv2._errors import NOT_ONE, invalid, limits_exceeded

_METRICS: Final = frozenset({"All", "Default_Action"})
STATEMENT_FIELDS: Final = {
    "AndStatement": "AND_STATEMENT",
    "ByteMatchStatement": "BYTE_MATCH_STATEMENT",
    "GeoMatchStatement": "GEO_MATCH_STATEMENT",
    "IPSetReferenceStatement": "IP_SET_REFERENCE_STATEMENT",
    "LabelMatchStatement": "LABEL_MATCH_STATEMENT",
    "ManagedRuleGroupStatement": "MANAGED_RULE_SET_STATEMENT",
    "NotStatement": "NOT_STATEMENT",
    "OrStatement": "OR_STATEMENT",
    "RateBasedStatement": "RATE_BASED_STATEMENT",
    "RegexPatternSetReferenceStatement": "REGEX_PATTERN_REFERENCE_STATEMENT",
    "RuleGroupReferenceStatement": "RULE_GROUP_REFERENCE_STATEMENT",
    "SizeConstraintStatement": "SIZE_CONSTRAINT_STATEMENT",
    "SqliMatchStatement": "SQLI_MATCH_STATEMENT",
    "XssMatchStatement": "XSS_MATCH_STATEMENT",
}
"""What WAFInvalidParameterException calls statements; those that its list lacks are STATEMENT."""


def given(value: msgspec.Struct) -> list[str]:
    """AWS's names of the members that a structure has."""
    return [
        field.encode_name for field in msgspec.structs.fields(value) if getattr(value, field.name) is not None
    ]


def check_visibility(config: VisibilityConfig) -> None:
    """Raise WAFInvalidParameterException for a metric with a name that AWS WAF's own have."""
    if config.metric_name in _METRICS:
        raise invalid("METRIC_NAME", config.metric_name, "This name of a metric is reserved for AWS WAF.")


def check_one(value: msgspec.Struct, field: str, parameter: str) -> str:
    """AWS's name of the only member of a structure; raises WAFInvalidParameterException."""
    names = given(value)
    if len(names) != 1:
        raise invalid(field, parameter, NOT_ONE)
    return names[0]


def check_distinct(values: Iterable[object], field: str, parameter: str, reason: str) -> None:
    """Raise WAFInvalidParameterException if two of these are equal; `{}` in the reason is the value."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise invalid(field, parameter, reason.format(value))
        seen.add(value)


def check_count(call: Call, name: str, count: int, source: str | None = None) -> None:
    """Raise WAFLimitsExceededException if there are more than a limit allows."""
    most = limit(call.limits, name)
    if count > most:
        raise limits_exceeded(f"{name}: {count} of {most}", source)
