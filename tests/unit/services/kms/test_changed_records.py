"""What somebody gains who can write to the database: no key that does what another one's material can."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from masugata.records.kms import KEY_MATERIAL, KeyMaterial
from masugata.testing import LocalAws
from unit.services.kms.using_keys import (
    AGREEMENT,
    CALLS,
    PEER,
    SIGNING,
    change_key,
    change_material,
    materials,
    new_key,
    ready,
    refused,
)

CHANGED = (
    "KMSInternalException",
    "The key material in the store is not that of this key, or was changed.",
    500,
)
OTHER_ACCOUNT = "444455556666"
RSA_ENCRYPTION, RSA_SIGNING = ("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY")
OAEP, PSS = "RSAES_OAEP_SHA_256", "RSASSA_PSS_SHA_256"


def record_of(aws: LocalAws, arn: str) -> KeyMaterial:
    """The only material of a key."""
    (record,) = materials(aws, arn)
    return record


def of_another_key(aws: LocalAws, _arn: str, kind: tuple[str, str]) -> bytes:
    """What is sealed of another key that does the same."""
    return record_of(aws, new_key(aws.client("kms"), *kind)).sealed


def of_another_account(aws: LocalAws, arn: str, kind: tuple[str, str]) -> bytes:
    """What would be sealed of a key with the same id in another account."""
    keeper = aws._installation.gateway.keeper
    return keeper.materials.generate(OTHER_ACCOUNT, arn.rpartition("/")[2], *kind).sealed


def of_an_import(aws: LocalAws, arn: str, kind: tuple[str, str]) -> bytes:
    """Other material that is sealed for the very key, as before a rotation."""
    keeper = aws._installation.gateway.keeper
    return keeper.materials.generate(aws.id, arn.rpartition("/")[2], *kind).sealed


def flipped(aws: LocalAws, arn: str, _kind: tuple[str, str]) -> bytes:
    """Its own, but for a bit."""
    sealed = record_of(aws, arn).sealed
    return bytes([*sealed[:-1], sealed[-1] ^ 1])


@pytest.mark.parametrize("sealed", [of_another_key, of_another_account, of_an_import, flipped])
@pytest.mark.parametrize("operation", sorted(CALLS))
def test_sealed_material_is_that_of_its_row(
    aws: LocalAws, operation: str, sealed: Callable[[LocalAws, str, tuple[str, str]], bytes]
) -> None:
    """With other sealed bytes in its row a key does nothing; with its own again it works as before."""
    call, arn, arguments = ready(aws, operation)
    own = record_of(aws, arn)
    assert call(**arguments)["KeyId"] == arn  # whatever is remembered of the right row does not matter
    change_material(aws, arn, sealed=sealed(aws, arn, CALLS[operation][0]))
    assert refused(call, **arguments) == CHANGED
    change_material(aws, arn, sealed=own.sealed)
    assert call(**arguments)["KeyId"] == arn


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_row_of_another_key_is_not_adopted(aws: LocalAws, operation: str) -> None:
    """Neither if a key says that another's material is its own, nor if it gets a copy of the row."""
    call, arn, arguments = ready(aws, operation)
    other = record_of(aws, new_key(aws.client("kms"), *CALLS[operation][0]))
    change_key(aws, arn, current_material=other.id)
    if operation == "decrypt":  # a ciphertext names its material, which is there
        assert call(**arguments)["KeyId"] == arn
        return
    assert refused(call, **arguments) == ("KMSInvalidStateException", f"{arn} is unavailable.", 400)
    copy = replace(other, key_id=arn.rpartition("/")[2])
    aws._installation.store.submit(lambda t: t.put(KEY_MATERIAL, aws.id, copy, arn.split(":")[3])).result()
    assert refused(call, **arguments) == CHANGED


@pytest.mark.parametrize("kind", [RSA_SIGNING, RSA_ENCRYPTION, SIGNING, AGREEMENT])
def test_a_public_key_is_that_of_the_material(aws: LocalAws, kms: Any, kind: tuple[str, str]) -> None:
    """GetPublicKey gives nobody another one's, which others would then encrypt under, or trust."""
    arn, other = new_key(kms, *kind), new_key(kms, *kind)
    public_key, own = kms.get_public_key(KeyId=arn)["PublicKey"], record_of(aws, arn)
    change_material(aws, arn, sealed=record_of(aws, other).sealed)
    assert refused(kms.get_public_key, KeyId=arn) == CHANGED
    change_material(aws, arn, sealed=own.sealed)
    assert kms.get_public_key(KeyId=arn)["PublicKey"] == public_key


def test_nothing_is_encrypted_for_somebody_else(aws: LocalAws, kms: Any) -> None:
    """Encrypt and ReEncrypt under RSA, as all that takes a public half alone."""
    arn, other = new_key(kms, *RSA_ENCRYPTION), new_key(kms, *RSA_ENCRYPTION)
    symmetric = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=symmetric, Plaintext=b"espresso")["CiphertextBlob"]
    change_material(aws, arn, sealed=record_of(aws, other).sealed)
    assert refused(kms.encrypt, KeyId=arn, Plaintext=b"x", EncryptionAlgorithm=OAEP) == CHANGED
    moved = {"DestinationKeyId": arn, "DestinationEncryptionAlgorithm": OAEP}
    assert refused(kms.re_encrypt, CiphertextBlob=blob, **moved) == CHANGED


@pytest.mark.parametrize(
    ("kind", "usage", "operation", "arguments"),
    [
        (RSA_SIGNING, "ENCRYPT_DECRYPT", "encrypt", {"Plaintext": b"x", "EncryptionAlgorithm": OAEP}),
        (
            RSA_SIGNING,
            "ENCRYPT_DECRYPT",
            "decrypt",
            {"CiphertextBlob": b"x" * 256, "EncryptionAlgorithm": OAEP},
        ),
        (RSA_ENCRYPTION, "SIGN_VERIFY", "sign", {"Message": b"x", "SigningAlgorithm": PSS}),
        (
            RSA_ENCRYPTION,
            "SIGN_VERIFY",
            "verify",
            {"Message": b"x", "SigningAlgorithm": PSS, "Signature": b"x" * 256},
        ),
        (
            ("ECC_NIST_P256", "SIGN_VERIFY"),
            "KEY_AGREEMENT",
            "derive_shared_secret",
            {"KeyAgreementAlgorithm": "ECDH", "PublicKey": PEER},
        ),
        (AGREEMENT, "SIGN_VERIFY", "sign", {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}),
        (AGREEMENT, "SIGN_VERIFY", "get_public_key", {}),
    ],
)
def test_a_key_stays_what_it_was_made_for(
    aws: LocalAws, kms: Any, kind: tuple[str, str], usage: str, operation: str, arguments: dict[str, Any]
) -> None:
    """A key to sign with does not decrypt or agree, nor the other way round, if its row says that it does."""
    arn = new_key(kms, *kind)
    change_key(aws, arn, usage=usage)
    assert refused(getattr(kms, operation), KeyId=arn, **arguments) == CHANGED


@pytest.mark.parametrize(
    ("kind", "spec", "operation", "arguments"),
    [
        (
            ("HMAC_512", "GENERATE_VERIFY_MAC"),
            "HMAC_256",
            "generate_mac",
            {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"},
        ),
        (
            ("ECC_SECG_P256K1", "SIGN_VERIFY"),
            "ECC_NIST_P256",
            "sign",
            {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"},
        ),
        (RSA_ENCRYPTION, "SYMMETRIC_DEFAULT", "encrypt", {"Plaintext": b"x"}),
        (RSA_ENCRYPTION, "SYMMETRIC_DEFAULT", "generate_data_key", {"KeySpec": "AES_256"}),
    ],
)
def test_a_key_keeps_its_spec(
    aws: LocalAws, kms: Any, kind: tuple[str, str], spec: str, operation: str, arguments: dict[str, Any]
) -> None:
    """Material of one spec is not taken for that of another."""
    arn = new_key(kms, *kind)
    change_key(aws, arn, spec=spec)
    assert refused(getattr(kms, operation), KeyId=arn, **arguments) == CHANGED
