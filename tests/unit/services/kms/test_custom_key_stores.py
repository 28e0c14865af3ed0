"""The life of an external key store, and everything that AWS refuses to do with one."""

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from masugata.keeper import ACCESS_KEY_PURPOSE
from masugata.records.kms import CREDENTIAL_PURPOSE, CUSTOM_KEY_STORE
from support import ACCOUNT, House
from unit.services.kms.external_keys import (
    PATIENT,
    external_key,
    house,
    key,
    kms,
    proxy,
    state_of,
    store,
)
from unit.services.kms.using_keys import refused
from xks_proxy import ACCESS_KEY_ID, PATH, Proxy

__all__ = ["house", "key", "kms", "proxy", "store"]

UNREACHABLE = "XksProxyUriUnreachableException"
REFUSALS = {
    "AuthenticationFailedException": (
        "XksProxyIncorrectAuthenticationCredentialException",
        "INVALID_CREDENTIALS",
    ),
    "AccessDeniedException": ("XksProxyInvalidConfigurationException", "XKS_PROXY_ACCESS_DENIED"),
    "InvalidUriPathException": ("XksProxyInvalidConfigurationException", "XKS_PROXY_INVALID_CONFIGURATION"),
    "InvalidStateException": ("XksProxyInvalidConfigurationException", "XKS_PROXY_INVALID_CONFIGURATION"),
    "ThrottlingException": (UNREACHABLE, "XKS_PROXY_NOT_REACHABLE"),
    "InternalException": (UNREACHABLE, "XKS_PROXY_NOT_REACHABLE"),
    "DependencyTimeoutException": (UNREACHABLE, "XKS_PROXY_TIMED_OUT"),
    "UnsupportedOperationException": (
        "XksProxyInvalidConfigurationException",
        "XKS_PROXY_INVALID_CONFIGURATION",
    ),
}


def test_the_life_of_a_store(kms: Any, proxy: Proxy) -> None:
    """It is made, described, connected, disconnected and deleted; each state is seen."""
    store = kms.create_custom_key_store(**proxy.configuration())["CustomKeyStoreId"]
    for named in ({"CustomKeyStoreId": store}, {"CustomKeyStoreName": "cellar"}, {}):
        (found,) = kms.describe_custom_key_stores(**named)["CustomKeyStores"]
        assert found.pop("CreationDate")
        assert found == {
            "CustomKeyStoreId": store,
            "CustomKeyStoreName": "cellar",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "ConnectionState": "DISCONNECTED",
            "XksProxyConfiguration": {
                "Connectivity": "PUBLIC_ENDPOINT",
                "AccessKeyId": ACCESS_KEY_ID,
                "UriEndpoint": "https://localhost",
                "UriPath": PATH,
            },
        }
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    kms.connect_custom_key_store(CustomKeyStoreId=store)  # which changes nothing
    assert state_of(kms, store) == ("CONNECTED", None)
    assert (
        refused(kms.delete_custom_key_store, CustomKeyStoreId=store)[0]
        == "CustomKeyStoreInvalidStateException"
    )
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert state_of(kms, store) == ("DISCONNECTED", None)
    kms.delete_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_the_secret_of_a_credential_is_sealed_and_told_nobody(
    house: House, kms: Any, proxy: Proxy, store: str
) -> None:
    """It is in no event and in no answer, and the keeper signs with it."""
    assert CREDENTIAL_PURPOSE == ACCESS_KEY_PURPOSE
    record = house.store.snapshot().get(CUSTOM_KEY_STORE, ACCOUNT, store, "us-east-1")
    assert record is not None
    assert (
        house.keeper.unseal(CREDENTIAL_PURPOSE, record.secret_access_key, store.encode())
        == proxy.secret.encode()
    )
    told = house.client("cloudtrail").lookup_events()["Events"]
    assert any(event["EventName"] == "CreateCustomKeyStore" for event in told)
    assert all(proxy.secret not in event["CloudTrailEvent"] for event in told)
    assert proxy.secret not in str(kms.describe_custom_key_stores())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"CustomKeyStoreType": None}, "UnsupportedOperationException"),
        ({"CustomKeyStoreType": "AWS_CLOUDHSM"}, "UnsupportedOperationException"),
        ({"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}, "UnsupportedOperationException"),
        ({"XksProxyVpcEndpointServiceOwner": ACCOUNT}, "UnsupportedOperationException"),
        ({"XksProxyUriEndpoint": None}, "ValidationException"),
        ({"XksProxyUriPath": None}, "ValidationException"),
        ({"XksProxyAuthenticationCredential": None}, "ValidationException"),
        ({"XksProxyConnectivity": None}, "ValidationException"),
        ({"XksProxyUriEndpoint": "http://localhost"}, "ValidationException"),
        ({"XksProxyUriEndpoint": "https://localhost:4430"}, "ValidationException"),
        ({"XksProxyUriPath": "/safe/kms/xks/v2"}, "ValidationException"),
        ({"XksProxyUriPath": "/safe//kms/xks/v1"}, "ValidationException"),
        ({"CloudHsmClusterId": "cluster-12345678901"}, "ValidationException"),
        ({"KeyStorePassword": "kmsPswd"}, "ValidationException"),
        ({"XksProxyUriEndpoint": "https://169.254.169.254"}, UNREACHABLE),
        ({"XksProxyUriEndpoint": "https://2130706433"}, UNREACHABLE),
        ({"XksProxyUriEndpoint": "https://a..b"}, UNREACHABLE),
    ],
)
def test_what_cannot_be_a_store(kms: Any, proxy: Proxy, changed: dict[str, Any], code: str) -> None:
    """Nothing is stored, and no proxy is asked, least of all at a private address that nobody allowed."""
    assert refused(kms.create_custom_key_store, **proxy.configuration(**changed))[0] == code
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    assert proxy.asked == []


def test_names_and_proxies_are_unique(kms: Any, proxy: Proxy, store: str) -> None:
    """One name and one URI for each store of an account and Region."""
    same_name = proxy.configuration(XksProxyUriPath="/kms/xks/v1")
    assert refused(kms.create_custom_key_store, **same_name)[0] == "CustomKeyStoreNameInUseException"
    for endpoint in ("https://localhost", "https://LOCALHOST"):
        same_uri = proxy.configuration(CustomKeyStoreName="attic", XksProxyUriEndpoint=endpoint)
        assert refused(kms.create_custom_key_store, **same_uri)[0] == "XksProxyUriInUseException"
    assert store


def test_the_quota_of_stores(tmp_path: Path, proxy: Proxy) -> None:
    """It is that of the Region, and the proxy is not asked beyond it."""
    kms = House(tmp_path, limits={**PATIENT, "kms.custom-key-stores": 1}, **proxy.parts).client("kms")
    kms.create_custom_key_store(**proxy.configuration())
    asked = len(proxy.asked)
    another = proxy.configuration(CustomKeyStoreName="attic")
    assert refused(kms.create_custom_key_store, **another)[0] == "LimitExceededException"
    assert len(proxy.asked) == asked


@pytest.mark.parametrize("name", REFUSALS)
def test_a_proxy_that_refuses(kms: Any, proxy: Proxy, name: str) -> None:
    """No store is made; one that is there fails to connect, and can be disconnected and tried again."""
    exception, error = REFUSALS[name]
    store = kms.create_custom_key_store(**proxy.configuration())["CustomKeyStoreId"]
    proxy.refuse = name
    another = proxy.configuration(CustomKeyStoreName="attic", XksProxyUriPath="/kms/xks/v1")
    assert refused(kms.create_custom_key_store, **another)[0] == exception
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state_of(kms, store) == ("FAILED", error)
    proxy.refuse = ""
    assert (
        refused(kms.connect_custom_key_store, CustomKeyStoreId=store)[0]
        == "CustomKeyStoreInvalidStateException"
    )
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state_of(kms, store) == ("CONNECTED", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"xksProxyFleetSize": 0}',
        b"\xff" * 10,
        b"[" * 60_000,
        b" " * 70_000,
    ],
)
def test_a_proxy_that_answers_anything(kms: Any, proxy: Proxy, body: bytes) -> None:
    """What is malformed or too large is refused."""
    proxy.spoil = lambda _path, _answer: body
    assert (
        refused(kms.create_custom_key_store, **proxy.configuration())[0] == "XksProxyInvalidResponseException"
    )


def test_a_proxy_whose_key_managers_are_all_unavailable(kms: Any, proxy: Proxy) -> None:
    """One of them is enough."""
    proxy.managers = ["UNAVAILABLE", "UNAVAILABLE"]
    assert refused(kms.create_custom_key_store, **proxy.configuration())[0] == UNREACHABLE
    proxy.managers = ["UNAVAILABLE", "DEGRADED"]
    kms.create_custom_key_store(**proxy.configuration())


def test_a_wrong_credential(kms: Any, proxy: Proxy) -> None:
    """The proxy says so, and so do we."""
    wrong = {"AccessKeyId": ACCESS_KEY_ID, "RawSecretAccessKey": base64.b64encode(os.urandom(36)).decode()}
    given = proxy.configuration(XksProxyAuthenticationCredential=wrong)
    code = "XksProxyIncorrectAuthenticationCredentialException"
    assert refused(kms.create_custom_key_store, **given)[0] == code


def test_a_proxy_that_is_too_slow(tmp_path: Path, proxy: Proxy) -> None:
    """It has as long as the limit says."""
    kms = House(tmp_path, limits={"kms.xks-proxy-milliseconds": 1}, **proxy.parts).client("kms")
    proxy.hold.clear()
    assert refused(kms.create_custom_key_store, **proxy.configuration())[0] == UNREACHABLE


def test_a_proxy_without_a_trusted_certificate(tmp_path: Path, proxy: Proxy) -> None:
    """Without its authority it is not spoken to."""
    kms = House(tmp_path, limits=PATIENT, private_xks_proxies=[proxy.host]).client("kms")
    code, message, _ = refused(kms.create_custom_key_store, **proxy.configuration())
    assert code == "XksProxyInvalidConfigurationException"
    assert "certificate" in message
    assert proxy.asked == []


def test_a_private_proxy_that_nobody_allowed(tmp_path: Path, proxy: Proxy) -> None:
    """It is not connected to."""
    kms = House(tmp_path, limits=PATIENT, xks_authority=proxy.authority).client("kms")
    assert refused(kms.create_custom_key_store, **proxy.configuration())[0] == UNREACHABLE
    assert proxy.connections == 0


def test_a_store_is_changed(kms: Any, proxy: Proxy, store: str) -> None:
    """Name, path and credential at any time; where the proxy is, while it is disconnected; all is tried."""
    kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName="attic")
    wrong = {"AccessKeyId": ACCESS_KEY_ID, "RawSecretAccessKey": "A" * 43}
    given = {"CustomKeyStoreId": store, "XksProxyAuthenticationCredential": wrong}
    code = "XksProxyIncorrectAuthenticationCredentialException"
    assert refused(kms.update_custom_key_store, **given)[0] == code
    moved = {"CustomKeyStoreId": store, "XksProxyUriEndpoint": "https://localhost"}
    assert refused(kms.update_custom_key_store, **moved)[0] == "CustomKeyStoreInvalidStateException"
    assert refused(kms.update_custom_key_store, CustomKeyStoreId=store)[0] == "ValidationException"
    password = {"CustomKeyStoreId": store, "KeyStorePassword": "kmsPswd"}
    assert refused(kms.update_custom_key_store, **password)[0] == "ValidationException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(**moved)
    proxy.secret = "B" * 43
    kms.update_custom_key_store(
        **given | {"XksProxyAuthenticationCredential": {**wrong, "RawSecretAccessKey": "B" * 43}}
    )
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreName="attic")["CustomKeyStores"]
    assert found["ConnectionState"] == "CONNECTED"


def test_a_store_with_keys_stays(kms: Any, house: House, store: str, key: str) -> None:
    """Until they are deleted, with our half of them."""
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert refused(kms.delete_custom_key_store, CustomKeyStoreId=store)[0] == "CustomKeyStoreHasCMKsException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(kms.delete_custom_key_store, CustomKeyStoreId=store)[0] == "CustomKeyStoreHasCMKsException"
    house.clock.offset = timedelta(days=8)
    house.move_on()
    kms.delete_custom_key_store(CustomKeyStoreId=store)


@pytest.mark.parametrize(
    "operation",
    [
        "connect_custom_key_store",
        "disconnect_custom_key_store",
        "delete_custom_key_store",
        "update_custom_key_store",
    ],
)
def test_a_store_that_is_not_there(kms: Any, operation: str) -> None:
    """Each operation says so."""
    more = {"NewCustomKeyStoreName": "attic"} if operation.startswith("update") else {}
    call = getattr(kms, operation)
    assert refused(call, CustomKeyStoreId="cks-0", **more)[0] == "CustomKeyStoreNotFoundException"


def test_describing_stores(kms: Any, proxy: Proxy) -> None:
    """Page by page; by id or by name, not by both, and only what is there."""
    for number in range(3):
        path = f"/{number}/kms/xks/v1"
        kms.create_custom_key_store(
            **proxy.configuration(CustomKeyStoreName=str(number), XksProxyUriPath=path)
        )
    pages = list(kms.get_paginator("describe_custom_key_stores").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["CustomKeyStores"]) for page in pages] == [2, 1]
    for name in ("CustomKeyStoreId", "CustomKeyStoreName"):
        assert refused(kms.describe_custom_key_stores, **{name: "x"})[0] == "CustomKeyStoreNotFoundException"
    both = {"CustomKeyStoreId": "cks-0", "CustomKeyStoreName": "0"}
    assert refused(kms.describe_custom_key_stores, **both)[0] == "ValidationException"
    assert refused(kms.describe_custom_key_stores, Marker="!")[0] == "InvalidMarkerException"


@pytest.mark.parametrize("enabled", [True, False])
def test_keys_are_unavailable_while_their_store_is_not_connected(
    kms: Any, store: str, key: str, enabled: bool
) -> None:
    """They come back as they were, or as they were made meanwhile."""
    if not enabled:
        kms.disable_key(KeyId=key)
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Unavailable"
    code, message, _ = refused(kms.encrypt, KeyId=key, Plaintext=b"espresso")
    assert (code, message) == ("KMSInvalidStateException", f"{key} is unavailable.")
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == before
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.disable_key(KeyId=key)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_a_key_that_waits_for_its_deletion_stays_so(kms: Any, store: str) -> None:
    """Whatever becomes of its store; saved while that is disconnected, it is unavailable."""
    key = external_key(kms, store, "filter")
    kms.schedule_key_deletion(KeyId=key)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Unavailable"
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
