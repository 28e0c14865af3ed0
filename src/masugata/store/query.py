"""A checked question to the event log."""

from datetime import datetime
from typing import NamedTuple

from masugata.store.event import ATTRIBUTES, check_text, microseconds

LIMIT = 1000


class EventQuery(NamedTuple):
    """Arguments of `Store.events`, times in microseconds since 1970."""

    account: str
    region: str
    start: int | None
    end: int | None
    attribute: tuple[str, str] | None
    before_seq: int | None
    limit: int

    @classmethod
    def of(
        cls,
        account: str,
        region: str,
        start: datetime | None,
        end: datetime | None,
        attribute: tuple[str, str] | None,
        before_seq: int | None,
        limit: int,
    ) -> "EventQuery":
        """Check the arguments; raises ValueError, or `InvalidRecordError` for texts and times."""
        check_text(account, region)
        if attribute is not None:
            if attribute[0] not in ATTRIBUTES:
                raise ValueError(f"`{attribute[0]}` is not a look-up attribute: {', '.join(ATTRIBUTES)}")
            check_text(attribute[1])
        if not 1 <= limit <= LIMIT:
            raise ValueError(f"the limit `{limit}` is not between 1 and {LIMIT}")
        return cls(
            account,
            region,
            None if start is None else microseconds(start),
            None if end is None else microseconds(end),
            attribute,
            before_seq,
            limit,
        )
