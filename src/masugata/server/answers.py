"""Answers that threads have ready, on their way to the event loop that waits for them."""

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident

from masugata.wire import HttpResponse


class Answers:
    """Brings answers from threads to one event loop, and wakes it once for all that come together.

    A commit answers dozens of requests at once; asyncio's own way wakes the loop for each of them, with a
    system call that lets the two threads take the interpreter from each other. To be made in the loop's
    thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = get_ident()
        self._ready: deque[tuple[asyncio.Future[HttpResponse], Future[HttpResponse]]] = deque()
        self._woken = False

    def of(self, answer: "Future[HttpResponse]") -> "asyncio.Future[HttpResponse]":
        """The same answer, to be awaited here; who stops to wait leaves it as it is."""
        waiting: asyncio.Future[HttpResponse] = self._loop.create_future()
        answer.add_done_callback(lambda done: self._bring(waiting, done))
        return waiting

    def _bring(self, waiting: "asyncio.Future[HttpResponse]", done: "Future[HttpResponse]") -> None:
        if get_ident() == self._thread:
            _hand_over(waiting, done)
            return
        self._ready.append((waiting, done))
        # Read after it is in the queue: whoever clears this looks into the queue afterwards.
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._hand_over_all)

    def _hand_over_all(self) -> None:
        self._woken = False
        while self._ready:
            _hand_over(*self._ready.popleft())


def _hand_over(waiting: "asyncio.Future[HttpResponse]", done: "Future[HttpResponse]") -> None:
    if waiting.done():  # nobody waits any more
        return
    if (error := done.exception()) is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(done.result())
