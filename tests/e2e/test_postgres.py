"""Two nodes on one PostgreSQL database, and a person who looks after them."""

import shutil
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from databases import new_database
from e2e.conftest import Server, policy
from policies import allow


@pytest.fixture
def nodes(request, tmp_path):
    """Two nodes, each with a data directory of its own."""
    database = new_database("postgres", request, tmp_path)
    environment = {"MASUGATA_DATABASE": database.place}
    first = Server(tmp_path / "first", environment=environment)
    second = Server(tmp_path / "second", environment=environment)
    try:
        first.start()
        (tmp_path / "second").mkdir(mode=0o700)
        shutil.copy(tmp_path / "first" / "root.key", tmp_path / "second")
        second.start()
        yield first, second
    finally:
        for node in (first, second):
            if node.process is not None:
                node.stop()


def names(server, key):
    return sorted(user["UserName"] for user in server.client("iam", key).list_users()["Users"])


def masugata(server, *arguments):
    """Run another verb on a node's data directory."""
    return subprocess.run(
        [sys.executable, "-m", "masugata", *arguments, "--data", str(server.data)],
        capture_output=True,
        text=True,
        env=server.environment,
        check=False,
    )


def test_two_nodes_are_one(nodes):
    """What one node answered binds the very next request on the other, revocations above all."""
    first, second = nodes
    admin = first.admin()
    assert not (second.data / "credentials").exists()
    for turn in range(20):
        here, there = (first, second) if turn % 2 else (second, first)
        here.client("iam", admin).create_user(UserName=f"u{turn}")
        assert f"u{turn}" in names(there, admin)
        key = here.client("iam", admin).create_access_key(UserName=f"u{turn}")["AccessKey"]
        sts = there.client("sts", (key["AccessKeyId"], key["SecretAccessKey"]))
        sts.get_caller_identity()
        here.client("iam", admin).update_access_key(
            UserName=f"u{turn}", AccessKeyId=key["AccessKeyId"], Status="Inactive"
        )
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()


def test_restarts(nodes, postgres_server):
    """Killed nodes and a restarted database server lose nothing; while it is away requests are refused."""
    first, second = nodes
    admin = first.admin()
    first.client("iam", admin).create_user(UserName="alice")
    first.kill()
    postgres_server.stop("immediate")
    try:
        for call in (
            lambda: names(second, admin),
            lambda: second.client("iam", admin).create_user(UserName="bob"),
        ):
            with pytest.raises(ClientError, match="ServiceUnavailable"):
                call()
    finally:
        postgres_server.start()
    assert names(second, admin) == ["admin", "alice"]
    second.client("iam", admin).create_user(UserName="bob")
    first.start()
    assert names(first, admin) == ["admin", "alice", "bob"]
    events = first.client("cloudtrail", admin).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    )
    assert [event["Resources"][0]["ResourceName"] for event in events["Events"]] == ["bob", "alice"]


def test_other_verbs(nodes):
    """`root` and `doctor` find the installation, and no output holds the URL's secrets."""
    first, second = nodes
    made = masugata(first, "root", "create-access-key")
    assert made.returncode == 0, made.stderr
    assert "1 access key" in masugata(second, "root", "list").stdout
    doctor = masugata(first, "doctor")
    assert "database" in doctor.stdout
    assert "whole" in doctor.stdout, doctor.stdout


def test_policies_bind_on_both(nodes):
    """A policy that is taken away on one node is gone for a session that was issued by the other."""
    first, second = nodes
    iam = first.client("iam", first.admin())
    iam.create_user(UserName="carol")
    iam.put_user_policy(
        UserName="carol", PolicyName="p", PolicyDocument=_json(policy(allow("iam:ListUsers")))
    )
    key = iam.create_access_key(UserName="carol")["AccessKey"]
    carol = (key["AccessKeyId"], key["SecretAccessKey"])
    assert names(second, carol) == ["admin", "carol"]
    iam.delete_user_policy(UserName="carol", PolicyName="p")
    with pytest.raises(ClientError, match="AccessDenied"):
        names(second, carol)


def _json(document):
    import json

    return json.dumps(document)
