"""Rules, and what holds them: web ACLs and rule groups, with the sets that they refer to.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html and API_RuleGroup.html
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import field

from masugata.engines.waf.definitions._shape import Shape
from masugata.engines.waf.definitions.actions import DefaultAction, Immunity, OverrideAction, RuleAction
from masugata.engines.waf.definitions.statements import Statement


class Label(Shape, frozen=True, kw_only=True):
    """The last part of a label that a rule adds."""

    name: str


class VisibilityConfig(Shape, frozen=True, kw_only=True):
    """Whether requests are sampled, and what the metric is called."""

    sampled_requests_enabled: bool
    cloud_watch_metrics_enabled: bool
    metric_name: str


class Rule(Shape, frozen=True, kw_only=True):
    """One rule; `override_action` for rule groups, `action` for all others."""

    name: str
    priority: int
    statement: Statement
    action: RuleAction | None = None
    override_action: OverrideAction | None = None
    rule_labels: tuple[Label, ...] = ()
    visibility_config: VisibilityConfig
    captcha_config: Immunity | None = None
    challenge_config: Immunity | None = None


class CustomResponseBody(Shape, frozen=True, kw_only=True):
    """A body that blocked requests are answered with."""

    content_type: Literal["TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON"]
    content: str


class RuleGroup(Shape, frozen=True, kw_only=True):
    """Rules that web ACLs refer to; `label_namespace` ends with a colon."""

    name: str
    arn: str = field(name="ARN")
    label_namespace: str
    rules: tuple[Rule, ...] = ()
    custom_response_bodies: dict[str, CustomResponseBody] = field(default_factory=dict)


class WebACL(Shape, frozen=True, kw_only=True):
    """What is done with the requests to the resources that are associated with it."""

    name: str
    arn: str = field(name="ARN")
    label_namespace: str
    default_action: DefaultAction
    visibility_config: VisibilityConfig
    rules: tuple[Rule, ...] = ()
    custom_response_bodies: dict[str, CustomResponseBody] = field(default_factory=dict)
    captcha_config: Immunity | None = None
    challenge_config: Immunity | None = None
    token_domains: tuple[str, ...] = ()


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """A web ACL with all that it refers to, by ARN: what a plan is compiled from, and what an edge is given.

    IP sets are CIDRs, regex pattern sets regular expressions. Managed rule groups are not in it: each
    program brings its own. `body_limit` is how many bytes of a body are inspected.
    """

    web_acl: WebACL
    rule_groups: Mapping[str, RuleGroup] = field(default_factory=dict)
    ip_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    regex_pattern_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body_limit: int = 65_536
