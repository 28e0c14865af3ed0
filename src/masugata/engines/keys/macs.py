"""HMAC with keys of the length of their hash function's output.

Source: RFC 2104; https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html
"""

import hmac
from collections.abc import Mapping
from typing import Final

from masugata.engines.keys.errors import InvalidInputError, InvalidMessageError
from masugata.engines.keys.messages import MESSAGE_LIMIT

HMAC_KEY_SIZES: Final[Mapping[str, int]] = {f"HMAC_{bits}": bits // 8 for bits in (224, 256, 384, 512)}
"""Bytes of a key, and of a MAC, by key spec."""


def generate_mac(spec: str, secret: bytes, message: bytes) -> bytes:
    """The MAC of a message; raises `InvalidInputError` for what is no HMAC key, or too long a message."""
    if spec not in HMAC_KEY_SIZES:
        raise InvalidInputError(f"a key of `{spec}` makes no MACs")
    if len(message) > MESSAGE_LIMIT:
        raise InvalidMessageError(f"A message is at most {MESSAGE_LIMIT} bytes.")
    return hmac.digest(secret, message, f"sha{spec.removeprefix('HMAC_')}")


def verify_mac(spec: str, secret: bytes, message: bytes, mac: bytes) -> bool:
    """Whether `mac` is that of the message, whole, in constant time."""
    return hmac.compare_digest(generate_mac(spec, secret, message), mac)
