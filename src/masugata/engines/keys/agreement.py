"""ECDH on the NIST curves: the x-coordinate of the shared point, as it is.

Source: NIST SP 800-56A, section 5.7.1.2; https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
"""

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)

from masugata.engines.keys.errors import InvalidInputError
from masugata.engines.keys.private_keys import PrivateKey
from masugata.engines.keys.public_keys import read_public_key
from masugata.engines.keys.specs import KEY_AGREEMENT, check_algorithm


def derive_shared_secret(key: PrivateKey, public_key: bytes) -> bytes:
    """The secret shared with the holder of somebody's public key (DER, SubjectPublicKeyInfo).

    Raises `InvalidKeyError` for what is no point of the very same curve, and `InvalidInputError`.
    """
    check_algorithm(key.spec, KEY_AGREEMENT, "ECDH")
    peer = read_public_key(key.spec, public_key)
    if not isinstance(key.handle, EllipticCurvePrivateKey) or not isinstance(peer, EllipticCurvePublicKey):
        raise InvalidInputError(f"a key of `{key.spec}` does not agree on secrets")
    return key.handle.exchange(ECDH(), peer)
