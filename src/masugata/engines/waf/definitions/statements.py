"""The 16 statements of AWS WAF.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html
"""

from typing import Any, Literal

from msgspec import field

from masugata.engines.waf.definitions._shape import Shape
from masugata.engines.waf.definitions.actions import RuleAction
from masugata.engines.waf.definitions.fields import (
    Empty,
    FallbackBehavior,
    Fingerprint,
    Inspected,
    Named,
    TextTransformation,
)


class ForwardedIPConfig(Shape, frozen=True, kw_only=True):
    """The first address of this header instead of the peer's; without the header the rule does not apply."""

    header_name: str
    fallback_behavior: FallbackBehavior


class IPSetForwardedIPConfig(Shape, frozen=True, kw_only=True):
    """As `ForwardedIPConfig`, with the address at this position, or any."""

    header_name: str
    fallback_behavior: FallbackBehavior
    position: Literal["FIRST", "LAST", "ANY"]


class ByteMatchStatement(Inspected, frozen=True, kw_only=True):
    """The text is, begins with, ends with or contains these bytes."""

    search_string: bytes
    positional_constraint: Literal["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"]


class SqliMatchStatement(Inspected, frozen=True, kw_only=True):
    """The text injects SQL."""

    sensitivity_level: Literal["LOW", "HIGH"] = "LOW"


class XssMatchStatement(Inspected, frozen=True, kw_only=True):
    """The text injects script into a page."""


class SizeConstraintStatement(Inspected, frozen=True, kw_only=True):
    """The size in bytes, after the transformations."""

    comparison_operator: Literal["EQ", "NE", "LE", "LT", "GE", "GT"]
    size: int


class GeoMatchStatement(Shape, frozen=True, kw_only=True):
    """The address is in one of these countries (ISO 3166-1 alpha-2)."""

    country_codes: tuple[str, ...] | None = None
    forwarded_ip_config: ForwardedIPConfig | None = field(default=None, name="ForwardedIPConfig")


class AsnMatchStatement(Shape, frozen=True, kw_only=True):
    """The address belongs to one of these autonomous systems."""

    asn_list: tuple[int, ...]
    forwarded_ip_config: ForwardedIPConfig | None = field(default=None, name="ForwardedIPConfig")


class ExcludedRule(Shape, frozen=True, kw_only=True):
    """A rule of a group that only counts."""

    name: str


class RuleActionOverride(Shape, frozen=True, kw_only=True):
    """What a rule of a group does instead of what it says."""

    name: str
    action_to_use: RuleAction


class RuleGroupReferenceStatement(Shape, frozen=True, kw_only=True):
    """The rules of one's own rule group."""

    arn: str = field(name="ARN")
    excluded_rules: tuple[ExcludedRule, ...] = ()
    rule_action_overrides: tuple[RuleActionOverride, ...] = ()


class ManagedRuleGroupStatement(Shape, frozen=True, kw_only=True):
    """The rules of a managed rule group. What `managed_rule_group_configs` may hold depends on the group."""

    vendor_name: str
    name: str
    version: str | None = None
    excluded_rules: tuple[ExcludedRule, ...] = ()
    scope_down_statement: "Statement | None" = None
    managed_rule_group_configs: tuple[dict[str, Any], ...] = ()
    rule_action_overrides: tuple[RuleActionOverride, ...] = ()


class IPSetReferenceStatement(Shape, frozen=True, kw_only=True):
    """The address is in an IP set."""

    arn: str = field(name="ARN")
    ip_set_forwarded_ip_config: IPSetForwardedIPConfig | None = field(
        default=None, name="IPSetForwardedIPConfig"
    )


class RegexPatternSetReferenceStatement(Inspected, frozen=True, kw_only=True):
    """One of the set's regular expressions matches the text."""

    arn: str = field(name="ARN")


class RegexMatchStatement(Inspected, frozen=True, kw_only=True):
    """The regular expression matches the text."""

    regex_string: str


class LabelMatchStatement(Shape, frozen=True, kw_only=True):
    """An earlier rule has added this label, or one in this namespace."""

    scope: Literal["LABEL", "NAMESPACE"]
    key: str


class RateLimitText(Shape, frozen=True, kw_only=True):
    """The query string or the path as a key of a rate."""

    text_transformations: tuple[TextTransformation, ...]


class RateLimitNamedText(Named, frozen=True, kw_only=True):
    """A header, a cookie or a query argument as a key of a rate."""

    text_transformations: tuple[TextTransformation, ...]


class RateLimitLabelNamespace(Shape, frozen=True, kw_only=True):
    """The labels in this namespace as a key of a rate."""

    namespace: str


class RateBasedStatementCustomKey(Shape, frozen=True, kw_only=True):
    """Exactly one of the keys by which requests are counted."""

    header: RateLimitNamedText | None = None
    cookie: RateLimitNamedText | None = None
    query_argument: RateLimitNamedText | None = None
    query_string: RateLimitText | None = None
    http_method: Empty | None = field(default=None, name="HTTPMethod")
    forwarded_ip: Empty | None = field(default=None, name="ForwardedIP")
    ip: Empty | None = field(default=None, name="IP")
    label_namespace: RateLimitLabelNamespace | None = None
    uri_path: RateLimitText | None = None
    ja3_fingerprint: Fingerprint | None = field(default=None, name="JA3Fingerprint")
    ja4_fingerprint: Fingerprint | None = field(default=None, name="JA4Fingerprint")
    asn: Empty | None = field(default=None, name="ASN")


class RateBasedStatement(Shape, frozen=True, kw_only=True):
    """More than `limit` requests with the same key within the window (seconds)."""

    limit: int
    evaluation_window_sec: int = 300
    aggregate_key_type: Literal["IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"]
    scope_down_statement: "Statement | None" = None
    forwarded_ip_config: ForwardedIPConfig | None = field(default=None, name="ForwardedIPConfig")
    custom_keys: tuple[RateBasedStatementCustomKey, ...] = ()


class AndStatement(Shape, frozen=True, kw_only=True):
    """All of these."""

    statements: "tuple[Statement, ...]"


class OrStatement(Shape, frozen=True, kw_only=True):
    """One of these."""

    statements: "tuple[Statement, ...]"


class NotStatement(Shape, frozen=True, kw_only=True):
    """Not this."""

    statement: "Statement"


class Statement(Shape, frozen=True, kw_only=True):
    """Exactly one of the 16."""

    byte_match_statement: ByteMatchStatement | None = None
    sqli_match_statement: SqliMatchStatement | None = None
    xss_match_statement: XssMatchStatement | None = None
    size_constraint_statement: SizeConstraintStatement | None = None
    geo_match_statement: GeoMatchStatement | None = None
    rule_group_reference_statement: RuleGroupReferenceStatement | None = None
    ip_set_reference_statement: IPSetReferenceStatement | None = field(
        default=None, name="IPSetReferenceStatement"
    )
    regex_pattern_set_reference_statement: RegexPatternSetReferenceStatement | None = None
    rate_based_statement: RateBasedStatement | None = None
    and_statement: AndStatement | None = None
    or_statement: OrStatement | None = None
    not_statement: NotStatement | None = None
    managed_rule_group_statement: ManagedRuleGroupStatement | None = None
    label_match_statement: LabelMatchStatement | None = None
    regex_match_statement: RegexMatchStatement | None = None
    asn_match_statement: AsnMatchStatement | None = None
