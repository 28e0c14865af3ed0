"""Answers that threads have ready, on their way to the event loop that waits for them."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident

from masugata.wire import HttpResponse

_log = logging.getLogger(__name__)


class Answers:
    """Brings answers from threads to one event loop, and wakes it once for all that come together.

    A commit answers dozens of requests at once; asyncio's own way wakes the loop for each of them, with a
    system call that lets the two threads take the interpreter from each other. To be made in the loop's
    thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = get_ident()
        self._ready: deque[tuple[Callable[[HttpResponse], None], Future[HttpResponse]]] = deque()
        self._woken = False

    def bring(self, answer: "Future[HttpResponse]", reply: Callable[[HttpResponse], None]) -> None:
        """Have `reply` called in the loop with this answer once it is there."""
        answer.add_done_callback(lambda done: self._bring(reply, done))

    def _bring(self, reply: Callable[[HttpResponse], None], done: "Future[HttpResponse]") -> None:
        if get_ident() == self._thread:
            _hand_over(reply, done)
            return
        self._ready.append((reply, done))
        # Read after it is in the queue: whoever clears this looks into the queue afterwards.
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._hand_over_all)

    def _hand_over_all(self) -> None:
        self._woken = False
        while self._ready:
            _hand_over(*self._ready.popleft())


def _hand_over(reply: Callable[[HttpResponse], None], done: "Future[HttpResponse]") -> None:
    try:
        response = done.result()
    except Exception:  # noqa: BLE001  # the last line of defence: log all, say nothing
        _log.exception("a request could not be answered")
        response = HttpResponse(status=500)
    reply(response)
