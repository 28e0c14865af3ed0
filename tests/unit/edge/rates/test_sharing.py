"""Several edges count together through a real Redis: nothing twice, and nothing on the way of a request."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from edge_house import until
from masugata.edge.rates import SharedRates
from masugata.edge.rates._layout import CAPACITY, CELLS
from masugata.edge.rates.sharing import Sharing, SharingError, SharingThread, connect
from redis_server import RedisServer

RULE = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/1/flood"


class Clock:
    """One time for all edges, unless told otherwise."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Edge:
    """An edge of one process."""

    def __init__(self, server: RedisServer, clock: Clock, ahead: float = 0) -> None:
        self._directory = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.path = Path(self._directory.name)
        self.rates = SharedRates(self.path, lambda: clock.now + ahead)
        self.said: list[str] = []
        self.sharing = Sharing(self.rates, connect(server.url), self.said.append)

    def count(self, times: int = 1, key: bytes = b"192.0.2.1", window: int = 60) -> int:
        """The last of so many counts."""
        return [self.rates.count(RULE, key, window, 100) for _ in range(times)][-1]

    def close(self) -> None:
        """Leave nothing."""
        self.sharing.close()
        self._directory.cleanup()


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    """Redis."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: RedisServer) -> RedisServer:
    """The same, with nothing in it."""
    client = redis.Redis.from_url(running.url)
    client.flushall()
    client.close()
    return running


@pytest.fixture
def clock() -> Clock:
    """A time that stands."""
    return Clock()


@pytest.fixture
def edges(server: RedisServer, clock: Clock) -> Iterator[list[Edge]]:
    """Three."""
    found = [Edge(server, clock) for _ in range(3)]
    yield found
    for edge in found:
        edge.close()


def rounds(edges: list[Edge]) -> None:
    """All write, then all have read."""
    for edge in [*edges, *edges]:
        assert edge.sharing.round()


def test_edges_count_together(edges: list[Edge], clock: Clock) -> None:
    """After a round each knows what came to all, however often they exchange it, and it leaves the window."""
    for edge in edges:
        edge.count(30)
    for _ in range(3):
        rounds(edges)
    assert [edge.count() for edge in edges] == [91, 91, 91]
    rounds(edges)
    assert [edge.count() for edge in edges] == [94, 94, 94]
    assert edges[0].rates.managed_keys(RULE) == []
    edges[1].count(10)
    rounds(edges)
    assert edges[0].rates.managed_keys(RULE) == [b"192.0.2.1"]
    clock.now += 61
    rounds(edges)
    assert edges[0].rates.managed_keys(RULE) == []
    assert edges[2].count() == 1


def test_what_comes_over_time_is_added_up(edges: list[Edge], clock: Clock) -> None:
    """Sub-window by sub-window, while all go on."""
    for _ in range(CELLS // 2):
        for edge in edges[:2]:
            edge.count(2)
        rounds(edges[:2])
        clock.now += 1
    rounds(edges[:2])
    assert edges[0].count() == 4 * (CELLS // 2) + 1
    edges[2].count(key=b"other")
    rounds(edges)
    assert edges[2].count() == 4 * (CELLS // 2) + 2, "a new edge looks back over the whole window"


def test_keys_and_windows_stay_apart(edges: list[Edge]) -> None:
    """What another edge counted belongs to its key and window, also of keys that are too long to be kept."""
    edges[0].count(5, b"long" * 50)
    edges[0].count(7, b"192.0.2.9", window=300)
    edges[1].count(window=300)
    edges[1].count()
    rounds(edges[:2])
    assert edges[1].count(1, b"long" * 50) == 6
    assert edges[1].count(1, b"192.0.2.9") == 1
    assert edges[1].count(1, b"192.0.2.9", window=300) == 8


@pytest.mark.parametrize("ahead", [-1.5, 1.5])
def test_clocks_may_differ_by_a_sub_window_or_two(server: RedisServer, clock: Clock, ahead: float) -> None:
    """What an edge counts whose clock is a little off is not lost."""
    here, there = Edge(server, clock), Edge(server, clock, ahead)
    here.count(key=b"first")
    for _ in range(6):
        there.count(3)
        rounds([here, there])
        clock.now += 1
    clock.now += 2
    rounds([here, there])
    assert here.count() == 19
    here.close()
    there.close()


def test_without_redis_each_edge_counts_its_own_and_says_so_once(clock: Clock) -> None:
    """It is said when it begins and when it ends; what was counted meanwhile is shared afterwards."""
    server = RedisServer()
    edges = [Edge(server, clock) for _ in range(2)]
    for edge in edges:
        assert edge.count(10) == 10
        assert edge.sharing.round()
        assert edge.sharing.round()
        assert len(edge.said) == 1
        assert "by this edge alone" in edge.said[0]
    clock.now += 30
    server.start()
    rounds(edges)
    assert [edge.count() for edge in edges] == [21, 21]
    assert [edge.said[1] for edge in edges] == ["rates are shared with other edges again"] * 2
    server.stop()
    clock.now += 5
    for edge in edges:
        assert edge.sharing.round()
        assert edge.count() == 22, "what was known stays until it leaves the window"
        assert len(edge.said) == 3
        edge.close()


def test_one_process_of_an_edge_shares_and_another_takes_over(server: RedisServer, edges: list[Edge]) -> None:
    """Two writers would do no harm, but twice the work."""
    second = Sharing(SharedRates(edges[0].path), connect(server.url))
    assert edges[0].sharing.round()
    assert not second.round()
    edges[0].sharing.close()
    assert second.round()
    edges[0].sharing = second


def test_a_full_table_keeps_its_own_keys(edges: list[Edge]) -> None:
    """What others counted takes no place from what comes here."""
    for number in range(CAPACITY):
        edges[0].count(key=b"%d" % number)
    edges[1].count(50, b"elsewhere")
    edges[1].count(50, b"7")
    rounds(edges[:2])
    assert edges[0].count(key=b"7") == 52
    assert edges[0].count(key=b"elsewhere") == 1


@pytest.mark.parametrize("value", [b"", b"x", b"\xff" * 52 * (CAPACITY + 1), b"\xff" * 52])
def test_what_is_no_writing_of_an_edge_is_left_out(
    server: RedisServer, edges: list[Edge], value: bytes
) -> None:
    """Whatever stands in Redis, counting goes on."""
    edges[0].count()
    edges[0].sharing.round()
    client = redis.Redis.from_url(server.url)
    client.zadd("masugata:rates:edges", {"stranger": 2_000_000})
    ((name, table),) = edges[0].rates.tables()
    client.set(f"masugata:rates:{name}:{table.tick(1_000_000.0)}:stranger", value)
    client.close()
    edges[0].sharing.round()
    assert edges[0].count() == 2
    assert edges[0].said == []


def test_a_thread_shares_by_itself(server: RedisServer, edges: list[Edge]) -> None:
    """As a process of the edge has it."""
    edges[1].count(7)
    edges[1].sharing.round()
    edges[0].count()
    thread = SharingThread(edges[0].rates, server.url, interval=0.001)
    ((_, table),) = edges[0].rates.tables()

    def elsewhere() -> int:
        return edges[0].count() - sum(table.counted_here(table.tick(1_000_000.0)).values())

    until(lambda: elsewhere() == 7)
    thread.close()
    assert elsewhere() == 7
    assert edges[0].sharing.round(), "it has been left to others"


def test_a_url_that_is_none_is_refused() -> None:
    """At the start, not at the first round."""
    with pytest.raises(SharingError, match="redis://"):
        connect("http://127.0.0.1")
