"""Records of AWS WAF, in the account and Region of what they are of: one file for each noun, and names."""

from typing import Any

from masugata.records.kind import Kind
from masugata.records.wafv2.api_keys import API_KEY, API_KEY_PURPOSE, APIKey, api_key_name, digest_of
from masugata.records.wafv2.edges import (
    ASSOCIATION,
    EDGE,
    Association,
    Edge,
    LoadBalancer,
    edge_arn,
    parse_load_balancer_arn,
)
from masugata.records.wafv2.entity import Entity
from masugata.records.wafv2.logging_configurations import (
    LOGGING_CONFIGURATION,
    LogDestination,
    LoggingConfiguration,
    log_destination,
    logging_key,
)
from masugata.records.wafv2.managed_rule_sets import MANAGED_RULE_SET, ManagedRuleSet, PublishedVersion
from masugata.records.wafv2.naming import (
    CLOUDFRONT,
    CLOUDFRONT_REGION,
    IP_SET_PATH,
    MANAGED_RULE_SET_PATH,
    REGEX_PATTERN_SET_PATH,
    REGIONAL,
    RULE_GROUP_PATH,
    SCOPE_PATHS,
    WEB_ACL_PATH,
    WafName,
    entity_key,
    parse_waf_arn,
    waf_arn,
)
from masugata.records.wafv2.observations import (
    MOST_ADDRESSES,
    MOST_SAMPLES,
    RATES,
    SAMPLES,
    LimitedAddresses,
    SampledRequest,
    Samples,
)
from masugata.records.wafv2.referring import referred, statements_of, within
from masugata.records.wafv2.rule_groups import RULE_GROUP, RuleGroup
from masugata.records.wafv2.sets import IP_SET, REGEX_PATTERN_SET, IPSet, RegexPatternSet
from masugata.records.wafv2.web_acls import WEB_ACL, WebACL

WAFV2_KINDS: tuple[Kind[Any], ...] = (
    API_KEY,
    ASSOCIATION,
    EDGE,
    IP_SET,
    LOGGING_CONFIGURATION,
    MANAGED_RULE_SET,
    REGEX_PATTERN_SET,
    RULE_GROUP,
    WEB_ACL,
)
KIND_OF_PATH: dict[str, Kind[Any]] = {
    IP_SET_PATH: IP_SET,
    MANAGED_RULE_SET_PATH: MANAGED_RULE_SET,
    REGEX_PATTERN_SET_PATH: REGEX_PATTERN_SET,
    RULE_GROUP_PATH: RULE_GROUP,
    WEB_ACL_PATH: WEB_ACL,
}
"""The kind of what ARNs call so."""

__all__ = [
    "API_KEY",
    "API_KEY_PURPOSE",
    "ASSOCIATION",
    "CLOUDFRONT",
    "CLOUDFRONT_REGION",
    "EDGE",
    "IP_SET",
    "IP_SET_PATH",
    "KIND_OF_PATH",
    "LOGGING_CONFIGURATION",
    "MANAGED_RULE_SET",
    "MANAGED_RULE_SET_PATH",
    "MOST_ADDRESSES",
    "MOST_SAMPLES",
    "RATES",
    "REGEX_PATTERN_SET",
    "REGEX_PATTERN_SET_PATH",
    "REGIONAL",
    "RULE_GROUP",
    "RULE_GROUP_PATH",
    "SAMPLES",
    "SCOPE_PATHS",
    "WAFV2_KINDS",
    "WEB_ACL",
    "WEB_ACL_PATH",
    "APIKey",
    "Association",
    "Edge",
    "Entity",
    "IPSet",
    "LimitedAddresses",
    "LoadBalancer",
    "LogDestination",
    "LoggingConfiguration",
    "ManagedRuleSet",
    "PublishedVersion",
    "RegexPatternSet",
    "RuleGroup",
    "SampledRequest",
    "Samples",
    "WafName",
    "WebACL",
    "api_key_name",
    "digest_of",
    "edge_arn",
    "entity_key",
    "log_destination",
    "logging_key",
    "parse_load_balancer_arn",
    "parse_waf_arn",
    "referred",
    "statements_of",
    "waf_arn",
    "within",
]
