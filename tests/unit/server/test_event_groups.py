"""Events that are handed in together, and their answers that come back together."""

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from in_fibers import in_fiber
from masugata.fibers import Fibers
from masugata.server.answers import Answers
from masugata.server.event_groups import EventGroups
from masugata.store import EventRow, InvalidRecordError, Store, StoreUnavailableError, open_store
from masugata.wire import HttpResponse

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, name: str = "Encrypt") -> EventRow:
    """An event with this number."""
    return EventRow(
        time=NOW, account="1", region="eu", event_id=f"id-{number}", name=name, source="kms.amazonaws.com",
        read_only=True, body=b"{}",
    )  # fmt: skip


class Watched:
    """A store that notes how many events it was handed at once, and may refuse them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.handed: list[int] = []
        self.failure: Exception | None = None

    def record_durably(self, events: list[EventRow], result: Any) -> "Future[Any]":
        """Store them."""
        self.handed.append(len(events))
        if self.failure is not None:
            raise self.failure
        return self.store.record_durably(events, result)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """A store on a disk."""
    opened = open_store(tmp_path / "masugata.db", ())
    yield Watched(opened)
    opened.close()


def recorded(store: Watched) -> set[str]:
    """The ids of the events that are committed."""
    return {row.event_id for row in store.store.events("1", "eu", limit=1000)}


async def together(store: Any, *events: EventRow) -> list[Any]:
    """What recording these in one turn of the loop says to each, or its error."""
    fibers, groups = Fibers(), EventGroups(store, asyncio.get_running_loop())

    def record(each: EventRow) -> bool:
        return groups.record([each])

    recording = [in_fiber(fibers, lambda each=each: record(each)) for each in events]  # type: ignore[misc]
    return await asyncio.gather(*recording, return_exceptions=True)


def test_one_turn_is_one_group(store: Watched) -> None:
    """All that is recorded in it is stored at once."""
    assert asyncio.run(together(store, *map(event, range(40)))) == [True] * 40
    assert store.handed == [40]
    assert recorded(store) == {f"id-{number}" for number in range(40)}


def test_groups_are_bounded(store: Watched) -> None:
    """No group has more than 64 requests."""
    assert asyncio.run(together(store, *map(event, range(150)))) == [True] * 150
    assert store.handed == [64, 64, 22]


def test_one_that_cannot_be_stored(store: Watched) -> None:
    """It fails alone: the others of its turn are stored."""
    results = asyncio.run(together(store, event(0), event(1, name="half \ud800"), event(2)))
    assert (results[0], results[2]) == (True, True)
    assert isinstance(results[1], InvalidRecordError)
    assert recorded(store) == {"id-0", "id-2"}


def test_store_that_refuses(store: Watched) -> None:
    """Everybody is told, and nobody gets a result."""
    store.failure = StoreUnavailableError("full")
    assert asyncio.run(together(store, event(0), event(1))) == [store.failure, store.failure]
    assert recorded(store) == set()


def test_commit_that_fails() -> None:
    """Everybody whose event was to be in it is told."""
    failed: Future[None] = Future()
    failed.set_exception(StoreUnavailableError("the disk is full"))

    class Failing:
        def record_durably(self, _events: list[EventRow], _result: Any) -> "Future[None]":
            return failed

    results = asyncio.run(together(Failing(), event(0), event(1)))
    assert [str(result) for result in results] == ["the disk is full"] * 2


def test_whoever_would_hold_up_the_loop_is_told_so(store: Watched) -> None:
    """What a pool has done does not wait for the loop, nor does the loop for itself."""

    async def record() -> list[bool]:
        groups = EventGroups(store, asyncio.get_running_loop())  # type: ignore[arg-type]
        return [await asyncio.to_thread(groups.record, [event(1)]), groups.record([event(2)])]

    assert asyncio.run(record()) == [False, False]
    assert store.handed == []


def test_answers_of_threads_wake_the_loop_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that are ready before the loop looks come with one call; an error is an answer as well."""

    async def wait() -> tuple[int, list[HttpResponse]]:
        loop, woken, brought = asyncio.get_running_loop(), 0, []  # type: ignore[var-annotated]
        wake = loop.call_soon_threadsafe

        def counted(*arguments: Any) -> Any:
            nonlocal woken
            woken += 1
            return wake(*arguments)

        answers = Answers(loop)
        futures: list[Future[HttpResponse]] = [Future() for _ in range(5)]
        for future in futures:
            answers.bring(future, brought.append)

        def answer() -> None:
            for number, future in enumerate(futures[:4]):
                future.set_result(HttpResponse(status=200 + number, headers=(), body=b""))
            futures[4].set_exception(StoreUnavailableError("gone"))

        monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
        thread = Thread(target=answer)
        thread.start()
        thread.join()  # the loop does not turn meanwhile
        assert brought == []
        await asyncio.sleep(0)
        return woken, brought

    woken, brought = asyncio.run(wait())
    assert woken == 1
    assert [each.status for each in brought] == [200, 201, 202, 203, 500]
    assert "gone" in caplog.text


def test_answer_of_the_loop_itself_is_there_at_once() -> None:
    """It needs no waking."""

    async def wait() -> list[HttpResponse]:
        answers, brought = Answers(asyncio.get_running_loop()), []  # type: ignore[var-annotated]
        future: Future[HttpResponse] = Future()
        answers.bring(future, brought.append)
        future.set_result(HttpResponse(status=200, headers=(), body=b""))
        return brought

    assert [each.status for each in asyncio.run(wait())] == [200]
