"""Timestamps in the three forms of the protocols."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from masugata.wire._timestamps import READ_TEXT, WRITE, read_epoch

MOMENT = datetime(2026, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)
TOKYO = MOMENT.astimezone(timezone(timedelta(hours=9)))


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("iso8601", "2026-11-23T10:00:00.250Z"),
        ("rfc822", "Mon, 23 Nov 2026 10:00:00 GMT"),
        ("unixTimestamp", 1795428000.25),
    ],
)
def test_written_in_utc_and_read_again(form: str, written: object) -> None:
    """Every form says the moment in UTC, and reads what it writes."""
    assert WRITE[form](MOMENT) == WRITE[form](TOKYO) == written
    expected = MOMENT.replace(microsecond=0) if form == "rfc822" else MOMENT
    again = READ_TEXT[form](str(written))
    assert again == expected
    assert again.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso8601", ""),
        ("iso8601", "2026-W01"),
        ("iso8601", "2026-13-01T00:00:00Z"),
        ("iso8601", "0001-01-01T00:00:00+09:00"),
        ("iso8601", "٢٠٢٦-01-01"),
        ("rfc822", "yesterday"),
        ("rfc822", "x" * 100),
        ("unixTimestamp", "nan"),
        ("unixTimestamp", "999999999999999"),
    ],
)
def test_what_is_no_timestamp_is_refused(form: str, text: str) -> None:
    """Other dialects, impossible dates and moments beyond the calendar are errors."""
    with pytest.raises(ValueError, match=r"."):
        READ_TEXT[form](text)


def test_dates_and_zones() -> None:
    """A date alone is midnight, a time without a zone is UTC, digits beyond microseconds are cut."""
    read = READ_TEXT["iso8601"]
    assert read("2026-11-23") == datetime(2026, 11, 23, tzinfo=UTC)
    assert read("2026-11-23T10:00") == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert read("2026-11-23T19:00:00.250000999+0900") == MOMENT
    assert read_epoch(-1) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
