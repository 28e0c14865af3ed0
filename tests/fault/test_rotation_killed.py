"""A change of the root keys that is killed, at whatever step, loses nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from masugata.keeper import open_keeper
from masugata.records.iam import ACCESS_KEY, USER, User
from masugata.server import Credentials, bootstrap, open_installation, sealed_key, utc_now
from masugata.server.root_keys import secrets_by_root_key
from masugata.settings import Settings

ACCOUNT = "111122223333"
CHILD = Path(__file__).with_name("dying_child.py")
KEYS = 12


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
def installation(tmp_path):
    """A data directory with a dozen access keys."""
    settings = Settings(data=tmp_path / "data")
    store, keeper = open_installation(settings, create=True)
    bootstrap(store, keeper, settings, utc_now(), os.urandom)

    def make(transaction):
        transaction.put(USER, ACCOUNT, User(name="jane", id="AIDAJANE", create_date=utc_now()))
        for number in range(KEYS - 1):
            key = Credentials(f"AKIA{number:016}", f"secret-{number}")
            transaction.put(ACCESS_KEY, ACCOUNT, sealed_key(keeper, key, "AIDAJANE", utc_now()))

    store.submit(make).result()
    store.close()
    return settings


def check(settings):
    """Every secret opens, or this fails; the root keys that they are under."""
    store, keeper = open_installation(settings, create=False)
    try:
        assert store.check() == []
        found = list(store.snapshot().scan(ACCESS_KEY, ACCOUNT))
        assert len(found) == KEYS
        for key in found:
            secret = keeper.unseal("access-key", key.secret, key.id.encode())
            assert not key.id.startswith("AKIA0") or secret == f"secret-{int(key.id[4:])}".encode()
        return secrets_by_root_key(store.snapshot())
    finally:
        store.close()


def test_rotation_killed_at_every_step(installation, tmp_path, run):
    """After every kill each secret opens, and the next rotation comes to the end of it."""
    untouched = tmp_path / "untouched"
    shutil.copytree(installation.data, untouched)
    between, steps, status = 0, 0, -9
    while status < 0:
        shutil.rmtree(installation.data)
        shutil.copytree(untouched, installation.data)
        status = run(steps, "keys", "rotate-root", "--data", installation.data)
        found = check(installation)
        assert set(found) <= {1, 2}
        between += len(found) == 2
        if status < 0 and steps % 4 == 0:
            assert run(10**9, "keys", "rotate-root", "--data", installation.data) == 0
            numbers = open_keeper("file:root.key", create=False, folder=installation.data).status().root_keys
            assert set(check(installation)) == {numbers[-1]}
            assert numbers in ((1, 2), (1, 2, 3)), "one more at most, if all was done before the kill"
        steps += 1
    assert status == 0
    assert check(installation) == {2: KEYS}
    assert steps > KEYS
    assert between > 0, "a kill fell between two batches"


def test_migration_killed_at_every_step(installation, tmp_path, run):
    """After every kill the root keys are under the old seal or the new one, or both, and never under none."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("six words that dice have chosen")
    untouched = tmp_path / "untouched"
    shutil.copytree(installation.data, untouched)
    seals, steps, status = set(), 0, -9
    move = ("keys", "migrate-seal", "--to", "passphrase:", "--new-passphrase-file", passphrase)
    while status < 0:
        shutil.rmtree(installation.data)
        shutil.copytree(untouched, installation.data)
        status = run(steps, *move, "--data", installation.data)
        there = {name for name in ("root.key", "root.sealed") if (installation.data / name).exists()}
        assert there
        for name in there:
            seal = "file:root.key" if name == "root.key" else "passphrase:"
            check(Settings(data=installation.data, seal=seal, passphrase_file=passphrase))
        seals.add(frozenset(there))
        steps += 1
    assert status == 0
    assert seals == {
        frozenset(there) for there in ({"root.key"}, {"root.key", "root.sealed"}, {"root.sealed"})
    }
