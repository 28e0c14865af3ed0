"""Public keys from SubjectPublicKeyInfo, in the one form that a key of that spec has."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey, MLKEM1024PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from masugata.engines.keys._encodings import IDENTIFIERS, PUBLIC_SIZES, public_bytes_of
from masugata.engines.keys.errors import InvalidKeyError
from masugata.engines.keys.private_keys import CURVES, RSA_BITS

MLDSAPublicKey: TypeAlias = MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey
MLKEMPublicKey: TypeAlias = MLKEM768PublicKey | MLKEM1024PublicKey
PublicKey: TypeAlias = (
    RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | MLDSAPublicKey | MLKEMPublicKey
)

_UNCOMPRESSED: Final = 4
_READERS: Final[dict[str, Callable[[bytes], PublicKey]]] = {
    "ECC_NIST_EDWARDS25519": Ed25519PublicKey.from_public_bytes,
    "ML_DSA_44": MLDSA44PublicKey.from_public_bytes,
    "ML_DSA_65": MLDSA65PublicKey.from_public_bytes,
    "ML_DSA_87": MLDSA87PublicKey.from_public_bytes,
    "ML_KEM_768": MLKEM768PublicKey.from_public_bytes,
    "ML_KEM_1024": MLKEM1024PublicKey.from_public_bytes,
}


@lru_cache(maxsize=1024)
def read_public_key(spec: str, der: bytes) -> PublicKey:
    """The public key of this spec in DER, SubjectPublicKeyInfo.

    Raises `InvalidKeyError` for another curve or size, explicit curve parameters, compressed points, points
    that are not on the curve, and bytes too many.
    """
    try:
        key = _rsa(spec, der) if spec in RSA_BITS else _of_fixed_size(spec, der)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if key is None:
        raise InvalidKeyError(f"this is not a public key of `{spec}` in DER, SubjectPublicKeyInfo") from None
    return key


def _of_fixed_size(spec: str, der: bytes) -> PublicKey | None:
    raw = public_bytes_of(spec, der) if spec in PUBLIC_SIZES else None
    if raw is None:
        return None
    if spec not in CURVES:
        return _READERS[spec](raw)
    if raw[0] != _UNCOMPRESSED:
        return None
    return EllipticCurvePublicKey.from_encoded_point(CURVES[spec], raw)


def _rsa(spec: str, der: bytes) -> PublicKey | None:
    if IDENTIFIERS[spec] not in der[:32]:
        return None
    key = load_der_public_key(der)
    if not isinstance(key, RSAPublicKey) or key.key_size != RSA_BITS[spec]:
        return None
    canonical = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der
    return key if canonical else None
