"""Fibers, awaited by coroutines."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from masugata.fibers import Fibers

T = TypeVar("T")


def in_fiber(fibers: Fibers, work: Callable[[], T]) -> "asyncio.Future[T]":
    """What the work, which is begun at once, returns or raises."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  # whatever it is
            future.set_exception(error)

    fibers.start(run)
    return future
