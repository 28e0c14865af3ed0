"""Cryptography with keys as AWS KMS defines it: bytes in, bytes out; whoever calls holds the key material.

>>> from masugata.engines.keys import canonical_context, decrypt, encrypt
>>> material, key_id, material_id = bytes(32), "mrk-" + "0" * 32, "0" * 64
>>> context = canonical_context({"shop": "tokyo"})
>>> blob = encrypt(material, key_id, material_id, b"espresso", context, random=bytes(range(28)))
>>> decrypt(material, blob, context)
b'espresso'
"""

from masugata.engines.keys.ciphertext import Header, InvalidCiphertextError, header_of
from masugata.engines.keys.derivation import derive
from masugata.engines.keys.encryption_context import canonical_context
from masugata.engines.keys.specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec
from masugata.engines.keys.symmetric import RANDOM_SIZE, decrypt, encrypt

__all__ = [
    "KEY_SPECS",
    "RANDOM_SIZE",
    "SYMMETRIC_DEFAULT",
    "Header",
    "InvalidCiphertextError",
    "KeySpec",
    "canonical_context",
    "decrypt",
    "derive",
    "encrypt",
    "header_of",
]
