"""Typed values of conditions: numbers, dates, booleans and bytes, each None where the text is not one."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

_LONGEST = 64
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_EPOCH = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")
# The W3C profile of ISO 8601: https://www.w3.org/TR/NOTE-datetime
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?)?)?"
)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def parse_number(text: str) -> Decimal | None:
    """An integer or decimal number, exactly."""
    return _parse_number(text) if len(text) <= _LONGEST else None


def parse_date(text: str) -> Decimal | None:
    """Seconds since 1970 of an ISO 8601 date of any precision (UTC unless it says), or of epoch seconds."""
    return _parse_date(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _parse_number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=1024)
def _parse_date(text: str) -> Decimal | None:
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = match.groups()
    try:
        zone = UTC
        if sign:
            offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
            zone = timezone(-offset if sign == "-" else offset)
        date = (int(year), int(month), int(day or 1))
        moment = datetime(*date, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone)
        whole = (moment - _BEGINNING) // _SECOND
    except (ValueError, OverflowError):
        return None
    return whole + Decimal(f"0.{fraction or 0}")


def parse_bool(text: str) -> bool | None:
    """`true` or `false` in any case."""
    return {"true": True, "false": False}.get(text.lower())


def parse_binary(text: str) -> bytes | None:
    """Base64 with padding."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
