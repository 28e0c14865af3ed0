"""Events that must be durable before their answers, handed in together."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from typing import NamedTuple

from masugata.fibers import Awaited, can_wait
from masugata.store import EventRow, InvalidRecordError, Store

_MOST = 64  # requests


class _Waiting(NamedTuple):
    committed: Awaited[None]
    events: Sequence[EventRow]


class EventGroups:
    """Hands the events of all requests that one turn of an event loop answers to the store as one.

    Each alone would wake the writer, which then takes the interpreter from the loop time and again, and
    would commit a few at a time; and each would wake the loop. Nobody waits for others to come: a turn ends
    when nothing that has arrived is left to do. To be made in the loop's thread.
    """

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self._thread = get_ident()
        self._waiting: list[_Waiting] = []

    def record(self, events: Sequence[EventRow]) -> bool:
        """Wait until these are durable, as a fiber of the loop; raises what `Store.record_durably` does.

        Whoever is none is told so and nothing is done: they would hold up the loop.
        """
        if not can_wait():
            return False
        committed: Awaited[None] = Awaited()
        self._waiting.append(_Waiting(committed, events))
        if len(self._waiting) == 1:
            self._loop.call_soon(self._hand_in)
        committed.wait()
        return True

    def _hand_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), _MOST):
            self._hand_in_group(waiting[start : start + _MOST])

    def _hand_in_group(self, group: list[_Waiting]) -> None:
        try:
            self._store_together(group)
        except InvalidRecordError:  # of one of them, for which the others must not suffer
            for each in group:
                self._store_alone(each)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to those who wait
            _finish(group, error)

    def _store_alone(self, each: _Waiting) -> None:
        try:
            self._store_together([each])
        except Exception as error:  # noqa: BLE001  # as above
            _finish([each], error)

    def _store_together(self, group: list[_Waiting]) -> None:
        stored = self._store.record_durably([event for each in group for event in each.events], None)
        stored.add_done_callback(lambda done: self._bring(group, done))

    def _bring(self, group: list[_Waiting], stored: "Future[None]") -> None:
        """Finish a group in the loop; once that is closed nobody waits any more."""
        if get_ident() == self._thread:
            _finish(group, stored.exception())
            return
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_finish, group, stored.exception())


def _finish(group: list[_Waiting], error: BaseException | None) -> None:
    for each in group:
        if error is not None:
            each.committed.fail(error)
        else:
            each.committed.give(None)
