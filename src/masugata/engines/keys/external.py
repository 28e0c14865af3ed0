"""What a ciphertext of a key in an external key store looks like: it is encrypted twice.

    format version (1)   algorithm (1)   key: kind (1) and id (16)   material id (32)
    size (1) and initialization vector   tag (16)   size (1) and metadata   ciphertext of the proxy

What the proxy encrypted is a ciphertext in the form of `ciphertext`. Both are bound to the same 32 bytes: the
digest of the first 51 bytes and the encryption context. So neither opens without the other, the inner one
is no ciphertext of the key by itself, and the proxy learns nothing of the context.
"""

import hashlib
from typing import Final, NamedTuple

from masugata.engines.keys.ciphertext import (
    EXTERNAL_AES_256_GCM,
    HEADER_SIZE,
    OVERHEAD,
    TAG_SIZE,
    InvalidCiphertextError,
    header,
)

IV_SIZES: Final = (12, 16)
METADATA_LIMIT: Final = 20
_LABEL: Final = b"masugata external key store\0"


class ExternalCiphertext(NamedTuple):
    """What a proxy answers to an encryption, and needs to decrypt again."""

    ciphertext: bytes
    initialization_vector: bytes
    tag: bytes
    metadata: bytes


def binding(key_id: str, material_id: str, context: bytes) -> bytes:
    """The 32 bytes that both encryptions authenticate; `context` is `canonical_context` of one.

    Raises ValueError for ids that are none.
    """
    head = header(key_id, material_id, EXTERNAL_AES_256_GCM)
    return hashlib.sha256(_LABEL + head + context).digest()


def external_ciphertext(key_id: str, material_id: str, parts: ExternalCiphertext) -> bytes:
    """The ciphertext as one text; raises ValueError for parts that have no such sizes."""
    right = (
        len(parts.initialization_vector) in IV_SIZES
        and len(parts.tag) == TAG_SIZE
        and len(parts.metadata) <= METADATA_LIMIT
        and len(parts.ciphertext) >= OVERHEAD
    )
    if not right:
        raise ValueError("no proxy answers like this")
    return b"".join(
        (
            header(key_id, material_id, EXTERNAL_AES_256_GCM),
            bytes((len(parts.initialization_vector),)),
            parts.initialization_vector,
            parts.tag,
            bytes((len(parts.metadata),)),
            parts.metadata,
            parts.ciphertext,
        )
    )


def external_parts(ciphertext: bytes) -> ExternalCiphertext:
    """The parts of what `external_ciphertext` gave; raises `InvalidCiphertextError`."""
    if not is_external(ciphertext):
        raise InvalidCiphertextError
    vector, rest = _sized(ciphertext[HEADER_SIZE:])
    tag, rest = rest[:TAG_SIZE], rest[TAG_SIZE:]
    metadata, body = _sized(rest)
    if len(vector) not in IV_SIZES or len(metadata) > METADATA_LIMIT or len(body) < OVERHEAD:
        raise InvalidCiphertextError
    return ExternalCiphertext(body, vector, tag, metadata)


def is_external(ciphertext: bytes) -> bool:
    """Whether a ciphertext says that it was encrypted twice."""
    return ciphertext[1:2] == bytes((EXTERNAL_AES_256_GCM,))


def _sized(data: bytes) -> tuple[bytes, bytes]:
    """What a first byte says the size of, and the rest; of too little there is less."""
    end = 1 + int.from_bytes(data[:1], "big")
    return data[1:end], data[end:]
