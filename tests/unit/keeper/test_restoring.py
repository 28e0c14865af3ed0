"""Root keys that shares bring back under another seal."""

import pytest

from masugata.keeper import RootKeyError, WrongSecretError, open_keeper
from masugata.keeper.restoring import restore_ring
from masugata.keeper.seals import default_seal


@pytest.fixture
def lost(tmp_path, passphrase):
    """The fingerprint of root keys under a passphrase that is forgotten, and their shares."""
    keeper = open_keeper("passphrase:", create=True, folder=tmp_path, secret=passphrase)
    return keeper.fingerprint, keeper.make_recovery(3, 2, passphrase)


def restored(folder, shares, uri, secret=b""):
    """What `restore_ring` says, at a certain time."""
    return restore_ring(folder, shares, uri, lambda: secret, "20261127T000000Z")


@pytest.mark.parametrize("uri", ["passphrase:", "file:root.key", "file:elsewhere.key"])
def test_start_without_a_setting_does_not_ask_for_what_is_forgotten(uri, lost, tmp_path):
    """The file of the lost seal goes aside, wherever the root keys are now."""
    fingerprint, shares = lost
    before = (tmp_path / "root.sealed").read_bytes()
    done = restored(tmp_path, shares[:2], uri, b"what somebody remembers")
    assert [aside.read_bytes() for aside in done.aside] == [before]
    assert (default_seal(tmp_path) == "passphrase:") == (uri == "passphrase:")
    again = open_keeper(uri, create=False, folder=tmp_path, secret=b"what somebody remembers")
    assert (again.fingerprint, done.fingerprint) == (fingerprint, fingerprint)


def test_new_secret_that_is_refused_changes_nothing(lost, tmp_path, passphrase):
    """Who gives a passphrase that is too short still has the old seal, and begins again."""
    fingerprint, shares = lost
    with pytest.raises(RootKeyError, match="12 to 1024 bytes"):
        restored(tmp_path, shares[:2], None, b"short")
    assert open_keeper(None, create=False, folder=tmp_path, secret=passphrase).fingerprint == fingerprint
    restore_ring(tmp_path, shares[:2], None, lambda: b"long enough this time", "20261127T000001Z")
    with pytest.raises(WrongSecretError):
        open_keeper(None, create=False, folder=tmp_path, secret=passphrase)
