"""Synchronous code that waits for an event loop without holding it up.

Each run of such code is a fiber, a stack of its own in the loop's thread: it is left where it waits, and gone
on with when that is done. Nothing else differs from a call; threads have no fibers, and block.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from greenlet import getcurrent, greenlet

T = TypeVar("T")

_MOST_IDLE = 64


class _Fiber(greenlet):  # type: ignore[misc]  # greenlet comes without types
    """Does one piece of work after the other: to start one takes six times as long as to go on with one."""

    awaited: asyncio.Future[Any] | None = None
    result: Any = None

    def run(self, work: Callable[[], Any]) -> None:
        while True:
            self.result = work()
            del work  # while it is idle nothing stays alive for it
            work = self.parent.switch()


class Fibers:
    """The fibers of one event loop, to be made in its thread."""

    def __init__(self) -> None:
        self._idle: list[_Fiber] = []

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; `wait` in it waits here. A cancellation is raised in there."""
        fiber = self._idle.pop() if self._idle else _Fiber()
        fiber.switch(work)
        while (awaited := fiber.awaited) is not None:
            fiber.awaited = None
            try:
                arrived = await awaited
            except BaseException as error:  # noqa: BLE001  # it is for the one who waits
                fiber.throw(error)
            else:
                fiber.switch(arrived)
        result, fiber.result = fiber.result, None
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(fiber)
        return cast("T", result)


def can_wait() -> bool:
    """Whether this is code that `Fibers.run` runs, so that it may `wait`."""
    return isinstance(getcurrent(), _Fiber)


def wait(future: "asyncio.Future[T]") -> T:
    """The future's result, or raises its error; the loop goes on meanwhile. No lock may be held."""
    fiber = cast("_Fiber", getcurrent())
    fiber.awaited = future
    return cast("T", fiber.parent.switch())
