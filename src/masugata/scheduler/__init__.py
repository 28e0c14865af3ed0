"""Work that falls due: old events leave, the change log stays short."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from masugata.errors import MasugataError
from masugata.settings import Settings
from masugata.store import Store

_log = logging.getLogger(__name__)

_PERIOD_SECONDS = 300.0


class Scheduler:
    """Runs `run_due` at once and every five minutes, in a thread of its own, until its block is left."""

    def __init__(self, store: Store, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._retention = timedelta(days=settings.event_retention_days)
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
                run_due(self._store, self._clock() - self._retention, self._stop.is_set)
            except MasugataError as error:
                _log.warning("due work failed and will be tried again: %s", error)
            if self._stop.wait(_PERIOD_SECONDS):
                return


def run_due(
    store: Store, oldest_event: datetime, stopped: Callable[[], bool] = lambda: False
) -> tuple[int, int]:
    """Do what is due, until `stopped`; returns how many events were deleted and change rows forgotten."""
    deleted = 0
    while not stopped() and (batch := store.delete_events_before(oldest_event).result()):
        deleted += batch
    return deleted, 0 if stopped() else store.compact_changes().result()
