"""SigV4a's key pair, derived from a secret access key.

The private key is the output of the KDF in counter mode of NIST SP 800-108 with HMAC-SHA256, taken
again under another counter until it is in range, which the first nearly always is. Source: IAM User
Guide, "AWS SigV4 for API requests", and AWS's published vectors.
"""

import hmac

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.keeper.errors import KeeperError

_LABEL = b"AWS4-ECDSA-P256-SHA256"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
_LAST_COUNTER = 254
_CURVE = SECP256R1()


def public_key(secret: bytes, access_key_id: bytes) -> bytes:
    """The public key of a secret access key: an uncompressed point on P-256 (65 bytes)."""
    private = derive_private_key(_private_value(secret, access_key_id), _CURVE)
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _private_value(secret: bytes, access_key_id: bytes) -> int:
    for counter in range(1, _LAST_COUNTER + 1):
        context = access_key_id + bytes((counter,))
        message = b"\x00\x00\x00\x01" + _LABEL + b"\x00" + context + b"\x00\x00\x01\x00"
        candidate = int.from_bytes(hmac.digest(b"AWS4A" + secret, message, "sha256"), "big")
        if candidate <= _ORDER - 2:
            return candidate + 1
    raise KeeperError("no SigV4a key can be derived from the secret")  # 2^-32 for each of 254 counters
