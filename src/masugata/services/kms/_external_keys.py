"""Keys of external key stores that are to be used as KMS keys: asked of the store's proxy before they are.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/create-xks-keys.html
"""

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import CUSTOM_KEY_STORE, CustomKeyStore


def connected_store(call: Call, store_id: str) -> CustomKeyStore:
    """The custom key store with this id, which can be used now.

    Raises CustomKeyStoreNotFoundException and CustomKeyStoreInvalidStateException.
    """
    store = call.records.get(CUSTOM_KEY_STORE, call.account, store_id, call.region)
    if store is None:
        raise AwsError("CustomKeyStoreNotFoundException", f"Custom key store {store_id} does not exist.", 400)
    if store.connection_state != "CONNECTED":
        raise AwsError(
            "CustomKeyStoreInvalidStateException", f"Custom key store {store_id} is not connected.", 400
        )
    return store


def check_external_key(call: Call, store_id: str, external_key: str) -> None:
    """Ask the proxy of a store for one of its keys; nothing here speaks to proxies yet.

    Runs in the pool before the transaction, which asks `connected_store` again. Raises what that raises,
    and UnsupportedOperationException.
    """
    connected_store(call, store_id)
    raise AwsError(
        "UnsupportedOperationException", f"The external key {external_key} cannot be asked for.", 400
    )
