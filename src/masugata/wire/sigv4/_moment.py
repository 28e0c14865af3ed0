"""The moment of signing and the life of a signature, as requests write them."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from masugata.errors import AwsError
from masugata.wire.sigv4._refusals import incomplete, shown

_MAX_EXPIRES = 604_800  # a week
_BASIC_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_HTTP_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
    r"(?:GMT|UTC|([+-])([0-9]{2})([0-9]{2}))"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)  # many requests are signed within a second
def read_moment(text: str) -> datetime:
    """A moment in ISO 8601's basic format, in UTC; raises IncompleteSignature."""
    if _BASIC_DATE.fullmatch(text) is not None:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _not_a_date(text)


def basic_date(text: str) -> str:
    """A `Date` header, which may be an HTTP date, in ISO 8601's basic format."""
    match = _HTTP_DATE.fullmatch(text.strip())
    if match is None or match[2] not in _MONTHS:
        return text
    day, year, hour, minute, second = (int(match[index]) for index in (1, 3, 4, 5, 6))
    try:
        moment = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
        if match[7] is not None:
            offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
            moment = moment - offset if match[7] == "+" else moment + offset
    except (ValueError, OverflowError):
        raise _not_a_date(text) from None
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def read_expires(text: str | None) -> int | None:
    """X-Amz-Expires in seconds: 1 to 604800; raises IncompleteSignature."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise incomplete("X-Amz-Expires should be a number")
    if len(text) > 6 or int(text) > _MAX_EXPIRES:
        raise incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            "less than 604800 seconds"
        )
    if int(text) < 1:
        raise incomplete("X-Amz-Expires must be at least 1")
    return int(text)


def _not_a_date(text: str) -> AwsError:
    return incomplete(
        f"Date must be in ISO-8601 'basic format'. Got '{shown(text)}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )
