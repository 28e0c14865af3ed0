"""SigV4a's signatures: ECDSA over P-256 with SHA-256, in DER, as lower-case hexadecimal digits.

An ECDSA signature is not unique: signing twice gives two, and of (r, s) anybody can make (r, n - s),
which is as good; both halves of s are accepted, as signers produce both. Nothing rests on a
signature's being the only one: it is never an identity, and replays are bounded by time alone.
"""

import re
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

POINT_SIZE = 65  # an uncompressed point: 4, X, Y

_HEX = re.compile(r"(?:[0-9a-f]{2}){8,72}")  # DER of two numbers below 2^256 has at most 72 bytes
_CURVE = SECP256R1()
_SCHEME = ECDSA(SHA256())


def holds(public_key: bytes, to_sign: bytes, signature: str) -> bool:
    """Whether `signature` over `to_sign` was made with the private half of `public_key`."""
    if _HEX.fullmatch(signature) is None:
        return False
    try:
        _loaded(public_key).verify(bytes.fromhex(signature), to_sign, _SCHEME)
    except InvalidSignature:
        return False
    return True


# A key's first verification takes half as long again: OpenSSL prepares it.
@lru_cache(maxsize=1024)
def _loaded(public_key: bytes) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
