"""Keys of external key stores: asked of the store's proxy before they are used, and whenever they are.

Everything is encrypted twice, here and by the proxy: see `masugata.engines.keys.external`.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/create-xks-keys.html
"""

from typing import Final

from masugata.call import Call
from masugata.engines.keys import (
    InvalidCiphertextError,
    binding,
    external_ciphertext,
    external_parts,
)
from masugata.errors import AwsError
from masugata.records.kms import CONNECTED, CUSTOM_KEY_STORE, KEY, CustomKeyStore, Key
from masugata.services.kms._common import Found, arn
from masugata.services.kms._proxies import proxy_of, telling_callers, while_creating
from masugata.xks import ExternalKey

_NEEDED: Final = {"ENCRYPT", "DECRYPT"}


def find_store(call: Call, store_id: str) -> CustomKeyStore:
    """The caller's custom key store with this id; raises CustomKeyStoreNotFoundException."""
    store = call.records.get(CUSTOM_KEY_STORE, call.account, store_id, call.region)
    if store is None:
        raise AwsError("CustomKeyStoreNotFoundException", f"Custom key store {store_id} does not exist.", 400)
    return store


def connected_store(call: Call, store_id: str) -> CustomKeyStore:
    """The custom key store with this id, which can be used now.

    Raises CustomKeyStoreNotFoundException and CustomKeyStoreInvalidStateException.
    """
    store = find_store(call, store_id)
    if store.connection_state != CONNECTED:
        raise AwsError(
            "CustomKeyStoreInvalidStateException", f"Custom key store {store_id} is not connected.", 400
        )
    return store


def check_key_name(external_key: str) -> None:
    """Raise ValidationException for names that AWS's pattern lets through and that are paths."""
    if external_key in {".", ".."}:
        raise AwsError("ValidationError", f"XksKeyId '{external_key}' is not the name of a key.", 400)


def check_unused(call: Call, store_id: str, external_key: str) -> None:
    """Raise XksKeyAlreadyInUseException for a key that belongs to another KMS key of the store."""
    name = f"{store_id} {external_key}"
    if call.records.count_referring(KEY, call.account, "xks-key", name, call.region):
        message = f"The external key {external_key} is already associated with a KMS key in {store_id}."
        raise AwsError("XksKeyAlreadyInUseException", message, 400)


def check_external_key(call: Call, store_id: str, external_key: str) -> None:
    """Ask the proxy of a store whether one of its keys can be a KMS key.

    Runs in the pool before the transaction, which asks `connected_store` and `check_unused` again. Raises
    what these raise, XksKeyNotFoundException and XksKeyInvalidConfigurationException.
    """
    store = connected_store(call, store_id)
    check_unused(call, store_id, external_key)
    with while_creating(external_key):
        found = proxy_of(call, store).key(external_key)
    if not _fits(found):
        message = (
            f"The external key {external_key} must be of the spec AES_256, be for ENCRYPT and DECRYPT, and "
            "be ENABLED."
        )
        raise AwsError("XksKeyInvalidConfigurationException", message, 400)


def store_of(call: Call, account: str, key: Key) -> CustomKeyStore:
    """The store of a key of any account, connected; raises KMSInvalidStateException."""
    store = call.records.get(CUSTOM_KEY_STORE, account, key.custom_key_store, key.region)
    if store is None or store.connection_state != CONNECTED:
        message = f"{arn(call, account, key)} is unavailable: its custom key store is not connected."
        raise AwsError("KMSInvalidStateException", message, 400)
    return store


def bound(key: Key, material_id: str, context: bytes) -> bytes:
    """What a ciphertext of a key is bound to: the canonical context, or what stands for it on both sides."""
    return binding(key.id, material_id, context) if key.custom_key_store else context


def sealed_by_proxy(call: Call, found: Found, material_id: str, ciphertext: bytes, bound_to: bytes) -> bytes:
    """A ciphertext, encrypted once more by the proxy; raises KMSInvalidStateException."""
    store = store_of(call, *found)
    with telling_callers(arn(call, *found)):
        parts = proxy_of(call, store, arn(call, *found)).encrypt(found.key.xks_key, ciphertext, bound_to)
    return external_ciphertext(found.key.id, material_id, parts)


def opened_by_proxy(call: Call, found: Found, ciphertext: bytes, bound_to: bytes) -> bytes:
    """The ciphertext that the proxy encrypted.

    Raises KMSInvalidStateException, and InvalidCiphertextException for what has not even the form of one.
    """
    store = store_of(call, *found)
    try:
        parts = external_parts(ciphertext)
    except InvalidCiphertextError:
        raise AwsError("InvalidCiphertextException", "", 400) from None
    with telling_callers(arn(call, *found)):
        return proxy_of(call, store, arn(call, *found)).decrypt(found.key.xks_key, parts, bound_to)


def _fits(found: ExternalKey) -> bool:
    return found.key_spec == "AES_256" and found.key_status == "ENABLED" and set(found.key_usage) >= _NEEDED
