"""What keys there are: how they are made, what they are for, and by which algorithms.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from masugata.engines.keys.errors import InvalidInputError, UnsupportedError

SYMMETRIC_DEFAULT: Final = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"
SIGN_VERIFY: Final = "SIGN_VERIFY"
GENERATE_VERIFY_MAC: Final = "GENERATE_VERIFY_MAC"
KEY_AGREEMENT: Final = "KEY_AGREEMENT"
ENCAPSULATE_DECAPSULATE: Final = "ENCAPSULATE_DECAPSULATE"


class KeySpec(NamedTuple):
    """One KeySpec and the algorithms that it has for each usage."""

    name: str
    algorithms: Mapping[str, tuple[str, ...]]

    @property
    def usages(self) -> tuple[str, ...]:
        """What a key of this spec can be for; it is for one of them."""
        return tuple(self.algorithms)

    @property
    def asymmetric(self) -> bool:
        """Whether the key has a public half."""
        return self.name != SYMMETRIC_DEFAULT and not self.name.startswith("HMAC_")


_RSA: Final[Mapping[str, tuple[str, ...]]] = {
    ENCRYPT_DECRYPT: ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    SIGN_VERIFY: (
        "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
        "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
    ),
}  # fmt: skip
_ML_DSA: Final[Mapping[str, tuple[str, ...]]] = {SIGN_VERIFY: ("ML_DSA_SHAKE_256",)}
_ML_KEM: Final[Mapping[str, tuple[str, ...]]] = {ENCAPSULATE_DECAPSULATE: ("ML_KEM",)}


def _ecc(algorithm: str) -> Mapping[str, tuple[str, ...]]:
    return {SIGN_VERIFY: (algorithm,), KEY_AGREEMENT: ("ECDH",)}


KEY_SPECS: Final[Mapping[str, KeySpec]] = {
    name: KeySpec(name, algorithms)
    for name, algorithms in (
        (SYMMETRIC_DEFAULT, {ENCRYPT_DECRYPT: (SYMMETRIC_DEFAULT,)}),
        *((f"RSA_{bits}", _RSA) for bits in (2048, 3072, 4096)),
        ("ECC_NIST_P256", _ecc("ECDSA_SHA_256")),
        ("ECC_NIST_P384", _ecc("ECDSA_SHA_384")),
        ("ECC_NIST_P521", _ecc("ECDSA_SHA_512")),
        ("ECC_SECG_P256K1", {SIGN_VERIFY: ("ECDSA_SHA_256",)}),
        ("ECC_NIST_EDWARDS25519", {SIGN_VERIFY: ("ED25519_SHA_512", "ED25519_PH_SHA_512")}),
        *((f"HMAC_{bits}", {GENERATE_VERIFY_MAC: (f"HMAC_SHA_{bits}",)}) for bits in (224, 256, 384, 512)),
        *((f"ML_DSA_{level}", _ML_DSA) for level in (44, 65, 87)),
        *((f"ML_KEM_{level}", _ML_KEM) for level in (512, 768, 1024)),
    )
}
"""Every KeySpec outside China, by name."""

UNSUPPORTED: Final[Mapping[str, str]] = {
    "ML_KEM_512": "no library that is kept, reviewed and in constant time has it",
}
"""The specs and algorithms above that are not built, and why."""


def check_algorithm(spec: str, usage: str, algorithm: str) -> None:
    """Raise `UnsupportedError` for what is not built, `InvalidInputError` for what no such key can do."""
    for name in (spec, algorithm):
        if name in UNSUPPORTED:
            raise UnsupportedError(f"`{name}` is not supported here: {UNSUPPORTED[name]}")
    if spec not in KEY_SPECS or algorithm not in KEY_SPECS[spec].algorithms.get(usage, ()):
        raise InvalidInputError(f"a key of `{spec}` has no `{algorithm}` for {usage}")
