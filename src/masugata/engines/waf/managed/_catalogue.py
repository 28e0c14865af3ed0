"""All groups: those that there are, and those of AWS that there are not."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from masugata.engines.waf.definitions import ManagedRuleGroupStatement, OverrideAction, Rule, Statement
from masugata.engines.waf.definitions.fields import Empty
from masugata.engines.waf.definitions.rules import VisibilityConfig
from masugata.engines.waf.definitions.statements import RuleActionOverride
from masugata.engines.waf.managed import (
    admin_protection,
    anonymous_ip,
    bot_control,
    common,
    ip_reputation,
    known_bad_inputs,
    linux,
    php,
    sqli,
    unix,
    windows,
    wordpress,
)
from masugata.engines.waf.managed._group import ManagedGroup, ManagedGroups
from masugata.engines.waf.managed._lists import Lists
from masugata.engines.waf.managed._writing import COUNT, NAMESPACE, VENDOR

_FIXED = tuple(
    module.GROUP
    for module in (
        common,
        admin_protection,
        known_bad_inputs,
        sqli,
        linux,
        unix,
        windows,
        php,
        wordpress,
    )
)
_UNAVAILABLE = (
    ("AWSManagedRulesATPRuleSet", "atp:", "logins and their answers are not followed here"),
    ("AWSManagedRulesACFPRuleSet", "acfp:", "creations of accounts are not followed here"),
    ("AWSManagedRulesAntiDDoSRuleSet", "anti-ddos:", "floods are not told from a baseline by web ACLs here"),
)
_DEFAULT = (common, known_bad_inputs, sqli, linux, unix, php, windows)
# A server that is tried out on the machine itself has this name.
_COUNTED = frozenset({*(rule.name for rule in common.SIZE_RULES), "Host_localhost_HEADER"})


def managed_groups(lists: Lists | None = None) -> ManagedGroups:
    """Every group in its default version and under the names of its static versions, with the same rules.

    `lists` are those that `LIST_NAMES` names. Groups of AWS that there are not say why in `unavailable`.
    """
    found: dict[tuple[str, str, str | None], ManagedGroup] = {}
    known = lists or MappingProxyType({})
    changing = (ip_reputation.group(known), anonymous_ip.group(known), bot_control.group(known))
    for group in (*_FIXED, *changing):
        found[group.vendor, group.name, None] = group
        for version in group.static_versions:
            found[group.vendor, group.name, version] = msgspec.structs.replace(group, version=version)
    for name, namespace, reason in _UNAVAILABLE:
        found[VENDOR, name, None] = ManagedGroup(
            vendor=VENDOR,
            name=name,
            version="",
            capacity=50,
            label_namespace=NAMESPACE + namespace,
            rules=(),
            description=f"Not available: {reason}.",
            unavailable=reason,
        )
    return found


def catalogue(groups: ManagedGroups) -> Mapping[tuple[str, str], ManagedGroup]:
    """The default version of each group that can be used, by vendor and name."""
    return {
        (vendor, name): group
        for (vendor, name, version), group in groups.items()
        if version is None and not group.unavailable
    }


def default_groups() -> tuple[Rule, ...]:
    """The rules of a web ACL for whoever has not chosen any: groups that block, but for sizes."""
    return tuple(_refer(module.GROUP, priority) for priority, module in enumerate(_DEFAULT))


def _refer(group: ManagedGroup, priority: int) -> Rule:
    return Rule(
        name=f"{group.vendor}-{group.name}",
        priority=priority,
        statement=Statement(
            managed_rule_group_statement=ManagedRuleGroupStatement(
                vendor_name=group.vendor,
                name=group.name,
                rule_action_overrides=tuple(
                    RuleActionOverride(name=rule.name, action_to_use=COUNT)
                    for rule in group.rules
                    if rule.name in _COUNTED
                ),
            )
        ),
        override_action=OverrideAction(none=Empty()),
        visibility_config=VisibilityConfig(
            sampled_requests_enabled=True,
            cloud_watch_metrics_enabled=True,
            metric_name=f"{group.vendor}-{group.name}",
        ),
    )
