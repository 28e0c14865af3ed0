"""Key material that comes from elsewhere, wrapped for the way.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html,
RFC 5649 (AES key wrap with padding).
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding

from masugata.engines.keys.ciphertext import InvalidCiphertextError
from masugata.engines.keys.errors import InvalidInputError
from masugata.engines.keys.key_transport import decrypt_with_private_key
from masugata.engines.keys.private_keys import RSA_BITS, PrivateKey

WRAPPING_SPECS: Final = tuple(RSA_BITS)
_ALGORITHMS: Final = (
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
)

_AES_PREFIX: Final = "RSA_AES_KEY_WRAP_"
_AES_KEY_SIZE: Final = 32


def unwrap(key: PrivateKey, algorithm: str, wrapped: bytes) -> bytes:
    """What was wrapped under the public half of an RSA key.

    RSA_AES_KEY_WRAP is an AES-256 key by RSAES-OAEP, and behind it what that key wraps. Raises
    `InvalidCiphertextError`, and `InvalidInputError` for another algorithm or key.
    """
    if algorithm not in _ALGORITHMS or not isinstance(key.handle, RSAPrivateKey):
        raise InvalidInputError(f"a key of `{key.spec}` does not unwrap by `{algorithm}`")
    if not algorithm.startswith(_AES_PREFIX):
        return decrypt_with_private_key(key, algorithm, wrapped)
    size = key.handle.key_size // 8
    oaep = "RSAES_OAEP_" + algorithm.removeprefix(_AES_PREFIX)
    aes_key = decrypt_with_private_key(key, oaep, wrapped[:size])
    if len(aes_key) != _AES_KEY_SIZE:
        raise InvalidCiphertextError
    return unwrap_with_aes(aes_key, wrapped[size:])


def unwrap_with_aes(aes_key: bytes, wrapped: bytes) -> bytes:
    """What an AES key wraps by AES-KWP; raises `InvalidCiphertextError`."""
    try:
        return aes_key_unwrap_with_padding(aes_key, wrapped)
    except (InvalidUnwrap, ValueError):
        raise InvalidCiphertextError from None
