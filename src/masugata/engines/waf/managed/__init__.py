"""Managed rule groups: rules under AWS's names that come with the program."""

from masugata.engines.waf.managed._group import Detect, ManagedGroup, ManagedGroups, ManagedRule, Source

__all__ = ["Detect", "ManagedGroup", "ManagedGroups", "ManagedRule", "Source"]
