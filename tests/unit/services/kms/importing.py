"""Making key material elsewhere, and wrapping it as whoever imports it does."""

import os
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

FOR_EVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
NEW = {"ImportType": "NEW_KEY_MATERIAL"}
AGAIN = {"ImportType": "EXISTING_KEY_MATERIAL"}
OAEP = "RSAES_OAEP_SHA_256"


def wrapped(public_key: bytes, secret: bytes, algorithm: str = OAEP) -> bytes:
    """A secret under a wrapping key, by one of KMS's wrapping algorithms."""
    key = serialization.load_der_public_key(public_key)
    assert isinstance(key, rsa.RSAPublicKey)
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()  # noqa: S303  # KMS has it
    oaep = padding.OAEP(padding.MGF1(digest), digest, None)
    if algorithm.startswith("RSAES_OAEP"):
        return key.encrypt(secret, oaep)
    aes = os.urandom(32)
    return key.encrypt(aes, oaep) + aes_key_wrap_with_padding(aes, secret)


def parameters(kms: Any, key: str, algorithm: str = OAEP, spec: str = "RSA_2048") -> Any:
    """What GetParametersForImport gives."""
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


def import_material(
    kms: Any, key: str, secret: bytes, algorithm: str = OAEP, spec: str = "RSA_2048", **given: Any
) -> Any:
    """Import a secret into a key, for ever unless something else is `given`."""
    asked = parameters(kms, key, algorithm, spec)
    if not {"ValidTo", "ExpirationModel"} & given.keys():
        given |= FOR_EVER
    return kms.import_key_material(
        KeyId=key,
        ImportToken=asked["ImportToken"],
        EncryptedKeyMaterial=wrapped(asked["PublicKey"], secret, algorithm),
        **given,
    )


def external_key(kms: Any, **given: Any) -> str:
    """A new key that waits for material."""
    key: str = kms.create_key(Origin="EXTERNAL", **given)["KeyMetadata"]["KeyId"]
    return key
