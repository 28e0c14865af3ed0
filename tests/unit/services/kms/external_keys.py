"""What the tests of external key stores share: a proxy, an installation that may reach it, a key there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import House
from xks_proxy import Proxy

PATIENT = {"kms.xks-proxy-milliseconds": 60_000}


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """A proxy of the test's own."""
    with Proxy(tmp_path / "proxy") as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, proxy: Proxy) -> House:
    """An installation that may reach it, and has time."""
    return House(tmp_path, limits=PATIENT, **proxy.parts)


@pytest.fixture
def kms(house: House) -> Any:
    """A client of the administrator."""
    return house.client("kms")


@pytest.fixture
def store(kms: Any, proxy: Proxy) -> str:
    """The id of a store that is connected."""
    return connected(kms, proxy)


@pytest.fixture
def key(kms: Any, store: str) -> str:
    """The ARN of a KMS key whose external key is `espresso`."""
    return external_key(kms, store)


def connected(kms: Any, proxy: Proxy) -> str:
    """The id of a new store that is connected."""
    store: str = kms.create_custom_key_store(**proxy.configuration())["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state_of(kms, store) == ("CONNECTED", None)
    return store


def external_key(kms: Any, store: str, name: str = "espresso", **more: Any) -> str:
    """The ARN of a new KMS key."""
    made = kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId=name, **more)
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def state_of(kms: Any, store: str) -> tuple[str, str | None]:
    """The connection state of a store, and its error code."""
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    return found["ConnectionState"], found.get("ConnectionErrorCode")
