"""IP sets and regex pattern sets."""

from masugata.records.wafv2.entity import Entity, entity_kind


class IPSet(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """CIDRs of one version of IP, IPV4 or IPV6."""

    ip_address_version: str
    addresses: tuple[str, ...] = ()


class RegexPatternSet(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """Regular expressions of which one has to match."""

    expressions: tuple[str, ...] = ()


IP_SET = entity_kind("ip-set", IPSet)
REGEX_PATTERN_SET = entity_kind("regex-pattern-set", RegexPatternSet)
