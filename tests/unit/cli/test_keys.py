"""`masugata keys` on a stopped installation: what a person sees, and that nothing is lost by it."""

import json
import os
import shutil

import pytest

from masugata.keeper import SealBrokenError
from masugata.records.iam import ACCESS_KEY
from masugata.server import open_installation
from masugata.server.root_keys import secrets_by_root_key
from masugata.settings import Settings
from unit.cli.conftest import ACCOUNT_ID

PASSPHRASE = "six words that dice have chosen\n"


@pytest.fixture
def passphrase(tmp_path):
    """A file with a passphrase."""
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE)
    return path


@pytest.fixture
def keys(masugata, installation):
    """Runs `masugata keys` on the installation; it must succeed unless a status is given."""

    def run(*arguments, status=0):
        finished = masugata("keys", *arguments, "--data", installation.data)
        assert finished.status == status, finished.err
        return finished

    return run


def opens(installation, passphrase=None):
    """How many access keys there are, all of which open."""
    settings = Settings(data=installation.data, passphrase_file=passphrase)
    store, keeper = open_installation(settings, create=False)
    try:
        found = list(store.snapshot().scan(ACCESS_KEY, ACCOUNT_ID))
        for key in found:
            keeper.unseal("access-key", key.secret, key.id.encode())
        return len(found), secrets_by_root_key(store.snapshot())
    finally:
        store.close()


def test_status(keys, installation):
    """It says seal, fingerprint and numbers, also for programs."""
    said = keys("status")
    assert f"open. Seal: file:{installation.data / 'root.key'}" in said.out
    assert "Root keys: 1 (numbers 1)" in said.out
    shown = json.loads(keys("status", "--json").out)
    assert (shown["sealed"], shown["root_keys"], shown["recovery"]) == (False, [1], False)


def test_rotation(keys, installation, masugata, tmp_path):
    """Everything is sealed anew; an older backup can be restored until the old root key is forgotten."""
    older = tmp_path / "older.backup"
    assert masugata("backup", older, "--data", installation.data).status == 0
    before, _ = opens(installation)
    said = keys("rotate-root")
    assert "under the root key 2" in said.out
    assert opens(installation) == (before, {2: before})
    shutil.copytree(installation.data, tmp_path / "then")
    forgotten = keys("rotate-root", "--forget", "1", "--yes", "--json")
    assert json.loads(forgotten.out) == {"forgotten": 1, "root_keys": [2]}
    assert opens(installation) == (before, {2: before})
    restore = masugata("restore", older, "--data", tmp_path / "then", "--replace")
    assert restore.status == 0, restore.err
    assert opens(Settings(data=tmp_path / "then")) == (before, {1: before})
    refused = masugata("restore", older, "--data", installation.data, "--replace")
    assert refused.status == 2
    assert "the backup was made with the root key" in refused.err
    assert opens(installation) == (before, {2: before})


def test_rotation_goes_on_where_it_was_stopped(keys, installation):
    """A root key that was added and not used yet is used by the next rotation, which adds no other."""
    store, keeper = open_installation(installation, create=False)
    store.close()
    keeper.add_root_key(1)
    assert json.loads(keys("rotate-root", "--json").out)["root_key"] == 2
    assert json.loads(keys("rotate-root", "--json").out)["root_key"] == 3


@pytest.mark.parametrize(
    ("number", "why"),
    [("2", "is the newest"), ("7", "there is no root key 7"), ("1", "still under root key 1")],
)
def test_what_cannot_be_forgotten(keys, installation, number, why):
    """The newest key, one that is not there, and one that a stored secret needs."""
    store, keeper = open_installation(installation, create=False)
    store.close()
    keeper.add_root_key(1)
    assert why in keys("rotate-root", "--forget", number, "--yes", status=2).err
    assert opens(installation)[0] >= 1


def test_moving_under_a_passphrase_and_back(keys, installation, passphrase, monkeypatch):
    """The file is gone after; without the passphrase nothing opens, and with it everything does."""
    before, _ = opens(installation)
    said = keys("migrate-seal", "--to", "passphrase:", "--new-passphrase-file", passphrase)
    assert 'Set `seal = "passphrase:"`' in said.out
    assert not (installation.data / "root.key").exists()
    assert keys("status", status=1).out.startswith("The root keys are sealed")
    assert "there is no terminal" in keys("recovery", status=2).err
    assert opens(installation, passphrase)[0] == before
    monkeypatch.setenv("MASUGATA_PASSPHRASE_FILE", str(passphrase))
    keys("migrate-seal", "--to", "file:root.key")
    monkeypatch.delenv("MASUGATA_PASSPHRASE_FILE")
    assert opens(installation)[0] == before
    assert not (installation.data / "root.sealed").exists()


def test_wrong_passphrase(keys, passphrase):
    """It is refused with status 2, and with a text that says nothing of it."""
    keys("migrate-seal", "--to", "passphrase:", "--new-passphrase-file", passphrase)
    passphrase.write_text("some other words of dice\n")
    refused = keys("rotate-root", "--passphrase-file", passphrase, status=2)
    assert "it is wrong, or the file was changed" in refused.err
    assert "other words" not in refused.err + refused.out


def test_recovery(keys, installation, passphrase, monkeypatch):
    """Shares made once open the root keys after a rotation and a lost passphrase, under a new seal."""
    before, _ = opens(installation)
    shares = json.loads(keys("recovery", "--json").out)["shares"]
    assert len(shares) == 5
    keys("rotate-root")
    keys("migrate-seal", "--to", "passphrase:", "--new-passphrase-file", passphrase)
    passphrase.write_text("what somebody remembers now\n")
    reading, writing = os.pipe()
    os.write(writing, "\n".join(shares[1:4]).encode() + b"\n")
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        done = keys("recovery", "--restore", "--to", "passphrase:", "--passphrase-file", passphrase)
    assert "What was there is in" in done.out
    assert opens(installation, passphrase)[0] == before
    assert len(list(installation.data.glob("root.sealed.replaced-*"))) == 1


def test_too_few_shares_change_nothing(keys, installation, monkeypatch):
    """Two shares of three restore nothing, and the old seal stays."""
    shares = json.loads(keys("recovery", "--json").out)["shares"]
    reading, writing = os.pipe()
    os.write(writing, "\n".join(shares[:2]).encode() + b"\n")
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert "3 different shares are needed" in keys("recovery", "--restore", status=2).err
    assert opens(installation)[0] >= 1


def test_new_root_keys_replace_nothing(keys, installation):
    """Where root keys are, or an installation without them, none are made."""
    assert "is there already" in keys("init", status=2).err
    (installation.data / "root.key").rename(installation.data / "elsewhere")
    assert "put `" in keys("init", status=2).err
    assert not (installation.data / "root.key").exists()


def test_first_root_keys_under_a_passphrase(masugata, passphrase, tmp_path):
    """They are made before the first start; into a pipe no shares are printed."""
    data = tmp_path / "new"
    made = masugata("keys", "init", "--data", data, "--seal", "passphrase:", "--passphrase-file", passphrase)
    assert made.status == 0, made.err
    assert "loses every secret here" in made.out
    assert "No recovery shares were made" in made.err
    assert sorted(path.name for path in data.iterdir()) == ["root.sealed"]


def test_verbs_for_a_running_server(keys):
    """Nothing is opened or closed where no server runs; the error says what to do."""
    assert "`masugata up` asks" in keys("unseal", status=2).err
    assert "its root keys are closed" in keys("seal", status=2).err


def test_sealed_installation_tells_other_verbs(keys, masugata, installation, passphrase, tmp_path):
    """Backups and restores of what is sealed ask for the passphrase, or take it from its file."""
    keys("migrate-seal", "--to", "passphrase:", "--new-passphrase-file", passphrase)
    refused = masugata("backup", tmp_path / "b", "--data", installation.data)
    assert (refused.status, "MASUGATA_PASSPHRASE_FILE" in refused.err) == (2, True)
    os.environ["MASUGATA_PASSPHRASE_FILE"] = str(passphrase)
    try:
        made = masugata("backup", tmp_path / "b", "--data", installation.data)
        assert made.status == 0, made.err
        assert "root.sealed" in made.out
        (tmp_path / "new").mkdir(mode=0o700)
        shutil.copy(installation.data / "root.sealed", tmp_path / "new")
        restored = masugata("restore", tmp_path / "b", "--data", tmp_path / "new")
        assert restored.status == 0, restored.err
        assert opens(Settings(data=tmp_path / "new"), passphrase)[0] >= 1
        assert masugata("doctor", "--data", tmp_path / "new", "--json").status in {0, 1}
    finally:
        del os.environ["MASUGATA_PASSPHRASE_FILE"]


def test_another_root_key_is_said(keys, installation):
    """Root keys of another installation are refused by whoever opens the database."""
    keys("rotate-root")
    path = installation.data / "root.key"
    path.unlink()
    keys_of_another = Settings(data=installation.data.parent / "another")
    keys_of_another.data.mkdir()
    from masugata.keeper import open_keeper

    open_keeper("file:root.key", create=True, folder=keys_of_another.data)
    shutil.copy(keys_of_another.data / "root.key", path)
    with pytest.raises(Exception, match="not the one that this database was sealed with") as raised:
        opens(installation)
    assert not isinstance(raised.value, SealBrokenError)
