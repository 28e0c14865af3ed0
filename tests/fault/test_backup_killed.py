"""A backup or a restore that is killed, at whatever step, loses nothing."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from masugata.records.iam import USER, User
from masugata.server import bootstrap, open_installation, utc_now
from masugata.server.backup import open_backup
from masugata.settings import Settings

ACCOUNT = "111122223333"
CHILD = Path(__file__).with_name("dying_child.py")


@pytest.fixture(scope="module")
def run():
    """A function that gives the exit status of a child that dies after so many steps; negative if it did."""
    command = [sys.executable, CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:

        def run(steps, *arguments):
            child.stdin.write(json.dumps([steps, *map(str, arguments)]) + "\n")
            child.stdin.flush()
            return int(child.stdout.readline())

        yield run


@pytest.fixture
def installation(tmp_path, run):
    """A data directory with the user `old`, and a backup from before, with the user `new`."""
    settings = Settings(data=tmp_path / "data")
    store, keeper = open_installation(settings, create=True)
    bootstrap(store, keeper, settings, utc_now(), bytes)
    put(store, "new")
    store.close()
    assert run(10**9, "backup", tmp_path / "b", "--data", settings.data) == 0
    store, _ = open_installation(settings, create=False)
    store.submit(lambda t: t.delete(USER, ACCOUNT, "new")).result()
    put(store, "old")
    store.close()
    return settings


def put(store, name):
    user = User(name=name, id=f"AIDA{name}", create_date=utc_now())
    store.submit(lambda t: t.put(USER, ACCOUNT, user)).result()


def names(settings):
    """Who is there; the database is whole, or this fails."""
    store, _ = open_installation(settings, create=False)
    try:
        assert store.check() == []
        return {user.name for user in store.snapshot().scan(USER, ACCOUNT)} - {"admin"}
    finally:
        store.close()


def test_restore_killed_at_every_step(installation, tmp_path, run):
    """The directory has the old state or the new one after every kill, and the next restore succeeds."""
    untouched = tmp_path / "untouched"
    shutil.copytree(installation.data, untouched)
    seen, steps, status = set(), 0, -9
    while status < 0:
        shutil.rmtree(installation.data)
        shutil.copytree(untouched, installation.data)
        status = run(steps, "restore", tmp_path / "b", "--data", installation.data, "--replace")
        found = names(installation)
        assert found in ({"old"}, {"new"}), steps
        if status < 0:
            seen |= found
            for aside in installation.data.glob("replaced-*"):
                kept = aside / "masugata.db"
                assert not kept.exists() or kept.stat().st_size > 0
        steps += 1
    assert status == 0
    assert names(installation) == {"new"}
    assert seen == {"old", "new"}, "kills fell before and after the exchange"
    shutil.rmtree(installation.data)
    shutil.copytree(untouched, installation.data)
    assert run(2, "restore", tmp_path / "b", "--data", installation.data, "--replace") < 0
    assert run(10**9, "restore", tmp_path / "b", "--data", installation.data, "--replace") == 0
    assert names(installation) == {"new"}
    assert not list(installation.data.glob(".restore-*")), "what the killed one left is gone"


def test_backup_killed_at_every_step(installation, tmp_path, run):
    """No file has the name of the backup before it is whole, and an older one stays until then."""
    steps, status, older = 0, -9, (tmp_path / "b").read_bytes()
    while status < 0:
        (tmp_path / "b").write_bytes(older)
        status = run(steps, "backup", tmp_path / "b", "--data", installation.data, "--overwrite")
        with open_backup(tmp_path / "b") as backup:
            backup.check()
        assert names(installation) == {"old"}
        steps += 1
    assert status == 0
    assert steps > 3
    assert (tmp_path / "b").read_bytes() != older
