"""Answers that threads have ready, on their way to the event loop that waits for them."""

import asyncio
from collections import deque
from concurrent.futures import Future

from masugata.wire import HttpResponse


class Answers:
    """Brings answers from threads to one event loop, and wakes it once for all that come together.

    A commit answers dozens of requests at once; asyncio's own way wakes the loop for each of them, with a
    system call that lets the two threads take the interpreter from each other.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: deque[tuple[asyncio.Future[HttpResponse], Future[HttpResponse]]] = deque()
        self._woken = False

    def of(self, answer: "Future[HttpResponse]") -> "asyncio.Future[HttpResponse]":
        """The same answer, to be awaited here; who stops to wait leaves it as it is."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        waiting: asyncio.Future[HttpResponse] = self._loop.create_future()
        answer.add_done_callback(lambda done: self._bring(waiting, done))
        return waiting

    def _bring(self, waiting: "asyncio.Future[HttpResponse]", done: "Future[HttpResponse]") -> None:
        self._ready.append((waiting, done))
        # Read after it is in the queue: whoever clears this looks into the queue afterwards.
        if not self._woken and self._loop is not None:
            self._woken = True
            self._loop.call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        self._woken = False
        while self._ready:
            waiting, done = self._ready.popleft()
            if waiting.done():  # nobody waits any more
                continue
            if (error := done.exception()) is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())
