"""What is signed: a message, its digest, or (ML-DSA) the representative mu that was computed elsewhere.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple

from masugata.engines.keys.errors import InvalidMessageError

RAW: Final = "RAW"
DIGEST: Final = "DIGEST"
EXTERNAL_MU: Final = "EXTERNAL_MU"
MESSAGE_LIMIT: Final = 4096
"""Bytes of the longest message that is signed whole."""


class SigningAlgorithm(NamedTuple):
    """How a message comes to it: the name of its hash function, and the bytes of each type of message."""

    hash: str
    sizes: Mapping[str, int]


def _hashing(name: str, *types: str) -> SigningAlgorithm:
    sizes = {RAW: MESSAGE_LIMIT, DIGEST: hashlib.new(name).digest_size}
    return SigningAlgorithm(name, {each: sizes[each] for each in types})


SIGNING_ALGORITHMS: Final[Mapping[str, SigningAlgorithm]] = {
    **{
        f"{scheme}_SHA_{bits}": _hashing(f"sha{bits}", RAW, DIGEST)
        for scheme in ("RSASSA_PKCS1_V1_5", "RSASSA_PSS", "ECDSA")
        for bits in (256, 384, 512)
    },
    "ED25519_SHA_512": _hashing("sha512", RAW),
    "ED25519_PH_SHA_512": _hashing("sha512", DIGEST),
    "ML_DSA_SHAKE_256": SigningAlgorithm("", {RAW: MESSAGE_LIMIT, EXTERNAL_MU: 64}),
}


def check_message(algorithm: str, message: bytes, message_type: str) -> None:
    """Raise `InvalidMessageError` unless the algorithm signs such a message; the text is fit for a caller."""
    size = SIGNING_ALGORITHMS[algorithm].sizes.get(message_type)
    if size is None:
        raise InvalidMessageError(f"Message type {message_type} is not valid for algorithm {algorithm}.")
    if message_type == RAW:
        if len(message) > size:
            raise InvalidMessageError(f"A message is at most {size} bytes; sign the digest of a longer one.")
    elif len(message) != size:
        raise InvalidMessageError(f"Digest is invalid length for algorithm {algorithm}.")


def digest_of(algorithm: str, message: bytes, message_type: str) -> bytes:
    """The digest that RSA and ECDSA sign, of a message that `check_message` let pass."""
    if message_type == DIGEST:
        return message
    return hashlib.new(SIGNING_ALGORITHMS[algorithm].hash, message).digest()
