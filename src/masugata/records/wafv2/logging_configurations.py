"""Where the log of a web ACL goes, and what of it."""

import re
from typing import Any, Final

import msgspec

from masugata.engines.waf.definitions import FieldToMatch
from masugata.records.kind import Kind

_NAME: Final = r"(aws-waf-logs-[A-Za-z0-9._/#-]+)"
_DESTINATIONS: Final = {
    "s3": re.compile(rf"arn:[a-z-]+:s3:():():{_NAME}"),
    "firehose": re.compile(rf"arn:[a-z-]+:firehose:([a-z0-9-]+):([0-9]{{12}}):deliverystream/{_NAME}"),
    "logs": re.compile(rf"arn:[a-z-]+:logs:([a-z0-9-]+):([0-9]{{12}}):log-group:{_NAME}(?::\*)?"),
}


class LogDestination(msgspec.Struct, frozen=True):
    """A bucket, delivery stream or log group: of what service, where, whose, and its name.

    None of them is here: an edge's settings say for each name which folder or which HTTP sink stands for it.
    A bucket has no Region and account in its ARN.
    """

    service: str
    region: str
    account: str
    name: str


class LoggingConfiguration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The logging configuration of a web ACL for one log scope.

    `web_acl` is its ARN, `web_acl_key` the key of its record; `destinations` are ARNs. `filter` is as AWS's
    API has it.
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
        """The key of its record."""
        return logging_key(self.web_acl_key, self.log_scope)


def logging_key(web_acl_key: str, log_scope: str) -> str:
    """The key of a record: the scope and name of the web ACL, and the log scope."""
    return f"{web_acl_key}/{log_scope}"


def log_destination(arn: str) -> LogDestination | None:
    """Where logs with this destination go, or None for what cannot be one.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html
    """
    for service, form in _DESTINATIONS.items():
        found = form.fullmatch(arn)
        if found is not None:
            return LogDestination(service, found[1], found[2], found[3])
    return None


LOGGING_CONFIGURATION = Kind(
    "wafv2",
    "logging-configuration",
    LoggingConfiguration,
    key=lambda r: r.key,
    names=lambda _: [],
    references=lambda r: [("web-acl", r.web_acl)],
)
