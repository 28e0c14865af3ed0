"""An external key store and a key in it, from the first request to the last."""

from typing import Any

from xks_proxy import Proxy


def custom_key_stores(kms: Any, proxy: Proxy) -> None:
    """The life of a store, with a key that is used."""
    store = kms.create_custom_key_store(**proxy.configuration())["CustomKeyStoreId"]
    proxy.refuse = "AccessDeniedException"
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    (failed,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    assert failed["ConnectionErrorCode"] == "XKS_PROXY_ACCESS_DENIED"
    proxy.refuse = ""
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName="attic")
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    made = kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="espresso")
    key = made["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    again = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=again)["Plaintext"] == b"espresso"
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.describe_key(KeyId=key)
    empty = kms.create_custom_key_store(
        **proxy.configuration(CustomKeyStoreName="shed", XksProxyUriPath="/kms/xks/v1")
    )["CustomKeyStoreId"]
    pages = kms.get_paginator("describe_custom_key_stores").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["CustomKeyStores"]) for page in pages] == [1, 1]
    kms.delete_custom_key_store(CustomKeyStoreId=empty)
