"""Rule groups."""

from msgspec import field

from masugata.engines.waf.definitions import CustomResponseBody, Rule, VisibilityConfig
from masugata.records.wafv2.entity import Entity, entity_kind
from masugata.records.wafv2.referring import referred


class RuleGroup(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A rule group; `capacity` is what its rules may cost, `policy` shares it with other accounts."""

    capacity: int
    visibility_config: VisibilityConfig
    rules: tuple[Rule, ...] = ()
    custom_response_bodies: dict[str, CustomResponseBody] = field(default_factory=dict)
    policy: str = ""


RULE_GROUP = entity_kind(
    "rule-group", RuleGroup, lambda r: [("uses", arn) for arn in sorted(referred(r.rules))]
)
"""References ("uses", ARN) are the sets that its rules refer to."""
