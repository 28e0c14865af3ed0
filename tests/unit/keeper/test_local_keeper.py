"""Root keys that are closed and opened, under every seal."""

import pickle
from pathlib import Path

import pytest

from masugata.keeper import (
    Keeper,
    KeeperError,
    RootKeyError,
    RootKeyMissingError,
    SealedError,
    TooManyAttemptsError,
    WrongSecretError,
    open_keeper,
    root_key_of,
)
from masugata.keeper.local_keeper import ATTEMPTS, LocalKeeper
from masugata.keeper.seals import default_seal, find_seal

BLOB_1 = bytes.fromhex(  # of the root key 00 01 02 …, made before there were numbers
    "0101000102030405060708090a0b0c0d0e0f101112131415161798bee1fe49e915d7685515a680cfedf921bff374c772"
)
CALLS = {
    "fingerprint": lambda keeper: keeper.fingerprint,
    "materials": lambda keeper: keeper.materials,
    "holds": lambda keeper: keeper.holds("0" * 16),
    "seal": lambda keeper: keeper.seal("p", b"secret", b"row"),
    "unseal": lambda keeper: keeper.unseal("p", b"", b"row"),
    "reseal": lambda keeper: keeper.reseal("p", b"", b"row"),
    "sigv4_key": lambda keeper: keeper.sigv4_key(b"", b"", "20260101", "us-east-1", "iam"),
    "sigv4a_public_key": lambda keeper: keeper.sigv4a_public_key(b"", b""),
    "add_root_key": lambda keeper: keeper.add_root_key(1),
    "forget_root_key": lambda keeper: keeper.forget_root_key(1),
    "migrate_seal": lambda keeper: keeper.migrate_seal("file:other.key", b""),
    "make_recovery": lambda keeper: keeper.make_recovery(3, 2),
}


class Clock:
    """Seconds that a test moves on."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture(params=["file", "passphrase", "pkcs11", "pkcs11-pin"])
def seal(request, tmp_path, passphrase):
    """The URI of a seal and its secret, for the folder `tmp_path`."""
    if request.param == "file":
        return "file:root.key", b""
    if request.param == "passphrase":
        return "passphrase:", passphrase
    tokens = request.getfixturevalue("tokens")
    if request.param == "pkcs11-pin":
        return tokens.uri(label=tmp_path.name), tokens.pin
    pin = tmp_path / "pin"
    pin.write_bytes(tokens.pin + b"\n")
    pin.chmod(0o600)
    return tokens.uri(label=tmp_path.name, pin_source=pin), b""


@pytest.fixture
def opened(seal, tmp_path):
    """A keeper that was just made."""
    return open_keeper(seal[0], create=True, folder=tmp_path, secret=seal[1])


@pytest.fixture
def proof(seal):
    """What proves that one may change the root keys."""
    return seal[1]


def test_what_was_sealed_before_opens_after(seal, opened, tmp_path):
    """A restart with the same seal and secret opens what was sealed before."""
    blob = opened.seal("p", b"secret", b"row")
    again = open_keeper(seal[0], create=True, folder=tmp_path, secret=seal[1])
    assert again.unseal("p", blob, b"row") == b"secret"
    assert again.status() == opened.status()


def test_sealed_keeper_does_nothing(seal, opened):
    """Once it is sealed, every method says so, and status alone answers; then it goes on as before."""
    blob, fingerprint = opened.seal("p", b"secret", b"row"), opened.fingerprint
    opened.seal_root()
    assert opened.sealed
    for ask in CALLS.values():
        with pytest.raises(SealedError, match="masugata keys unseal"):
            ask(opened)
    status = opened.status()
    assert status.sealed
    assert (status.fingerprint, status.root_key_count, status.root_keys) == (fingerprint, 1, ())
    opened.unseal_root(seal[1])
    opened.unseal_root(b"not looked at, for it is open")
    assert opened.unseal("p", blob, b"row") == b"secret"
    assert opened.status().root_keys == (1,)


def test_every_method_of_a_keeper_is_tried_while_sealed():
    """The list above has all that a `Keeper` can do."""
    methods = {name for name in vars(Keeper) if not name.startswith("_")}
    assert methods - {"sealed"} <= CALLS.keys()


def test_rotation_survives_a_restart(seal, opened, tmp_path):
    """After a new root key, old and new secrets open under the same secret, now and after a restart."""
    old = opened.seal("p", b"old", b"row")
    before = opened.fingerprint
    assert opened.add_root_key(1).root_keys == (1, 2)
    new = opened.seal("p", b"new", b"row")
    assert [root_key_of(old), root_key_of(new)] == [1, 2]
    for keeper in (opened, open_keeper(seal[0], create=False, folder=tmp_path, secret=seal[1])):
        assert keeper.unseal("p", old, b"row") == b"old"
        assert keeper.unseal("p", new, b"row") == b"new"
        assert keeper.holds(before)
        assert keeper.fingerprint != before
        assert keeper.status().root_key_count == 2
    opened.forget_root_key(1, seal[1])
    again = open_keeper(seal[0], create=False, folder=tmp_path, secret=seal[1])
    assert again.status().root_keys == (2,)
    assert not again.holds(before)
    with pytest.raises(KeeperError, match="root key 1, which is not here"):
        again.unseal("p", old, b"row")


@pytest.mark.parametrize("target", ["file", "passphrase", "pkcs11"])
def test_migration_each_way(opened, proof, target, tmp_path, request, passphrase):
    """From every seal to every other, everything opens after, and the old seal's file is gone."""
    blob = opened.seal("p", b"secret", b"row")
    opened.add_root_key()
    old = opened._seal.path
    uri, secret = {
        "file": lambda: ("file:other.key", b""),
        "passphrase": lambda: ("passphrase:", passphrase + b"2"),
        "pkcs11": lambda: (
            request.getfixturevalue("tokens").uri("two", tmp_path.name),
            request.getfixturevalue("tokens").pin,
        ),
    }[target]()
    opened.migrate_seal(uri, secret, proof)
    assert opened.unseal("p", blob, b"row") == b"secret"
    opened.add_root_key()
    again = open_keeper(uri, create=False, folder=tmp_path, secret=secret)
    assert again.unseal("p", blob, b"row") == b"secret"
    assert again.status().root_keys == (1, 2, 3)
    assert old == again._seal.path or not old.exists()
    left = {path.name for path in tmp_path.iterdir()} - {"pin"}
    assert left == {again._seal.path.name}


def test_migration_that_fails_changes_nothing(proof, opened, tmp_path):
    """A target that does not work leaves the old seal as it was."""
    before = opened._seal.path.read_bytes()
    for uri, secret in (("passphrase:", b"short"), ("ephemeral:", b""), ("file:", b""), ("vault:x", b"")):
        with pytest.raises(KeeperError):
            opened.migrate_seal(uri, secret, proof)
    assert opened._seal.path.read_bytes() == before
    opened.seal_root()
    opened.unseal_root(proof)
    assert {path.name for path in tmp_path.iterdir()} - {"pin"} == {opened._seal.path.name}


def test_existing_installation_goes_on(tmp_path, passphrase):
    """A key file of the first form opens its blobs, also after it has moved under a passphrase."""
    from masugata.keeper.ring import RootKeyRing

    path = tmp_path / "root.key"
    path.write_bytes(RootKeyRing({1: bytes(range(32))}).to_text())
    path.chmod(0o600)
    keeper = open_keeper("file:root.key", create=False, folder=tmp_path)
    assert keeper.unseal("access-key", BLOB_1, b"AKIA") == b"secret"
    keeper.migrate_seal("passphrase:", passphrase)
    keeper.add_root_key()
    assert not path.exists()
    moved = open_keeper(default_seal(tmp_path), create=False, folder=tmp_path, secret=passphrase)
    assert moved.unseal("access-key", BLOB_1, b"AKIA") == b"secret"


def test_starts_sealed_without_the_secret(tmp_path, passphrase, tokens):
    """Under a passphrase, or a token whose PIN no file has, a start without it is a sealed one."""
    for uri, secret in (("passphrase:", passphrase), (tokens.uri(label=tmp_path.name), tokens.pin)):
        with pytest.raises(RootKeyError, match="MASUGATA_PASSPHRASE_FILE"):
            open_keeper(uri, create=True, folder=tmp_path)
        with pytest.raises(RootKeyMissingError):
            open_keeper(uri, create=False, folder=tmp_path, secret=secret)
        made = open_keeper(uri, create=True, folder=tmp_path, secret=secret)
        keeper = open_keeper(uri, create=True, folder=tmp_path)
        assert keeper.sealed
        keeper.unseal_root(secret)
        assert keeper.fingerprint == made.fingerprint
        (tmp_path / "root.sealed").unlink()


def test_wrong_passphrases_are_few(tmp_path, passphrase):
    """Wrong ones are refused with one text, and the sixth within a minute is not even tried."""
    clock = Clock()
    open_keeper("passphrase:", create=True, folder=tmp_path, secret=passphrase)
    keeper = LocalKeeper(find_seal("passphrase:", tmp_path), tmp_path, clock)
    texts = set()
    for left in reversed(range(ATTEMPTS)):
        with pytest.raises(WrongSecretError) as raised:
            keeper.unseal_root(b"wrong horse battery " + bytes((65 + left,)))
        texts.add(str(raised.value))
        assert keeper.status().attempts_left == left
        clock.now += 1
    assert texts == {
        f"the passphrase does not open `{tmp_path / 'root.sealed'}`: it is wrong, or the file was changed"
    }
    with pytest.raises(TooManyAttemptsError):
        keeper.unseal_root(passphrase)
    clock.now += 56
    keeper.unseal_root(passphrase)
    assert keeper.status().attempts_left == ATTEMPTS


def test_changes_need_the_secret(tmp_path, passphrase):
    """Who has only got at an open keeper cannot carry the root keys away, or throw one away."""
    keeper = open_keeper("passphrase:", create=True, folder=tmp_path, secret=passphrase)
    keeper.add_root_key()
    for change in (
        lambda: keeper.migrate_seal("file:stolen.key", b"", b""),
        lambda: keeper.make_recovery(3, 2, b"wrong horse battery"),
        lambda: keeper.forget_root_key(1, b""),
    ):
        with pytest.raises(WrongSecretError):
            change()
    assert {path.name for path in tmp_path.iterdir()} == {"root.sealed"}
    assert keeper.status().root_keys == (1, 2)
    assert len(keeper.make_recovery(3, 2, passphrase)) == 3


def test_root_key_is_added_once(tmp_path):
    """Whoever says which key was the newest can say so twice: one key is added."""
    keeper = open_keeper("file:root.key", create=True, folder=tmp_path)
    for _ in range(2):
        assert keeper.add_root_key(1).root_keys == (1, 2)
    assert keeper.forget_root_key(1).root_keys == keeper.forget_root_key(1).root_keys == (2,)


def test_nothing_shows_a_secret(opened):
    """A keeper's representation is its seal, and it cannot be sent elsewhere."""
    assert repr(opened) == f"<Keeper {opened.status().seal}>"
    with pytest.raises(TypeError):
        pickle.dumps(opened)


def test_ephemeral_keys_stay_in_memory():
    """Root keys in memory can be closed, opened and added to, and moved nowhere."""
    keeper = open_keeper("ephemeral:", create=True)
    blob = keeper.seal("p", b"secret", b"row")
    keeper.seal_root()
    keeper.unseal_root()
    keeper.add_root_key()
    assert keeper.unseal("p", blob, b"row") == b"secret"
    for move in (lambda: keeper.migrate_seal("file:x", b""), lambda: keeper.make_recovery(3, 2)):
        with pytest.raises(KeeperError, match="in memory"):
            move()
    assert not Path("x").exists()


@pytest.mark.parametrize("name", ["below/../root.key", "link/root.key"])
def test_migration_to_the_same_file_by_another_name_loses_nothing(name, tmp_path):
    """What looks like another place and is the same one is not removed as the old one."""
    (tmp_path / "below").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    keeper = open_keeper("file:root.key", create=True, folder=tmp_path)
    blob = keeper.seal("p", b"secret", b"row")
    keeper.migrate_seal(f"file:{name}", b"")
    again = open_keeper("file:root.key", create=False, folder=tmp_path)
    assert again.unseal("p", blob, b"row") == b"secret"


def test_migration_over_something_else_is_refused(tmp_path):
    """Neither another file nor another installation's root keys are overwritten, and the seal stays."""
    keeper = open_keeper("file:root.key", create=True, folder=tmp_path)
    open_keeper("file:another.key", create=True, folder=tmp_path)
    another = (tmp_path / "another.key").read_bytes()
    (tmp_path / "masugata.db").write_bytes(b"SQLite format 3")
    (tmp_path / "masugata.db").chmod(0o600)
    with pytest.raises(RootKeyError, match="holds other root keys, which would be lost"):
        keeper.migrate_seal("file:another.key", b"")
    with pytest.raises(RootKeyError, match="is not a root key that this program knows"):
        keeper.migrate_seal("file:masugata.db", b"")
    assert (tmp_path / "another.key").read_bytes() == another
    assert (tmp_path / "masugata.db").read_bytes() == b"SQLite format 3"
    assert keeper.status().seal == f"file:{tmp_path / 'root.key'}"
    assert (tmp_path / "root.key").exists()


def test_migration_that_was_stopped_is_done_again(tmp_path, passphrase):
    """A new file that an earlier attempt has left is replaced, whatever was rotated since."""
    keeper = open_keeper("file:root.key", create=True, folder=tmp_path)
    find_seal("passphrase:", tmp_path).create(keeper._ring, passphrase)
    keeper.add_root_key(1)
    keeper.migrate_seal("passphrase:", passphrase)
    again = open_keeper("passphrase:", create=False, folder=tmp_path, secret=passphrase)
    assert again.status().root_keys == (1, 2)
    assert not (tmp_path / "root.key").exists()
