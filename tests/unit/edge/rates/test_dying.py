"""A process that dies at any step of a count: no count is too high afterwards, and every key is found."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from masugata.edge.rates import _layout as at
from masugata.edge.rates._table import Table

WINDOW = 60


class Death(BaseException):
    """Nothing after this step is done."""


class Dying:
    """Memory that takes so many writes."""

    def __init__(self, memory: Any, life: list[int]) -> None:
        self._memory = memory
        self._life = life

    def __getitem__(self, place: Any) -> Any:
        return self._memory[place]

    def __setitem__(self, place: Any, value: Any) -> None:
        if not self._life[0]:
            raise Death
        self._life[0] -= 1
        self._memory[place] = value


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few slots in few buckets, so that there is much to go wrong."""
    monkeypatch.setattr(at, "CAPACITY", 32)
    monkeypatch.setattr(at, "BUCKETS", 4)


@pytest.fixture
def path() -> Iterator[Path]:
    """A table's file."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name) / "table"


def key(number: int) -> bytes:
    """Of somebody."""
    return b"192.0.2.%d" % number


@pytest.mark.parametrize("newcomer", [3, 99], ids=["a key that is tracked", "one more"])
@pytest.mark.parametrize("later", [0, 7, 59, 60], ids="after {} seconds".format)
@pytest.mark.parametrize("tracked", [5, 32], ids=["free slots", "a full table"])
def test_dying_at_every_step(path: Path, newcomer: int, later: int, tracked: int) -> None:
    """After each number of writes; counts of others who go on are the right ones or lower, and never loop."""
    step, died = 0, True
    while died:
        path.unlink(missing_ok=True)
        table = Table(path, WINDOW)
        came: list[tuple[bytes, int]] = []

        def count(table: Table, who: bytes, now: int, came: list[tuple[bytes, int]] = came) -> None:
            came.append((who, now))
            most = Counter(other for other, when in came if now - when < WINDOW)
            assert table.count(who, float(now), 10) <= most[who]

        for number in range(tracked * 3):
            count(table, key(number % tracked), 1_000 + number // tracked)
        dying, life = Table(path, WINDOW), [step]
        dying._cells = Dying(dying._cells, life)  # type: ignore[assignment]
        dying._memory = Dying(dying._memory, life)  # type: ignore[assignment]
        try:
            count(dying, key(newcomer), 1_002 + later)
            died = False
        except Death:
            died = True
        others = [Table(path, WINDOW), Table(path, WINDOW)]
        for already, after in enumerate(others):
            for number in range(80):
                count(after, key(number % 40), 1_002 + later + number // 20)
            counts = [after.count(key(200 + step), 1_100.0 + later, 10) for _ in range(2)]
            assert counts == [2 * already + 1, 2 * already + 2]
        for opened in (table, dying, *others):
            opened.close()
        step += 1
    assert step > 1
