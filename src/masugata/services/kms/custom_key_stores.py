"""Operations on custom key stores: only external ones, whose keys a proxy has.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/keystore-external.html
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import (
    CONNECTED,
    CUSTOM_KEY_STORE,
    DISABLED,
    DISCONNECTED,
    ENABLED,
    FAILED,
    KEY,
    UNAVAILABLE,
    CustomKeyStore,
)
from masugata.services.kms._common import invalid, page, page_start
from masugata.services.kms._external_keys import find_store
from masugata.services.kms._key_store_requests import (
    asked_for,
    check_members,
    check_new,
    configuration,
    sealed_secret,
)
from masugata.services.kms._management import save
from masugata.services.kms._proxies import connection_error, proxy_of, while_configuring
from masugata.xks import ProxyError

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_ID_BYTES: Final = 9
_ID_DIGITS: Final = 17
_WHILE_CONNECTED: Final = {"NewCustomKeyStoreName", "XksProxyUriPath", "XksProxyAuthenticationCredential"}


class Checked(NamedTuple):
    """A store as it was before its proxy was asked, and the sealed secret for it, if it is to be another."""

    before: CustomKeyStore
    secret: bytes


class Tried(NamedTuple):
    """A store whose connection was tried, and the ConnectionErrorCode, empty if it succeeded."""

    before: CustomKeyStore
    error: str


def checked_new(call: Call, request: "shapes.CreateCustomKeyStoreRequest") -> Checked:
    """Ask the proxy of a store that is to be made; nothing is stored."""
    check_new(request)
    store_id = f"cks-{call.random(_ID_BYTES).hex()[:_ID_DIGITS]}"
    empty = CustomKeyStore(id=store_id, name="", creation_date=call.now)
    secret = sealed_secret(call, store_id, request)
    _check_quota(call)
    store = asked_for(call, empty, request, secret)
    with while_configuring():
        proxy_of(call, store).check_health()
    return Checked(empty, secret)


def create_custom_key_store(
    call: Call, request: "shapes.CreateCustomKeyStoreRequest"
) -> "shapes.CreateCustomKeyStoreResponse":
    """Make a store, which is not connected; its proxy has to answer before.

    Raises ValidationException, UnsupportedOperationException, LimitExceededException,
    CustomKeyStoreNameInUseException, XksProxyUriInUseException, and the other exceptions about proxies.
    """
    prepared: Checked = call.prepared
    _check_quota(call)
    store = asked_for(call, prepared.before, request, prepared.secret)
    call.transaction.put(CUSTOM_KEY_STORE, call.account, store, call.region)
    return {"CustomKeyStoreId": store.id}


def describe_custom_key_stores(
    call: Call, request: "shapes.DescribeCustomKeyStoresRequest"
) -> "shapes.DescribeCustomKeyStoresResponse":
    """The stores of the account in this Region, or the one with an id or a name.

    Raises ValidationException, CustomKeyStoreNotFoundException and InvalidMarkerException.
    """
    store_id, name = request.get("CustomKeyStoreId"), request.get("CustomKeyStoreName")
    if store_id is not None and name is not None:
        raise invalid("CustomKeyStoreId and CustomKeyStoreName cannot both be specified.")
    stores = call.records.scan(CUSTOM_KEY_STORE, call.account, call.region, after=page_start(call, request))
    found = [store for store in stores if store_id in (None, store.id) and name in (None, store.name)]
    if not found and (store_id or name):
        message = f"Custom key store {store_id or name} does not exist."
        raise AwsError("CustomKeyStoreNotFoundException", message, 400)
    listed, end = page(call, request, found, lambda store: store.id)
    return {"CustomKeyStores": [_entry(store) for store in listed], **end}


def checked_change(call: Call, request: "shapes.UpdateCustomKeyStoreRequest") -> Checked:
    """Ask the proxy as it is to be asked from now on; nothing is stored."""
    store = find_store(call, request["CustomKeyStoreId"])
    _check_change(store, request)
    secret = sealed_secret(call, store.id, request)
    changed = asked_for(call, store, request, secret)
    if configuration(changed) != configuration(store):
        with while_configuring():
            proxy_of(call, changed).check_health()
    return Checked(store, secret)


def update_custom_key_store(call: Call, request: "shapes.UpdateCustomKeyStoreRequest") -> dict[str, Any]:
    """Change a store; where its proxy is, only while it is disconnected.

    Raises CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException, and as
    `create_custom_key_store`.
    """
    prepared: Checked = call.prepared
    store = _unchanged(call, prepared.before)
    _check_change(store, request)
    changed = asked_for(call, store, request, prepared.secret)
    call.transaction.put(CUSTOM_KEY_STORE, call.account, changed, call.region)
    return {}


def delete_custom_key_store(call: Call, request: "shapes.DeleteCustomKeyStoreRequest") -> dict[str, Any]:
    """Delete a store that is disconnected and has no keys; nothing is deleted at its proxy.

    Raises CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException and
    CustomKeyStoreHasCMKsException.
    """
    store = find_store(call, request["CustomKeyStoreId"])
    if call.records.count_referring(KEY, call.account, "custom-key-store", store.id, call.region):
        message = f"Custom key store {store.id} contains KMS keys."
        raise AwsError("CustomKeyStoreHasCMKsException", message, 400)
    if store.connection_state != DISCONNECTED:
        raise _invalid_state(store)
    call.transaction.delete(CUSTOM_KEY_STORE, call.account, store.id, call.region)
    return {}


def tried(call: Call, request: "shapes.ConnectCustomKeyStoreRequest") -> Tried:
    """Whether the proxy of a store answers, which only says what becomes of the store."""
    store = find_store(call, request["CustomKeyStoreId"])
    if store.connection_state == DISCONNECTED:
        try:
            proxy_of(call, store).check_health()
        except ProxyError as error:
            return Tried(store, connection_error(error))
    return Tried(store, "")


def connect_custom_key_store(call: Call, request: "shapes.ConnectCustomKeyStoreRequest") -> dict[str, Any]:
    """Connect a store and make its keys available again; if its proxy does not answer, it is FAILED.

    Raises CustomKeyStoreNotFoundException, and CustomKeyStoreInvalidStateException for a store that failed.
    """
    del request  # `tried` has found the store
    prepared: Tried = call.prepared
    store = _unchanged(call, prepared.before)
    if store.connection_state != prepared.before.connection_state:
        raise _changed_meanwhile(store)
    if store.connection_state == FAILED:
        raise _invalid_state(store)
    if store.connection_state == CONNECTED:
        return {}
    state = FAILED if prepared.error else CONNECTED
    store = replace(store, connection_state=state, connection_error=prepared.error)
    call.transaction.put(CUSTOM_KEY_STORE, call.account, store, call.region)
    if state == CONNECTED:
        for key in call.records.referring(KEY, call.account, "custom-key-store", store.id, call.region):
            if key.state == UNAVAILABLE:
                save(call, replace(key, state=key.state_when_connected or DISABLED, state_when_connected=""))
    return {}


def disconnect_custom_key_store(
    call: Call, request: "shapes.DisconnectCustomKeyStoreRequest"
) -> dict[str, Any]:
    """Disconnect a store: its keys are unavailable until it is connected again.

    Raises CustomKeyStoreNotFoundException, and CustomKeyStoreInvalidStateException for one that already is.
    """
    store = find_store(call, request["CustomKeyStoreId"])
    if store.connection_state == DISCONNECTED:
        raise _invalid_state(store)
    store = replace(store, connection_state=DISCONNECTED, connection_error="")
    call.transaction.put(CUSTOM_KEY_STORE, call.account, store, call.region)
    for key in call.records.referring(KEY, call.account, "custom-key-store", store.id, call.region):
        if key.state in {ENABLED, DISABLED}:
            save(call, replace(key, state=UNAVAILABLE, state_when_connected=key.state))
    return {}


def _check_quota(call: Call) -> None:
    most = limit(call.limits, "kms.custom-key-stores")
    if call.records.count(CUSTOM_KEY_STORE, call.account, call.region) >= most:
        message = f"The account {call.account} has reached its quota of {most} custom key stores."
        raise AwsError("LimitExceededException", message, 400)


def _check_change(store: CustomKeyStore, request: "shapes.UpdateCustomKeyStoreRequest") -> None:
    """Raise ValidationException, and CustomKeyStoreInvalidStateException for what must not change now."""
    check_members(request)
    members = set(request) - {"CustomKeyStoreId"}
    if not members:
        raise invalid("At least one setting of the custom key store must be given.")
    states = {DISCONNECTED, CONNECTED} if members <= _WHILE_CONNECTED else {DISCONNECTED}
    if store.connection_state not in states:
        raise _invalid_state(store)


def _unchanged(call: Call, before: CustomKeyStore) -> CustomKeyStore:
    """The store as it is; raises CustomKeyStoreInvalidStateException if its proxy is another one now."""
    store = find_store(call, before.id)
    if configuration(store) != configuration(before):
        raise _changed_meanwhile(store)
    return store


def _changed_meanwhile(store: CustomKeyStore) -> AwsError:
    message = f"Custom key store {store.id} was changed at the same time. Try again."
    return AwsError("CustomKeyStoreInvalidStateException", message, 400)


def _invalid_state(store: CustomKeyStore) -> AwsError:
    message = f"Custom key store {store.id} is {store.connection_state}."
    return AwsError("CustomKeyStoreInvalidStateException", message, 400)


def _entry(store: CustomKeyStore) -> "shapes.CustomKeyStoresListEntry":
    entry: shapes.CustomKeyStoresListEntry = {
        "CustomKeyStoreId": store.id,
        "CustomKeyStoreName": store.name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "ConnectionState": store.connection_state,
        "CreationDate": store.creation_date,
        "XksProxyConfiguration": {
            "Connectivity": store.connectivity,
            "AccessKeyId": store.access_key_id,
            "UriEndpoint": store.uri_endpoint,
            "UriPath": store.uri_path,
        },
    }
    if store.connection_error:
        entry["ConnectionErrorCode"] = store.connection_error
    return entry
