"""The managed rule groups of this program, and the web ACL that is meant by `default`."""

from functools import cache

from masugata.engines.waf.managed import ManagedGroups
from masugata.engines.waf.managed import managed_groups as all_groups
from masugata.web_acl_documents import default_ruleset

__all__ = ["default_ruleset", "managed_groups"]


@cache
def managed_groups() -> ManagedGroups:
    """All of them, with the lists that come with the program."""
    return all_groups()
