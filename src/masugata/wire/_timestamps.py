"""Timestamps in the three forms of AWS's protocols; milliseconds, as AWS sends them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from masugata.errors import MasugataError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ISO8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?(?:[eE]\+?\d{1,2})?", re.ASCII)


def read_iso8601(text: str) -> datetime:
    """`2026-11-23T10:00:00Z`, with or without fractions and offset, or a date; ValueError if it is none."""
    if not _ISO8601.fullmatch(text):
        raise ValueError(f"`{text[:64]}` is not an ISO 8601 timestamp")
    return _utc(datetime.fromisoformat(text))


def read_rfc822(text: str) -> datetime:
    """`Mon, 23 Nov 2026 10:00:00 GMT`; ValueError if it is none."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  (10 ms that few need)

    if len(text) > 64:
        raise ValueError("a timestamp of RFC 822 is shorter")
    return _utc(parsedate_to_datetime(text))


def read_epoch(value: float) -> datetime:
    """Seconds since 1970, with fractions; ValueError outside the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(seconds=value)
    except OverflowError as error:
        raise ValueError("the timestamp is out of range") from error


def read_epoch_text(text: str) -> datetime:
    """Seconds since 1970 as text."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"`{text[:64]}` is not a number of seconds")
    return read_epoch(float(text))


def write_iso8601(value: datetime) -> str:
    """`2026-11-23T10:00:00Z`; milliseconds only where there are fractions."""
    utc = _aware(value)
    text = utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"


def write_rfc822(value: datetime) -> str:
    """`Mon, 23 Nov 2026 10:00:00 GMT`."""
    from email.utils import format_datetime  # noqa: PLC0415  (as above)

    return format_datetime(_aware(value).replace(microsecond=0), usegmt=True)


def write_epoch(value: datetime) -> float:
    """Seconds since 1970, to the millisecond."""
    return ((_aware(value) - _EPOCH) // _MILLISECOND) / 1000


def _utc(value: datetime) -> datetime:
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the timestamp is out of range") from error


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise MasugataError(f"the timestamp `{value.isoformat()}` has no time zone")
    return value.astimezone(UTC)


READ_TEXT: dict[str, Callable[[str], datetime]] = {
    "iso8601": read_iso8601,
    "rfc822": read_rfc822,
    "unixTimestamp": read_epoch_text,
}
WRITE: dict[str, Callable[[datetime], Any]] = {
    "iso8601": write_iso8601,
    "rfc822": write_rfc822,
    "unixTimestamp": write_epoch,
}
