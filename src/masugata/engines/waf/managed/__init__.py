"""Managed rule groups: rules under AWS's names that come with the program."""

from masugata.engines.waf.managed._catalogue import catalogue, default_groups, managed_groups
from masugata.engines.waf.managed._group import Detect, ManagedGroup, ManagedGroups, ManagedRule, Source
from masugata.engines.waf.managed._lists import LIST_NAMES, Lists

__all__ = [
    "LIST_NAMES",
    "Detect",
    "Lists",
    "ManagedGroup",
    "ManagedGroups",
    "ManagedRule",
    "Source",
    "catalogue",
    "default_groups",
    "managed_groups",
]
