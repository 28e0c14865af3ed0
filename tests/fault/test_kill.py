"""A store whose process is killed loses nothing that it acknowledged.

SIGKILL takes the process, not the machine: what a power cut does is up to fsync, which the store
asks for at every commit (WAL with synchronous=FULL; synchronous_commit and fsync of PostgreSQL).
"""

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from databases import new_database
from fault import acknowledging_child
from masugata.store import open_store
from unit.store.things import KINDS, THING, Thing

TESTS = Path(__file__).parents[1]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Where the database is."""
    return new_database(request.param, request, tmp_path).place


def run_and_kill(place, prefix, acknowledgements, before=lambda: None):
    """Kill the child after so many lines; gives all the numbers it acknowledged before it died.

    `before` is done while it still works.
    """
    child = subprocess.Popen(
        [sys.executable, acknowledging_child.__file__, str(place), prefix],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    said = [child.stdout.readline() for _ in range(acknowledgements)]
    before()
    child.send_signal(signal.SIGKILL)
    said += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return [int(line.removeprefix(f"{prefix}-")) for line in said if line.endswith("\n")]


def check_round(store, prefix, acknowledged):
    """Every acknowledged job is there, every job whole or not at all, in the order of submission."""
    parts = defaultdict(set)
    for thing in store.snapshot().scan(THING, "1"):
        if thing.name.startswith(f"{prefix}-"):
            _, number, part = thing.name.split("-")
            parts[int(number)].add(part)
            assert store.snapshot().by_name(THING, "serial", thing.name) == ("1", "", thing)
    assert all(found == {"0", "1", "2"} for found in parts.values())
    last = max(parts)
    assert last >= max(acknowledged)
    assert sorted(parts) == list(range(max(0, last - 2), last + 1))
    assert acknowledged == list(range(len(acknowledged)))
    for number in acknowledged:
        assert len(store.events("1", "eu", attribute=("EventId", f"{prefix}-{number}"))) == 1
    assert not store.events("1", "eu", attribute=("EventId", f"{prefix}-{last + 1}"))


@pytest.mark.parametrize("seed", [1])
def test_killed_process_loses_nothing(place, seed):
    """Over 20 kills at random moments, acknowledged jobs survive and no job survives in part."""
    randomness = random.Random(seed)
    watching = open_store(place, KINDS)  # a process that lives through all of it
    for turn in range(20):
        prefix = f"p{turn}"
        acknowledged = run_and_kill(place, prefix, randomness.randint(1, 60))
        reopened = open_store(place, KINDS)
        reopened.flush().result()  # a server goes on with the commit that it was just told to make
        for store in (reopened, watching):
            check_round(store, prefix, acknowledged)
        assert reopened.check() == []
        reopened.submit(lambda t, turn=turn: t.put(THING, "2", Thing(name=f"{turn}"))).result()
        reopened.close()
        assert watching.snapshot().count(THING, "2") == turn + 1
    watching.close()


def test_killed_alone(place):
    """The same with nobody else holding the database, so that the next start recovers it by itself."""
    randomness = random.Random(2)
    for turn in range(5):
        acknowledged = run_and_kill(place, f"q{turn}", randomness.randint(1, 60))
        store = open_store(place, KINDS)
        store.flush().result()
        check_round(store, f"q{turn}", acknowledged)
        assert store.check() == []
        store.close()
