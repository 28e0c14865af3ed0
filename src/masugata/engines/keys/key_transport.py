"""Encryption with RSA: RSAES-OAEP, MGF1 with the same hash function, no label.

Source: RFC 8017, section 7.1. `cryptography` draws the randomness.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from masugata.engines.keys.ciphertext import InvalidCiphertextError
from masugata.engines.keys.errors import InvalidInputError
from masugata.engines.keys.private_keys import RSA_BITS, PrivateKey
from masugata.engines.keys.public_keys import read_public_key
from masugata.engines.keys.specs import ENCRYPT_DECRYPT, check_algorithm

_SHA1: Final = SHA1()  # noqa: S303  # AWS's algorithm; OAEP needs no hash without collisions
_SHA256: Final = SHA256()
_PADDINGS: Final = {
    "RSAES_OAEP_SHA_1": (OAEP(MGF1(_SHA1), _SHA1, None), _SHA1.digest_size),
    "RSAES_OAEP_SHA_256": (OAEP(MGF1(_SHA256), _SHA256, None), _SHA256.digest_size),
}


def encrypt_with_public_key(spec: str, public_key: bytes, algorithm: str, plaintext: bytes) -> bytes:
    """A ciphertext for whoever has the private half of this key (DER).

    Raises `InvalidInputError` for a plaintext longer than key and algorithm allow, and `InvalidKeyError`.
    """
    check_algorithm(spec, ENCRYPT_DECRYPT, algorithm)
    padding, hash_size = _PADDINGS[algorithm]
    longest = RSA_BITS[spec] // 8 - 2 * hash_size - 2
    if len(plaintext) > longest:
        raise InvalidInputError(
            f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes."
        )
    key = read_public_key(spec, public_key)
    if not isinstance(key, RSAPublicKey):
        raise InvalidInputError(f"a key of `{spec}` does not encrypt")
    return key.encrypt(plaintext, padding)


def decrypt_with_private_key(key: PrivateKey, algorithm: str, ciphertext: bytes) -> bytes:
    """The plaintext; raises `InvalidCiphertextError`, `InvalidInputError` for another key's algorithm."""
    check_algorithm(key.spec, ENCRYPT_DECRYPT, algorithm)
    if not isinstance(key.handle, RSAPrivateKey):
        raise InvalidInputError(f"a key of `{key.spec}` does not decrypt")
    try:
        return key.handle.decrypt(ciphertext, _PADDINGS[algorithm][0])
    except ValueError:
        raise InvalidCiphertextError from None
