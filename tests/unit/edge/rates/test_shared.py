"""Counts of requests: exact, bounded, shared by processes, and usable whoever dies."""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import counting
from counting import RULE
from masugata.edge.process_lock import FileLock, Lock, Patience, RobustMutex
from masugata.edge.rates import SharedRates
from masugata.edge.rates._layout import CAPACITY, CELLS
from masugata.edge.rates._table import Table

SPAWN = multiprocessing.get_context("spawn")


class Clock:
    """Says what it is told."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Reference:
    """All requests ever, looked through for every count."""

    def __init__(self, window: int) -> None:
        self.grain = window / CELLS
        self.came: list[tuple[bytes, int]] = []

    def count(self, key: bytes, now: float) -> int:
        """As the slow, obvious way has it."""
        tick = int(now / self.grain)
        self.came.append((key, tick))
        return sum(1 for other, when in self.came if other == key and tick - when < CELLS)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory of one run, where memory is shared."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([60, 120, 300, 600]),
    st.lists(
        st.tuples(
            st.sampled_from([b"192.0.2.1", b"192.0.2.2", b"", b"k" * 47, b"k" * 48, b"k" * 49]),
            st.one_of(st.just(0.0), st.floats(0, 15), st.floats(0, 700)),
            st.booleans(),
        ),
        max_size=80,
    ),
)
def test_counts_are_those_of_the_reference(window: int, came: list[tuple[bytes, float, bool]]) -> None:
    """Whatever comes when, through whichever of two processes' views, each count is exact."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        clock = Clock()
        views = [SharedRates(Path(name), clock), SharedRates(Path(name), clock)]
        reference = Reference(window)
        for key, after, first in came:
            clock.now += after
            expected = reference.count(key, clock.now)
            assert views[first].count(RULE, key, window, 100) == expected


@pytest.mark.parametrize("window", [60, 120, 300, 600])
def test_a_request_leaves_the_window_within_a_sixtieth_of_it(directory: Path, window: int) -> None:
    """Nobody is held to more than the window of the rule, or to less than a sub-window short of it."""
    clock = Clock(1_000_000.0)
    rates = SharedRates(directory, clock)
    rates.count(RULE, b"a", window, 10)
    clock.now += window - window / CELLS - 0.01
    assert rates.count(RULE, b"a", window, 10) == 2
    clock.now = 1_000_000.0 + window
    assert rates.count(RULE, b"a", window, 10) == 2, "the first one has left"


def test_rules_and_windows_count_apart(directory: Path) -> None:
    """A rule never sees what another counts; with another window it begins anew."""
    rates = SharedRates(directory)
    assert rates.count(RULE, b"a", 60, 10) == 1
    assert rates.count(RULE + "2", b"a", 60, 10) == 1
    assert rates.count(RULE, b"a", 120, 10) == 1
    assert rates.count(RULE, b"a", 60, 20) == 2


def test_more_keys_than_are_tracked_never_raise_a_count(directory: Path) -> None:
    """Whoever comes much stays tracked, a newcomer begins at one, and the file does not grow."""
    clock = Clock()
    rates = SharedRates(directory, clock)
    for _ in range(50):
        rates.count(RULE, b"busy", 300, 20)
    for number in range(CAPACITY + 2_000):
        assert rates.count(RULE, b"%d" % number, 300, 20) == 1
    assert rates.count(RULE, b"busy", 300, 20) == 51
    ((_, table),) = rates.tables()
    assert table._used == CAPACITY  # the bound itself
    assert rates.managed_keys(RULE) == [b"busy"]


def test_managed_keys_are_those_over_the_limit_now(directory: Path) -> None:
    """Highest first; who has paused for the window is released."""
    clock = Clock()
    rates = SharedRates(directory, clock)
    for key, times in ((b"192.0.2.1", 12), (b"192.0.2.2", 10), (b"192.0.2.3", 30)):
        for _ in range(times):
            rates.count(RULE, key, 60, 10)
    assert SharedRates(directory, clock).managed_keys(RULE) == [b"192.0.2.3", b"192.0.2.1"]
    assert rates.managed_keys("another") == []
    clock.now += 61
    assert rates.managed_keys(RULE) == []


def test_only_retained_rules_keep_their_counts(directory: Path) -> None:
    """A rule that is gone for the longest window leaves nothing behind, in no process."""
    clock = Clock()
    rates, other = SharedRates(directory, clock), SharedRates(directory, clock)
    for each in (rates, other):
        each.count("kept", b"a", 600, 10)
        each.count("gone", b"a", 600, 10)
    descriptors = len([*Path("/proc/self/fd").iterdir()])
    for seconds in (0, 300, 301):
        clock.now += seconds
        rates.retain(["kept"])
        other.retain(["kept"])
    assert len(list(directory.glob("*.rates"))) == 1
    assert len([*Path("/proc/self/fd").iterdir()]) <= descriptors - 2
    assert rates.count("gone", b"a", 600, 10) == 1
    assert other.count("gone", b"a", 600, 10) == 2
    rates.retain(["kept", "gone"])


def test_a_rule_that_comes_back_has_its_counts(directory: Path) -> None:
    """While they may matter they stay: a web ACL that is changed back lets nobody begin anew."""
    clock = Clock()
    rates = SharedRates(directory, clock)
    rates.count("kept", b"a", 600, 10)
    rates.count("back", b"a", 600, 10)
    rates.retain(["kept"])
    clock.now += 400
    rates.retain(["kept"])
    assert rates.count("back", b"a", 600, 10) == 2
    rates.retain(["kept", "back"])
    clock.now += 400
    rates.retain(["kept"])
    assert len(list(directory.glob("*.rates"))) == 2


def test_a_file_of_another_version_is_refused(directory: Path) -> None:
    """What another version left behind is not read as counts."""
    (directory / "t").write_bytes(b"\0" * 100)
    with pytest.raises(OSError, match="not a file of this version"):
        Table(directory / "t", 60)


def test_a_limit_of_100_lets_exactly_100_through_all_processes(directory: Path) -> None:
    """Processes that count at the same time neither lose nor double one request."""
    pairs = [SPAWN.Pipe() for _ in range(4)]
    processes = [
        SPAWN.Process(target=counting.count, args=(str(directory), there, 400)) for _, there in pairs
    ]
    for process in processes:
        process.start()
    for here, _ in pairs:
        assert here.recv() == "ready"
    for here, _ in pairs:
        here.send("go")
    assert sum(here.recv() for here, _ in pairs) == 100
    for process in processes:
        process.join()
    assert SharedRates(directory).count(RULE, b"one", 600, 100) == 1601


def test_a_killed_process_leaves_the_table_usable(directory: Path) -> None:
    """Whatever a process was doing when it was killed, others go on, and count nobody twice."""
    rates = SharedRates(directory)
    for _ in range(5):
        here, there = SPAWN.Pipe()
        process = SPAWN.Process(target=counting.count_for_ever, args=(str(directory), there))
        process.start()
        assert here.recv() == "ready"
        while rates.count(RULE, b"watching", 600, 100) % 500:
            pass
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        fresh = b"new %d" % process.pid
        assert [rates.count(RULE, fresh, 600, 100) for _ in range(3)] == [1, 2, 3]
    assert rates.count(RULE, b"watching", 600, 100) == 5 * 500 + 1


def test_the_dead_hold_no_lock(directory: Path) -> None:
    """A process that is killed amid a count, with the lock, stops nobody."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=counting.die_with_the_lock, args=(str(directory), there))
    process.start()
    assert here.recv() == "ready"
    rates = SharedRates(directory)
    assert rates.count(RULE, b"one", 600, 100) == 0, "it is held"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert rates.count(RULE, b"one", 600, 100) == 2


@pytest.fixture(params=["mutex", "file"])
def locks(request: pytest.FixtureRequest, directory: Path) -> tuple[Lock, Lock]:
    """Two views of one lock."""
    if request.param == "mutex":
        memory = memoryview(bytearray(64))
        return RobustMutex(memory, fresh=True), RobustMutex(memory, fresh=False)
    path = directory / "lock"
    path.touch()
    return FileLock(os.open(path, os.O_RDWR)), FileLock(os.open(path, os.O_RDWR))


def test_one_at_a_time_has_the_lock(locks: tuple[Lock, Lock]) -> None:
    """Neither another nor the same holder gets it twice."""
    one, two = locks
    assert one.attempt()
    assert not two.attempt()
    assert not one.attempt()
    one.release()
    assert two.attempt()
    two.release()


def test_waiting_is_bounded_and_not_repeated(locks: tuple[Lock, Lock]) -> None:
    """A holder that stands still costs one wait; afterwards it is only tried, until it is free again."""
    one, two = locks
    tries = 0

    class Counting:
        def attempt(self) -> bool:
            nonlocal tries
            tries += 1
            return two.attempt()

        def release(self) -> None:
            two.release()

    assert one.attempt()
    patience = Patience(Counting())
    assert not patience.acquire()
    first, tries = tries, 0
    assert not patience.acquire()
    assert tries < 5 < first
    one.release()
    assert patience.acquire()
    patience.release()


def test_without_the_lock_nothing_is_counted_and_nobody_is_blamed(directory: Path) -> None:
    """While a process stands still with the lock, known keys keep their count, unknown ones have none."""
    rates = SharedRates(directory)
    rates.count(RULE, b"known", 600, 100)
    ((_, table),) = SharedRates(directory).tables()
    assert table._lock.acquire()
    assert [rates.count(RULE, b"known", 600, 100) for _ in range(2)] == [2, 2]
    assert rates.count(RULE, b"unknown", 600, 100) == 0
    table._lock.release()
    assert rates.count(RULE, b"known", 600, 100) == 2
