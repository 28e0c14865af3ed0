"""What of a web ACL's requests is logged, and where."""

from typing import Any

import msgspec

from masugata.engines.waf.definitions import FieldToMatch


class LogStream(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery stream by the ARN's name and Region, and the URL of what stands for it."""

    name: str
    region: str
    url: str


class LogPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a logging configuration says: where to, what is left out, and what does not show.

    Records go to the stream if there is one, else to files in the folder.
    """

    folder: str
    stream: LogStream | None = None
    redacted_fields: tuple[FieldToMatch, ...] = ()
    filter: dict[str, Any] | None = None
    data_protection: dict[str, Any] | None = None
