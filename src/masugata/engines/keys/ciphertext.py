"""What a ciphertext of a symmetric key looks like: it says itself which key and material decrypt it.

    format version (1)   algorithm (1)   key: kind (1) and id (16)   material id (32)
    derivation nonce (16)   initialization vector (12)   ciphertext   tag (16)

Neither account nor Region is in it, so that related multi-Region keys decrypt each other's ciphertexts.
"""

import re
from typing import Final, NamedTuple

VERSION: Final = 1
AES_256_GCM: Final = 1
EXTERNAL_AES_256_GCM: Final = 2
"""Encrypted once more, by the proxy of an external key store: see `external`."""
NONCE_SIZE: Final = 16
IV_SIZE: Final = 12
TAG_SIZE: Final = 16
HEADER_SIZE: Final = 2 + 17 + 32
OVERHEAD: Final = HEADER_SIZE + NONCE_SIZE + IV_SIZE + TAG_SIZE
"""Bytes that a ciphertext has more than its plaintext."""

_SINGLE_REGION: Final = 0
_MULTI_REGION: Final = 1
_MULTI_REGION_PREFIX: Final = "mrk-"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MULTI_REGION_ID: Final = re.compile(r"mrk-[0-9a-f]{32}")


class InvalidCiphertextError(ValueError):
    """A ciphertext is damaged, of another key or context, or none at all; which of them is not said."""


class Header(NamedTuple):
    """The key and the material that a ciphertext names."""

    key_id: str
    material_id: str


def header(key_id: str, material_id: str, algorithm: int = AES_256_GCM) -> bytes:
    """The first bytes of a ciphertext; raises ValueError for ids that are none."""
    if _MULTI_REGION_ID.fullmatch(key_id):
        kind, key = _MULTI_REGION, key_id.removeprefix(_MULTI_REGION_PREFIX)
    elif _UUID.fullmatch(key_id):
        kind, key = _SINGLE_REGION, key_id.replace("-", "")
    else:
        raise ValueError(f"`{key_id}` is not the id of a key")
    material = bytes.fromhex(material_id)
    if len(material) != 32:
        raise ValueError(f"`{material_id}` is not the id of key material")
    return bytes((VERSION, algorithm, kind)) + bytes.fromhex(key) + material


def check_form(ciphertext: bytes) -> None:
    """Raise `InvalidCiphertextError` unless this could be a ciphertext in the form that is written here."""
    if len(ciphertext) < OVERHEAD or ciphertext[0] != VERSION or ciphertext[1] != AES_256_GCM:
        raise InvalidCiphertextError


def header_of(ciphertext: bytes) -> Header:
    """What a ciphertext says of itself, authentic or not; raises `InvalidCiphertextError`."""
    if ciphertext[1:2] != bytes((EXTERNAL_AES_256_GCM,)):
        check_form(ciphertext)
    elif len(ciphertext) < OVERHEAD or ciphertext[0] != VERSION:
        raise InvalidCiphertextError
    digits = ciphertext[3:19].hex()
    material_id = ciphertext[19:HEADER_SIZE].hex()
    match ciphertext[2]:
        case 0:
            parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
            return Header("-".join(parts), material_id)
        case 1:
            return Header(_MULTI_REGION_PREFIX + digits, material_id)
        case _:
            raise InvalidCiphertextError
