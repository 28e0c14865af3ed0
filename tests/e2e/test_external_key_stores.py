"""Keys in an external key store, over a real server, through its restart and the proxy's end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server
from masugata.testing import local_aws
from masugata.xks import Connections
from unit.services.kms.external_keys import PATIENT, connected, external_key, state_of
from xks_proxy import Proxy


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """A proxy on loopback."""
    with Proxy(tmp_path / "proxy") as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, proxy: Proxy) -> Iterator[Server]:
    """A server that may reach it."""
    environment = {
        "MASUGATA_PRIVATE_XKS_PROXIES": proxy.host,
        "MASUGATA_XKS_AUTHORITY": str(proxy.authority),
        "MASUGATA_LIMITS": ",".join(f"{name}={value}" for name, value in PATIENT.items()),
    }
    running = Server(tmp_path / "data", ("--workers", "2"), environment).start()
    yield running
    running.stop()


def refusal(call: Any, **given: Any) -> str:
    """The code of an error."""
    with pytest.raises(ClientError) as caught:
        call(**given)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_a_life(server: Server, proxy: Proxy) -> None:
    """What was encrypted before a restart is decrypted after it, as long as the proxy is there."""
    kms = server.client("kms")
    store = connected(kms, proxy)
    key = external_key(kms, store)
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso", EncryptionContext={"shop": "tokyo"})[
        "CiphertextBlob"
    ]
    server.stop()
    server.start()
    kms = server.client("kms")
    given = {"CiphertextBlob": blob, "EncryptionContext": {"shop": "tokyo"}}
    assert kms.decrypt(**given)["Plaintext"] == b"espresso"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert refusal(kms.decrypt, **given) == "KMSInvalidStateException"
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert kms.decrypt(**given)["Plaintext"] == b"espresso"
    proxy.stop()
    assert refusal(kms.decrypt, **given) == "KMSInvalidStateException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state_of(kms, store) == ("FAILED", "XKS_PROXY_NOT_REACHABLE")


def test_in_the_process_of_a_test(proxy: Proxy) -> None:
    """`local_aws` speaks to proxies, too, where it is told which."""
    with local_aws(limits=PATIENT) as aws:
        aws._installation.gateway.proxies = Connections([proxy.host], proxy.authority)
        kms = aws.client("kms")
        key = external_key(kms, connected(kms, proxy))
        made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]


def test_an_authority_that_is_not_there(tmp_path: Path) -> None:
    """The server says so when it starts, not when the first proxy is asked."""
    command = [sys.executable, "-m", "masugata", "up", "--ephemeral", "--port", "0", "--data", str(tmp_path)]
    environment = {**os.environ, "MASUGATA_XKS_AUTHORITY": str(tmp_path / "missing.pem")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "missing.pem" in done.stderr
    assert "Traceback" not in done.stderr
