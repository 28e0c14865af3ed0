"""One database file takes the place of another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from masugata.store import open_store
from masugata.store.sqlite import replace_database
from unit.store.things import KINDS, THING, Thing, put

TESTS = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from masugata.store import open_store
from unit.store.things import KINDS, Thing, put
store = open_store(sys.argv[1], KINDS)
for _ in range(2):  # the first commit of a process empties the log
    put(store, Thing(name="acknowledged")).result()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_crash_before_the_new_one_is_there(path, tmp_path, monkeypatch):
    """The old database is whole then, what stood in its log alone included."""
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, env=environment)
    assert path.with_name("masugata.db-wal").stat().st_size > 0
    new = tmp_path / "new.db"
    put(made := open_store(new, KINDS), Thing(name="other")).result()
    made.close()

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            replace_database(path, new, tmp_path / "aside")
    for place, name in ((path, "acknowledged"), (tmp_path / "aside" / "masugata.db", "acknowledged")):
        store = open_store(place, KINDS)
        assert [thing.name for thing in store.snapshot().scan(THING, "1")] == [name]
        store.close()
