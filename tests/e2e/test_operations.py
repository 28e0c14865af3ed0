"""Running it: metrics, logs, and backups of a server that works."""

import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server, policy
from masugata.server import Credentials
from policies import allow


def masugata(*arguments, status=0):
    """The output of the command line, run as another process."""
    command = [sys.executable, "-m", "masugata", *map(str, arguments)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == status, ended.stderr
    return ended.stdout if status == 0 else ended.stderr


def metrics(server):
    """The samples that the server shows, by their whole name."""
    with urllib.request.urlopen(f"{server.url}/_masugata/metrics") as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")
    }


def request(operation, status="2xx", service="iam"):
    """The name of a sample."""
    return f'masugata_requests_total{{service="{service}",operation="{operation}",status="{status}"}}'


def test_metrics(own_server):
    """What clients do is counted, and goes on over a restart."""
    iam = own_server.client("iam")
    for number in range(3):
        iam.create_user(UserName=f"u{number}")
    iam.get_user(UserName="u0")
    before = metrics(own_server)
    assert (before[request("CreateUser")], before[request("GetUser")]) == (3, 1)
    assert before['masugata_store_commits_total{outcome="durable"}'] >= 3
    assert before["masugata_events_recorded_total"] >= 3
    assert before["masugata_store_failing"] == 0
    assert before["masugata_event_log_bytes"] > 3000
    assert before[f'process_cpu_seconds_total{{worker="{own_server.process.pid}"}}'] > 0
    own_server.stop()
    own_server.start()
    own_server.client("iam").create_user(UserName="more")
    after = metrics(own_server)
    assert after[request("CreateUser")] == 4
    assert after["masugata_store_revision"] > before["masugata_store_revision"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_in_any_log(tmp_path, form):
    """The most talkative log of a busy server holds no secret, token or signature, in either form."""
    server = Server(tmp_path / "data", ("--log-level", "debug", "--log-format", form, "--access-log", "all"))
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        server.start(stderr=stderr)
    secrets = {server.admin().secret_access_key}
    try:
        key = server.user("alice", own=policy(allow("sts:*")))
        secrets.add(key.secret_access_key)
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
        role = server.client("iam").create_role(
            RoleName="r", AssumeRolePolicyDocument=json.dumps(policy(trust))
        )["Role"]["Arn"]
        sts = server.client("sts", key)
        session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
        secrets |= {session["SecretAccessKey"], session["SessionToken"]}
        server.session(session, "sts").get_caller_identity()
        presigned = sts.generate_presigned_url("get_caller_identity")
        secrets.add(re.search("X-Amz-Signature=([0-9a-f]+)", presigned)[1])
        with suppress(urllib.error.HTTPError):  # refused or not: its signature is what must not be logged
            urllib.request.urlopen(presigned).read()  # noqa: S310
        forged = {"UserName": "x\n2026-01-01T00:00:00.000Z ERROR masugata: forged"}
        for call, arguments in (("get_user", forged), ("list_users", {}), ("create_user", forged)):
            with pytest.raises(ClientError):
                getattr(server.client("iam", key), call)(**arguments)
        with pytest.raises(ClientError):
            server.client("iam", Credentials("AKIAUNKNOWNUNKNOWN00", "s3cr3t" * 7)).list_users()
        secrets.add("s3cr3t" * 7)
    finally:
        server.stop()
    text = log.read_text()
    assert "CreateUser" in text
    assert "AccessDenied" in text
    for secret in secrets:
        assert secret not in text
        assert secret[:20] not in text
    assert "Signature=" not in text
    lines = text.splitlines()
    assert not [line for line in lines if "ERROR masugata: forged" in line[:60]]
    if form == "json":
        assert {json.loads(line)["logger"] for line in lines} >= {"masugata.access", "masugata.server"}
    else:
        assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ |    ", line) for line in lines)


def test_backup_under_load(own_server, tmp_path):
    """A backup of a server that works has each change whole or not at all, and every one from before it."""
    iam, stop, made = own_server.client("iam"), threading.Event(), []

    def work():
        for number in range(10_000):
            if stop.is_set():
                return
            iam.create_user(UserName=f"u{number}", Tags=[{"Key": "n", "Value": str(number)}])
            made.append(number)

    iam.create_user(UserName="first")
    worker = threading.Thread(target=work)
    worker.start()
    try:
        before = len(made)
        said = json.loads(masugata("backup", tmp_path / "b", "--data", own_server.data, "--json"))
    finally:
        stop.set()
        worker.join()
    own_server.client("iam").get_user(UserName="first")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    for name in ("root.key", "credentials"):
        shutil.copy(own_server.data / name, elsewhere / name)
    masugata("restore", tmp_path / "b", "--data", elsewhere)
    restored = Server(elsewhere).start()
    try:
        names = {user["UserName"] for user in restored.client("iam").list_users(MaxItems=1000)["Users"]}
        assert {"admin", "first", *(f"u{number}" for number in range(before))} <= names
        assert names <= {"admin", "first", *(f"u{number}" for number in range(len(made) + 1))}
        assert len(names) + 2 == said["rows"]["records"], "an account and a key besides"
        events = restored.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}], MaxResults=50
        )["Events"]
        assert events
    finally:
        restored.stop()


def test_restore_under_a_server(own_server, tmp_path):
    """A server that runs keeps its directory; stopped, it goes back, and older sessions still hold."""
    iam = own_server.client("iam")
    iam.create_user(UserName="kept")
    token = own_server.client("sts").get_session_token()["Credentials"]
    masugata("backup", tmp_path / "b", "--data", own_server.data)
    iam.delete_user(UserName="kept")
    iam.create_user(UserName="later")
    error = masugata("restore", tmp_path / "b", "--data", own_server.data, "--replace", status=2)
    assert "stop" in error
    iam.get_user(UserName="later")
    own_server.stop()
    masugata("restore", tmp_path / "b", "--data", own_server.data, "--replace")
    own_server.start()
    names = {user["UserName"] for user in own_server.client("iam").list_users()["Users"]}
    assert names == {"admin", "kept"}
    arn = own_server.session(token, "sts").get_caller_identity()["Arn"]
    assert arn == "arn:aws:iam::111122223333:user/admin"
