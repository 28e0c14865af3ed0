"""The test's clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from masugata.testing import Clock

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_it_runs() -> None:
    """At first it is the machine's, and after a step it runs on from there."""
    clock = Clock()
    assert abs(clock() - datetime.now(UTC)) < timedelta(minutes=1)
    later = clock.advance(days=1, hours=1)
    assert later - datetime.now(UTC) > timedelta(days=1)
    assert clock() >= later
    clock.reset()
    assert clock() < later


def test_it_stands() -> None:
    """Stopped, it moves only by steps, until it resumes from where it stands."""
    clock = Clock()
    assert clock.freeze(NOON.astimezone(timezone(timedelta(hours=9)))) == clock() == clock() == NOON
    assert clock().tzinfo is UTC
    assert clock.advance(timedelta(seconds=1)) == clock() == NOON + timedelta(seconds=1)
    assert clock.freeze() == NOON + timedelta(seconds=1)
    resumed = clock.resume()
    assert NOON < resumed < NOON + timedelta(minutes=1)
    assert clock() > resumed


def test_what_no_clock_does() -> None:
    """It does not step back, and knows no time without a zone."""
    clock = Clock()
    with pytest.raises(ValueError, match="does not advance"):
        clock.advance(days=-1)
    with pytest.raises(ValueError, match="no time zone"):
        clock.freeze(datetime(2030, 1, 1))  # noqa: DTZ001  the mistake


def test_it_tells_when_it_is_moved() -> None:
    """Whoever waits for a time is told after each move, not before."""
    clock = Clock()
    told: list[datetime] = []
    clock.freeze(NOON)
    clock.when_moved(lambda: told.append(clock()))
    clock.advance(days=1)
    clock.freeze(NOON)
    clock.resume()
    assert told == [NOON + timedelta(days=1), NOON]
