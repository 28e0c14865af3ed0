"""Synchronous code that an event loop goes on beside."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from masugata import fibers
from masugata.fibers import Awaited, Fibers


def waiting(into: "list[Awaited[int]]") -> int:
    """Waits deep down for what it puts there, with something to tidy up above it."""
    awaited: Awaited[int] = Awaited()
    into.append(awaited)
    try:
        return 2 * awaited.wait()
    except ValueError:
        return -1


def test_many_wait_at_once() -> None:
    """Each goes on with what it waited for, in whatever order that comes, and others run meanwhile."""
    made = Fibers()
    for _ in range(2):  # the second time in the fibers of the first
        awaited: list[Awaited[int]] = []
        results: dict[int, int] = {}

        def work(number: int, awaited: Any = awaited, results: Any = results) -> None:
            results[number] = waiting(awaited)

        for number in range(100):
            made.start(lambda number=number: work(number))  # type: ignore[misc]
        assert (len(awaited), results) == (100, {})
        for number, each in reversed(list(enumerate(awaited))):
            each.give(number)
            assert results[number] == 2 * number
        assert len(results) == 100


def test_errors_come_where_they_belong(caplog: pytest.LogCaptureFixture) -> None:
    """What is waited for fails where it is waited for; what work raises is logged, and the next one runs."""
    made, awaited, results = Fibers(), [], []  # type: ignore[var-annotated]
    made.start(lambda: results.append(waiting(awaited)))
    awaited[0].fail(ValueError())
    made.start(lambda: 1 // 0)
    made.start(lambda: results.append(7))
    assert results == [-1, 7]
    assert "ZeroDivisionError" in caplog.text


def test_work_in_turns() -> None:
    """Who goes on may wait again, and start what waits beside it; each gets what is meant for it."""
    made, awaited, results = Fibers(), [], []  # type: ignore[var-annotated]

    def work(name: str) -> None:
        results.append((name, waiting(awaited), waiting(awaited)))

    made.start(lambda: work("a"))
    made.start(lambda: work("b"))
    for number in (1, 2, 3, 4):
        awaited[number - 1].give(number)
    assert results == [("a", 2, 6), ("b", 4, 8)]


def test_nobody_goes_on_twice_or_inside_of_another() -> None:
    """It would go on with something else, or never come back."""
    made = Fibers()
    awaited: list[Awaited[int]] = []
    results: list[Any] = []

    def refused(what: Callable[[int], None]) -> None:
        with pytest.raises(RuntimeError, match="once, and from outside"):
            what(1)
        results.append("refused")

    made.start(lambda: results.append(waiting(awaited)))
    made.start(lambda: refused(awaited[0].give))
    awaited[0].give(4)
    refused(awaited[0].give)
    assert results == ["refused", 8, "refused"]


def test_only_fibers_can_wait() -> None:
    """The loop itself cannot, and no thread."""

    async def run() -> list[bool]:
        inside: list[bool] = []
        Fibers().start(lambda: inside.append(fibers.can_wait()))
        return [*inside, fibers.can_wait(), await asyncio.to_thread(fibers.can_wait)]

    assert asyncio.run(run()) == [True, False, False]


def test_idle_fibers_are_bounded_and_let_nothing_live() -> None:
    """Of many at once some stay, and none of what they worked on."""

    class Large:
        pass

    made, awaited = Fibers(), []  # type: ignore[var-annotated]

    def work(large: Any) -> Any:
        waiting(awaited)
        return large

    for _ in range(200):
        made.start(lambda: work(Large()))
    for each in awaited:
        each.give(0)
    awaited.clear()
    del each
    gc.collect()
    assert len(made._idle) == 64
    assert sum(isinstance(each, Large) for each in gc.get_objects()) == 0
