"""A server under a passphrase: starts sealed, refuses everything, and goes on when it is unsealed."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server


class Keys:
    """Runs `masugata keys` beside a server."""

    def __init__(self, data: Path, passphrase: Path) -> None:
        self._data, self._passphrase = data, passphrase

    def __call__(self, verb: str, *arguments: str, secret: bool = False, status: int = 0) -> str:
        """What it printed."""
        command = [sys.executable, "-m", "masugata", "keys", verb, "--data", str(self._data), *arguments]
        if secret:
            command += ["--passphrase-file", str(self._passphrase)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MASUGATA_")}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
        )
        assert done.returncode == status, done.stderr
        return done.stdout


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    """A file with a passphrase."""
    path = tmp_path / "passphrase"
    path.write_text("six words that dice have chosen\n")
    return path


def ready(server: Server) -> tuple[int, Any]:
    """The status and content of the readiness check."""
    try:
        with urllib.request.urlopen(f"{server.url}/_masugata/health/ready") as answer:  # noqa: S310  our own
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("workers", ["2", pytest.param("1", marks=pytest.mark.nightly)])
def test_sealed_and_unsealed(tmp_path: Path, passphrase: Path, workers: str) -> None:
    """Sealed at run time or from the start, it refuses every call and says what to do; then all goes on."""
    data = tmp_path / "data"
    keys = Keys(data, passphrase)
    under = ("--seal", "passphrase:", "--workers", workers)
    server = Server(data, (*under, "--passphrase-file", str(passphrase))).start()
    try:
        kms, sts = server.client("kms"), server.client("sts")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
        keys("seal")
        keys("status", status=1)
        # Each worker believes for a second that the root keys are open.
        assert any(ready(server)[0] == 503 for _ in range(100_000))
        keys("unseal", secret=True)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
        keys("rotate-root", secret=True)
        keys("rotate-root", "--forget", "1", "--yes", secret=True)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    finally:
        assert server.stop() == 0
    server = Server(data, under).start()  # nobody types, and no file is named
    try:
        assert ready(server) == (503, {"status": "sealed", "advice": "run `masugata keys unseal`"})
        kms, sts = server.client("kms"), server.client("sts")
        for call in (sts.get_caller_identity, kms.list_keys):
            with pytest.raises(ClientError, match="masugata keys unseal") as refused:
                call()
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        keys("unseal", secret=True)
        assert ready(server)[0] == 200
        assert sts.get_caller_identity()["Arn"].endswith("user/admin")
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    finally:
        assert server.stop() == 0


def test_keeper_that_is_killed_opens_by_its_file(tmp_path: Path, passphrase: Path) -> None:
    """A keeper that is started again reads the passphrase's file; without one it comes back sealed."""
    data = tmp_path / "data"
    under = ("--seal", "passphrase:")
    server = Server(data, (*under, "--passphrase-file", str(passphrase))).start()
    try:
        (keeper,) = server.keepers
        os.kill(keeper, 9)
        assert server.client("sts").get_caller_identity()["Arn"].endswith("user/admin")
        server.client("kms").create_key()
    finally:
        assert server.stop() == 0
    server = Server(data, under).start()
    try:
        Keys(data, passphrase)("unseal", secret=True)
        server.client("kms").create_key()
        (keeper,) = server.keepers
        os.kill(keeper, 9)
        with pytest.raises(ClientError, match="masugata keys unseal"):
            server.client("kms").create_key()
        Keys(data, passphrase)("unseal", secret=True)
        server.client("kms").create_key()
    finally:
        assert server.stop() == 0
