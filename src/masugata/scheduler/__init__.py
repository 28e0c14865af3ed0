"""Work that falls due: events leave that are too old or too many, the change log stays short."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self

from masugata.errors import MasugataError
from masugata.metrics import METRICS
from masugata.metrics.table import EVENTS_DELETED
from masugata.settings import Settings
from masugata.store import Store

_log = logging.getLogger(__name__)

_PERIOD_SECONDS = 60.0


class Scheduler:
    """Runs `run_due` at once and every minute, in a thread of its own, until its block is left."""

    def __init__(self, store: Store, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._retention = timedelta(days=settings.event_retention_days)
        self._maximum = settings.maximum_event_bytes
        self._clock = clock
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
        while True:
            try:
                run_due(self._store, self._clock() - self._retention, self._maximum, self._stop.is_set)
            except MasugataError as error:
                _log.warning("due work failed and will be tried again: %s", error)
            if self._stop.wait(_PERIOD_SECONDS):
                return


class Done(NamedTuple):
    """How much due work was done."""

    too_old: int = 0
    too_many: int = 0
    changes: int = 0


def run_due(
    store: Store, oldest_event: datetime, maximum_bytes: int, stopped: Callable[[], bool] = lambda: False
) -> Done:
    """Do what is due, until `stopped`; returns how many events were deleted and change rows forgotten."""
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
