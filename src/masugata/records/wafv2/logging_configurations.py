"""Where the log of a web ACL goes, and what of it."""

from typing import Any

import msgspec

from masugata.engines.waf.definitions import FieldToMatch
from masugata.records.kind import Kind


class LoggingConfiguration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The logging configuration of a web ACL for one log scope.

    `web_acl` is its ARN, `key` the key of its record; `destinations` are ARNs. `filter` is as AWS's API has it.
    """

    version: int = 1
    web_acl: str
    web_acl_key: str
    log_scope: str = "CUSTOMER"
    log_type: str = "WAF_LOGS"
    destinations: tuple[str, ...]
    redacted_fields: tuple[FieldToMatch, ...] = ()
    filter: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """The key of its record: the scope and name of the web ACL, and the log scope."""
        return f"{self.web_acl_key}/{self.log_scope}"


LOGGING_CONFIGURATION = Kind(
    "wafv2",
    "logging-configuration",
    LoggingConfiguration,
    key=lambda r: r.key,
    names=lambda _: [],
    references=lambda r: [("web-acl", r.web_acl)],
)
