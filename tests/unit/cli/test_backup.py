"""`masugata backup` and `masugata restore`: what a person does, from making one to starting from it."""

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from databases import new_database
from masugata.records.iam import USER
from masugata.server import open_installation
from masugata.server.backup import open_backup
from masugata.settings import Settings
from unit.cli.conftest import ACCOUNT_ID


@pytest.fixture
def backup(masugata, installation, tmp_path):
    """A backup of the installation."""
    file = tmp_path / "one.backup"
    finished = masugata("backup", file, "--data", installation.data)
    assert finished.status == 0, finished.err
    return file


@pytest.fixture
def elsewhere(installation, tmp_path):
    """A data directory that has only the installation's root key."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    shutil.copy(installation.data / "root.key", folder)
    return Settings(data=folder)


def users(settings):
    """The names of the users, and the revision."""
    store, _ = open_installation(settings, create=False)
    try:
        snapshot = store.snapshot()
        return [user.name for user in snapshot.scan(USER, ACCOUNT_ID)], snapshot.revision
    finally:
        store.close()


def test_backup_and_restore(masugata, installation, backup, elsewhere):
    """A backup restored into a folder that holds but the root key gives the same installation."""
    assert backup.stat().st_mode & 0o777 == 0o600
    before, revision = users(installation)
    finished = masugata("restore", backup, "--data", elsewhere.data)
    assert finished.status == 0, finished.err
    after, new_revision = users(elsewhere)
    assert after == before == ["admin", "alice"]
    assert new_revision > revision
    assert "valid again" in finished.out
    assert (elsewhere.data / "masugata.db").stat().st_mode & 0o777 == 0o600


def test_it_says_what_it_does_not_hold(masugata, installation, tmp_path):
    """The root key is said to be missing, by its fingerprint, and is indeed nowhere in the file."""
    finished = masugata("backup", tmp_path / "b", "--data", installation.data)
    key = (installation.data / "root.key").read_text().splitlines()
    assert "is NOT in it" in finished.out
    assert key[2] in finished.out
    content = (tmp_path / "b").read_bytes()
    assert key[1].encode() not in content
    assert bytes.fromhex(key[1]) not in content


def test_folder(masugata, installation, tmp_path):
    """In a folder a backup is named after its account and time, and its summary is JSON."""
    finished = masugata("backup", tmp_path, "--data", installation.data, "--json")
    said = json.loads(finished.out)
    assert said["file"].startswith(f"{tmp_path}/masugata-{ACCOUNT_ID}-20")
    assert said["bytes"] == Path(said["file"]).stat().st_size
    assert said["accounts"] == [ACCOUNT_ID]
    assert said["rows"]["records"] == 5
    checked = json.loads(masugata("restore", said["file"], "--check", "--json").out)
    assert checked == {name: value for name, value in said.items() if name not in ("file", "bytes")}


def test_in_the_data_directory(masugata, installation):
    """A backup beside what it is a backup of is said to be of little use."""
    finished = masugata("backup", installation.data / "b", "--data", installation.data)
    assert finished.status == 0
    assert "is lost with it" in finished.out


def test_progress(masugata, installation, tmp_path, monkeypatch):
    """On a terminal long work says how far it is, and cleans the line up; elsewhere it says nothing."""
    assert masugata("backup", tmp_path / "quiet", "--data", installation.data).err == ""
    monkeypatch.setattr("masugata.cli._progress._on_terminal", lambda: True)
    said = masugata("backup", tmp_path / "b", "--data", installation.data).err
    assert said.startswith("\rrecords: 5\r")  # without what a terminal would be sent to clear the line
    assert said.endswith("\r")


def test_existing_file(masugata, installation, backup):
    """A file that exists is replaced only when that is asked for; nothing else is left beside it."""
    before = backup.read_bytes()
    refused = masugata("backup", backup, "--data", installation.data)
    assert refused.status == 2
    assert "--overwrite" in refused.err
    assert backup.read_bytes() == before
    assert masugata("backup", backup, "--data", installation.data, "--overwrite").status == 0
    assert backup.read_bytes() != before
    assert sorted(entry.name for entry in backup.parent.iterdir()) == ["data", "here", "one.backup"]


def test_full_folder_is_not_overwritten(masugata, installation, backup):
    """An installation is replaced only with --replace, and then it goes aside whole."""
    store, _ = open_installation(installation, create=False)
    store.submit(lambda t: t.delete(USER, ACCOUNT_ID, "alice")).result()
    store.close()
    old, revision = users(installation)
    refused = masugata("restore", backup, "--data", installation.data)
    assert refused.status == 2
    assert "--replace" in refused.err
    assert users(installation) == (old, revision)
    finished = masugata("restore", backup, "--data", installation.data, "--replace", "--json")
    assert finished.status == 0, finished.err
    restored, new_revision = users(installation)
    assert restored == ["admin", "alice"]
    assert new_revision > revision, "no node may mistake it for the state that it knows"
    aside = Path(json.loads(finished.out)["aside"])
    shutil.copy(installation.data / "root.key", aside)
    assert users(Settings(data=aside)) == (old, revision)


def test_running_server(masugata, installation, backup):
    """Nothing is restored under a process that uses the directory."""
    store, _ = open_installation(installation, create=False)
    try:
        refused = masugata("restore", backup, "--data", installation.data, "--replace")
        assert refused.status == 2
        assert "stop it first" in refused.err
        assert store.snapshot().count(USER, ACCOUNT_ID) == 2
    finally:
        store.close()


def test_ephemeral_server(masugata, backup, elsewhere):
    """A server that keeps everything in memory has no database open, and keeps its folder all the same."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        endpoint = elsewhere.data / "endpoint.json"
        endpoint.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        refused = masugata("restore", backup, "--data", elsewhere.data)
        assert refused.status == 2
        assert f"a server answers at the address in `{endpoint}`" in refused.err
        with subprocess.Popen(["true"]) as gone:
            gone.wait()
        endpoint.write_text(json.dumps({"url": url, "pid": gone.pid}))
        assert masugata("restore", backup, "--data", elsewhere.data).status == 0


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"url": 1, "pid": 1}', b'{"pid": "x"}', b'{"url": "http://x:y"}']
)
def test_damaged_endpoint(masugata, backup, elsewhere, content):
    """An endpoint that says nothing keeps nobody from restoring."""
    (elsewhere.data / "endpoint.json").write_bytes(content)
    assert masugata("restore", backup, "--data", elsewhere.data).status == 0


def test_wrong_root_key(masugata, backup, tmp_path):
    """Without the root key, or with another one, nothing is restored."""
    other = Settings(data=tmp_path / "other")
    refused = masugata("restore", backup, "--data", other.data)
    assert refused.status == 2
    assert "first put the root key there" in refused.err
    store, _ = open_installation(other, create=True)
    store.close()
    refused = masugata("restore", backup, "--data", other.data, "--replace")
    assert refused.status == 2
    assert "was made with the root key" in refused.err
    assert not [entry for entry in other.data.iterdir() if "replaced" in entry.name]


def test_damaged_database(masugata, installation, tmp_path):
    """A damaged database makes no backup, for nobody would know that it is worth nothing."""
    with sqlite3.connect(installation.data / "masugata.db") as connection:
        connection.execute("DELETE FROM name WHERE kind = 'user'")
    connection.close()
    refused = masugata("backup", tmp_path / "b", "--data", installation.data)
    assert refused.status == 2
    assert "no backup was made" in refused.err
    assert not (tmp_path / "b").exists()


def test_unwritable_folder(masugata, installation, tmp_path):
    """A folder that is not there is named."""
    refused = masugata("backup", tmp_path / "no" / "b", "--data", installation.data)
    assert refused.status == 2
    assert f"cannot write into `{tmp_path / 'no'}`" in refused.err


def test_forged_backup(installation, backup, elsewhere, masugata):
    """Whoever can write where backups are kept, but has no root key, cannot make one that is restored."""
    other = Settings(data=elsewhere.data.parent / "forger")
    store, _ = open_installation(other, create=True)
    store.close()
    forged = backup.parent / "forged.backup"
    assert masugata("backup", forged, "--data", other.data).status == 0
    fingerprint = (installation.data / "root.key").read_text().splitlines()[2]
    forger = (other.data / "root.key").read_text().splitlines()[2]
    content = forged.read_bytes()
    lines = content[:16384].replace(forger.encode(), fingerprint.encode()).split(b"\n")
    lines[3] = hashlib.sha256(b"\n".join(lines[:3]) + b"\n").hexdigest().encode()
    forged.write_bytes(b"\n".join(lines) + content[16384:])
    with open_backup(forged) as opened:
        assert opened.header.root_key == fingerprint
    refused = masugata("restore", forged, "--data", elsewhere.data)
    assert refused.status == 2
    assert "do not trust the file" in refused.err
    assert not (elsewhere.data / "masugata.db").exists()


def test_nonsense(masugata, elsewhere, tmp_path):
    """What is no backup is said to be none, or why it cannot be read."""
    for name, content in {"empty": b"", "foreign": b"SQLite format 3\0" * 2000}.items():
        (tmp_path / name).write_bytes(content)
        refused = masugata("restore", tmp_path / name, "--data", elsewhere.data)
        assert refused.status == 2
        assert "not a backup" in refused.err
    for path in (tmp_path, "/dev/null"):
        assert "not a file" in masugata("restore", path, "--data", elsewhere.data).err
    assert "No such file" in masugata("restore", tmp_path / "none", "--data", elsewhere.data).err
    (tmp_path / "newer").write_bytes(b"masugata-backup 2\n")
    assert "has the format `2`" in masugata("restore", tmp_path / "newer", "--check").err


def test_from_a_file_to_postgresql_and_back(masugata, request, backup, elsewhere, tmp_path, monkeypatch):
    """A backup of either database is restored into the other, so that an installation can move."""
    place = new_database("postgres", request, tmp_path / "none").place
    with monkeypatch.context() as shared:
        shared.setenv("MASUGATA_DATABASE", place)
        refused = masugata("restore", backup, "--data", elsewhere.data, "--replace")
        assert "restore into a new, empty database" in refused.err
        finished = masugata("restore", backup, "--data", elsewhere.data)
        assert finished.status == 0, finished.err
        assert "Restored into the database that nodes share." in finished.out
        assert users(Settings(data=elsewhere.data, database=place))[0] == ["admin", "alice"]
        assert not (elsewhere.data / "masugata.db").exists()
        again = masugata("restore", backup, "--data", elsewhere.data)
        assert "not empty" in again.err
        assert masugata("backup", tmp_path / "second.backup", "--data", elsewhere.data).status == 0
    assert masugata("restore", tmp_path / "second.backup", "--data", elsewhere.data).status == 0
    assert users(elsewhere)[0] == ["admin", "alice"]
