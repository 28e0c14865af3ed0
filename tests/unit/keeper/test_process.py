"""A keeper in a process of its own, asked over its socket."""

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from masugata.engines.keys import InvalidCiphertextError, InvalidInputError
from masugata.errors import MasugataError
from masugata.keeper import (
    ACCESS_KEY_PURPOSE,
    KeeperError,
    KeeperFailedError,
    KeeperUnavailableError,
    RootKeyError,
    RootKeyMissingError,
    SealBrokenError,
    client,
    open_keeper,
)
from masugata.keeper.address import bind, connect
from masugata.keeper.child import KeeperProcess, running_keepers
from masugata.keeper.client import RemoteKeeper, RemoteMaterials
from masugata.keeper.framing import LONGEST, Unframed, frame, read_frame, read_frames
from masugata.keeper.local_materials import material_identity
from masugata.keeper.messages import Fingerprint, encode_message
from masugata.keeper.opened import Opened

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def started(data):
    return KeeperProcess(data, f"file:{data / 'root.key'}", None, "debug")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def process(data):
    with started(data) as process:
        RemoteKeeper(process.address).open(create=True)
        yield process


@pytest.fixture
def keeper(process):
    return RemoteKeeper(process.address)


def test_what_is_sealed_there_opens_here(data, keeper):
    """It is the same keeper, elsewhere: blobs, signing keys and materials are those of the root key."""
    here = open_keeper(f"file:{data / 'root.key'}", create=False)
    assert keeper.fingerprint == here.fingerprint
    blob = keeper.seal(ACCESS_KEY_PURPOSE, b"s" * 40, b"AKIAEXAMPLE")
    assert here.unseal(ACCESS_KEY_PURPOSE, blob, b"AKIAEXAMPLE") == b"s" * 40
    scope = (blob, b"AKIAEXAMPLE", "20261127", "eu-west-1", "kms")
    assert keeper.sigv4_key(*scope) == here.sigv4_key(*scope)
    assert keeper.sigv4a_public_key(blob, b"AKIAEXAMPLE") == here.sigv4a_public_key(blob, b"AKIAEXAMPLE")
    material = keeper.materials.generate("111122223333", KEY_ID, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    ciphertext = keeper.materials.encrypt(material, b"espresso", b"c")
    assert here.materials.decrypt(material, "SYMMETRIC_DEFAULT", ciphertext, b"c") == b"espresso"
    key = keeper.materials.generate_data_key(material, 32, b"", with_plaintext=False)
    assert key.plaintext == b""
    assert len(here.materials.decrypt(material, "SYMMETRIC_DEFAULT", key.ciphertext, b"")) == 32


def test_public_keys_are_asked_for_once(keeper):
    """The public half of a material is remembered here; another one in its row is refused each time."""
    asked = []

    def ask(message):
        asked.append(message)
        return keeper.ask(message)

    materials = RemoteMaterials(ask, Opened(2))
    material = keeper.materials.generate("111122223333", KEY_ID, "ECC_NIST_P256", "SIGN_VERIFY")
    public_keys = {materials.public_key(material) for _ in range(3)}
    assert public_keys == {keeper.materials.public_key(material)}
    assert len(asked) == 1
    for changed in (
        {"usage": "KEY_AGREEMENT"},
        {"sealed": material.sealed[:-1]},
        {"account": "444455556666"},
    ):
        for _ in range(2):
            with pytest.raises(SealBrokenError):
                materials.public_key(replace(material, **changed))
    assert len(asked) == 7
    materials.forget(KEY_ID)
    assert {materials.public_key(material)} == public_keys
    assert len(asked) == 9


def test_errors_are_the_same(keeper):
    """What is wrong is told as by a keeper in this process."""
    blob = keeper.seal("p", b"secret", b"row")
    with pytest.raises(SealBrokenError, match="the sealed `p` was changed or belongs elsewhere"):
        keeper.unseal("p", blob, b"other row")
    material = keeper.materials.generate("111122223333", KEY_ID, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    with pytest.raises(InvalidCiphertextError):
        keeper.materials.decrypt(material, "SYMMETRIC_DEFAULT", b"x" * 200, b"")
    with pytest.raises(InvalidInputError):
        keeper.materials.generate("111122223333", KEY_ID, "ENIGMA", "ENCRYPT_DECRYPT")
    with pytest.raises(KeeperError, match="a secret of 1048577 bytes is beyond"):
        keeper.seal("p", bytes((1 << 20) + 1), b"")
    assert keeper.unseal("p", blob, b"row") == b"secret"


def test_material_does_not_leave(data, keeper):
    """Sealed material, and what unwraps imported material, opens for no process that asks; nor is it made."""
    here = open_keeper(f"file:{data / 'root.key'}", create=False)
    material = keeper.materials.generate("111122223333", KEY_ID, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    wrapping = keeper.materials.wrapping_key("RSA_2048")
    for purpose, blob, identity in (
        ("kms-material", material.sealed, material_identity(material)),
        ("kms-wrapping-key", wrapping.sealed, b""),
    ):
        assert here.unseal(purpose, blob, identity)
        with pytest.raises(KeeperError, match=f"`{purpose}` does not leave the keeper"):
            keeper.unseal(purpose, blob, identity)
        with pytest.raises(KeeperError, match=f"`{purpose}` does not leave the keeper"):
            keeper.seal(purpose, bytes(32), identity)
        assert here.unseal(purpose, keeper.reseal(purpose, blob, identity), identity)


def test_wrong_secret_in_a_file_is_tried_once(tmp_path, passphrase):
    """The root keys stay sealed and somebody can open them; nobody who asks has the file tried again."""
    open_keeper("passphrase:", create=True, folder=tmp_path, secret=passphrase)
    file = tmp_path / "passphrase"
    file.write_bytes(b"what was right before\n")
    with KeeperProcess(tmp_path, None, file, "debug") as process:
        keeper = RemoteKeeper(process.address)
        assert keeper.sealed
        file.unlink()
        assert keeper.sealed
        assert keeper.status().attempts_left == 4
        assert not keeper.unseal_root(passphrase).sealed


def test_large_messages(keeper):
    """The longest secret goes there and back, in many pieces."""
    secret = os.urandom(1 << 20)
    assert keeper.unseal("p", keeper.seal("p", secret, b"row"), b"row") == secret


def test_many_threads_at_once(keeper):
    """Each thread is answered what it asked, whatever the others ask."""
    start = threading.Barrier(16)

    def ask(number):
        start.wait(30)
        secret = b"%d" % number
        return all(keeper.unseal("p", keeper.seal("p", secret, b"r"), b"r") == secret for _ in range(50))

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(16)))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(frame(b""), id="empty"),
        pytest.param((LONGEST + 1).to_bytes(4, "big"), id="too-long"),
        pytest.param(b"\xff" * 100_000, id="noise"),
    ],
)
def test_disorder_ends_the_connection(process, keeper, sent):
    """Whoever does not keep to the form is not answered, and harms nobody else."""
    stranger = connect(process.address, 10.0)
    with stranger:
        stranger.sendall(sent)
        stranger.settimeout(30)
        with suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    assert keeper.fingerprint


def test_message_in_pieces(process, keeper):
    """A message that comes byte by byte is one message; what is none gets an answer that says so."""
    with connect(process.address, 10.0) as connection:
        for byte in encode_message(Fingerprint()):
            connection.sendall(bytes((byte,)))
        assert keeper.fingerprint.encode() in read_frame(connection)
        connection.sendall(frame(b"\x91\xa5Sleep"))
        assert b"does not understand" in read_frame(connection)


def test_several_messages_at_once(process, keeper):
    """Each is answered, in their order, those that come whole as the one that comes in two parts."""
    unframed, answers = Unframed(), []
    with connect(process.address, 10.0) as connection:
        connection.sendall((encode_message(Fingerprint()) + frame(b"\x91\xa5Sleep")) * 500 + frame(b"x")[:2])
        while len(answers) < 1000:
            answers += read_frames(connection, unframed, 30.0)
        connection.sendall(frame(b"x")[2:])
        answers += read_frames(connection, unframed, 30.0)
    assert len(answers) == 1001
    assert all(keeper.fingerprint.encode() in each for each in answers[:1000:2])
    assert all(b"does not understand" in each for each in (*answers[1:1000:2], answers[1000]))


def test_a_keeper_that_was_killed_is_asked_again(tmp_path, caplog):
    """Whoever asks while there is none waits for the next one; the log says what happened."""
    with started(tmp_path) as process:
        keeper = RemoteKeeper(process.address)
        keeper.open(create=True)
        blob = keeper.seal("p", b"secret", b"row")
        for _ in range(4):
            os.kill(keeper.describe().process, signal.SIGKILL)
            assert keeper.unseal("p", blob, b"row") == b"secret"
    assert "ended by itself, with signal SIGKILL; requests wait for another" in caplog.text
    assert "takes its place" in caplog.text
    assert "secret" not in caplog.text


def test_root_key_that_is_missing(tmp_path):
    """Without a root key everything but making one is refused, in the words of a keeper in this process."""
    with started(tmp_path) as process:
        keeper = RemoteKeeper(process.address)
        for ask in (lambda: keeper.open(create=False), lambda: keeper.seal("p", b"s", b"r")):
            with pytest.raises(RootKeyMissingError, match="is missing; without it nothing"):
                ask()
        keeper.open(create=True)
        assert keeper.fingerprint
        os.kill(keeper.describe().process, signal.SIGKILL)
        (tmp_path / "root.key").chmod(0o644)
        with pytest.raises(RootKeyError, match="has mode 0644"):
            keeper.seal("p", b"s", b"r")
        (tmp_path / "root.key").chmod(0o600)
        assert keeper.seal("p", b"s", b"r")


def test_sockets_that_were_left_behind(tmp_path):
    """Those of servers that were killed are removed, others' are not."""
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    dead = run / f"keeper-{2**22 + 1}-0123abcd.sock"
    bind(dead).close()
    kept = run / f"keeper-{2**22 + 2}-0123abcd.sock"
    with bind(kept), started(tmp_path) as process:
        assert set(run.iterdir()) == {kept, process.address}
        assert set(running_keepers(tmp_path)) == {kept, process.address}
    assert set(run.iterdir()) == {kept}


def test_data_directory_that_cannot_be(tmp_path):
    """What keeps the keeper from starting is told in one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(MasugataError, match=r"cannot make the data directory `.*`: Not a directory"):
        started(tmp_path / "file" / "data")


@contextmanager
def impatient(monkeypatch):
    """Clients that wait for a moment only."""
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(client, "SLOW_SECONDS", 0.05)
    yield


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "missing"])
def test_keeper_that_does_not_answer(tmp_path, monkeypatch, silent):
    """Time is up for a keeper that says nothing, or is not there; once it is back, all is well."""
    path = tmp_path / "keeper.sock"
    with impatient(monkeypatch):
        keeper = RemoteKeeper(path)
        listener = bind(path) if silent else None
        for _ in range(2):
            with pytest.raises(KeeperUnavailableError, match=r"the keeper at `.*` does not answer"):
                keeper.seal("p", b"s", b"r")
        if listener is not None:
            listener.close()
            path.unlink()
    monkeypatch.undo()
    with started(tmp_path) as process:
        process.address.rename(path)
        keeper.open(create=True)
        assert keeper.seal("p", b"s", b"r")


def test_what_is_no_keeper(tmp_path):
    """An answer that is none is an error of its own, and is not asked for again and again."""
    path = tmp_path / "keeper.sock"
    with bind(path) as listener:

        def lie():
            connection, _ = listener.accept()
            with connection:
                read_frame(connection)
                connection.sendall(frame(b"\0\xc1"))

        liar = threading.Thread(target=lie)
        liar.start()
        with pytest.raises(KeeperFailedError, match="is not a keeper of this version"):
            RemoteKeeper(path).fingerprint  # noqa: B018
        liar.join()


def test_socket_is_private(process):
    """Nobody else may connect: mode 0600, in a folder 0700."""
    assert process.address.stat().st_mode & 0o777 == 0o600
    assert process.address.parent.stat().st_mode & 0o777 == 0o700
    assert isinstance(process.address, Path)
    assert not socket.has_dualstack_ipv6() or process.address.is_socket()


def test_keeper_killed_before_it_read_its_assignment(tmp_path):
    """What was sent to it and never read does not end the watch over it: another one answers."""
    process = started(tmp_path)
    victim = process.pid
    os.kill(victim, signal.SIGKILL)  # its interpreter takes longer to start than this
    with process:
        RemoteKeeper(process.address).open(create=True)
        assert process.pid != victim
