"""SIGHUP: new workers under new settings, and no client notices."""

import signal
import ssl
import threading
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from e2e.workers import Supervised, ends, reload, supervised
from masugata.records import ALL_KINDS
from masugata.store import Store, open_store
from stress.client import Connection, Identity, LostError, text

CLIENTS = 8


class Client(threading.Thread):
    """Reads and writes without a pause over one connection; notes what is not as it should be."""

    def __init__(self, server: Supervised, number: int, enough: threading.Event) -> None:
        super().__init__()
        self.server, self.number, self.enough = server, number, enough
        self.wrong: list[object] = []
        self.created: list[str] = []
        self.opened = 0

    def run(self) -> None:
        connection, admin = Connection(self.server.host), self.server.identity()
        try:
            while not self.enough.is_set() and not self.wrong:
                self.round(connection, admin, f"c{self.number}-{len(self.created)}")
        except (LostError, OSError) as error:
            self.wrong.append(error)
        self.opened = connection.opened
        connection.close()

    def round(self, connection: Connection, admin: Identity, name: str) -> None:
        for action in ("CreateUser", "GetUser", "DeleteUser"):
            status, body = connection.call(admin, "iam", action, UserName=name)
            if status != 200 or (action == "GetUser" and text(body, "UserName") != name):
                self.wrong.append((action, name, status, body))
        self.created.append(name)


@pytest.mark.parametrize("reloads", [5, pytest.param(40, marks=pytest.mark.nightly)])
def test_no_request_is_lost(tmp_path: Path, reloads: int) -> None:
    """Eight clients that never retry see no failure over many reloads, and each call was done once."""
    with supervised(tmp_path / "data", 2) as (server, told):
        enough = threading.Event()
        clients = [Client(server, number, enough) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(reloads):
            before = server.workers
            reload(server, told)
            assert len(server.workers) == 2
            assert not before & server.workers
        enough.set()
        for client in clients:
            client.join()
        assert [client.wrong for client in clients] == [[]] * CLIENTS
        assert all(client.opened >= reloads for client in clients), "each reload ends each connection once"
        assert server.stop() == 0
    created = sorted(name for client in clients for name in client.created)
    assert created
    store = open_store(tmp_path / "data" / "masugata.db", ALL_KINDS)
    try:
        for event_name in ("CreateUser", "DeleteUser", "GetUser"):
            assert sorted(names_in(store, event_name)) == created
        assert store.check() == []
    finally:
        store.close()


def names_in(store: Store, event_name: str) -> Iterator[str]:
    """The user of each event of a name."""
    before = None
    while page := store.events(
        "111122223333", "us-east-1", attribute=("EventName", event_name), before_seq=before, limit=1000
    ):
        before = page[-1].seq
        for event in page:
            yield orjson.loads(event.body)["requestParameters"]["userName"]


def test_settings_are_read_again(tmp_path: Path, monkeypatch) -> None:
    """What the file says now holds after a reload, the number of workers included; no client is cut off."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "masugata.toml"
    file.write_text("workers = 2\nmaximum_body_bytes = 300\n")
    with supervised(tmp_path / "data", None) as (server, told):
        admin = server.identity()
        with server.connection_to_each() as before:
            long = {"UserName": "u" * 300}
            for connection in before.values():
                assert connection.call(admin, "iam", "GetUser", **long)[0] == 413
            file.write_text("workers = 3\nmaximum_body_bytes = 1000\n")
            reload_with_idle_clients(server, told, before)
        with server.connection_to_each() as after:
            assert len(after) == 3
            assert not before.keys() & after.keys()
            for connection in after.values():
                assert connection.call(admin, "iam", "GetUser", **long)[0] == 400


def reload_with_idle_clients(server, told, connections) -> None:
    """Reload; clients that were idle meanwhile are answered, and told that their connection ends."""
    gone = ends(connections)
    server.signal(signal.SIGHUP)
    assert told.next() == "RELOADING=1"
    opened = {pid: connection.opened for pid, connection in connections.items()}
    while any(connection.opened == opened[pid] for pid, connection in connections.items()):
        for pid, connection in connections.items():
            if connection.opened == opened[pid]:
                assert connection.call(server.identity(), "sts", "GetCallerIdentity")[0] == 200
    assert told.next() == "READY=1"
    gone()


def test_what_cannot_be_reloaded(tmp_path: Path, monkeypatch) -> None:
    """With a broken file, another address, or a file that is missing, the workers stay as they are."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "masugata.toml"
    with supervised(tmp_path / "data", 2) as (server, told):
        before = server.workers
        for content in (
            "workers = ",
            'host = "127.0.0.2"',
            'tls = "auto"',
            "ephemeral = true",
            'region = "/"',
        ):
            file.write_text(content)
            reload(server, told)
            assert server.workers == before, content
        file.unlink()
        database = server.data / "masugata.db"
        database.rename(tmp_path / "masugata.db")
        reload(server, told)
        assert server.workers == before
        (tmp_path / "masugata.db").rename(database)
        reload(server, told)
        assert not server.workers & before
        assert server.client("sts").get_caller_identity()["Account"] == server.account


def test_certificate_is_renewed(tmp_path: Path) -> None:
    """With `--tls auto` a reload makes and shows a new certificate, of the same authority, if it is due."""
    with supervised(tmp_path / "data", 2, "--tls", "auto") as (server, told):
        trusting = ssl.create_default_context(cafile=server.data / "tls" / "ca.pem")
        address = urlsplit(server.url)
        shown = []
        connection = HTTPSConnection(address.hostname or "", address.port, timeout=60, context=trusting)
        for _ in range(2):
            connection.request("GET", "/_masugata/health/ready")
            answer = connection.getresponse()
            assert orjson.loads(answer.read())["status"] == "ready"
            assert answer.getheader("connection") is None
            shown.append(connection.sock.getpeercert()["serialNumber"])
            if len(shown) == 1:
                connection.close()
                (server.data / "tls" / "server.pem").unlink()
                reload(server, told)
        connection.close()
        assert len(set(shown)) == 2
