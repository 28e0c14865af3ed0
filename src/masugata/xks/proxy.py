"""One proxy, asked on behalf of one call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

from masugata.client.signing import signed_by
from masugata.engines.keys import ExternalCiphertext
from masugata.wire import HttpRequest
from masugata.xks.answers import (
    Answer,
    ExternalKey,
    check_health,
    decrypted,
    encrypted,
    external_key,
)
from masugata.xks.connections import Connections
from masugata.xks.encoding import base64_text, http_request

SIGNING_NAME = "kms-xks-proxy"


class Address(NamedTuple):
    """Where a proxy is: a host, and the path before `/health`."""

    host: str
    path: str


class SigningKey(Protocol):
    """Derives the key that signs requests of a day to this service in a Region."""

    def __call__(self, date: str, region: str, service: str, /) -> bytes: ...


class Asker(NamedTuple):
    """On whose behalf a proxy is asked, and as whom: the requestMetadata and what is signed with."""

    metadata: Mapping[str, str]
    access_key_id: str
    signing_key: SigningKey
    region: str
    now: datetime


class XksProxy:
    """A proxy; each method is one request, which has `seconds`, and raises `ProxyError`."""

    def __init__(self, connections: Connections, address: Address, asker: Asker, seconds: float) -> None:
        self._connections = connections
        self._address = address
        self._asker = asker
        self._seconds = seconds

    def check_health(self) -> None:
        """Ask whether it can be used, and with this credential."""
        check_health(self._ask("/health", {}))

    def key(self, key_id: str) -> ExternalKey:
        """What a key is like."""
        return external_key(self._ask(f"/keys/{key_id}/metadata", {}))

    def encrypt(self, key_id: str, plaintext: bytes, authenticated: bytes) -> ExternalCiphertext:
        """Encrypt under a key; `authenticated` is what decryption must name again."""
        request = {
            "plaintext": base64_text(plaintext),
            "encryptionAlgorithm": "AES_GCM",
            "additionalAuthenticatedData": base64_text(authenticated),
            "ciphertextDataIntegrityValueAlgorithm": "SHA_256",
        }
        answer = self._ask(f"/keys/{key_id}/encrypt", request)
        return encrypted(answer, len(plaintext), authenticated)

    def decrypt(self, key_id: str, parts: ExternalCiphertext, authenticated: bytes) -> bytes:
        """The plaintext of what `encrypt` gave."""
        request = {
            "ciphertext": base64_text(parts.ciphertext),
            "encryptionAlgorithm": "AES_GCM",
            "initializationVector": base64_text(parts.initialization_vector),
            "authenticationTag": base64_text(parts.tag),
            "additionalAuthenticatedData": base64_text(authenticated),
        }
        if parts.metadata:
            request["ciphertextMetadata"] = base64_text(parts.metadata)
        return decrypted(self._ask(f"/keys/{key_id}/decrypt", request), len(parts.ciphertext))

    def _ask(self, path: str, members: Mapping[str, Any]) -> Answer:
        asker = self._asker
        request = HttpRequest(
            method="POST",
            path=self._address.path + path,
            headers=(
                ("host", self._connections.authority_of(self._address.host)),
                ("content-type", "application/json"),
            ),
            body=orjson.dumps({"requestMetadata": asker.metadata, **members}),
        )
        key = asker.signing_key(f"{asker.now:%Y%m%d}", asker.region, SIGNING_NAME)
        request = signed_by(
            request, asker.access_key_id, key, service=SIGNING_NAME, region=asker.region, now=asker.now
        )
        return self._connections.exchange(self._address.host, http_request(request), self._seconds)
