"""The managed rule groups of this program, and the web ACL that is meant by `default`."""

from functools import cache

from masugata.engines.waf.definitions import DefaultAction, GoOn, Ruleset, VisibilityConfig, WebACL
from masugata.engines.waf.managed import ManagedGroups, default_groups
from masugata.engines.waf.managed import managed_groups as all_groups


@cache
def managed_groups() -> ManagedGroups:
    """All of them, with the lists that come with the program."""
    return all_groups()


def default_ruleset() -> Ruleset:
    """A web ACL with the default managed groups, each doing what its rules say."""
    return Ruleset(
        web_acl=WebACL(
            name="default",
            arn="arn:aws:wafv2:us-east-1:000000000000:regional/webacl/default/none",
            label_namespace="awswaf:000000000000:webacl:default:",
            default_action=DefaultAction(allow=GoOn()),
            visibility_config=VisibilityConfig(
                sampled_requests_enabled=False, cloud_watch_metrics_enabled=False, metric_name="default"
            ),
            rules=default_groups(),
        )
    )
