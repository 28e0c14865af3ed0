"""Encapsulate and Decapsulate."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from unit.services.kms.using_keys import new_key, refused

SIZES = {"ML_KEM_768": 1088, "ML_KEM_1024": 1568}
ML_KEM = {"EncapsulationAlgorithm": "ML_KEM"}


@pytest.fixture(scope="module", params=SIZES)
def key(request: pytest.FixtureRequest, kms: Any) -> tuple[str, str]:
    """A key of each spec."""
    return request.param, new_key(kms, request.param, "ENCAPSULATE_DECAPSULATE")


def test_both_sides_have_one_secret(kms, key):
    """32 bytes, another each time; the ciphertext is of the length of the spec."""
    spec, name = key
    made = kms.encapsulate(KeyId=name, **ML_KEM)
    assert (made["KeyId"], made["EncapsulationAlgorithm"], len(made["SharedSecret"])) == (name, "ML_KEM", 32)
    assert len(made["SharedSecretCiphertextBlob"]) == SIZES[spec]
    opened = kms.decapsulate(
        KeyId=name, SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"], **ML_KEM
    )
    assert (opened["KeyId"], opened["EncapsulationAlgorithm"]) == (name, "ML_KEM")
    assert opened["SharedSecret"] == made["SharedSecret"]
    assert kms.encapsulate(KeyId=name, **ML_KEM)["SharedSecret"] != made["SharedSecret"]


def test_who_has_the_public_key_encapsulates_without_us(kms, key):
    """What `cryptography` encapsulates, the key decapsulates."""
    _, name = key
    public: Any = load_der_public_key(kms.get_public_key(KeyId=name)["PublicKey"])
    secret, blob = public.encapsulate()
    opened = kms.decapsulate(KeyId=name, SharedSecretCiphertextBlob=blob, **ML_KEM)
    assert opened["SharedSecret"] == secret


def test_a_wrong_ciphertext_gives_a_secret_that_nobody_knows(kms, key):
    """Implicit rejection, the same each time; only a wrong length is an error."""
    _, name = key
    made = kms.encapsulate(KeyId=name, **ML_KEM)
    blob = made["SharedSecretCiphertextBlob"]
    wrong = bytes([blob[0] ^ 1, *blob[1:]])
    first, second = (
        kms.decapsulate(KeyId=name, SharedSecretCiphertextBlob=wrong, **ML_KEM)["SharedSecret"]
        for _ in range(2)
    )
    assert first == second != made["SharedSecret"]
    for short in (blob[:-1], blob + b"x", b"x"):
        answer = refused(kms.decapsulate, KeyId=name, SharedSecretCiphertextBlob=short, **ML_KEM)
        assert answer == ("InvalidCiphertextException", "", 400)
