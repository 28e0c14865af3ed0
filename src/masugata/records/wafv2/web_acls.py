"""Web ACLs."""

from typing import Any

from msgspec import field

from masugata.engines.waf.definitions import (
    CustomResponseBody,
    DefaultAction,
    Immunity,
    Rule,
    VisibilityConfig,
)
from masugata.records.wafv2.entity import Entity, entity_kind
from masugata.records.wafv2.referring import referred


class WebACL(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A web ACL. The configurations that are mappings are as AWS's API has them."""

    default_action: DefaultAction
    visibility_config: VisibilityConfig
    rules: tuple[Rule, ...] = ()
    capacity: int = 0
    custom_response_bodies: dict[str, CustomResponseBody] = field(default_factory=dict)
    captcha_config: Immunity | None = None
    challenge_config: Immunity | None = None
    token_domains: tuple[str, ...] = ()
    data_protection_config: dict[str, Any] | None = None
    association_config: dict[str, Any] | None = None
    application_config: dict[str, Any] | None = None


WEB_ACL = entity_kind("web-acl", WebACL, lambda r: [("uses", arn) for arn in sorted(referred(r.rules))])
"""References ("uses", ARN) are the sets and rule groups that its rules refer to."""
