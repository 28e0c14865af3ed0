"""Every operation with a key."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def cryptography(kms: Any) -> None:
    """Each operation once, with a key that can do it."""

    def key(spec: str, usage: str) -> str:
        name: str = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        return name

    _symmetric(kms, key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"))
    _signing(kms, key("ECC_NIST_P256", "SIGN_VERIFY"))
    _macs(kms, key("HMAC_512", "GENERATE_VERIFY_MAC"))
    _secrets(kms, key("ECC_NIST_P256", "KEY_AGREEMENT"), key("ML_KEM_1024", "ENCAPSULATE_DECAPSULATE"))
    assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8


def _symmetric(kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"bread", EncryptionContext={"shop": "kyoto"})["CiphertextBlob"]
    moved = kms.re_encrypt(
        CiphertextBlob=blob, SourceEncryptionContext={"shop": "kyoto"}, DestinationKeyId=key
    )
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"bread"
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)
    kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256")


def _signing(kms: Any, key: str) -> None:
    given = {"KeyId": key, "Message": b"bread", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert kms.verify(**given, Signature=kms.sign(**given)["Signature"])["SignatureValid"]
    kms.get_public_key(KeyId=key)


def _macs(kms: Any, key: str) -> None:
    given = {"KeyId": key, "Message": b"bread", "MacAlgorithm": "HMAC_SHA_512"}
    assert kms.verify_mac(**given, Mac=kms.generate_mac(**given)["Mac"])["MacValid"]


def _secrets(kms: Any, agreeing: str, encapsulating: str) -> None:
    peer = generate_private_key(SECP256R1()).public_key()
    public_key = peer.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    kms.derive_shared_secret(KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=public_key)
    given = {"KeyId": encapsulating, "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**given)
    blob = made["SharedSecretCiphertextBlob"]
    opened = kms.decapsulate(**given, SharedSecretCiphertextBlob=blob)
    assert opened["SharedSecret"] == made["SharedSecret"]
