"""What AWS WAF operations act on, and the condition keys of each.

Who writes rules needs the permission on every set, rule group and managed rule group that they refer to as
well, and who associates a web ACL with a load balancer a permission of Elastic Load Balancing.

Sources: the service authorization reference, and
https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from masugata.authorization import catalogue
from masugata.authorization.access import Access, Context, ContextValue
from masugata.authorization.resources.sts import request_tags
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.records.wafv2 import (
    ASSOCIATION,
    CLOUDFRONT,
    CLOUDFRONT_REGION,
    IP_SET_PATH,
    KIND_OF_PATH,
    MANAGED_RULE_SET_PATH,
    REGEX_PATTERN_SET_PATH,
    REGIONAL,
    RULE_GROUP_PATH,
    WEB_ACL_PATH,
    RuleGroup,
    WafName,
    parse_load_balancer_arn,
    parse_waf_arn,
)
from masugata.store import Records

_TAG: Final = "wafv2:TagResource"
_LOGGING: Final = frozenset(
    {
        "DeleteLoggingConfiguration",
        "GetLoggingConfiguration",
        "ListLoggingConfigurations",
        "PutLoggingConfiguration",
    }
)
_ANY: Final = "*"
_PATHS: Final[Mapping[str, str]] = {
    "IPSet": IP_SET_PATH,
    "ManagedRuleSet": MANAGED_RULE_SET_PATH,
    "RegexPatternSet": REGEX_PATTERN_SET_PATH,
    "RuleGroup": RULE_GROUP_PATH,
    "WebACL": WEB_ACL_PATH,
}
_BY_NAME: Final[Mapping[str, str]] = {
    **{f"{verb}{noun}": _PATHS[noun] for noun in _PATHS for verb in ("Create", "Delete", "Get", "Update")},
    "PutManagedRuleSetVersions": MANAGED_RULE_SET_PATH,
    "UpdateManagedRuleSetVersionExpiryDate": MANAGED_RULE_SET_PATH,
}
"""What operations act on that have a Name, a Scope and mostly an Id."""
_BY_ARN: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "AssociateWebACL": ("WebACLArn", (WEB_ACL_PATH,)),
    "DeleteFirewallManagerRuleGroups": ("WebACLArn", (WEB_ACL_PATH,)),
    "DeleteLoggingConfiguration": ("ResourceArn", (WEB_ACL_PATH,)),
    "DeletePermissionPolicy": ("ResourceArn", (RULE_GROUP_PATH,)),
    "GetLoggingConfiguration": ("ResourceArn", (WEB_ACL_PATH,)),
    "GetPermissionPolicy": ("ResourceArn", (RULE_GROUP_PATH,)),
    "GetSampledRequests": ("WebAclArn", (WEB_ACL_PATH,)),
    "ListResourcesForWebACL": ("WebACLArn", (WEB_ACL_PATH,)),
    "ListTagsForResource": ("ResourceARN", ()),
    "PutPermissionPolicy": ("ResourceArn", (RULE_GROUP_PATH,)),
    "TagResource": ("ResourceARN", ()),
    "UntagResource": ("ResourceARN", ()),
}
"""The member with the ARN of what an operation acts on, and what that may be; anything with tags if empty."""
_TAGGED: Final = frozenset({IP_SET_PATH, REGEX_PATTERN_SET_PATH, RULE_GROUP_PATH, WEB_ACL_PATH})
_REFERENCES: Final[Mapping[str, str]] = {
    "IPSetReferenceStatement": IP_SET_PATH,
    "RegexPatternSetReferenceStatement": REGEX_PATTERN_SET_PATH,
    "RuleGroupReferenceStatement": RULE_GROUP_PATH,
}
_ON_LOAD_BALANCERS: Final[Mapping[str, str]] = {
    "AssociateWebACL": "elasticloadbalancing:CreateWebACLAssociation",
    "DisassociateWebACL": "elasticloadbalancing:DeleteWebACLAssociation",
    "GetWebACLForResource": "elasticloadbalancing:GetLoadBalancerWebACL",
}


class _Asked(NamedTuple):
    operation: str
    request: Mapping[str, Any]
    caller: Caller
    records: Records
    region: str


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """The permissions that an operation of AWS WAF needs; raises KeyError where there is no rule.

    Raises WAFInvalidParameterException for ARNs that nothing of the sort can have.
    """
    asked = _Asked(operation, request, caller, records, region)
    action = f"wafv2:{operation}"
    known = catalogue.action(action)
    if known is None:
        raise KeyError(action)
    if not known.resource_types:
        return [Access(action=action, resource=_ANY, resource_account=None, context=_keys(asked))]
    special = _SPECIAL.get(operation)
    if special is not None:
        return special(asked)
    return _on_named(asked, action)


def _on_named(asked: _Asked, action: str) -> list[Access]:
    """The action on what the request names, and on all that its rules refer to."""
    request = asked.request
    name = _named(asked)
    found = [_access(asked, action, name)]
    if request.get("Tags") and asked.operation.startswith("Create"):
        found.append(_access(asked, _TAG, name))
    return found + [_access(asked, action, other) for other in _referred(asked, name)]


def named_arn(text: str, *paths: str) -> WafName:
    """What the ARN of one of these sorts says; raises WAFInvalidParameterException."""
    name = parse_waf_arn(text)
    if name is None or name.path not in paths:
        reason = (
            "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by "
            "colons or slashes."
        )
        raise AwsError(
            "WAFInvalidParameterException",
            f"Error reason: {reason}, field: RESOURCE_ARN, parameter: {text}",
            400,
            Field="RESOURCE_ARN",
            Parameter=text,
            Reason=reason,
        )
    return name


def _named(asked: _Asked) -> WafName:
    """What the request names; raises KeyError for an operation without a rule."""
    request = asked.request
    by_arn = _BY_ARN.get(asked.operation)
    if by_arn is not None:
        member, paths = by_arn
        return named_arn(request[member], *(paths or _TAGGED))
    path = _BY_NAME[asked.operation]
    if "ARN" in request and asked.operation.startswith("Get"):
        return named_arn(request["ARN"], path)
    scope = request.get("Scope", REGIONAL)
    return WafName(
        asked.caller.partition,
        CLOUDFRONT_REGION if scope == CLOUDFRONT else asked.region,
        asked.caller.account,
        scope,
        path,
        request.get("Name", _ANY),
        request.get("Id", _ANY),
    )


def _access(asked: _Asked, action: str, name: WafName) -> Access:
    """An action on something of AWS WAF; what is of another account has to be shared by its policy."""
    kind = KIND_OF_PATH.get(name.path)
    record = None if kind is None else asked.records.get(kind, name.account, name.key, name.region)
    keys: dict[str, ContextValue] = {}
    policy: str | None = None
    if record is not None and record.id == name.id:
        keys = {f"aws:ResourceTag/{tag.key}": tag.value for tag in record.tags}
        if isinstance(record, RuleGroup) and record.policy:
            policy = _with_resource(record.policy)
    if policy is None and name.account != asked.caller.account:
        policy = ""
    return Access(
        action=action,
        resource=str(name),
        resource_account=name.account,
        context={**_keys(asked), **keys},
        resource_policy=policy,
    )


@lru_cache(maxsize=64)
def _with_resource(policy: str) -> str:
    """A policy of a rule group, which names no resource, as one that names all: it is asked of its group."""
    document = json.loads(policy)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    document["Statement"] = [{**statement, "Resource": _ANY} for statement in statements]
    return json.dumps(document)


def _keys(asked: _Asked) -> Context:
    """The condition keys of the request."""
    request = asked.request
    keys = request_tags(request)
    if asked.operation in _LOGGING:
        given = request.get("LoggingConfiguration", request)
        keys["wafv2:LogScope"] = given.get("LogScope", "CUSTOMER")
        if asked.operation == "PutLoggingConfiguration":
            keys["wafv2:LogDestinationResource"] = list(given["LogDestinationConfigs"])
    return keys


def _referred(asked: _Asked, holder: WafName) -> list[WafName]:
    """What the rules of a request refer to, each once.

    What is named by no ARN is refused by the operation, which says which rule it is in.
    """
    found: dict[WafName, None] = {}
    for member, statement in _statements(asked.request.get("Rules") or []):
        if member == "ManagedRuleGroupStatement":
            name = str(statement.get("Name", _ANY))
            found[holder._replace(path=MANAGED_RULE_SET_PATH, name=name, id=_ANY)] = None
        else:
            named = parse_waf_arn(str(statement.get("ARN", "")))
            if named is not None and named.path == _REFERENCES[member]:
                found[named] = None
    return list(found)


def _statements(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every statement in a request's rules that refers to something, by its member's name."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, Mapping):
            for member, inner in value.items():
                if member in _REFERENCES or member == "ManagedRuleGroupStatement":
                    yield member, inner
                if isinstance(inner, list | Mapping):
                    waiting.append(inner)


def _on_load_balancer(asked: _Asked) -> Access:
    arn = str(asked.request["ResourceArn"])
    named = parse_load_balancer_arn(arn)
    return Access(
        action=_ON_LOAD_BALANCERS[asked.operation],
        resource=arn,
        resource_account=asked.caller.account if named is None else named.account,
    )


def _associate(asked: _Asked) -> list[Access]:
    return [*_on_named(asked, "wafv2:AssociateWebACL"), _on_load_balancer(asked)]


def _disassociate(asked: _Asked) -> list[Access]:
    balancer = _on_load_balancer(asked)
    return [
        Access(
            action="wafv2:DisassociateWebACL",
            resource=balancer.resource,
            resource_account=balancer.resource_account,
        ),
        balancer,
    ]


def _web_acl_for_resource(asked: _Asked) -> list[Access]:
    """On the web ACL of the association, or on any where there is none."""
    caller = asked.caller
    association = asked.records.get(ASSOCIATION, caller.account, asked.request["ResourceArn"], asked.region)
    name = WafName(caller.partition, asked.region, caller.account, REGIONAL, WEB_ACL_PATH, _ANY, _ANY)
    if association is not None:
        name = named_arn(association.web_acl, WEB_ACL_PATH)
    return [
        _access(asked, "wafv2:GetWebACLForResource", name),
        _access(asked, "wafv2:GetWebACL", name),
        _on_load_balancer(asked),
    ]


def _resources_for_web_acl(asked: _Asked) -> list[Access]:
    found = _on_named(asked, "wafv2:ListResourcesForWebACL")
    if asked.request.get("ResourceType", "APPLICATION_LOAD_BALANCER") == "APPLICATION_LOAD_BALANCER":
        action = "elasticloadbalancing:DescribeWebACLAssociation"
        found.append(Access(action=action, resource=_ANY, resource_account=None))
    return found


def _put_logging(asked: _Asked) -> list[Access]:
    name = named_arn(asked.request["LoggingConfiguration"]["ResourceArn"], WEB_ACL_PATH)
    return [_access(asked, "wafv2:PutLoggingConfiguration", name)]


def _managed_keys(asked: _Asked) -> list[Access]:
    request = asked.request
    by_name = {"Name": request["WebACLName"], "Id": request["WebACLId"], "Scope": request["Scope"]}
    name = _named(asked._replace(operation="GetWebACL", request=by_name))
    return [_access(asked, "wafv2:GetRateBasedStatementManagedKeys", name)]


def _put_versions(asked: _Asked) -> list[Access]:
    action = "wafv2:PutManagedRuleSetVersions"
    arns = [
        version["AssociatedRuleGroupArn"]
        for version in (asked.request.get("VersionsToPublish") or {}).values()
        if "AssociatedRuleGroupArn" in version
    ]
    groups = [named_arn(arn, RULE_GROUP_PATH) for arn in dict.fromkeys(arns)]
    return [_access(asked, action, name) for name in (_named(asked), *groups)]


_SPECIAL: Final[Mapping[str, Callable[[_Asked], list[Access]]]] = {
    "AssociateWebACL": _associate,
    "DisassociateWebACL": _disassociate,
    "GetRateBasedStatementManagedKeys": _managed_keys,
    "GetWebACLForResource": _web_acl_for_resource,
    "ListResourcesForWebACL": _resources_for_web_acl,
    "PutLoggingConfiguration": _put_logging,
    "PutManagedRuleSetVersions": _put_versions,
}
