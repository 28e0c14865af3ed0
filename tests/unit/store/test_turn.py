"""The turn to commit: fair, given back by the dead, and not waited for without end."""

import fcntl
import os
import signal
import subprocess
import sys
import threading

import pytest

from masugata.store import StoreUnavailableError
from masugata.store.sqlite.turn import Turn

HOLDER = """
import sys, time
from pathlib import Path
from masugata.store.sqlite.turn import Turn
with Turn(Path(sys.argv[1]), 5)():
    print("held", flush=True)
    time.sleep(1000)
"""


@pytest.fixture
def turn(tmp_path):
    """A function that makes one more participant."""
    made = []

    def make(patience=60.0):
        made.append(Turn(tmp_path / "masugata.db", patience))
        return made[-1]

    yield make
    for one in made:
        one.close()


def wait_until_queued(tmp_path):
    """Return once somebody is the next."""
    descriptor = os.open(tmp_path / "masugata.db-next", os.O_RDWR)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def test_who_had_it_queues_behind_who_waits(turn, tmp_path):
    """However quickly the holder asks again, the one that waited comes first."""
    order = []
    first, second = turn(), turn()

    def wait():
        with second():
            order.append("second")

    waiting = threading.Thread(target=wait)
    with first():
        waiting.start()
        wait_until_queued(tmp_path)
        order.append("first")
    with first():
        order.append("first again")
    waiting.join()
    assert order == ["first", "second", "first again"]


def test_killed_holder(turn, tmp_path):
    """The turn of a process that is killed is free; as long as it lives and holds it, patience ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "masugata.db")], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreUnavailableError, match="another process"), turn(patience=0.0)():
            pass
        holder.send_signal(signal.SIGSTOP)  # nor does one that is stopped hold up others without end
        with pytest.raises(StoreUnavailableError), turn(patience=0.0)():
            pass
        holder.kill()
    with turn()():
        pass


def test_failure_inside(turn):
    """What goes wrong inside gives the turn back."""
    one = turn()
    with pytest.raises(ZeroDivisionError), one():
        raise ZeroDivisionError
    with turn(patience=0.0)():
        pass


def test_files_are_private(turn, tmp_path):
    """Only their owner can hold up others with them, and closing twice is no error."""
    turn().close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"masugata.db-next": 0o600, "masugata.db-turn": 0o600}
