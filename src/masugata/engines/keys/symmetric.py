"""Encryption with SYMMETRIC_DEFAULT: AES-256-GCM under a key that is derived for each ciphertext.

With random initialization vectors one AES-GCM key is good for 2^32 messages; a key of its own for each
lifts the bound. Source: https://docs.aws.amazon.com/kms/latest/cryptographic-details/encrypt-operation.html
"""

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masugata.engines.keys.ciphertext import (
    HEADER_SIZE,
    IV_SIZE,
    NONCE_SIZE,
    InvalidCiphertextError,
    check_form,
    header,
)
from masugata.engines.keys.derivation import derive

RANDOM_SIZE: Final = NONCE_SIZE + IV_SIZE
"""Random bytes that one encryption takes."""

_LABEL: Final = b"masugata kms data"
_BODY: Final = HEADER_SIZE + RANDOM_SIZE
# A key encrypts again and again under the same ids.
_header = lru_cache(maxsize=1024)(header)


def encrypt(
    material: bytes, key_id: str, material_id: str, plaintext: bytes, context: bytes, *, random: bytes
) -> bytes:
    """The ciphertext of `plaintext` under 32 bytes of `material`; see `ciphertext` for its form.

    `context` is authenticated with it: see `canonical_context`. `random` are `RANDOM_SIZE` bytes that were
    never used before. Raises ValueError for ids that are none.
    """
    if len(random) != RANDOM_SIZE:
        raise ValueError(f"an encryption takes {RANDOM_SIZE} random bytes")
    head = _header(key_id, material_id) + random
    cipher = AESGCM(derive(material, _LABEL, random[:NONCE_SIZE]))
    return head + cipher.encrypt(random[NONCE_SIZE:], plaintext, head + context)


def decrypt(material: bytes, ciphertext: bytes, context: bytes) -> bytes:
    """The plaintext; raises `InvalidCiphertextError` unless material and context are those of `encrypt`."""
    check_form(ciphertext)
    head = ciphertext[:_BODY]
    cipher = AESGCM(derive(material, _LABEL, head[HEADER_SIZE : HEADER_SIZE + NONCE_SIZE]))
    try:
        return cipher.decrypt(head[HEADER_SIZE + NONCE_SIZE :], ciphertext[_BODY:], head + context)
    except InvalidTag:
        raise InvalidCiphertextError from None
