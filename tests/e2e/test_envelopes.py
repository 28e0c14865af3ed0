"""Programs that encrypt envelopes, each with nothing but the endpoint and credentials set."""

import base64
import os
import subprocess
from pathlib import Path

import pytest

from e2e.command_line import environment_of

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "envelopes"


class Clients:
    """Programs of an environment of their own, run against a server."""

    def __init__(self, server, name, folder):
        self.programs = ROOT / f".venv-{name}" / "bin"
        if not (self.programs / "python").exists():
            pytest.skip(f"NO CLIENTS: make them with `scripts/env peer {name}`")
        self.folder = folder
        self.environment = {**environment_of(server), "HOME": str(folder)}

    def run(self, program, *arguments, status=0):
        """What the program prints, once it has ended with this status."""
        done = subprocess.run(
            [self.programs / program, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr


@pytest.fixture
def clients(server, tmp_path):
    """The AWS Encryption SDK, boto3 and sops."""
    return Clients(server, "encryption", tmp_path)


@pytest.fixture
def key(server):
    """The ARN of a new symmetric key."""
    return server.client("kms").create_key()["KeyMetadata"]["Arn"]


def test_boto3(clients, key):
    """An envelope by hand opens in its own context only."""
    printed = clients.run("python", EXAMPLES / "with_boto3.py", key)
    assert "コーヒー豆" in printed
    assert "in another context: InvalidCiphertextException" in printed


def test_encryption_sdk(clients, key):
    """The AWS Encryption SDK opens its message strictly and by discovery, under a committing suite."""
    printed = clients.run("python", EXAMPLES / "with_encryption_sdk.py", key)
    assert "strict: コーヒー豆" in printed
    assert "discovery: コーヒー豆" in printed


def test_sops(clients, key, server):
    """A file that sops encrypted holds no plaintext, opens again, and not once the key is disabled."""
    (clients.folder / "shop.yaml").write_text("password: kilimanjaro\n")
    encrypted = clients.run("sops", "encrypt", "--kms", key, "shop.yaml")
    assert "kilimanjaro" not in encrypted
    (clients.folder / "shop.enc.yaml").write_text(encrypted)
    assert "password: kilimanjaro" in clients.run("sops", "decrypt", "shop.enc.yaml")
    server.client("kms").disable_key(KeyId=key)
    refused = clients.run("sops", "decrypt", "shop.enc.yaml", status=128)
    assert "DisabledException" in refused


def test_encryption_sdk_cli(server, key, tmp_path):
    """The command line of the AWS Encryption SDK encrypts a file and decrypts it again."""
    clients = Clients(server, "encryption-cli", tmp_path)
    (tmp_path / "recipe.txt").write_bytes(data := base64.b64encode(os.urandom(3000)))
    common = ("--suppress-metadata", "--encryption-context", "shop=tokyo")
    clients.run(
        "aws-encryption-cli", "--encrypt", "--input", "recipe.txt", "--output", "recipe.encrypted",
        "--wrapping-keys", f"key={key}", *common,
    )  # fmt: skip
    assert data not in (tmp_path / "recipe.encrypted").read_bytes()
    clients.run(
        "aws-encryption-cli", "--decrypt", "--input", "recipe.encrypted", "--output", "recipe.again",
        "--wrapping-keys", f"key={key}", *common,
    )  # fmt: skip
    assert (tmp_path / "recipe.again").read_bytes() == data
