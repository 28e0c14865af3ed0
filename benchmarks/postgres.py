"""The store on PostgreSQL beside bare psycopg on the same server, in one run.

Reading: what a request pays to know the newest state (`snapshot()`, then a record), against one
`SELECT` of the revision on a connection of its own. Writing: durable changes a second of WRITERS
threads, each waiting for its own, against as many bare connections that commit the same rows without
taking turns, names and change log included. A server is started for it, with fsync. Medians of ROUNDS.

    python benchmarks/postgres.py [--json]
"""

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from masugata.records.kind import Kind
from masugata.store import Store, open_store

ROUNDS = 5
READS = 2000
WRITERS = 8
WRITES = 40  # of each writer in a round
BODY = "x" * 300

_RECORD = "INSERT INTO record VALUES ('bench', 'note', '1', '', %s, 1, %s)"
_NAME = "INSERT INTO name VALUES ('bench', 'note', 'name', %s, '1', '', %s)"
_CHANGE = "INSERT INTO change VALUES (%s, 1, 'bench', 'note', '1', '', %s, 'put')"


class Note(msgspec.Struct, frozen=True):
    """A record with a unique name."""

    version: int = 1
    key: str = ""
    text: str = BODY


NOTE = Kind(
    "bench", "note", Note, key=lambda n: n.key, names=lambda n: [("name", n.key)], references=lambda _: ()
)


def each(read: Callable[[], object]) -> float:
    """Seconds for one of READS."""
    start = time.perf_counter()
    for _ in range(READS):
        read()
    return (time.perf_counter() - start) / READS


def by_writers(write: Callable[[int, str], object], prefix: str) -> float:
    """Durable changes a second when each of WRITERS threads waits for each of its WRITES."""

    def writer(number: int) -> None:
        for turn in range(WRITES):
            write(number, f"{prefix}-{number}-{turn}")

    with ThreadPoolExecutor(WRITERS) as pool:
        start = time.perf_counter()
        list(pool.map(writer, range(WRITERS)))
        return WRITERS * WRITES / (time.perf_counter() - start)


def measure(store: Store, url: str) -> dict[str, list[float]]:
    """All figures of all rounds, by name."""
    options = "-c search_path=masugata"
    bare = [psycopg.connect(url, autocommit=True, options=options) for _ in range(WRITERS)]

    def put(_: int, key: str) -> None:
        store.submit(lambda transaction: transaction.put(NOTE, "1", Note(key=key))).result()

    def insert(number: int, key: str) -> None:
        with bare[number].transaction(), bare[number].pipeline():
            bare[number].execute(_RECORD, (key, b'{"version":1}' + BODY.encode()))
            bare[number].execute(_NAME, (key, key))
            bare[number].execute(_CHANGE, (-1 - number, key))

    def select() -> object:
        return bare[0].execute("SELECT revision FROM head").fetchone()

    found: dict[str, list[float]] = {"snapshot": [], "select": [], "store": [], "bare": []}
    put(0, "first")
    for turn in range(ROUNDS):
        found["snapshot"].append(each(lambda: store.snapshot().get(NOTE, "1", "first")))
        found["select"].append(each(select))
        found["store"].append(by_writers(put, f"s{turn}"))
        found["bare"].append(by_writers(insert, f"b{turn}"))
    for connection in bare:
        connection.close()
    return found


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    tests: Any = importlib.import_module("postgres_server")
    if tests.programs() is None:
        print("skipped: no PostgreSQL server here (apt-get install postgresql)")
        return
    server = tests.PostgresServer()
    try:
        url = server.start().url(server.database())
        store = open_store(url, (NOTE,))
        found = {name: statistics.median(values) for name, values in measure(store, url).items()}
        store.close()
    finally:
        server.remove()
    read, write = found["snapshot"] / found["select"], found["store"] / found["bare"]
    if "--json" in sys.argv:
        print(json.dumps(found | {"read_ratio": read, "write_ratio": write}))
        return
    own, bare = found["snapshot"] * 1e6, found["select"] * 1e6
    print(f"newest state and a record: {own:.0f} µs; bare SELECT {bare:.0f} µs; ratio {read:.2f}")
    own, bare = found["store"], found["bare"]
    print(
        f"durable changes of {WRITERS} writers: {own:.0f} /s; bare commits {bare:.0f} /s; ratio {write:.2f}"
    )


if __name__ == "__main__":
    main()
