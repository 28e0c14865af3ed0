"""`masugata doctor`."""

import json
import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from databases import new_database
from masugata.cli import _checks_machine, _checks_storage
from masugata.cli._checks import Mark
from masugata.cli._checks_installation import _certificate, _given_certificate
from masugata.cli._checks_port import port_check
from masugata.cli._checks_server import _clock
from masugata.keeper import open_keeper
from masugata.records.iam import ACCESS_KEY, LOGIN_PROFILE, LoginProfile
from masugata.server import Credentials, bootstrap, open_installation, read_credentials, sealed_key
from masugata.server.tls import tls_files
from masugata.settings import Settings
from unit.store.things import event

ACCOUNT_ID = "111122223333"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Server(BaseHTTPRequestHandler):
    """Answers health checks as a server does; `status` and `offset` can be set."""

    status = 200
    offset = timedelta()

    def do_GET(self):
        """Answer one health check."""
        found = self.path == "/_masugata/health/ready"
        self.send_response_only(self.status if found else 404)
        self.send_header("date", format_datetime(datetime.now(UTC) + self.offset, usegmt=True))
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture(autouse=True)
def any_port(masugata, monkeypatch):
    """No port is asked for that another program may have."""
    del masugata  # which forgets the variable that is set below
    monkeypatch.setenv("MASUGATA_PORT", "0")


@pytest.fixture
def backed_up(installation):
    """A backup was made just now."""
    content = {"file": "/backups/b", "time": datetime.now(UTC).isoformat(), "revision": 1}
    (installation.data / "last-backup.json").write_text(json.dumps(content))


@pytest.fixture
def server(masugata, installation, backed_up, monkeypatch):
    """A server that `endpoint.json` names; its class can be given another status or time."""
    del masugata, backed_up  # the first forgets the variables that are set below
    handler = type("Handler", (Server,), {})
    with HTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        handler.url = f"http://127.0.0.1:{listening.server_port}"
        write_endpoint(installation, handler.url)
        point_at(monkeypatch, installation, handler.url)
        yield handler
        listening.shutdown()
        thread.join()


def write_endpoint(installation, url, authority=None):
    content = {"url": url, "account": ACCOUNT_ID, "authority": authority, "pid": 1}
    (installation.data / "endpoint.json").write_text(json.dumps(content))


def point_at(monkeypatch, installation, url):
    """Set the variables that `masugata env` prints."""
    key = read_credentials(installation.data / "credentials", "admin")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture
def doctor(masugata, installation, backed_up):
    """Examines the installation; gives the exit status and the findings that are not fine, by name."""
    del backed_up

    def run():
        finished = masugata("doctor", "--json", "--data", installation.data)
        answer = json.loads(finished.out)
        assert (finished.status, answer["status"]) in {(0, "fine"), (1, "found"), (2, "unknown")}
        return finished.status, {c["name"]: c for c in answer["checks"] if c["mark"] != "fine"}

    return run


def test_a_sound_installation_with_a_running_server_is_fine(masugata, installation, server):
    """All is ticked, the status is 0, and no secret is shown."""
    finished = masugata("doctor", "--data", installation.data)
    assert finished.status == 0, finished.out
    lines = finished.out.splitlines()
    assert all(line.startswith("✓ ") for line in lines)
    assert f"✓ server: ready at {server.url}" in lines
    assert f"✓ shell: AWS clients started here talk to {server.url}" in lines
    assert read_credentials(installation.data / "credentials", "admin").secret_access_key not in finished.out


@pytest.mark.parametrize(
    ("file", "mode", "name"),
    [
        (".", 0o755, "data directory"),
        ("credentials", 0o644, "credentials"),
        ("root.key", 0o640, "root key"),
        ("masugata.db", 0o604, "database file"),
    ],
)
@pytest.mark.usefixtures("server")
def test_what_others_can_reach_is_wrong(doctor, installation, file, mode, name):
    """A file or folder that others can read is found, with the command that closes it."""
    (installation.data / file).chmod(mode)
    status, found = doctor()
    assert (status, list(found)) == (1, [name])
    assert found[name]["mark"] == "wrong"
    assert "chmod" in found[name]["advice"]


@pytest.mark.usefixtures("server")
def test_a_relative_data_directory_holds_the_same_root_key(masugata, installation, monkeypatch):
    """The one root key of an installation is no other file beside it, to be removed."""
    monkeypatch.chdir(installation.data.parent)
    finished = masugata("doctor", "--json", "--data", installation.data.name)
    texts = [c["text"] for c in json.loads(finished.out)["checks"] if c["name"] == "root key"]
    assert len(texts) == 1, texts


@pytest.mark.usefixtures("server")
def test_a_root_key_that_is_missing_or_damaged_is_wrong(doctor, installation):
    """Without its root key an installation is lost, and a damaged one is not taken for a key."""
    (installation.data / "root.key").write_text("masugata-root-key 1\n")
    assert "is not a root key" in doctor()[1]["root key"]["text"]
    (installation.data / "root.key").unlink()
    status, found = doctor()
    assert (status, list(found)) == (1, ["root key"])
    assert "is missing" in found["root key"]["text"]


@pytest.mark.usefixtures("server")
def test_a_database_that_is_not_one_cannot_be_looked_at(doctor, installation):
    """A damaged database ends with status 2 and says so, and the other checks are still made."""
    (installation.data / "masugata.db").write_bytes(b"no database at all" * 1000)
    for leftover in installation.data.glob("masugata.db-*"):
        leftover.unlink()
    status, found = doctor()
    assert (status, list(found)) == (2, ["database"])


def test_root_access_keys_are_warned_of(doctor, installation, server):
    """AWS advises to have no root access key; one is named, its secret is not."""
    del server
    store, keeper = open_installation(installation, create=False)
    key = sealed_key(keeper, Credentials("AKIAROOTROOTROOTROOT", "a" * 40), ACCOUNT_ID, NOW)
    store.submit(lambda transaction: transaction.put(ACCESS_KEY, ACCOUNT_ID, key)).result()
    store.close()
    status, found = doctor()
    assert (status, list(found)) == (1, ["root user"])
    assert "AKIAROOTROOTROOTROOT" in found["root user"]["text"]


def test_a_root_password_without_mfa_is_warned_of(doctor, installation, server):
    """A root user that a password alone opens deserves a look."""
    del server
    store, _ = open_installation(installation, create=False)
    profile = LoginProfile(
        owner_id=ACCOUNT_ID, create_date=NOW, change_date=NOW, hashes=b"sealed", generation="g"
    )
    store.submit(lambda transaction: transaction.put(LOGIN_PROFILE, ACCOUNT_ID, profile)).result()
    store.close()
    status, found = doctor()
    assert (status, list(found)) == (1, ["root user's MFA"])


def test_a_server_that_is_not_ready_or_not_there_is_wrong(doctor, installation, server):
    """A status other than 200 and a port that nobody listens on are both found."""
    server.status = 503
    status, found = doctor()
    assert (status, list(found)) == (1, ["server"])
    assert "answers 503" in found["server"]["text"]
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        write_endpoint(installation, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert "nothing answers" in doctor()[1]["server"]["text"]


@pytest.mark.parametrize("content", ["{", "{}", '{"url": "ftp://x", "account": "1"}', '{"url": 1}'])
def test_an_endpoint_file_that_cannot_be_read_is_told(doctor, installation, content):
    """A damaged endpoint.json is something that could not be looked at, not a traceback."""
    (installation.data / "endpoint.json").write_text(content)
    status, found = doctor()
    assert (status, found["server"]["mark"]) == (2, "unknown")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"AWS_ENDPOINT_URL": None}, "do not talk to this installation"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL is `http://127.0.0.1:1`"),
        ({"AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL_IAM sends one service"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True"}, "makes AWS clients ignore"),
        ({"AWS_DEFAULT_REGION": None}, "AWS_DEFAULT_REGION not set"),
        ({"AWS_REGION": None}, "AWS_REGION not set"),
        ({"AWS_REGION": "eu-west-1"}, "differ"),
        ({"AWS_PROFILE": "work"}, "AWS_PROFILE is set"),
        ({"AWS_ACCESS_KEY_ID": None}, "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set"),
        ({"AWS_SECRET_ACCESS_KEY": "another"}, "does not belong to the access key"),
        ({"AWS_SESSION_TOKEN": "token"}, "beside a long-term access key"),
        ({"http_proxy": "http://127.0.0.1:3128"}, "HTTP_PROXY stands between"),
    ],
)
def test_variables_that_lead_elsewhere_are_found(doctor, server, monkeypatch, variables, told):
    """Each variable that would send AWS clients elsewhere, or have them refused, is named."""
    del server
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    status, found = doctor()
    assert (status, list(found)) == (1, ["shell"])
    assert told in found["shell"]["text"]
    assert found["shell"]["advice"]


def test_a_proxy_that_leaves_this_machine_alone_is_fine(doctor, server, monkeypatch):
    """A proxy does no harm where NO_PROXY names the server, and doctor itself goes past it."""
    del server
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "localhost, 127.0.0.1")
    assert doctor() == (0, {})


def test_without_an_installation_there_is_nothing_to_look_at(masugata, monkeypatch, tmp_path):
    """A folder that is missing, no folder, or empty ends with status 2 and with what to do."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir(mode=0o700)
    for name in ("missing", "file", "empty"):
        monkeypatch.setenv("MASUGATA_DATA", str(tmp_path / name))
        finished = masugata("doctor")
        assert finished.status == 2
        assert "\n? " in finished.out
        assert "--data" in finished.out or "masugata up" in finished.out
    assert not (tmp_path / "missing").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_ephemeral_server_has_no_database_to_check(masugata, tmp_path):
    """The folder of an ephemeral server holds no database, and that is fine."""
    settings = Settings(data=tmp_path / "ephemeral")
    settings.data.mkdir(mode=0o700)
    write_endpoint(settings, "http://127.0.0.1:1")
    finished = masugata("doctor", "--data", settings.data)
    assert "✓ database: none: the server here keeps everything in memory" in finished.out


@pytest.mark.parametrize(
    ("date", "mark"),
    [
        ("Sun, 01 Mar 2026 00:00:02 GMT", Mark.FINE),
        ("Sun, 01 Mar 2026 00:01:00 GMT", Mark.WARNING),
        ("Sat, 28 Feb 2026 23:30:00 GMT", Mark.WRONG),
        ("yesterday", Mark.UNKNOWN),
        ("Sun, 01 Mar 2026 00:00:02", Mark.UNKNOWN),
        (None, Mark.UNKNOWN),
    ],
)
def test_clocks_are_compared(date, mark):
    """A clock that is so far off that signatures are refused is wrong; a date that is none is told."""
    assert _clock(date, NOW, 900).mark is mark


def test_certificates_are_looked_at_before_they_expire(tmp_path):
    """A certificate warns in its last 30 days, is wrong afterwards, and one that is none cannot be read."""
    files = tls_files(Settings(data=tmp_path, tls="auto"), NOW)
    days = {0: Mark.FINE, 366: Mark.FINE, 370: Mark.WARNING, 398: Mark.WRONG}
    for day, mark in days.items():
        assert _certificate(files.certificate, "TLS", "", NOW + timedelta(days=day)).mark is mark
    (tmp_path / "none.pem").write_text("")
    assert _certificate(tmp_path / "none.pem", "TLS", "", NOW).mark is Mark.UNKNOWN


def test_the_machine_is_looked_at(monkeypatch):
    """An interpreter that is too old, and models that cannot be read, are wrong."""
    assert _checks_machine._python((3, 10)).mark is Mark.WRONG
    assert _checks_machine._python((3, 11)).mark is Mark.FINE
    monkeypatch.setattr(_checks_machine, "SERVICES", {"iam": {}, "no-such-service": {}})
    assert _checks_machine._models().mark is Mark.WRONG


def test_nothing_is_changed(doctor, installation, server):
    """Looking leaves root key, credentials and endpoint as they were."""
    del server
    names = ("root.key", "credentials", "endpoint.json")
    before = [(installation.data / name).read_bytes() for name in names]
    doctor()
    assert [(installation.data / name).read_bytes() for name in names] == before
    open_keeper(f"file:{installation.data / 'root.key'}", create=False)


def test_backups(doctor, installation, server):
    """An installation older than a week is to be backed up, and again a week later."""
    del server
    last = installation.data / "last-backup.json"
    assert doctor() == (0, {})
    last.unlink()
    status, found = doctor()
    assert (status, list(found)) == (1, ["backup"])
    assert "none was made yet" in found["backup"]["text"]
    last.write_text(json.dumps({"file": "/b", "time": "2026-01-02T03:04:05Z", "revision": 1}))
    assert "the last was made on 2026-01-02 03:04 UTC, `/b`" in doctor()[1]["backup"]["text"]
    last.write_text("{")
    assert doctor()[0] == 2


def test_a_young_installation_needs_no_backup():
    """Who has just started is not told off."""
    assert _checks_storage.backup(Settings(), NOW, NOW + timedelta(days=1)).mark is Mark.FINE
    assert _checks_storage.backup(Settings(), NOW, NOW + timedelta(days=8)).mark is Mark.WARNING


@pytest.mark.parametrize(
    ("free", "mark"),
    [(1 << 40, Mark.FINE), (500 << 20, Mark.WARNING), (1 << 20, Mark.WRONG), (0, Mark.WRONG)],
)
def test_disk(monkeypatch, tmp_path, free, mark):
    """Little room is warned of, none is wrong."""
    monkeypatch.setattr(_checks_storage.os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=1))
    check = _checks_storage.disk(tmp_path)
    assert check.mark is mark
    assert bool(check.advice) == (mark is not Mark.FINE)


def test_event_log_that_is_nearly_full(doctor, installation, server, monkeypatch):
    """A log whose events will go before their time is warned of."""
    del server
    store, _ = open_installation(installation, create=False)
    for number in range(10):
        store.record_event(event(number, body=b"x" * 100_000))
    store.close()
    assert doctor() == (0, {})
    monkeypatch.setenv("MASUGATA_MAXIMUM_EVENT_BYTES", str(1 << 20))
    status, found = doctor()
    assert (status, list(found)) == (1, ["event log"])
    assert "of at most 1 MiB" in found["event log"]["text"]


def test_port(server, installation):
    """A port that is taken is told of, and whether a masugata has it or somebody else."""
    del installation
    port = int(server.url.rpartition(":")[2])
    check = port_check(Settings(port=port))
    assert (check.mark, "a program that is not masugata" in check.text) == (Mark.WRONG, True)
    assert port_check(Settings(port=0)).mark is Mark.FINE


def test_port_of_another_masugata(server, monkeypatch):
    """A masugata with another data directory is recognized."""

    def do_get(self):
        self.send_response_only(200)
        self.end_headers()
        self.wfile.write(b'{"status":"live"}')

    monkeypatch.setattr(server, "do_GET", do_get)
    check = port_check(Settings(port=int(server.url.rpartition(":")[2])))
    assert (check.mark, "another masugata" in check.text) == (Mark.WARNING, True)


@pytest.mark.parametrize(
    ("wanted", "mark"),
    [
        (["botocore<99,>=1.0"], Mark.FINE),
        (["botocore<1.0,>=0.9"], Mark.WRONG),
        (["botocore>=99"], Mark.WRONG),
        (["click>=99", "botocore-stubs<1", 'botocore<1; extra == "x"'], Mark.FINE),
        (None, Mark.FINE),
    ],
)
def test_botocore_version(monkeypatch, wanted, mark):
    """Models of another version than the package asks for are wrong; a checkout asks for none."""
    monkeypatch.setattr(_checks_machine, "requires", lambda _: wanted)
    assert _checks_machine._botocore().mark is mark


def test_open_files(monkeypatch):
    """A low limit is told with what it means for connections."""
    monkeypatch.setattr(_checks_machine.resource, "getrlimit", lambda _: (256, 256))
    check = _checks_machine._open_files()
    assert (check.mark, check.text) == (Mark.WARNING, "at most 256: the server takes 128 connections")


def test_given_certificate(installation, tmp_path):
    """A certificate that was given is looked at like one that we made, and its key must be private."""
    made = tls_files(Settings(data=tmp_path / "tls", tls="auto"), datetime.now(UTC))
    given = Settings(data=installation.data, tls=f"{made.certificate},{made.key}")
    made.key.chmod(0o644)
    certificate, key = _given_certificate(given, datetime.now(UTC))
    assert (certificate.mark, key.mark) == (Mark.FINE, Mark.WRONG)
    (expired, _) = _given_certificate(given, datetime.now(UTC) + timedelta(days=500))
    assert expired.mark is Mark.WRONG


@pytest.fixture
def shared_doctor(request, masugata, tmp_path, monkeypatch):
    """Examines an installation on PostgreSQL; gives its database, and how to look at the findings."""
    database = new_database("postgres", request, tmp_path / "file")
    monkeypatch.setenv("MASUGATA_DATABASE", database.place)
    settings = Settings(data=tmp_path / "data", database=database.place)
    store, keeper = open_installation(settings, create=True)
    bootstrap(store, keeper, settings, NOW, os.urandom)
    store.close()

    def look():
        checks = json.loads(masugata("doctor", "--json", "--data", settings.data).out)["checks"]
        return {check["name"]: check for check in checks}

    return database, look


def test_installation_on_postgresql(shared_doctor):
    """The database is looked into, the root key beside it, and what is damaged is named."""
    database, look = shared_doctor
    found = look()
    assert {found[name]["mark"] for name in ("root key", "database", "account")} == {"fine"}
    assert "database file" not in found
    database.edit("UPDATE record SET body = '\\x7b7d' WHERE kind = 'user'")
    assert "cannot be read" in look()["database"]["text"]
    database.edit("DROP SCHEMA masugata CASCADE")
    found = look()
    assert (found["database"]["mark"], "account" in found) == ("unknown", False)
    assert "holds no installation" in found["database"]["text"]


def test_server_that_does_not_answer(shared_doctor, monkeypatch):
    """A database server that cannot be reached is named without its password."""
    monkeypatch.setenv("MASUGATA_DATABASE", "postgresql://u:kept-to-ourselves@127.0.0.1:1/db")
    found = shared_doctor[1]()["database"]
    assert found["mark"] == "unknown"
    assert "postgresql://127.0.0.1:1/db" in found["text"]
    assert "kept-to-ourselves" not in str(found)
