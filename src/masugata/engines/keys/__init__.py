"""Cryptography with keys as AWS KMS defines it: bytes in, bytes out; whoever calls holds the key material.

>>> from masugata.engines.keys import canonical_context, decrypt, encrypt
>>> material, key_id, material_id = bytes(32), "mrk-" + "0" * 32, "0" * 64
>>> context = canonical_context({"shop": "tokyo"})
>>> blob = encrypt(material, key_id, material_id, b"espresso", context, random=bytes(range(28)))
>>> decrypt(material, blob, context)
b'espresso'

What needs a public key alone takes it in DER, and needs nobody who holds the private one:

>>> import os
>>> from masugata.engines import keys
>>> key = keys.open_secret("ECC_NIST_P256", keys.generate("ECC_NIST_P256", os.urandom))
>>> signature = keys.sign(key, "ECDSA_SHA_256", b"espresso", "RAW")
>>> public_key = keys.public_key_of(key)
>>> keys.verify("ECC_NIST_P256", public_key, "ECDSA_SHA_256", b"espresso", "RAW", signature)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from masugata.engines.keys.ciphertext import Header, InvalidCiphertextError, header_of
from masugata.engines.keys.derivation import derive
from masugata.engines.keys.encryption_context import canonical_context
from masugata.engines.keys.errors import (
    InvalidInputError,
    InvalidKeyError,
    InvalidMessageError,
    InvalidSignatureError,
    UnsupportedError,
)
from masugata.engines.keys.external import (
    IV_SIZES,
    METADATA_LIMIT,
    ExternalCiphertext,
    binding,
    external_ciphertext,
    external_parts,
    is_external,
)
from masugata.engines.keys.macs import generate_mac, verify_mac
from masugata.engines.keys.messages import check_message
from masugata.engines.keys.specs import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    KEY_AGREEMENT,
    KEY_SPECS,
    SIGN_VERIFY,
    SYMMETRIC_DEFAULT,
    UNSUPPORTED,
    KeySpec,
    check_algorithm,
)
from masugata.engines.keys.symmetric import RANDOM_SIZE, decrypt, encrypt

if TYPE_CHECKING:
    from masugata.engines.keys.agreement import derive_shared_secret
    from masugata.engines.keys.encapsulation import Encapsulation, decapsulate, encapsulate
    from masugata.engines.keys.key_transport import decrypt_with_private_key, encrypt_with_public_key
    from masugata.engines.keys.private_keys import (
        PrivateKey,
        generate,
        import_secret,
        open_secret,
        public_key_of,
    )
    from masugata.engines.keys.signatures import sign, verify
    from masugata.engines.keys.wrapping import WRAPPING_SPECS, unwrap

__all__ = [
    "ENCAPSULATE_DECAPSULATE",
    "ENCRYPT_DECRYPT",
    "IV_SIZES",
    "KEY_AGREEMENT",
    "KEY_SPECS",
    "METADATA_LIMIT",
    "RANDOM_SIZE",
    "SIGN_VERIFY",
    "SYMMETRIC_DEFAULT",
    "UNSUPPORTED",
    "WRAPPING_SPECS",
    "Encapsulation",
    "ExternalCiphertext",
    "Header",
    "InvalidCiphertextError",
    "InvalidInputError",
    "InvalidKeyError",
    "InvalidMessageError",
    "InvalidSignatureError",
    "KeySpec",
    "PrivateKey",
    "UnsupportedError",
    "binding",
    "canonical_context",
    "check_algorithm",
    "check_message",
    "decapsulate",
    "decrypt",
    "decrypt_with_private_key",
    "derive",
    "derive_shared_secret",
    "encapsulate",
    "encrypt",
    "encrypt_with_public_key",
    "external_ciphertext",
    "external_parts",
    "generate",
    "generate_mac",
    "header_of",
    "import_secret",
    "is_external",
    "open_secret",
    "public_key_of",
    "sign",
    "unwrap",
    "verify",
    "verify_mac",
]

# Loading these is a twentieth of the time to start, and many a server has no key pair: who writes
# `keys.verify` loads them when it comes to that.
_LATER = {
    "agreement": ("derive_shared_secret",),
    "encapsulation": ("Encapsulation", "decapsulate", "encapsulate"),
    "key_transport": ("decrypt_with_private_key", "encrypt_with_public_key"),
    "private_keys": ("PrivateKey", "generate", "import_secret", "open_secret", "public_key_of"),
    "signatures": ("sign", "verify"),
    "wrapping": ("WRAPPING_SPECS", "unwrap"),
}
_MODULES = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
