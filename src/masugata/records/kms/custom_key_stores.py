"""Custom key stores: where keys are that are not here."""

from datetime import datetime
from typing import Final

import msgspec

from masugata.records.kind import Kind

CREDENTIAL_PURPOSE: Final = "access-key"
"""That of secret access keys, so that the keeper derives signing keys and never gives the secret away."""

CONNECTED: Final = "CONNECTED"
DISCONNECTED: Final = "DISCONNECTED"
FAILED: Final = "FAILED"


class CustomKeyStore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An external key store, reached by a proxy that speaks the XKS proxy API.

    `secret_access_key` is that of the proxy's credential, sealed by the keeper under the store's id.
    """

    version: int = 1
    id: str
    name: str
    creation_date: datetime
    connection_state: str = DISCONNECTED
    connection_error: str = ""
    uri_endpoint: str = ""
    uri_path: str = ""
    connectivity: str = "PUBLIC_ENDPOINT"
    access_key_id: str = ""
    secret_access_key: bytes = b""


CUSTOM_KEY_STORE = Kind(
    "kms",
    "custom-key-store",
    CustomKeyStore,
    key=lambda r: r.id,
    names=lambda _: [],
    references=lambda r: [("name", r.name)],
)
