"""What an edge has to do: the web ACL that protects it, with all that it refers to."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from masugata.engines.waf import definitions
from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.records.wafv2 import (
    ASSOCIATION,
    KIND_OF_PATH,
    RULE_GROUP_PATH,
    WEB_ACL_PATH,
    IPSet,
    RegexPatternSet,
    RuleGroup,
    WebACL,
    parse_load_balancer_arn,
    parse_waf_arn,
    referred,
)
from masugata.services.wafv2._labels import label_namespace
from masugata.store import Records
from masugata.web_acl_documents import body_limit_of


def ruleset_of(records: Records, edge_arn: str) -> Ruleset | None:
    """The ruleset for an edge, or None if no web ACL is associated with it.

    Raises LookupError where records contradict each other, so that nobody takes a web ACL that is broken for
    one that is not there.
    """
    edge = parse_load_balancer_arn(edge_arn)
    if edge is None:
        return None
    association = records.get(ASSOCIATION, edge.account, edge_arn, edge.region)
    return None if association is None else ruleset_of_web_acl(records, association.web_acl)


def ruleset_of_web_acl(records: Records, arn: str) -> Ruleset:
    """The ruleset of a web ACL; raises LookupError if it, or anything it refers to, is not there."""
    web_acl: WebACL = _record(records, arn)
    arns = sorted(referred(web_acl.rules))
    groups: dict[str, RuleGroup] = {one: found for one, found in _records(records, arns) if _is_group(found)}
    arns += sorted({inner for group in groups.values() for inner in referred(group.rules)})
    found = dict(_records(records, arns))
    return Ruleset(
        web_acl=_web_acl(arn, web_acl, groups),
        rule_groups={one: _rule_group(one, group) for one, group in groups.items()},
        ip_sets={one: each.addresses for one, each in found.items() if isinstance(each, IPSet)},
        regex_pattern_sets={
            one: each.expressions for one, each in found.items() if isinstance(each, RegexPatternSet)
        },
        body_limit=body_limit_of(web_acl.association_config),
    )


def _is_group(record: object) -> bool:
    return isinstance(record, RuleGroup)


def _records(records: Records, arns: Iterable[str]) -> Iterable[tuple[str, Any]]:
    return ((arn, _record(records, arn)) for arn in arns)


def _record(records: Records, arn: str) -> Any:
    name = parse_waf_arn(arn)
    found = None
    if name is not None and name.path in KIND_OF_PATH:
        found = records.get(KIND_OF_PATH[name.path], name.account, name.key, name.region)
    if name is None or found is None or found.id != name.id:
        raise LookupError(f"there is no `{arn}`")
    return found


def _web_acl(arn: str, web_acl: WebACL, groups: dict[str, RuleGroup]) -> definitions.WebACL:
    return definitions.WebACL(
        name=web_acl.name,
        arn=arn,
        label_namespace=label_namespace(_account(arn), WEB_ACL_PATH, web_acl.name),
        default_action=web_acl.default_action,
        visibility_config=web_acl.visibility_config,
        rules=tuple(with_overrides_that_are(rule, groups) for rule in web_acl.rules),
        custom_response_bodies=web_acl.custom_response_bodies,
        captcha_config=web_acl.captcha_config,
        challenge_config=web_acl.challenge_config,
        token_domains=web_acl.token_domains,
    )


def _rule_group(arn: str, group: RuleGroup) -> definitions.RuleGroup:
    return definitions.RuleGroup(
        name=group.name,
        arn=arn,
        label_namespace=label_namespace(_account(arn), RULE_GROUP_PATH, group.name),
        rules=group.rules,
        custom_response_bodies=group.custom_response_bodies,
    )


def with_overrides_that_are(
    rule: Rule, groups: Mapping[str, RuleGroup] | Mapping[str, definitions.RuleGroup]
) -> Rule:
    """A rule group may have lost a rule since the web ACL was written: what it would do nobody asks then.

    Nor is a rule that has become rate-based since then told to allow: it does what it says itself.
    """
    statement = rule.statement.rule_group_reference_statement
    if statement is None:
        return rule
    members = groups[statement.arn].rules
    names = {member.name for member in members}
    rates = {member.name for member in members if member.statement.rate_based_statement is not None}
    kept = replace(
        statement,
        excluded_rules=tuple(one for one in statement.excluded_rules if one.name in names),
        rule_action_overrides=tuple(
            one
            for one in statement.rule_action_overrides
            if one.name in names and not (one.name in rates and one.action_to_use.allow is not None)
        ),
    )
    return replace(rule, statement=replace(rule.statement, rule_group_reference_statement=kept))


def _account(arn: str) -> str:
    return arn.split(":")[4]
