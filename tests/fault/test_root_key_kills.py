"""Root keys while somebody is killed: rotated in the middle of it, and sealed again by the keeper's death."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server
from e2e.workers import ends
from masugata.keeper.child import running_keepers
from masugata.keeper.client import RemoteKeeper
from masugata.records import ALL_KINDS
from masugata.server.root_keys import secrets_by_root_key
from masugata.store import open_store

KILLS = int(os.environ.get("MASUGATA_TEST_ROTATION_KILLS", "100"))
MOST_ROOT_KEYS = 20  # that are kept; a ring holds 32


def masugata(server: Server, *arguments: str) -> "subprocess.Popen[str]":
    """Another verb on the server's data directory."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    command = [sys.executable, "-m", "masugata", *arguments, "--data", str(server.data)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | server.environment,
    )


def done(server: Server, *arguments: str) -> str:
    """What a verb printed that has ended well."""
    process = masugata(server, *arguments)
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return printed


class Secrets:
    """What a server gave away, which must stay good."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ciphertexts: list[bytes] = []
        self._access_keys: list[tuple[str, str]] = []
        server.client("iam").create_user(UserName="barista")

    def add(self) -> None:
        """New ones, as the root key is now; a user has at most two access keys."""
        kms = self._server.client("kms")
        for _ in range(3):
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            self._ciphertexts.append(kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"])
        if len(self._access_keys) < 2:
            self._access_keys.append(self._server.key("barista"))

    def prove(self) -> int:
        """Use all; gives how many ciphertexts there are."""
        kms = self._server.client("kms")
        for blob in self._ciphertexts:
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
        for key in self._access_keys:
            arn = self._server.client("sts", key).get_caller_identity()["Arn"]
            assert arn.endswith(":user/barista")
        return len(self._ciphertexts)


def rotate_and_kill(server: Server, victim: str, after: float) -> bool:
    """Begin to rotate, and kill somebody so many seconds later; gives whether it had ended by then."""
    process = masugata(server, "keys", "rotate-root")
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=after)
    ended = process.returncode is not None
    if victim == "rotation":
        process.kill()
    elif victim == "keeper":
        for keeper in server.keepers:
            gone = ends([keeper])
            os.kill(keeper, signal.SIGKILL)
            gone()
    else:
        gone = ends(server.children)
        server.kill()
        gone()
    _, errors = process.communicate(timeout=120)
    if victim == "keeper":
        assert process.returncode == 0, errors
    if victim == "server":
        server.start()
    return ended


@pytest.mark.parametrize("kills", [6, pytest.param(KILLS, marks=pytest.mark.nightly)])
def test_rotation_of_the_root_key_survives_kills(tmp_path: Path, capsys, kills: int) -> None:
    """Whoever dies while everything is sealed anew, all secrets open, and the next rotation ends it."""
    randomness = Random(kills)
    server = Server(tmp_path / "data").start()
    amid = 0
    try:
        secrets = Secrets(server)
        secrets.add()
        began = time.monotonic()
        done(server, "keys", "rotate-root")
        took = time.monotonic() - began
        for number in range(kills):
            victim = ("rotation", "keeper", "server")[number % 3]
            amid += not rotate_and_kill(server, victim, randomness.uniform(took / 3, took))
            secrets.prove()
            secrets.add()
            numbers = _root_keys(server)
            if len(numbers) > MOST_ROOT_KEYS:
                done(server, "keys", "rotate-root")
                for old in numbers[: MOST_ROOT_KEYS // 2]:  # each turn adds up to two
                    done(server, "keys", "rotate-root", "--forget", str(old), "--yes")
        done(server, "keys", "rotate-root")
        proven = secrets.prove()
        newest = max(_root_keys(server))
        assert server.stop() == 0
        store = open_store(server.data / "masugata.db", ALL_KINDS)
        try:
            assert set(secrets_by_root_key(store.snapshot())) == {newest}
            assert store.check() == []
        finally:
            store.close()
    finally:
        if server.process is not None:
            server.stop()
    with capsys.disabled():
        print(f"\n{kills} kills, {amid} of them amid a rotation; {proven} ciphertexts open")  # noqa: T201
    assert amid


def _root_keys(server: Server) -> list[int]:
    [address] = running_keepers(server.data)
    return list(RemoteKeeper(address).status().root_keys)


def test_killed_keeper_comes_back_sealed(tmp_path: Path) -> None:
    """Under a passphrase that nobody keeps, calls are refused after a kill until it is given again."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase of tests\n")
    passphrase.chmod(0o600)
    seal = {"MASUGATA_SEAL": "passphrase:"}
    server = Server(tmp_path / "data", environment=seal | {"MASUGATA_PASSPHRASE_FILE": str(passphrase)})
    try:
        kms = server.start().client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blobs = [kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]]
        assert server.stop() == 0
        server.environment = seal
        server.start()
        kms = server.client("kms")
        for _ in range(2):
            with pytest.raises(ClientError) as refused:
                kms.decrypt(CiphertextBlob=blobs[0])
            answer = refused.value.response
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
            assert "masugata keys unseal" in answer["Error"]["Message"]
            done(server, "keys", "unseal", "--passphrase-file", str(passphrase))
            for blob in blobs:
                assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
            blobs.append(kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"])
            [keeper] = server.keepers
            gone = ends([keeper])
            os.kill(keeper, signal.SIGKILL)
            gone()
        with pytest.raises(ClientError, match="masugata keys unseal"):
            kms.create_key()
        server.kill()
        server.start()
        with pytest.raises(ClientError, match="masugata keys unseal"):
            server.client("kms").create_key()
        done(server, "keys", "unseal", "--passphrase-file", str(passphrase))
        assert server.client("kms").decrypt(CiphertextBlob=blobs[-1])["Plaintext"] == b"espresso"
        assert server.stop() == 0
    finally:
        if server.process is not None:
            server.stop()
