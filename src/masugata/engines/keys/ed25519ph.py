"""Ed25519ph: a signature of a SHA-512 digest that was computed elsewhere.

Source: RFC 8032, section 5.1, with the empty context. `cryptography` has no Ed25519ph, and libsodium hashes
the message itself; these are the RFC's steps in libsodium's scalars and points, which take the same time for
every secret.
"""

import hashlib
import hmac
from typing import Final

from cryptography.exceptions import InvalidSignature
from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)
from nacl.exceptions import CryptoError

_DOM2: Final = b"SigEd25519 no Ed25519 collisions" + b"\x01\x00"


def sign_digest(seed: bytes, digest: bytes) -> bytes:
    """The 64 bytes of a signature by the private key of this seed (32 bytes) of a digest (64 bytes)."""
    hashed = hashlib.sha512(seed).digest()
    secret = bytearray(hashed[:32])
    secret[0] &= 0xF8
    secret[31] = secret[31] & 0x7F | 0x40
    scalar = crypto_core_ed25519_scalar_reduce(bytes(secret) + bytes(32))
    nonce = _scalar(hashed[32:], digest)
    point = crypto_scalarmult_ed25519_base_noclamp(nonce)
    challenge = _scalar(point, crypto_scalarmult_ed25519_base_noclamp(scalar), digest)
    return point + crypto_core_ed25519_scalar_add(crypto_core_ed25519_scalar_mul(challenge, scalar), nonce)


def verify_digest(public_key: bytes, digest: bytes, signature: bytes) -> None:
    """Raise InvalidSignature unless it is by the holder of this key (32 bytes), in its one form."""
    point, response = signature[:32], signature[32:]
    if len(signature) != 64 or crypto_core_ed25519_scalar_reduce(response + bytes(32)) != response:
        raise InvalidSignature
    try:
        if not crypto_core_ed25519_is_valid_point(public_key):
            raise InvalidSignature
        challenge = _scalar(point, public_key, digest)
        expected = crypto_core_ed25519_sub(
            crypto_scalarmult_ed25519_base_noclamp(response),
            crypto_scalarmult_ed25519_noclamp(challenge, public_key),
        )
    except CryptoError:
        raise InvalidSignature from None
    if not hmac.compare_digest(expected, point):
        raise InvalidSignature


def _scalar(*parts: bytes) -> bytes:
    """The hash of RFC 8032 as a number below the group's order."""
    return crypto_core_ed25519_scalar_reduce(hashlib.sha512(_DOM2 + b"".join(parts)).digest())
