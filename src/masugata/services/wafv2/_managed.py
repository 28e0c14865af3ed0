"""The managed rule groups that come with the program."""

from typing import Final

from masugata.engines.waf.managed import ManagedGroup, ManagedGroups

ELSEWHERE: Final = frozenset(
    {
        "AWSManagedRulesACFPRuleSet",
        "AWSManagedRulesATPRuleSet",
        "AWSManagedRulesAntiDDoSRuleSet",
    }
)
"""Groups that AWS has and this program has not."""


def managed_groups() -> ManagedGroups:
    """All of them, by vendor, name and version."""
    return {}


def managed_group(vendor: str, name: str, version: str | None) -> ManagedGroup | None:
    """A version of a group, or None."""
    return managed_groups().get((vendor, name, version))
