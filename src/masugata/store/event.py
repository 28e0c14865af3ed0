"""Events as the store keeps them: the columns that look-ups need, and the body untouched."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from masugata.store.errors import InvalidRecordError

BODY_LIMIT = 1 << 20
RESOURCE_LIMIT = 1000
DELETE_LIMIT = 10_000
EVENT_OVERHEAD = 512  # bytes on the disk besides the body, about: columns, indexes and postings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class EventRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One event of the trail.

    `time` is aware; `resources` are (type, name) pairs such as ("AWS::IAM::User", "alice"); `body`
    is the whole record as it will be shown. `seq` is given by the store.
    """

    seq: int = 0
    time: datetime
    account: str
    region: str
    event_id: str
    name: str
    source: str
    username: str = ""
    access_key_id: str = ""
    read_only: bool
    resources: tuple[tuple[str, str], ...] = ()
    body: bytes


ATTRIBUTES: Mapping[str, Callable[[EventRow, str], bool]] = {
    "EventId": lambda event, value: event.event_id == value,
    "EventName": lambda event, value: event.name == value,
    "ReadOnly": lambda event, value: ("true" if event.read_only else "false") == value,
    "Username": lambda event, value: event.username == value,
    "ResourceType": lambda event, value: any(value == kind for kind, _ in event.resources),
    "ResourceName": lambda event, value: any(value == name for _, name in event.resources),
    "EventSource": lambda event, value: event.source == value,
    "AccessKeyId": lambda event, value: event.access_key_id == value,
}
"""The look-up attributes of CloudTrail's LookupEvents, and what they mean."""


def microseconds(time: datetime) -> int:
    """Microseconds since 1970; raises `InvalidRecordError` for a time without zone."""
    if time.tzinfo is None:
        raise InvalidRecordError(f"the time `{time.isoformat()}` has no time zone")
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The time, in UTC, of this many microseconds since 1970."""
    return _EPOCH + _MICROSECOND * value


def check_event(event: EventRow) -> None:
    """Raise `InvalidRecordError` unless any database can hold the event.

    An event is stored together with those of other calls, so one that the database refuses would
    take theirs with it.
    """
    microseconds(event.time)
    check_text(event.account, event.region, event.event_id, event.name, event.source)
    check_text(event.username, event.access_key_id)
    for resource in event.resources:
        check_text(*resource)
    if type(event.body) is not bytes or len(event.body) > BODY_LIMIT:
        raise InvalidRecordError(f"the body of an event is at most {BODY_LIMIT} bytes")
    if len(event.resources) > RESOURCE_LIMIT:
        raise InvalidRecordError(f"an event names at most {RESOURCE_LIMIT} resources")


def check_text(*texts: str) -> None:
    """Raise `InvalidRecordError` unless all are texts that any database can hold."""
    for text in texts:
        if type(text) is not str:
            raise InvalidRecordError(f"`{text!r}` is not a text")
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise InvalidRecordError(f"`{text!r}` holds half of a surrogate pair") from error
        if "\0" in text:
            raise InvalidRecordError(f"`{text!r}` holds a zero character")
