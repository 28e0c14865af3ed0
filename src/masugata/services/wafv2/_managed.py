"""The managed rule groups that come with the program."""

from functools import cache

from masugata.engines.waf.managed import ManagedGroup, ManagedGroups, catalogue
from masugata.engines.waf.managed import managed_groups as groups_with


@cache
def managed_groups() -> ManagedGroups:
    """All of them by vendor, name and version, without the lists of addresses that only an edge needs."""
    return groups_with()


def managed_group(vendor: str, name: str, version: str | None) -> ManagedGroup | None:
    """A version of a group, or None."""
    return managed_groups().get((vendor, name, version))


@cache
def default_groups() -> tuple[ManagedGroup, ...]:
    """The version of each group that is used where none is named, by name."""
    return tuple(sorted(catalogue(managed_groups()).values(), key=lambda group: group.name))
