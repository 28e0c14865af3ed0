"""DeriveSharedSecret: what both sides come to, and public keys that are none."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from unit.services.kms.using_keys import PEER, new_key, refused

CURVES = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1(), "ECC_NIST_P521": ec.SECP521R1()}


def der(public_key: Any) -> bytes:
    """SubjectPublicKeyInfo."""
    encoded: bytes = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


@pytest.mark.parametrize("spec", CURVES)
def test_both_sides_have_one_secret(kms, spec):
    """The x-coordinate as it is: the same as the other side computes."""
    key, private_key = new_key(kms, spec, "KEY_AGREEMENT"), ec.generate_private_key(CURVES[spec])
    answer = kms.derive_shared_secret(
        KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=der(private_key.public_key())
    )
    assert (answer["KeyId"], answer["KeyAgreementAlgorithm"], answer["KeyOrigin"]) == (key, "ECDH", "AWS_KMS")
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    assert answer["SharedSecret"] == private_key.exchange(ec.ECDH(), public)


@pytest.mark.parametrize("defect", ["no DER", "of another curve", "of no curve", "cut", "longer", "no point"])
def test_a_public_key_that_does_not_fit_is_refused(kms, defect):
    """It says which key was wanted, and does not let points off the curve in."""
    key = new_key(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    public_key = {
        "no DER": b"espresso",
        "of another curve": der(ec.generate_private_key(ec.SECP384R1()).public_key()),
        "of no curve": der(Ed25519PrivateKey.generate().public_key()),
        "cut": PEER[:-1],
        "longer": PEER + b"x",
        "no point": bytes([*PEER[:-1], PEER[-1] ^ 1]),
    }[defect]
    code, message, status = refused(
        kms.derive_shared_secret, KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=public_key
    )
    assert (code, status) == ("ValidationException", 400)
    assert "ECC_NIST_P256" in message
