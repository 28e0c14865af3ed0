"""Private keys: made, read, and written down.

A *secret* is what is stored of a key: 32 bytes of SYMMETRIC_DEFAULT, as many as its name says of HMAC, else
PKCS #8 in DER, unencrypted, in the one form that `generate` and `import_secret` give.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA65PrivateKey,
    MLDSA87PrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from masugata.engines.keys._encodings import is_pkcs8_of
from masugata.engines.keys.errors import InvalidKeyError, UnsupportedError
from masugata.engines.keys.macs import HMAC_KEY_SIZES
from masugata.engines.keys.specs import KEY_SPECS, SYMMETRIC_DEFAULT, UNSUPPORTED

MLDSAPrivateKey: TypeAlias = MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey
MLKEMPrivateKey: TypeAlias = MLKEM768PrivateKey | MLKEM1024PrivateKey
Handle: TypeAlias = (
    RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | MLDSAPrivateKey | MLKEMPrivateKey
)

PUBLIC_EXPONENT: Final = 65537
CURVES: Final = {
    "ECC_NIST_P256": SECP256R1(),
    "ECC_NIST_P384": SECP384R1(),
    "ECC_NIST_P521": SECP521R1(),
    "ECC_SECG_P256K1": SECP256K1(),
}
RSA_BITS: Final = {f"RSA_{bits}": bits for bits in (2048, 3072, 4096)}
_RAW_SIZES: Final = {SYMMETRIC_DEFAULT: 32, **HMAC_KEY_SIZES}
# What is made from a seed, and the seed's bytes.
_SEEDED: Final[dict[str, tuple[Callable[[bytes], Handle], int]]] = {
    "ECC_NIST_EDWARDS25519": (Ed25519PrivateKey.from_private_bytes, 32),
    "ML_DSA_44": (MLDSA44PrivateKey.from_seed_bytes, 32),
    "ML_DSA_65": (MLDSA65PrivateKey.from_seed_bytes, 32),
    "ML_DSA_87": (MLDSA87PrivateKey.from_seed_bytes, 32),
    "ML_KEM_768": (MLKEM768PrivateKey.from_seed_bytes, 64),
    "ML_KEM_1024": (MLKEM1024PrivateKey.from_seed_bytes, 64),
}
_TYPES: Final[dict[str, type[Handle]]] = {
    **dict.fromkeys(RSA_BITS, RSAPrivateKey),
    **dict.fromkeys(CURVES, EllipticCurvePrivateKey),
    "ECC_NIST_EDWARDS25519": Ed25519PrivateKey,
    "ML_DSA_44": MLDSA44PrivateKey,
    "ML_DSA_65": MLDSA65PrivateKey,
    "ML_DSA_87": MLDSA87PrivateKey,
    "ML_KEM_768": MLKEM768PrivateKey,
    "ML_KEM_1024": MLKEM1024PrivateKey,
}


class PrivateKey:
    """A private key that was read, and the spec that it is of; neither shown nor pickled."""

    __slots__ = ("handle", "spec")

    def __init__(self, spec: str, handle: Handle) -> None:
        self.spec = spec
        self.handle = handle

    def __repr__(self) -> str:
        return f"<PrivateKey {self.spec}>"

    def __reduce__(self) -> str:
        raise TypeError("a private key does not leave its process")


def generate(spec: str, random: Callable[[int], bytes]) -> bytes:
    """The secret of a new key of any spec. `random(n)` gives n bytes.

    For RSA, which takes up to seconds, and for curves other than Ed25519, `cryptography` draws its own
    randomness. Raises `UnsupportedError`.
    """
    if spec in _RAW_SIZES:
        return random(_RAW_SIZES[spec])
    if spec in RSA_BITS:
        return _written(generate_rsa(PUBLIC_EXPONENT, RSA_BITS[spec]))
    if spec in CURVES:
        return _written(generate_ec(CURVES[spec]))
    _check_spec(spec)
    make, size = _SEEDED[spec]
    return _written(make(random(size)))


def import_secret(spec: str, data: bytes) -> bytes:
    """The secret of a key that came from elsewhere, checked in full (RSA takes a tenth of a second).

    `data` is raw for SYMMETRIC_DEFAULT and HMAC, else PKCS #8 (DER, unencrypted). Raises `InvalidKeyError`
    for another length, curve, size or exponent than the spec's, and `UnsupportedError`.
    """
    if spec in _RAW_SIZES:
        if len(data) != _RAW_SIZES[spec]:
            raise InvalidKeyError(f"key material of `{spec}` has {_RAW_SIZES[spec]} bytes, not {len(data)}")
        return data
    key = _read(spec, data, checked=False)
    if isinstance(key, RSAPrivateKey) and key.public_key().public_numbers().e != PUBLIC_EXPONENT:
        raise InvalidKeyError(f"the public exponent of an RSA key is {PUBLIC_EXPONENT}")
    return _written(key)


def open_secret(spec: str, secret: bytes) -> PrivateKey:
    """The private key in a secret that `generate` or `import_secret` gave, and nobody has changed since.

    An RSA key is not checked again, which would cost a hundred signatures. Raises `InvalidKeyError`,
    `UnsupportedError`.
    """
    return PrivateKey(spec, _read(spec, secret, checked=True))


def public_key_of(key: PrivateKey) -> bytes:
    """The public half in DER, SubjectPublicKeyInfo."""
    return key.handle.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _read(spec: str, der: bytes, *, checked: bool) -> Handle:
    _check_spec(spec)
    if not is_pkcs8_of(spec, der):
        raise InvalidKeyError(f"this is not PKCS #8 in DER of a key of `{spec}`")
    try:
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=checked)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKeyError(f"this is not a valid private key of `{spec}`") from None
    if not isinstance(key, _TYPES[spec]):
        raise InvalidKeyError(f"this is not a private key of `{spec}`")
    if isinstance(key, RSAPrivateKey) and key.key_size != RSA_BITS[spec]:
        raise InvalidKeyError(f"a key of `{spec}` has {RSA_BITS[spec]} bits, not {key.key_size}")
    return key


def _written(key: Handle) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _check_spec(spec: str) -> None:
    if spec in UNSUPPORTED:
        raise UnsupportedError(f"`{spec}` is not supported here: {UNSUPPORTED[spec]}")
    if spec not in KEY_SPECS or not KEY_SPECS[spec].asymmetric:
        raise InvalidKeyError(f"a key of `{spec}` is no key pair")
