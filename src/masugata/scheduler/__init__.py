"""Work that falls due: states move on, old or too many events leave, the change log stays short."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self

from masugata.errors import MasugataError
from masugata.keeper import Keeper
from masugata.metrics import METRICS
from masugata.metrics.table import EVENTS_DELETED
from masugata.scheduler.due import DueRunner
from masugata.settings import Settings
from masugata.store import Store

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LOOKS_FOR_EVENTS = 120  # events are looked at every minute


class Scheduler:
    """Looks for states that are due twice a second and runs `run_due` every minute; both first at once.

    In a thread of its own, until its block is left.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        keeper: Keeper,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._due = DueRunner(store, random, settings.limits, keeper=keeper)
        self._retention = timedelta(days=settings.event_retention_days)
        self._maximum = settings.maximum_event_bytes
        self._clock = clock
        self._failed: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="masugata-scheduler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        # At once, for a server that is restarted more often than that would never come to it.
        look = 0
        while True:
            self._try("due work", lambda: self._due.run(self._clock(), self._stop.is_set))
            if look % _LOOKS_FOR_EVENTS == 0:
                self._try("deleting events", self._delete_events)
            look += 1
            if self._stop.wait(_LOOK_SECONDS):
                return

    def _delete_events(self) -> "Done":
        return run_due(self._store, self._clock() - self._retention, self._maximum, self._stop.is_set)

    def _try(self, what: str, do: Callable[[], object]) -> None:
        """Do it; what goes wrong is tried again, and said once for each reason, not twice a second."""
        try:
            do()
        except Exception as error:  # noqa: BLE001  # the thread outlives whatever happens
            reason = f"{type(error).__name__}: {error}"
            if self._failed.get(what) == reason:
                return
            self._failed[what] = reason
            inside = None if isinstance(error, MasugataError) else error
            _log.warning("%s failed and will be tried again: %s", what, error, exc_info=inside)
        else:
            self._failed.pop(what, None)


class Done(NamedTuple):
    """How much was deleted."""

    too_old: int = 0
    too_many: int = 0
    changes: int = 0


def run_due(
    store: Store, oldest_event: datetime, maximum_bytes: int, stopped: Callable[[], bool] = lambda: False
) -> Done:
    """Delete what is due, until `stopped`; returns how many events were deleted and change rows forgotten."""
    too_old = _repeat(lambda: store.delete_events_before(oldest_event), stopped)
    too_many = _repeat(lambda: store.delete_events_above(maximum_bytes), stopped)
    METRICS.add(EVENTS_DELETED, "age", by=too_old)
    METRICS.add(EVENTS_DELETED, "size", by=too_many)
    if too_many:
        _log.warning(
            "the event log took more than %d bytes: its %d oldest events are gone before their time "
            "(see the setting maximum_event_bytes)",
            maximum_bytes,
            too_many,
        )
    return Done(too_old, too_many, 0 if stopped() else store.compact_changes().result())


def _repeat(delete: "Callable[[], Future[int]]", stopped: Callable[[], bool]) -> int:
    """Delete batch by batch, so that the writer is never held up for long; gives how many."""
    deleted = 0
    while not stopped() and (batch := delete().result()):
        deleted += batch
    return deleted


__all__ = ["Done", "DueRunner", "Scheduler", "run_due"]
