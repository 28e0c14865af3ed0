"""A supervisor whose workers are programs of the test's."""

import os
import signal
import socket
import sys

import pytest

from masugata.processes import WorkerFailedError
from masugata.server.supervisor import Supervisor
from masugata.settings import Settings

BABBLE = r'import os, sys, time; os.write(int(sys.argv[-2]), b"hello\n"); time.sleep(1000)'


# A worker that notes what it is assigned and ordered. The third, which takes the
# place of one that was killed, is never ready, asks for a reload and ends everything after its first order.
NOTE = """
import os, signal, socket, sys
from pathlib import Path
folder, attempt = Path(sys.argv[1]), (Path(sys.argv[1]) / "attempts").read_text().count("x")
control = socket.socket(fileno=int(sys.argv[-2]))
control.settimeout(20)
orders = control.makefile("rb")
(folder / f"assigned-{attempt}").write_bytes(orders.readline())
(folder / f"pid-{attempt}").write_text(str(os.getpid()))
if attempt == 3:
    os.kill(os.getppid(), signal.SIGHUP)
else:
    control.sendall(b'{"type":"ready","account":"111122223333"}\\n')
try:
    (folder / f"ordered-{attempt}").write_bytes(orders.readline())
finally:
    if attempt == 3:
        os.kill(os.getppid(), signal.SIGTERM)
"""


@pytest.fixture
def supervise(tmp_path, monkeypatch):
    """A function that supervises workers which run `script` instead of Python; gives its attempts."""

    def run(script, ready=lambda _: None, workers=2, **settings):
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\necho x >>{tmp_path}/attempts\n{script}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            Supervisor(Settings(data=tmp_path / "data", workers=workers, **settings), listener, ready).run()

    run.attempts = lambda: (tmp_path / "attempts").read_text().count("x")
    return run


def test_worker_that_dies_of_nothing_known(supervise):
    """It is tried a second time, and then the start has failed."""
    with pytest.raises(
        WorkerFailedError, match=r"worker 0, process [0-9]+ ended before it was ready, with status 3"
    ):
        supervise("exit 3")
    assert supervise.attempts() == 2


def test_worker_that_is_killed_once(supervise, tmp_path):
    """A death at the start that does not happen again is no reason to fail."""
    script = (
        f'[ -e {tmp_path}/again ] || {{ touch {tmp_path}/again; kill -9 $$; }}; exec {sys.executable} "$@"'
    )
    urls = []

    def ready(started):
        urls.append(started.url)
        os.kill(os.getpid(), signal.SIGTERM)

    supervise(script, ready)
    assert supervise.attempts() == 3
    assert len(urls) == 1


def test_worker_that_babbles(supervise):
    """What is no answer is not taken for one."""
    with pytest.raises(WorkerFailedError, match="ended before it was ready, with signal SIGKILL"):
        supervise(f"exec {sys.executable} -c '{BABBLE}' \"$@\"")


def test_reload_while_a_worker_starts(supervise, tmp_path):
    """A worker that was just being started is told to stop: it would serve under the old settings for ever.

    The root user's secret goes to the worker that prepares the installation, and to no other.
    """
    (tmp_path / "note.py").write_text(NOTE)
    (tmp_path / "data").mkdir()
    supervise(
        f'exec {sys.executable} {tmp_path}/note.py {tmp_path} "$@"',
        lambda _: os.kill(int((tmp_path / "pid-1").read_text()), signal.SIGKILL),
        root_access_key_id="AKIAROOT",
        root_secret_access_key="very-secret",
    )
    assert (tmp_path / "ordered-3").read_bytes() == b"stop\n"
    told = [b"very-secret" in (tmp_path / f"assigned-{attempt}").read_bytes() for attempt in (1, 2, 3)]
    assert told == [True, False, False]


def test_program_that_is_gone(tmp_path, monkeypatch):
    """An interpreter that cannot be started is told in words."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        supervisor = Supervisor(Settings(data=tmp_path / "data", workers=2), listener, lambda _: None)
        with pytest.raises(WorkerFailedError, match="worker 0: No such file"):
            supervisor.run()
