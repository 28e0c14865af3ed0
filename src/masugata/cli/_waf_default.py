"""The web ACL that is meant by `default`: managed rule groups, blocking."""

from masugata.engines.waf.definitions import (
    BlockAction,
    DefaultAction,
    GoOn,
    ManagedRuleGroupStatement,
    OverrideAction,
    Rule,
    RuleAction,
    Ruleset,
    Statement,
    VisibilityConfig,
    WebACL,
)
from masugata.engines.waf.definitions.fields import Empty
from masugata.engines.waf.detectors import Detector, html, sql
from masugata.engines.waf.managed import Detect, ManagedGroup, ManagedGroups, ManagedRule, Source

_BLOCK = RuleAction(block=BlockAction())
_PARTS = (Source.QUERY_ARGUMENTS, Source.BODY, Source.COOKIES, Source.URI_PATH)


def _group(name: str, namespace: str, prefix: str, capacity: int, detector: Detector) -> ManagedGroup:
    rules = tuple(
        ManagedRule(
            name=f"{prefix}_{part.value}",
            action=_BLOCK,
            detect=Detect(sources=(part,), detectors=(detector,)),
            labels=(f"{prefix}_{part.value}",),
        )
        for part in _PARTS
    )
    return ManagedGroup(
        vendor="AWS",
        name=name,
        version="Version_1.0",
        capacity=capacity,
        label_namespace=f"awswaf:managed:aws:{namespace}:",
        rules=rules,
    )


_GROUPS = (
    _group("AWSManagedRulesCommonRuleSet", "core-rule-set", "CrossSiteScripting", 700, html.XSS),
    _group("AWSManagedRulesSQLiRuleSet", "sql-database", "SQLi", 200, sql.SQL),
)


def managed_groups() -> ManagedGroups:
    """The managed rule groups of this program."""
    return {("AWS", group.name, None): group for group in _GROUPS}


def default_ruleset() -> Ruleset:
    """A web ACL with the default managed groups, each doing what its rules say."""
    rules = tuple(_rule(group, priority) for priority, group in enumerate(_GROUPS))
    return Ruleset(
        web_acl=WebACL(
            name="default",
            arn="arn:aws:wafv2:us-east-1:000000000000:regional/webacl/default/none",
            label_namespace="awswaf:000000000000:webacl:default:",
            default_action=DefaultAction(allow=GoOn()),
            visibility_config=_visibility("default"),
            rules=rules,
        )
    )


def _rule(group: ManagedGroup, priority: int) -> Rule:
    statement = ManagedRuleGroupStatement(vendor_name=group.vendor, name=group.name)
    return Rule(
        name=f"{group.vendor}-{group.name}",
        priority=priority,
        statement=Statement(managed_rule_group_statement=statement),
        override_action=OverrideAction(none=Empty()),
        visibility_config=_visibility(group.name),
    )


def _visibility(metric: str) -> VisibilityConfig:
    return VisibilityConfig(
        sampled_requests_enabled=False, cloud_watch_metrics_enabled=False, metric_name=metric
    )
