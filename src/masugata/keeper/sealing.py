"""The sealed form of secrets: AES-256-GCM under a key derived for each blob.

A blob is: format version (1), algorithm (1), number of the root key (4), salt (12), nonce (12), ciphertext,
tag (16). Version 1 has no number: it is of the first root key. The key of a blob comes from the root key in
two steps, by purpose and by salt. With random nonces under one key, 2^32 blobs are the safe limit; a key per
salt lifts it beyond what a server can make in its life, so no purpose needs counting.
"""

import hmac
import os
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masugata.engines.keys import derive
from masugata.keeper.errors import KeeperError, SealBrokenError
from masugata.keeper.local_materials import LocalMaterials
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE
from masugata.keeper.ring import FIRST, RootKeyRing

_VERSION: Final = 2
_AES_256_GCM: Final = 1
_FIRST_HEAD: Final = bytes((1, _AES_256_GCM))
_HEAD: Final = bytes((_VERSION, _AES_256_GCM))
_NUMBER_SIZE: Final = 4
_SALT_SIZE: Final = 12
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_PLAINTEXT_LIMIT: Final = 1 << 20


class RootKeeper:
    """A `Keeper` that holds the root keys in this process."""

    __slots__ = ("_head", "_origin", "_purpose_key", "_ring", "fingerprint", "materials")

    sealed = False

    def __init__(self, ring: RootKeyRing, origin: str) -> None:
        self._ring = ring
        self._origin = origin
        self._head = _HEAD + ring.newest.to_bytes(_NUMBER_SIZE, "big")
        self._purpose_key = lru_cache(maxsize=256)(self._derive_purpose_key)
        self.fingerprint = ring.fingerprint
        self.materials = LocalMaterials(self.seal, self.unseal, os.urandom)

    def __repr__(self) -> str:
        return f"<Keeper {self._origin}>"

    def __reduce__(self) -> str:
        raise TypeError("a keeper does not leave its process")

    def holds(self, fingerprint: str) -> bool:
        """Whether the root key with this fingerprint is here."""
        return fingerprint in self._ring.fingerprints

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        """Encrypt `plaintext`; only the same purpose and identity open it again."""
        if len(plaintext) > _PLAINTEXT_LIMIT:
            raise KeeperError(f"a secret of {len(plaintext)} bytes is beyond {_PLAINTEXT_LIMIT}")
        random = os.urandom(_SALT_SIZE + _NONCE_SIZE)
        salt, nonce = random[:_SALT_SIZE], random[_SALT_SIZE:]
        cipher = self._cipher(self._ring.newest, purpose, salt)
        return self._head + random + cipher.encrypt(nonce, plaintext, self._head + identity)

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The plaintext of a sealed blob; raises `SealBrokenError`."""
        parts = _parts(blob)
        if parts is None:
            raise SealBrokenError(f"the sealed `{purpose}` is not in a form that this program knows")
        if self._ring.get(parts.number) is None:
            raise SealBrokenError(f"the sealed `{purpose}` is of root key {parts.number}, which is not here")
        try:
            cipher = self._cipher(parts.number, purpose, parts.salt)
            return cipher.decrypt(parts.nonce, parts.body, parts.head + identity)
        except InvalidTag:
            raise SealBrokenError(f"the sealed `{purpose}` was changed or belongs elsewhere") from None

    def reseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The same secret under the newest root key; the blob itself if it is under that already."""
        plaintext = self.unseal(purpose, blob, identity)
        return blob if root_key_of(blob) == self._ring.newest else self.seal(purpose, plaintext, identity)

    def sigv4_key(self, sealed_secret: bytes, identity: bytes, date: str, region: str, service: str) -> bytes:
        """The signing key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`."""
        key = b"AWS4" + self.unseal(ACCESS_KEY_PURPOSE, sealed_secret, identity)
        for part in (date, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key

    def sigv4a_public_key(self, sealed_secret: bytes, identity: bytes) -> bytes:
        """The public key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`."""
        # Loading the curves is two hundredths of the time to start, and hardly anybody signs with them.
        from masugata.keeper.sigv4a import public_key  # noqa: PLC0415

        return public_key(self.unseal(ACCESS_KEY_PURPOSE, sealed_secret, identity), identity)

    def _cipher(self, number: int, purpose: str, salt: bytes) -> AESGCM:
        return AESGCM(derive(self._purpose_key(number, purpose), b"masugata blob", salt))

    def _derive_purpose_key(self, number: int, purpose: str) -> bytes:
        root = self._ring.get(number)
        if root is None:
            raise KeeperError(f"there is no root key {number}")
        return derive(root, b"masugata purpose", purpose.encode())


class _Parts(NamedTuple):
    """A blob taken apart; `head` is what comes before the salt."""

    head: bytes
    number: int
    salt: bytes
    nonce: bytes
    body: bytes


def _parts(blob: bytes) -> _Parts | None:
    """The parts of a blob, or None if it has another form."""
    if blob[:2] == _HEAD:
        size = len(_HEAD) + _NUMBER_SIZE
        number = int.from_bytes(blob[len(_HEAD) : size], "big")
    elif blob[:2] == _FIRST_HEAD:
        size, number = len(_FIRST_HEAD), FIRST
    else:
        return None
    body = size + _SALT_SIZE + _NONCE_SIZE
    if len(blob) < body + _TAG_SIZE:
        return None
    salt, nonce = blob[size : size + _SALT_SIZE], blob[size + _SALT_SIZE : body]
    return _Parts(blob[:size], number, salt, nonce, blob[body:])


def root_key_of(blob: bytes) -> int:
    """The number of the root key that a blob says it is sealed under; raises `SealBrokenError`."""
    parts = _parts(blob)
    if parts is None:
        raise SealBrokenError("the sealed secret is not in a form that this program knows")
    return parts.number
