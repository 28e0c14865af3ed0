"""Several workers: how they start, are replaced and stop, and what a worker's death does to clients."""

import os
import random
import signal
import socket
import threading
from pathlib import Path

import pytest

from e2e.test_server import ended
from e2e.workers import Supervised, ends, supervised
from masugata.records import ALL_KINDS
from masugata.records.iam import USER
from masugata.store import open_store
from stress.client import Connection, LostError

ROOT_SECRET = "a-root-secret-of-tests"


def test_start_and_stop(tmp_path: Path) -> None:
    """Each worker answers; SIGTERM ends all with status 0 and leaves neither process nor endpoint behind."""
    with supervised(tmp_path / "data", 3) as (server, told):
        assert len(server.workers) == 3
        assert server.client("sts").get_caller_identity()["Account"] == server.account
        gone = ends(server.workers)
        with server.connection_to_each():
            assert (server.data / "endpoint.json").exists()
            assert server.stop() == 0
        gone()
        assert told.next() == "STOPPING=1"
        assert not (server.data / "endpoint.json").exists()


def test_one_worker_tells_too(tmp_path: Path) -> None:
    """A server of one process tells systemd the same; SIGHUP, as of a closed terminal, stops it in order."""
    with supervised(tmp_path / "data", 1) as (server, told):
        assert server.workers == set()
        server.signal(signal.SIGHUP)
        assert server.wait() == 0
        assert told.next() == "STOPPING=1"


def test_secrets_stay_out_of_sight(tmp_path: Path) -> None:
    """The root user's secret is neither in a worker's arguments nor in its environment; its key works."""
    environment = {
        "MASUGATA_ROOT_ACCESS_KEY_ID": "ROOTROOTROOT",
        "MASUGATA_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET,
    }
    with supervised(tmp_path / "data", 2, **environment) as (server, _):
        for pid in server.workers:
            for name in ("cmdline", "environ"):
                assert ROOT_SECRET.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
        root = server.client("sts", ("ROOTROOTROOT", ROOT_SECRET))
        assert root.get_caller_identity()["Arn"].endswith(":root")


def test_reason_of_a_failed_start(tmp_path: Path) -> None:
    """What keeps the first worker from starting is told in one line, with status 2."""
    with supervised(tmp_path / "data", 2) as (server, _):
        pass
    (server.data / "root.key").unlink()
    status, out, err = ended(server.data, "--workers", "2")
    assert (status, out) == (2, "")
    assert err.startswith(f"masugata: the root key `{(server.data / 'root.key').absolute()}` is missing")
    assert err.count("\n") == 1


def test_supervisor_is_killed(tmp_path: Path) -> None:
    """Workers whose supervisor is killed end by themselves, and what was acknowledged is there."""
    with supervised(tmp_path / "data", 2) as (server, _):
        server.client("iam").create_user(UserName="alice")
        gone = ends(server.workers)
        server.kill()
        gone()
        server.start()
        assert server.client("iam").get_user(UserName="alice")


def test_second_interrupt(tmp_path: Path) -> None:
    """The first SIGINT waits for a request that has begun; the second one does not."""
    with supervised(tmp_path / "data", 2) as (server, told):
        with socket.create_connection(server.host.split(":"), timeout=60) as client:
            client.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf")
            assert server.client("sts").get_caller_identity()
            gone = ends(server.workers)
            server.signal(signal.SIGINT)
            assert told.next() == "STOPPING=1"
            server.signal(signal.SIGINT)
            gone()
            assert b"200" not in client.recv(100)
        assert server.wait() == 0


class Hirer(threading.Thread):
    """Creates users and deletes most of them; knows of each whether it must be there (None: nobody knows)."""

    def __init__(self, server: Supervised, number: int, enough: threading.Event) -> None:
        super().__init__()
        self.server, self.number, self.enough = server, number, enough
        self.there: dict[str, bool | None] = {}
        self.progress = threading.Condition()
        self.wrong: list[bytes] = []

    def run(self) -> None:
        connection = Connection(self.server.host)
        while not self.enough.is_set():
            name = f"h{self.number}-{len(self.there)}"
            self.there[name] = None
            try:
                self.call(connection, "CreateUser", name)
                if len(self.there) % 20:
                    self.there[name] = None
                    self.call(connection, "DeleteUser", name)
            except (LostError, ConnectionError):  # its worker was killed
                connection.close()
                connection.open()
            with self.progress:
                self.progress.notify_all()
        connection.close()

    def call(self, connection: Connection, action: str, name: str) -> None:
        status, body = connection.call(self.server.identity(), "iam", action, UserName=name)
        if status != 200:
            self.wrong.append(body)
        self.there[name] = action == "CreateUser"


@pytest.mark.parametrize("kills", [8, pytest.param(60, marks=pytest.mark.nightly)])
def test_killed_workers_are_replaced(tmp_path: Path, kills: int) -> None:
    """Workers are killed one after another under load: each is replaced, nothing acknowledged is lost."""
    randomness = random.Random(kills)
    with supervised(tmp_path / "data", 3) as (server, _):
        enough = threading.Event()
        hirers = [Hirer(server, number, enough) for number in range(4)]
        for hirer in hirers:
            hirer.start()
        for _ in range(kills):
            victim = randomness.choice(sorted(server.workers))
            gone = ends([victim])
            os.kill(victim, signal.SIGKILL)
            gone()
            with hirers[0].progress:  # others go on meanwhile
                # Until it is waited for, the dead one is still a child of the supervisor.
                assert hirers[0].progress.wait_for(
                    lambda victim=victim: len(server.workers - {victim}) == 3, timeout=60
                )
        enough.set()
        for hirer in hirers:
            hirer.join()
        assert server.stop() == 0
    assert not [wrong for hirer in hirers for wrong in hirer.wrong]
    store = open_store(tmp_path / "data" / "masugata.db", ALL_KINDS)
    try:
        assert store.check() == []
        users = {user.name for user in store.snapshot().scan(USER, server.account)}
    finally:
        store.close()
    there = {name: known for hirer in hirers for name, known in hirer.there.items()}
    assert {name for name, known in there.items() if known} <= users
    assert not {name for name, known in there.items() if known is False} & users
