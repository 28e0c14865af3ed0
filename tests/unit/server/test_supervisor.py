"""A supervisor whose workers are programs of the test's."""

import os
import signal
import socket
import sys

import pytest

from masugata.server import worker_process
from masugata.server.supervisor import Supervisor
from masugata.server.worker_process import WorkerFailedError
from masugata.settings import Settings

BABBLE = r'import os, sys, time; os.write(int(sys.argv[-1]), b"hello\n"); time.sleep(1000)'


@pytest.fixture
def supervise(tmp_path, monkeypatch):
    """A function that supervises workers which run `script` instead of Python; gives its attempts."""

    def run(script, ready=lambda _: None, workers=2):
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\necho x >>{tmp_path}/attempts\n{script}\n")
        program.chmod(0o700)
        monkeypatch.setattr(worker_process.sys, "executable", str(program))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            Supervisor(Settings(data=tmp_path / "data", workers=workers), listener, ready).run()

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


def test_program_that_is_gone(tmp_path, monkeypatch):
    """An interpreter that cannot be started is told in words."""
    monkeypatch.setattr(worker_process.sys, "executable", str(tmp_path / "missing"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        supervisor = Supervisor(Settings(data=tmp_path / "data", workers=2), listener, lambda _: None)
        with pytest.raises(WorkerFailedError, match="worker 0: No such file"):
            supervisor.run()
