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


def default_groups() -> list[ManagedGroup]:
    """The version of each group that is used where none is named, by name."""
    found = [group for (_, _, version), group in managed_groups().items() if version is None]
    return sorted(found, key=lambda group: group.name)


def versions_of(group: ManagedGroup) -> list[str]:
    """The names of all versions of a group, in order."""
    return sorted(
        version
        for vendor, name, version in managed_groups()
        if (vendor, name) == (group.vendor, group.name) and version is not None
    )
