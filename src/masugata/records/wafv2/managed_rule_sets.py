"""Managed rule sets: what a vendor of rules offers, one rule group for each version."""

from datetime import datetime

import msgspec
from msgspec import field

from masugata.records.wafv2.entity import Entity, entity_kind


class PublishedVersion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version that is offered, and until when; lifetimes are in days."""

    rule_group: str
    capacity: int
    forecasted_lifetime: int | None = None
    published: datetime
    updated: datetime
    expires: datetime | None = None


class ManagedRuleSet(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A managed rule set of the account, which AWS sets up with its vendors: no operation makes one."""

    versions: dict[str, PublishedVersion] = field(default_factory=dict)
    recommended: str | None = None


MANAGED_RULE_SET = entity_kind(
    "managed-rule-set",
    ManagedRuleSet,
    lambda r: [("uses", arn) for arn in sorted({version.rule_group for version in r.versions.values()})],
)
