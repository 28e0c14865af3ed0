"""The server process: what it says on the wire, how it stops, and what it does not start on."""

import os
import signal
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

import boto3
import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from e2e.conftest import Server, running
from masugata.server import Credentials as Key
from masugata.server import read_credentials

WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
ROOT = Key("ROOTROOTROOT", "a-root-secret-of-tests")


def address(server):
    host, _, port = server.url.partition("//")[2].rpartition(":")
    return host.strip("[]"), int(port)


def exchange(server, *pieces):
    """Send bytes over a connection of their own and read until the server ends it."""
    with socket.create_connection(address(server), timeout=20) as client:
        for piece in pieces:
            try:
                client.sendall(piece)
            except ConnectionError:
                break
        received = b""
        while True:
            try:
                piece = client.recv(65_536)
            except ConnectionResetError:
                return received
            if not piece:
                return received
            received += piece


def ended(data, *arguments, stdin=subprocess.DEVNULL, **environment):
    """Status, output and errors of a server that does not start."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    command = [sys.executable, "-m", "masugata", "up", "--port", "0", "--data", str(data), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=stdin, env=clean | environment
    )
    return done.returncode, done.stdout, done.stderr


def signed(server, service, path, key):
    """The answer to a signed POST without a body."""
    request = AWSRequest("POST", server.url + path, data=b"")
    SigV4Auth(Credentials(*key), service, "us-east-1").add_auth(request)
    connection = HTTPConnection(*address(server), timeout=20)
    try:
        connection.request("POST", path, b"", dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_answer_headers(server):
    """Answers carry the time and a request id, do not name the software, and keep the connection."""
    connection = HTTPConnection(*address(server), timeout=20)
    for _ in range(3):
        connection.request("POST", "/", WHO)
        answer = connection.getresponse()
        assert answer.status == 403
        assert answer.read()
        headers = {name.lower() for name, _ in answer.getheaders()}
        assert {"date", "content-length", "content-type", "x-amzn-requestid"} <= headers
        assert not headers & {"server", "x-powered-by"}
    connection.close()


def test_health(server):
    """Health answers without a signature; HEAD has the same length and no body."""
    connection = HTTPConnection(*address(server), timeout=20)
    connection.request("GET", "/_masugata/health/ready")
    answer = connection.getresponse()
    body = answer.read()
    assert orjson.loads(body)["status"] == "ready"
    connection.request("HEAD", "/_masugata/health/ready")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("content-length"), answer.read()) == (200, str(len(body)), b"")
    connection.close()


def test_body_in_chunks_over_the_limit(server):
    """A body that does not say how long it is is cut off at the limit, and the connection ends."""
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    received = exchange(server, head, *[b"10000\r\n" + b"a" * 65_536 + b"\r\n"] * 40, b"0\r\n\r\n")
    assert (
        received.startswith(b"HTTP/1.1 413 ") or received == b""
    )  # who is still sending may only see a reset
    assert received.count(b"HTTP/1.1") <= 1


def test_refusals_end_the_connection(server):
    """After an answer to a request whose body was not read, what follows is no second request."""
    smuggled = b"GET /_masugata/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n"
    for head, status in (
        (b"POST / HTTP/1.1\r\nhost: evil.example\r\ncontent-length: %d\r\n\r\n" % len(smuggled), b"421"),
        (b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(smuggled), b"400"),
        (b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1048577\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 66_000 + b"\r\n\r\n", b"431"),
        (b"GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\n\r\n", b"400"),
    ):
        received = exchange(server, head + smuggled)
        assert received.startswith(b"HTTP/1.1 " + status), received
        assert received.count(b"HTTP/1.1 ") == 1
        assert b"connection: close" in received.lower()


def test_endless_headers(server):
    """Headers without end are cut off."""
    received = exchange(server, b"GET / HTTP/1.1\r\n", *[b"x: " + b"a" * 60_000 + b"\r\n"] * 20)
    assert received.startswith(b"HTTP/1.1 431 ") or received == b""
    assert b"200" not in received


def test_upgrade(server):
    """An offer to change the protocol is ignored; with a body, which could not be read, it is refused."""
    offer = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"
    head = b"GET /_masugata/health/live HTTP/1.1\r\nhost: localhost\r\n"
    received = exchange(server, head + offer + b"\r\n")
    assert received.startswith(b"HTTP/1.1 200 ")
    for body in (b"content-length: 43", b"transfer-encoding: chunked"):
        assert exchange(server, head + offer + body + b"\r\n\r\n" + WHO).startswith(b"HTTP/1.1 400 ")
    websocket = b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n"
    assert exchange(server, head + websocket).startswith(b"HTTP/1.1 200 ")


def test_idle_connections_do_not_hold_up_others(server):
    """Hundreds of connections that say nothing, or half of something, keep nobody from being answered."""
    idle = [socket.create_connection(address(server), timeout=20) for _ in range(300)]
    try:
        for client in idle[::2]:
            client.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf")
        assert server.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")
    finally:
        for client in idle:
            client.close()


def test_few_files(tmp_path):
    """Where few files may be open, strangers' connections are turned away before the database lacks one."""
    data = tmp_path / "data"
    command = f'ulimit -n 64 && exec "{sys.executable}" -m masugata up --json --port 0 --data "{data}"'
    with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE) as process:
        server = Server(data)
        server.url = orjson.loads(process.stdout.readline())["url"]
        idle = [socket.create_connection(address(server), timeout=20) for _ in range(100)]
        open_ones = sum(not cut_off(client) for client in idle)
        assert 16 <= open_ones <= 32
        for client in idle:
            client.close()
        server.client("iam").create_user(UserName="after")
        process.terminate()
        assert process.wait(timeout=30) == 0


def cut_off(client):
    """Whether the server has ended a connection over which an answer could come."""
    try:
        client.sendall(b"GET /_masugata/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n")
        return not client.recv(65_536)
    except ConnectionError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop(tmp_path, number):
    """A signal stops an idle server at once: status 0, nothing on standard error, events kept."""
    data = tmp_path / "data"
    command = [sys.executable, "-m", "masugata", "up", "--json", "--port", "0", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    server = Server(data)
    server.url = orjson.loads(process.stdout.readline())["url"]
    server.client("sts").get_caller_identity()
    process.send_signal(number)  # within the 20 ms in which the event may still wait
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out, errors) == (0, b"", b"")
    server = Server(data).start()
    try:
        events = server.client("cloudtrail").lookup_events()["Events"]
        assert "GetCallerIdentity" in [event["EventName"] for event in events]
    finally:
        server.stop()


def test_stop_during_changes(own_server):
    """While clients change things the server is told to stop: status 0, and what was answered is there."""
    server, acknowledged, enough = own_server, [], threading.Event()

    def hire(worker):
        iam = server.client("iam")
        for number in range(10_000):
            name = f"w{worker}-{number}"
            try:
                iam.create_user(UserName=name)
            except (BotoCoreError, ClientError):
                return
            acknowledged.append(name)
            if len(acknowledged) >= 100:
                enough.set()

    workers = [threading.Thread(target=hire, args=(number,)) for number in range(6)]
    for worker in workers:
        worker.start()
    assert enough.wait(timeout=120)
    assert server.stop() == 0
    for worker in workers:
        worker.join()
    server.start()
    pages = server.client("iam").get_paginator("list_users").paginate()
    users = {user["UserName"] for page in pages for user in page["Users"]}
    assert set(acknowledged) <= users
    assert len(users) <= len(acknowledged) + 1 + 6, "at most one call of each client ended unanswered"


def test_log_lines(tmp_path):
    """With --log-level info a start and a stop are told in a line each; no line holds a secret."""
    data = tmp_path / "data"
    command = [sys.executable, "-m", "masugata", "up", "--json", "--port", "0", "--data", str(data)]
    environment = os.environ | {
        "MASUGATA_ROOT_ACCESS_KEY_ID": ROOT.access_key_id,
        "MASUGATA_ROOT_SECRET_ACCESS_KEY": ROOT.secret_access_key,
    }
    process = subprocess.Popen(
        [*command, "--log-level", "debug"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    server = Server(data)
    server.url = orjson.loads(process.stdout.readline())["url"]
    made = server.client("iam").create_access_key(UserName="admin")["AccessKey"]
    session = server.client("sts", ROOT).get_session_token()["Credentials"]
    with pytest.raises(ClientError):
        server.client("sts", ("AKIAQAAAAAAAAAAAAAAA", "mistyped-secret")).get_caller_identity()
    exchange(server, b"rubbish\r\n\r\n")
    process.terminate()
    errors = process.communicate(timeout=30)[1].decode()
    lines = errors.splitlines()
    assert sum(f"listening at {server.url}" in line for line in lines) == 1
    assert sum(line.endswith("masugata.server: stopped") for line in lines) == 1
    assert "Traceback" not in errors
    secrets = [server.admin().secret_access_key, made["SecretAccessKey"], ROOT.secret_access_key]
    secrets += [session["SecretAccessKey"], session["SessionToken"], "mistyped-secret"]
    assert not [secret for secret in secrets if secret in errors]


def test_ephemeral(tmp_path):
    """An ephemeral server writes no database, resets for root alone, and forgets everything when it stops."""
    root = {
        "MASUGATA_ROOT_ACCESS_KEY_ID": ROOT.access_key_id,
        "MASUGATA_ROOT_SECRET_ACCESS_KEY": ROOT.secret_access_key,
    }
    for server in running(tmp_path / "data", "--ephemeral", "--account-id", "123456789012", **root):
        assert server.account == "123456789012"
        server.client("iam").create_user(UserName="alice")
        names = {entry.name for entry in server.data.iterdir()}
        assert names == {"credentials", "endpoint.json"}
        assert signed(server, "masugata", "/_masugata/reset", server.admin())[0] == 403
        assert signed(server, "masugata", "/_masugata/reset", ROOT)[0] == 200
        assert [u["UserName"] for u in server.client("iam").list_users()["Users"]] == ["admin"]
        server.client("iam").create_user(UserName="bob")
        assert server.stop() == 0
        server.start()
        assert [u["UserName"] for u in server.client("iam").list_users()["Users"]] == ["admin"]


def test_reset_of_a_durable_server(own_server):
    """Root itself cannot reset a server that keeps its data."""
    run_root(own_server, "create-access-key")
    root = read_credentials(own_server.data / "credentials", "root")
    status, body = signed(own_server, "masugata", "/_masugata/reset", root)
    assert (status, orjson.loads(body)["code"]) == (400, "InvalidAction")


def run_root(server, *arguments):
    """`masugata root` on the same data directory, as another process."""
    command = [sys.executable, "-m", "masugata", "root", *arguments, "--data", str(server.data), "--json"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return orjson.loads(done.stdout)


def test_root_key_of_the_command_line(own_server):
    """A root key that another process makes or deletes counts from the next request of the running server."""
    made = run_root(own_server, "create-access-key")
    root = read_credentials(own_server.data / "credentials", "root")
    assert made["id"] == root.access_key_id
    sts = own_server.client("sts", root)
    assert sts.get_caller_identity()["Arn"].endswith(":root")
    run_root(own_server, "delete-access-key", made["id"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    names = [e["EventName"] for e in own_server.client("cloudtrail").lookup_events()["Events"]]
    assert {"CreateAccessKey", "DeleteAccessKey"} <= set(names)


def test_two_servers_on_one_folder(own_server):
    """Two servers on one data directory are one: what one changes binds the other's next request."""
    for other in running(own_server.data):
        assert other.url != own_server.url
        own_server.client("iam").create_user(UserName="alice")
        other.client("iam").create_user(UserName="bob")
        names = {u["UserName"] for u in own_server.client("iam").list_users()["Users"]}
        assert names == {"admin", "alice", "bob"}
        key = own_server.key("alice")
        sts = other.client("sts", key)
        assert sts.get_caller_identity()["Arn"].endswith(":user/alice")
        own_server.client("iam").update_access_key(UserName="alice", AccessKeyId=key[0], Status="Inactive")
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()


def test_first_starts_at_once(tmp_path, monkeypatch):
    """Several first starts at the same time make one installation with one authority, open to clients."""
    servers = [Server(tmp_path / "data", ("--tls", "auto")) for _ in range(3)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "data" / "tls" / "ca.pem"))
    try:
        for server in servers:
            assert server.client("sts").get_caller_identity()["Account"] == "111122223333"
    finally:
        for server in servers:
            if server.process is not None:
                server.stop()


def test_ipv6(tmp_path):
    """On `::1` the server answers under its own address, and sees the client's."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    for server in running(tmp_path / "data", "--host", "::1"):
        assert server.url.startswith("http://[::1]:")
        server.client("sts").get_caller_identity()
        server.client("iam").create_user(UserName="x")
        (event,) = server.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
        )["Events"]
        assert orjson.loads(event["CloudTrailEvent"])["sourceIPAddress"] == "::1"


def test_all_addresses(tmp_path):
    """On all addresses plain HTTP must be asked for, and IPv4 clients of `::` are known as such."""
    status, _, errors = ended(tmp_path / "refused", "--host", "0.0.0.0")  # noqa: S104
    assert (status, "say --insecure" in errors) == (2, True)
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    for server in running(tmp_path / "data", "--host", "::", "--insecure"):
        server.url = f"http://127.0.0.1:{address(server)[1]}"
        server.client("iam").create_user(UserName="x")
        (event,) = server.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
        )["Events"]
        assert orjson.loads(event["CloudTrailEvent"])["sourceIPAddress"] == "127.0.0.1"


def test_trusted_proxy(tmp_path):
    """What a trusted proxy says of its client is what the event shows."""
    for server in running(tmp_path / "data", MASUGATA_TRUSTED_PROXIES="127.0.0.0/8"):
        sts = server.client("iam")

        def forward(request, **_):
            request.headers["X-Forwarded-For"] = "10.0.0.1, 203.0.113.9"
            request.headers["X-Forwarded-Proto"] = "https"

        sts.meta.events.register("before-send", forward)
        sts.create_user(UserName="x")
        (event,) = server.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
        )["Events"]
        body = orjson.loads(event["CloudTrailEvent"])
        assert body["sourceIPAddress"] == "203.0.113.9"
        assert "tlsDetails" in body


def test_what_it_does_not_start_on(tmp_path):
    """A missing or foreign root key, a damaged database, a folder that cannot be: one line and status 2."""
    data = tmp_path / "data"
    Server(data).start().stop()
    (tmp_path / "file").write_text("")
    root_key, database = data / "root.key", data / "masugata.db"
    key, content = root_key.read_bytes(), database.read_bytes()
    cases = []
    root_key.unlink()
    cases.append((ended(data), "`" + str(root_key) + "` is missing"))
    root_key.write_bytes(b"rubbish")
    root_key.chmod(0o600)
    cases.append((ended(data), "is not a root key"))
    root_key.write_bytes(key)
    root_key.chmod(0o644)
    cases.append((ended(data), "mode 0644"))
    root_key.chmod(0o600)
    database.write_bytes(b"rubbish" * 1000)
    cases.append((ended(data), "masugata.db"))
    database.write_bytes(content[:5000] + b"\xff" * (len(content) - 5000))
    cases.append((ended(data), "database"))
    database.write_bytes(content)
    cases.append((ended(data, "--ephemeral"), "holds an installation"))
    cases.append((ended(tmp_path / "file" / "x"), "cannot make the data directory"))
    cases.append(
        (
            ended(tmp_path / "new", MASUGATA_LOG_LEVEL="loud"),
            "`loud` is not a value for the setting `log_level`",
        )
    )
    for (status, out, errors), words in cases:
        assert (status, out) == (2, ""), words
        assert words in errors
        assert "Traceback" not in errors
        assert errors.count("\n") == 1, errors
    server = Server(data).start()
    assert server.client("sts").get_caller_identity()["Account"] == "111122223333"
    assert server.stop() == 0


def test_full_disk(tmp_path):
    """On a full disk changes get a 5xx and what was acknowledged stays; with room, writing goes on."""
    mount = 'mount -t tmpfs -o size=1500k,mode=700 tmpfs "$0"'
    script = mount + ' && exec "$1" -m masugata up --json --port 0 --data "$0/d"'
    mounted = tmp_path / "small"
    mounted.mkdir()
    command = ["unshare", "--mount", "bash", "-c", script, str(mounted), sys.executable]
    probe = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(mounted)],
        capture_output=True,
        check=False,
    )
    if probe.returncode != 0:
        pytest.skip("no mount namespace of one's own here: " + probe.stderr.decode().strip())
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            url = orjson.loads(process.stdout.readline())["url"]
            inside = Path(f"/proc/{process.pid}/root{mounted}/d")
            key = read_credentials(inside / "credentials", "admin")
            iam = boto3.client(
                "iam",
                endpoint_url=url,
                region_name="us-east-1",
                aws_access_key_id=key[0],
                aws_secret_access_key=key[1],
                config=boto3.session.Config(retries={"total_max_attempts": 1}),
            )
            made, refusal = fill(iam)
            assert refusal["ResponseMetadata"]["HTTPStatusCode"] >= 500
            assert "No space" not in str(refusal), "where we keep things is not the caller's business"
            pages = iam.get_paginator("list_users").paginate()
            subprocess.run(
                ["nsenter", "-m", "-t", str(process.pid), "mount", "-o", "remount,size=30m", str(mounted)],
                check=True,
            )
            iam.create_user(UserName="room-again")
            names = {user["UserName"] for page in pages for user in page["Users"]}
            assert {*made, "room-again"} <= names
        finally:
            process.terminate()
        assert process.wait(timeout=30) == 0


def fill(iam):
    """Create users until the server refuses; gives the names that it acknowledged, and its refusal."""
    made = []
    for number in range(5000):
        name = f"user-{number}"
        try:
            iam.create_user(UserName=name, Tags=[{"Key": "k", "Value": "v" * 250}])
        except ClientError as error:
            return made, error.response
        made.append(name)
    pytest.fail("the disk never filled")
