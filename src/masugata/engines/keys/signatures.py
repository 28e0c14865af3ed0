"""Signing and verifying: RSASSA-PKCS1-v1_5, RSASSA-PSS, ECDSA, Ed25519 and ML-DSA.

Sources: RFC 8017, FIPS 186-5, RFC 8032, FIPS 204. `cryptography` draws the randomness
of PSS, ECDSA and ML-DSA.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
    MLDSA87PrivateKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from masugata.engines.keys.errors import InvalidInputError, InvalidSignatureError
from masugata.engines.keys.messages import DIGEST, EXTERNAL_MU, SIGNING_ALGORITHMS, check_message, digest_of
from masugata.engines.keys.private_keys import PrivateKey
from masugata.engines.keys.public_keys import PublicKey, read_public_key
from masugata.engines.keys.specs import SIGN_VERIFY, check_algorithm

_HASHES: Final = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
_PREHASHED: Final = {name: Prehashed(function) for name, function in _HASHES.items()}
_ECDSA: Final = {name: ECDSA(prehashed) for name, prehashed in _PREHASHED.items()}
_PSS: Final = {name: PSS(MGF1(function), function.digest_size) for name, function in _HASHES.items()}
_PKCS1: Final = PKCS1v15()


def sign(key: PrivateKey, algorithm: str, message: bytes, message_type: str) -> bytes:
    """A signature; ECDSA's is DER, PSS's salt is as long as the hash.

    Raises `InvalidMessageError` (see `check_message`), `UnsupportedError`, and `InvalidInputError` for an
    algorithm that is not of this key.
    """
    check_algorithm(key.spec, SIGN_VERIFY, algorithm)
    check_message(algorithm, message, message_type)
    name = SIGNING_ALGORITHMS[algorithm].hash
    match key.handle:
        case RSAPrivateKey() as handle:
            digest = digest_of(algorithm, message, message_type)
            return handle.sign(digest, _padding(algorithm, name), _PREHASHED[name])
        case EllipticCurvePrivateKey() as handle:
            return handle.sign(digest_of(algorithm, message, message_type), _ECDSA[name])
        case Ed25519PrivateKey() as handle:
            return _sign_ed25519(handle, message, message_type)
        case (MLDSA44PrivateKey() | MLDSA65PrivateKey() | MLDSA87PrivateKey()) as handle:
            return handle.sign_mu(message) if message_type == EXTERNAL_MU else handle.sign(message)
    raise InvalidInputError(f"a key of `{key.spec}` does not sign")


def verify(
    spec: str, public_key: bytes, algorithm: str, message: bytes, message_type: str, signature: bytes
) -> None:
    """Raise `InvalidSignatureError` unless the signature is by the private half of this key (DER).

    Raises as `sign` does, and `InvalidKeyError`.
    """
    check_algorithm(spec, SIGN_VERIFY, algorithm)
    check_message(algorithm, message, message_type)
    try:
        _verify(read_public_key(spec, public_key), algorithm, message, message_type, signature)
    except InvalidSignature:
        raise InvalidSignatureError from None


def _verify(key: PublicKey, algorithm: str, message: bytes, message_type: str, signature: bytes) -> None:
    name = SIGNING_ALGORITHMS[algorithm].hash
    match key:
        case RSAPublicKey():
            digest = digest_of(algorithm, message, message_type)
            key.verify(signature, digest, _padding(algorithm, name), _PREHASHED[name])
        case EllipticCurvePublicKey():
            key.verify(signature, digest_of(algorithm, message, message_type), _ECDSA[name])
        case Ed25519PublicKey():
            _verify_ed25519(key, message, message_type, signature)
        case MLDSA44PublicKey() | MLDSA65PublicKey() | MLDSA87PublicKey():
            verify = key.verify_mu if message_type == EXTERNAL_MU else key.verify
            verify(signature, message)
        case _:
            raise InvalidSignature


# Loading libsodium takes as long as a thousand signatures, and hardly anybody signs with it: it is imported
# where it is used.
def _sign_ed25519(key: Ed25519PrivateKey, message: bytes, message_type: str) -> bytes:
    if message_type != DIGEST:
        return key.sign(message)
    from masugata.engines.keys.ed25519ph import sign_digest  # noqa: PLC0415

    return sign_digest(key.private_bytes_raw(), message)


def _verify_ed25519(key: Ed25519PublicKey, message: bytes, message_type: str, signature: bytes) -> None:
    if message_type != DIGEST:
        return key.verify(signature, message)
    from masugata.engines.keys.ed25519ph import verify_digest  # noqa: PLC0415

    return verify_digest(key.public_bytes_raw(), message, signature)


def _padding(algorithm: str, name: str) -> PSS | PKCS1v15:
    return _PSS[name] if algorithm.startswith("RSASSA_PSS") else _PKCS1
