"""The web ACL that is meant by `default`: managed rule groups, blocking."""

from masugata.engines.waf.managed import managed_groups
from masugata.web_acl_documents import default_ruleset

__all__ = ["default_ruleset", "managed_groups"]
