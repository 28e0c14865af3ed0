"""The time inside a test."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's time, until a test moves or stops it.

    It is the time by which sessions expire, conditions are judged and events are dated. Clients sign
    with the machine's own; how far the two are apart does not matter inside `local_aws`.
    """

    def __init__(self) -> None:
        self._frozen: datetime | None = None
        self._offset = timedelta()
        self._moved: Callable[[], object] | None = None

    def when_moved(self, do: Callable[[], object]) -> None:
        """Have something done each time the clock was moved."""
        self._moved = do

    def __call__(self) -> datetime:
        """Now, in UTC."""
        return self._frozen or datetime.now(UTC) + self._offset

    def advance(self, by: timedelta | None = None, **units: float) -> datetime:
        """Move on by a timedelta, or by `days=`, `hours=`, `minutes=`, `seconds=`; returns the new time.

        A stopped clock stays stopped, later. Raises ValueError for a step back.
        """
        step = (by or timedelta()) + timedelta(**units)
        if step < timedelta():
            raise ValueError(f"a clock does not advance by `{step}`; to go back, freeze it at a time")
        if self._frozen is not None:
            self._frozen += step
        else:
            self._offset += step
        return self._after_move()

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stop the clock, now or at an aware datetime; returns the time. Raises ValueError without a zone."""
        if at is not None and at.tzinfo is None:
            raise ValueError(f"`{at.isoformat()}` has no time zone: say datetime(…, tzinfo=UTC)")
        self._frozen = self() if at is None else at.astimezone(UTC)
        return self._after_move()

    def resume(self) -> datetime:
        """Let it run on from where it stands; returns the time."""
        if self._frozen is not None:
            self._offset = self._frozen - datetime.now(UTC)
            self._frozen = None
        return self()

    def reset(self) -> None:
        """Back to the machine's time."""
        self._frozen, self._offset = None, timedelta()

    def _after_move(self) -> datetime:
        if self._moved is not None:
            self._moved()
        return self()
