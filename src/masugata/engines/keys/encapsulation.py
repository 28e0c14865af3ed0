"""ML-KEM: a shared secret of 32 bytes, and the ciphertext that gives it to the holder of the private key.

Source: FIPS 203. `cryptography` draws the randomness.
"""

from typing import NamedTuple

from masugata.engines.keys.ciphertext import InvalidCiphertextError
from masugata.engines.keys.errors import InvalidInputError
from masugata.engines.keys.private_keys import MLKEMPrivateKey, PrivateKey
from masugata.engines.keys.public_keys import MLKEMPublicKey, read_public_key
from masugata.engines.keys.specs import ENCAPSULATE_DECAPSULATE, check_algorithm


class Encapsulation(NamedTuple):
    """A shared secret and its ciphertext."""

    shared_secret: bytes
    ciphertext: bytes

    def __repr__(self) -> str:
        return "<Encapsulation>"


def encapsulate(spec: str, public_key: bytes) -> Encapsulation:
    """A new secret for the holder of the private half of this key (DER).

    Raises `InvalidKeyError`, `UnsupportedError`, and `InvalidInputError` for a spec that does none.
    """
    check_algorithm(spec, ENCAPSULATE_DECAPSULATE, "ML_KEM")
    key = read_public_key(spec, public_key)
    if not isinstance(key, MLKEMPublicKey):
        raise InvalidInputError(f"a key of `{spec}` does not encapsulate")
    return Encapsulation(*key.encapsulate())


def decapsulate(key: PrivateKey, ciphertext: bytes) -> bytes:
    """The secret that a ciphertext gives.

    One that was not made for this key gives 32 bytes that nobody knows, as FIPS 203 wants it. Raises
    `InvalidCiphertextError` for another length, and `InvalidInputError`.
    """
    check_algorithm(key.spec, ENCAPSULATE_DECAPSULATE, "ML_KEM")
    if not isinstance(key.handle, MLKEMPrivateKey):
        raise InvalidInputError(f"a key of `{key.spec}` does not decapsulate")
    try:
        return key.handle.decapsulate(ciphertext)
    except ValueError:
        raise InvalidCiphertextError from None
