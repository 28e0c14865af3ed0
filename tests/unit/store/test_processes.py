"""Several processes on one database."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from masugata.store import DuplicateNameError
from unit.store import other_process
from unit.store.things import COUNTER, THING, Thing

TESTS = Path(__file__).parents[2]


@contextmanager
def process(place):
    """A function that sends a command to another process and gives its answer."""
    child = subprocess.Popen(
        [sys.executable, other_process.__file__, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )

    def tell(command):
        child.stdin.write(f"{command}\n")
        child.stdin.flush()
        return lambda: child.stdout.readline().strip()

    try:
        yield tell
    finally:
        child.communicate()
        assert child.returncode == 0


def test_commits_are_seen_by_both(open_durable, database):
    """What one process was acknowledged, the very next snapshot of the other has: puts, changes, deletes."""
    store = open_durable()
    with process(database.place) as tell:
        assert tell("put a S1")() == "done"
        assert store.snapshot().get(THING, "1", "a") == Thing(name="a", serial="S1")
        store.submit(lambda t: t.put(THING, "1", Thing(name="b"))).result()
        assert tell("count")() == "2"
        assert tell("put a S2")() == "done"
        assert store.snapshot().by_name(THING, "serial", "S1") is None
        assert tell("delete a")() == "done"
        assert store.snapshot().get(THING, "1", "a") is None
        assert store.snapshot().by_name(THING, "serial", "S2") is None
        assert tell("revision")() == str(store.snapshot().revision)


def test_names_are_unique_between_processes(open_durable, database):
    """A name taken in one process is refused in the other, without a snapshot taken in between."""
    store = open_durable()
    with process(database.place) as tell:
        assert tell("put a S1")() == "done"
        with pytest.raises(DuplicateNameError):
            store.submit(lambda t: t.put(THING, "1", Thing(name="b", serial="S1"))).result()
        store.submit(lambda t: t.put(THING, "1", Thing(name="c", serial="S3"))).result()
        assert tell("put d S3")() == "DuplicateNameError"
    assert store.check() == []


def test_racing_processes_lose_no_update(open_durable, database):
    """Jobs of three processes that count at the same time are all counted."""
    store = open_durable()
    with process(database.place) as one, process(database.place) as two:
        answers = [one("add 100"), two("add 100")]
        futures = [store.submit(other_process.add) for _ in range(100)]
        assert [answer() for answer in answers] == ["done", "done"]
        for future in futures:
            future.result()
    assert store.snapshot().get(COUNTER, "1", "only").value == 300
