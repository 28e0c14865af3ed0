"""What of a web ACL's requests is logged, and where."""

from typing import Any

import msgspec

from masugata.engines.waf.definitions import FieldToMatch


class LogPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a logging configuration says: the folder, what is left out, and what does not show."""

    folder: str
    redacted_fields: tuple[FieldToMatch, ...] = ()
    filter: dict[str, Any] | None = None
    data_protection: dict[str, Any] | None = None
