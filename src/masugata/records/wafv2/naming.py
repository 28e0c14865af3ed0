"""How what AWS WAF has is named: by scope, name and id, or by an ARN of all three.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from masugata.arn import InvalidArnError, parse_arn

CLOUDFRONT: Final = "CLOUDFRONT"
REGIONAL: Final = "REGIONAL"
CLOUDFRONT_REGION: Final = "us-east-1"
SCOPE_PATHS: Final[Mapping[str, str]] = {CLOUDFRONT: "global", REGIONAL: "regional"}
"""What a scope is called in ARNs."""
WEB_ACL_PATH: Final = "webacl"
RULE_GROUP_PATH: Final = "rulegroup"
IP_SET_PATH: Final = "ipset"
REGEX_PATTERN_SET_PATH: Final = "regexpatternset"
MANAGED_RULE_SET_PATH: Final = "managedruleset"
_SCOPES: Final = {path: scope for scope, path in SCOPE_PATHS.items()}


class WafName(NamedTuple):
    """What an ARN of AWS WAF says; `path` is the type of the resource as ARNs have it."""

    partition: str
    region: str
    account: str
    scope: str
    path: str
    name: str
    id: str

    @property
    def key(self) -> str:
        """The key of its record."""
        return entity_key(self.scope, self.name)

    def __str__(self) -> str:
        return waf_arn(self.account, self.region, self.scope, self.path, self.name, self.id, self.partition)


def parse_waf_arn(text: str) -> WafName | None:
    """The parts of an ARN of AWS WAF, or None for any other text."""
    try:
        partition, service, region, account, resource = parse_arn(text)
    except InvalidArnError:
        return None
    parts = resource.split("/")
    if service != "wafv2" or len(parts) != 4 or parts[0] not in _SCOPES or not all(parts):
        return None
    return WafName(partition, region, account, _SCOPES[parts[0]], *parts[1:])


def waf_arn(
    account: str, region: str, scope: str, path: str, name: str, id_: str, partition: str = "aws"
) -> str:
    """The ARN of something of AWS WAF."""
    return f"arn:{partition}:wafv2:{region}:{account}:{SCOPE_PATHS[scope]}/{path}/{name}/{id_}"


def entity_key(scope: str, name: str) -> str:
    """The key of a record: names are unique within the scope, account and Region."""
    return f"{scope}/{name}"
