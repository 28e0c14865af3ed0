"""Thousands of writers are killed, several on one database, at any point of a commit; nothing is lost.

SIGKILL takes the process, not the machine: what a power cut does is up to fsync, which the store
asks for at every commit (WAL with synchronous=FULL).
"""

import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest

from fault import things_child
from masugata.store import open_store
from unit.store.things import KINDS, THING

TESTS = Path(__file__).parents[1]
KILLS = int(os.environ.get("MASUGATA_TEST_KILLS", "10000"))
AT_ONCE = 3  # writers
ROUNDS = 40  # on one database, which gets slower to check as it grows


@contextmanager
def forking(path):
    """A function that has writers live and die and gives how each ended."""
    child = subprocess.Popen(
        [sys.executable, things_child.__file__, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )

    def live_and_die(orders):
        child.stdin.write(";".join(orders) + "\n")
        child.stdin.flush()
        return [int(status) for status in child.stdout.readline().split()]

    try:
        yield live_and_die
    finally:
        child.communicate()


def death(randomness):
    """What a writer dies of, and when: anywhere in SQLite, in a COMMIT, or just some time."""
    cause = randomness.choice(("steps", "commit", "commit", "seconds"))
    if cause == "steps":
        return f"steps {randomness.randint(0, 60)}"
    if cause == "commit":
        return f"commit {randomness.randint(1, 8)} {randomness.uniform(0, 0.002)}"
    return f"seconds {randomness.uniform(0, 0.03)}"


def acknowledged(path, prefix):
    """The numbers that a writer said were durable, a line that was cut off not counted."""
    lines = path.with_name(prefix).read_text().splitlines(keepends=True)
    return [int(line) for line in lines if line.endswith("\n")]


def check(store, prefix, said):
    """Every acknowledged job is there with its event; every job is whole or not there at all."""
    parts = defaultdict(set)
    snapshot = store.snapshot()
    for thing in snapshot.referring(THING, "1", "owner", prefix):
        _, number, part = thing.name.split("-")
        parts[int(number)].add(part)
        assert snapshot.by_name(THING, "serial", thing.name) == ("1", "", thing)
    assert all(found == {"0", "1", "2"} for found in parts.values())
    done = max(parts, default=-1)
    assert said == list(range(len(said)))
    assert done >= max(said, default=-1), "an acknowledged job is lost"
    assert sorted(parts) == list(range(max(0, done - 2), done + 1))
    events = store.events("1", "eu", attribute=("Username", prefix), limit=1000)
    assert sorted(int(event.event_id.split("-")[1]) for event in events) == list(range(done + 1))
    return len(said)


@pytest.mark.parametrize("kills", [150, pytest.param(KILLS, marks=pytest.mark.nightly)])
def test_killed_anywhere(tmp_path, capsys, kills):
    """After every round of deaths a new process finds all that was acknowledged, and nothing by halves."""
    randomness = random.Random(kills)
    killed, kept, folder = 0, 0, 0
    while killed < kills:
        path = tmp_path / str(folder) / "masugata.db"
        open_store(path, KINDS).close()
        with forking(path) as live_and_die:
            for number in range(min(ROUNDS, -(-(kills - killed) // AT_ONCE))):
                prefixes = [f"p{number}w{writer}" for writer in range(AT_ONCE)]
                orders = [f"{prefix} {death(randomness)}" for prefix in prefixes]
                assert live_and_die(orders) == [-9] * AT_ONCE, orders
                store = open_store(path, KINDS)
                try:
                    kept += sum(check(store, prefix, acknowledged(path, prefix)) for prefix in prefixes)
                    assert store.check() == [], orders
                finally:
                    store.close()
                killed += AT_ONCE
        shutil.rmtree(path.parent)
        folder += 1
    with capsys.disabled():
        print(f"\n{killed} writers killed, {kept} acknowledged jobs kept")  # noqa: T201
    assert kept > killed
