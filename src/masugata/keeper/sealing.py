"""The sealed form of secrets: AES-256-GCM under a key derived for each blob.

A blob is: format version (1), algorithm (1), salt (12), nonce (12), ciphertext, tag (16). The key
of a blob comes from the root key in two steps, by purpose and by salt. With random nonces under
one key, 2^32 blobs are the safe limit; a key per salt lifts it beyond what a server can make in
its life, so no purpose needs counting.
"""

import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masugata.engines.keys import derive
from masugata.keeper.errors import KeeperError, SealBrokenError
from masugata.keeper.local_materials import LocalMaterials
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE

ROOT_KEY_SIZE = 32

_VERSION = 1
_AES_256_GCM = 1
_HEADER = bytes((_VERSION, _AES_256_GCM))
_SALT_SIZE = 12
_NONCE_SIZE = 12
_TAG_SIZE = 16
_BODY = len(_HEADER) + _SALT_SIZE + _NONCE_SIZE
_PLAINTEXT_LIMIT = 1 << 20


class RootKeeper:
    """A `Keeper` that holds the root key in this process."""

    __slots__ = ("_origin", "_purpose_key", "_root", "fingerprint", "materials")

    def __init__(self, root: bytes, origin: str) -> None:
        if len(root) != ROOT_KEY_SIZE:
            raise KeeperError(f"a root key has {ROOT_KEY_SIZE} bytes")
        self._root = root
        self._origin = origin
        self._purpose_key = lru_cache(maxsize=64)(self._derive_purpose_key)
        self.fingerprint = fingerprint(root)
        self.materials = LocalMaterials(self.seal, self.unseal, os.urandom)

    def __repr__(self) -> str:
        return f"<Keeper {self._origin}>"

    def __reduce__(self) -> str:
        raise TypeError("a keeper does not leave its process")

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        """Encrypt `plaintext`; only the same purpose and identity open it again."""
        if len(plaintext) > _PLAINTEXT_LIMIT:
            raise KeeperError(f"a secret of {len(plaintext)} bytes is beyond {_PLAINTEXT_LIMIT}")
        random = os.urandom(_SALT_SIZE + _NONCE_SIZE)
        salt, nonce = random[:_SALT_SIZE], random[_SALT_SIZE:]
        cipher = self._cipher(purpose, salt)
        return _HEADER + random + cipher.encrypt(nonce, plaintext, _HEADER + identity)

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The plaintext of a sealed blob; raises `SealBrokenError`."""
        if len(blob) < _BODY + _TAG_SIZE or blob[: len(_HEADER)] != _HEADER:
            raise SealBrokenError(f"the sealed `{purpose}` is not in a form that this program knows")
        salt = blob[len(_HEADER) : len(_HEADER) + _SALT_SIZE]
        nonce = blob[len(_HEADER) + _SALT_SIZE : _BODY]
        try:
            return self._cipher(purpose, salt).decrypt(nonce, blob[_BODY:], _HEADER + identity)
        except InvalidTag:
            raise SealBrokenError(f"the sealed `{purpose}` was changed or belongs elsewhere") from None

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

    def _cipher(self, purpose: str, salt: bytes) -> AESGCM:
        return AESGCM(derive(self._purpose_key(purpose), b"masugata blob", salt))

    def _derive_purpose_key(self, purpose: str) -> bytes:
        return derive(self._root, b"masugata purpose", purpose.encode())


def fingerprint(root: bytes) -> str:
    """16 hexadecimal digits that tell one root key from another and nothing else."""
    return derive(root, b"masugata fingerprint", b"")[:8].hex()
