"""Synchronous code that an event loop goes on beside."""

import asyncio
import gc
from typing import Any

import pytest

from masugata import fibers
from masugata.fibers import Fibers


def doubled(future: "asyncio.Future[int]") -> int:
    """Waits deep down, with something to tidy up above it."""
    try:
        return 2 * fibers.wait(future)
    except ValueError:
        return -1


def test_many_wait_at_once() -> None:
    """Each goes on with what it waited for, in whatever order that comes, and others run meanwhile."""

    async def run() -> list[int]:
        loop, made = asyncio.get_running_loop(), Fibers()
        for _ in range(2):  # the second time in the fibers of the first
            futures = [loop.create_future() for _ in range(100)]
            running = [asyncio.ensure_future(made.run(lambda each=each: doubled(each))) for each in futures]  # type: ignore[misc]
            await asyncio.sleep(0)
            assert not any(each.done() for each in running)
            for number, future in reversed(list(enumerate(futures))):
                future.set_result(number)
            results = await asyncio.gather(*running)
        return results

    assert asyncio.run(run()) == [2 * number for number in range(100)]


def test_errors_come_where_they_belong() -> None:
    """That of a future to who waits for it, that of the work to who runs it; the next one runs as ever."""

    async def run() -> tuple[int, int]:
        loop, made = asyncio.get_running_loop(), Fibers()
        failed = loop.create_future()
        failed.set_exception(ValueError())
        caught = await made.run(lambda: doubled(failed))
        with pytest.raises(ZeroDivisionError):
            await made.run(lambda: 1 // 0)
        return caught, await made.run(lambda: 7)

    assert asyncio.run(run()) == (-1, 7)


def test_cancelled_work_tidies_up() -> None:
    """Whoever stops to wait has it unwound, and what it waited for is cancelled."""

    async def run() -> list[str]:
        made, seen = Fibers(), []
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def work() -> None:
            try:
                fibers.wait(future)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise
            finally:
                seen.append("tidied")

        running = asyncio.ensure_future(made.run(work))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert future.cancelled()
        return seen

    assert asyncio.run(run()) == ["cancelled", "tidied"]


def test_only_fibers_can_wait() -> None:
    """The loop itself cannot, and no thread."""

    async def run() -> list[bool]:
        made = Fibers()
        inside = await made.run(fibers.can_wait)
        return [inside, fibers.can_wait(), await asyncio.to_thread(fibers.can_wait)]

    assert asyncio.run(run()) == [True, False, False]


def test_idle_fibers_are_bounded_and_let_nothing_live() -> None:
    """Of many at once some stay, and none of what they worked on."""

    class Large:
        pass

    async def run() -> int:
        loop, made = asyncio.get_running_loop(), Fibers()
        gate: asyncio.Future[int] = loop.create_future()

        def work(large: Any) -> Any:
            fibers.wait(gate)
            return large

        running = [asyncio.ensure_future(made.run(lambda: work(Large()))) for _ in range(200)]
        await asyncio.sleep(0)
        gate.set_result(0)
        await asyncio.gather(*running)
        running.clear()
        await asyncio.sleep(0)  # until here the loop itself has them
        gc.collect()
        assert len(made._idle) == 64
        return sum(isinstance(each, Large) for each in gc.get_objects())

    assert asyncio.run(run()) == 0
