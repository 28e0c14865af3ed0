"""Synchronous code that waits for an event loop without holding it up.

Each run of such code is a fiber, a stack of its own in the loop's thread: it is left where it waits, and gone
on with when that is done. Nothing else differs from a call; threads have no fibers, and block.
"""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from greenlet import getcurrent, greenlet

T = TypeVar("T")

_MOST_IDLE = 64

_log = logging.getLogger(__name__)


class _Fiber(greenlet):  # type: ignore[misc]  # greenlet comes without types
    """Does one piece of work after the other: to start one takes six times as long as to go on with one."""

    def __init__(self, idle: "list[_Fiber]") -> None:
        super().__init__()
        self._idle = idle

    def run(self, work: Callable[[], object]) -> None:
        while True:
            try:
                work()
            except Exception:  # noqa: BLE001  # whoever goes on with a fiber has nothing to do with its work
                _log.exception("the work of a fiber failed")
            del work  # while it is idle nothing stays alive for it
            if len(self._idle) >= _MOST_IDLE:
                return
            self._idle.append(self)
            work = self.parent.switch()


class Fibers:
    """The fibers of one event loop, to be made and used in its thread."""

    def __init__(self) -> None:
        self._idle: list[_Fiber] = []

    def start(self, work: Callable[[], object]) -> None:
        """Do this work, until it is done or first waits; what it raises is logged. Not in a fiber."""
        fiber = self._idle.pop() if self._idle else _Fiber(self._idle)
        fiber.switch(work)


def can_wait() -> bool:
    """Whether this is code that `Fibers.start` runs, so that it may wait for something `Awaited`."""
    return isinstance(getcurrent(), _Fiber)


class Awaited(Generic[T]):
    """What one fiber waits for, made in it; whoever has it goes on with the fiber, there and then.

    Futures of the event loop would have it gone on with later, by two turns through the loop's queue for each
    of dozens that have been answered at once. Only code that the loop calls may give: not another fiber, nor
    a thread.
    """

    __slots__ = ("_fiber", "given")

    def __init__(self) -> None:
        self._fiber = cast("_Fiber", getcurrent())
        self.given = False

    def wait(self) -> T:
        """What is given, or raises the error; the loop goes on meanwhile. No lock may be held."""
        return cast("T", self._fiber.parent.switch())

    def give(self, result: T) -> None:
        """Go on with the fiber, which must be waiting."""
        self._go_on()
        self._fiber.switch(result)

    def fail(self, error: BaseException) -> None:
        """Go on with the fiber, which must be waiting, by an error."""
        self._go_on()
        self._fiber.throw(error)

    def _go_on(self) -> None:
        if self.given or can_wait():
            raise RuntimeError("a fiber is gone on with once, and from outside of fibers")
        self.given = True
