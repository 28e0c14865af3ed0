"""What the tests of cryptographic operations share: keys, and a right call of every operation."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.authorization.resources.kms import default_policy
from masugata.records.kms import KEY, KEY_MATERIAL, Key, KeyMaterial, key_arn
from masugata.testing import LocalAws

REGION = "us-east-1"
SYMMETRIC = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
SIGNING = ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
MACS = ("HMAC_256", "GENERATE_VERIFY_MAC")
AGREEMENT = ("ECC_NIST_P256", "KEY_AGREEMENT")
ENCAPSULATION = ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")

PEER = (
    generate_private_key(SECP256R1())
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)

Arguments = Callable[[Any, str], dict[str, Any]]


def encrypted(kms: Any, key: str, **more: Any) -> bytes:
    """Something under a key."""
    blob: bytes = kms.encrypt(KeyId=key, Plaintext=b"espresso", **more)["CiphertextBlob"]
    return blob


def _signature(kms: Any, key: str) -> bytes:
    signed = kms.sign(KeyId=key, Message=b"espresso", SigningAlgorithm="ED25519_SHA_512")
    signature: bytes = signed["Signature"]
    return signature


def _mac(kms: Any, key: str) -> bytes:
    mac: bytes = kms.generate_mac(KeyId=key, Message=b"espresso", MacAlgorithm="HMAC_SHA_256")["Mac"]
    return mac


def _encapsulated(kms: Any, key: str) -> bytes:
    made = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    blob: bytes = made["SharedSecretCiphertextBlob"]
    return blob


_signing = {"Message": b"espresso", "SigningAlgorithm": "ED25519_SHA_512"}
_mac_of = {"Message": b"espresso", "MacAlgorithm": "HMAC_SHA_256"}
_ml_kem = {"EncapsulationAlgorithm": "ML_KEM"}

# Each operation: the key that it takes, and what it is called with besides the key.
CALLS: Mapping[str, tuple[tuple[str, str], Arguments]] = {
    "decapsulate": (
        ENCAPSULATION,
        lambda kms, key: {**_ml_kem, "SharedSecretCiphertextBlob": _encapsulated(kms, key)},
    ),
    "decrypt": (SYMMETRIC, lambda kms, key: {"CiphertextBlob": encrypted(kms, key)}),
    "derive_shared_secret": (
        AGREEMENT,
        lambda _kms, _key: {"KeyAgreementAlgorithm": "ECDH", "PublicKey": PEER},
    ),
    "encapsulate": (ENCAPSULATION, lambda _kms, _key: _ml_kem),
    "encrypt": (SYMMETRIC, lambda _kms, _key: {"Plaintext": b"espresso"}),
    "generate_data_key": (SYMMETRIC, lambda _kms, _key: {"KeySpec": "AES_256"}),
    "generate_data_key_pair": (SYMMETRIC, lambda _kms, _key: {"KeyPairSpec": "ECC_NIST_P256"}),
    "generate_data_key_pair_without_plaintext": (
        SYMMETRIC,
        lambda _kms, _key: {"KeyPairSpec": "ECC_NIST_P256"},
    ),
    "generate_data_key_without_plaintext": (SYMMETRIC, lambda _kms, _key: {"KeySpec": "AES_256"}),
    "generate_mac": (MACS, lambda _kms, _key: _mac_of),
    "sign": (SIGNING, lambda _kms, _key: _signing),
    "verify": (SIGNING, lambda kms, key: {**_signing, "Signature": _signature(kms, key)}),
    "verify_mac": (MACS, lambda kms, key: {**_mac_of, "Mac": _mac(kms, key)}),
}


def new_key(kms: Any, spec: str, usage: str, **more: Any) -> str:
    """The ARN of a new key."""
    arn: str = kms.create_key(KeySpec=spec, KeyUsage=usage, **more)["KeyMetadata"]["Arn"]
    return arn


def ready(aws: LocalAws, operation: str) -> tuple[Any, str, dict[str, Any]]:
    """The operation, a key that it can use, and what it is to be called with."""
    kms = aws.client("kms")
    kind, arguments = CALLS[operation]
    arn = new_key(kms, *kind)
    return getattr(kms, operation), arn, {"KeyId": arn, **arguments(kms, arn)}


def refused(call: Any, *arguments: Any, **given: Any) -> tuple[str, str, int]:
    """Code, message and status of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **given)
    error, meta = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], meta["HTTPStatusCode"]


def refusal(call: Any, *arguments: Any, **given: Any) -> tuple[str, str]:
    """Code and message of a call that must fail."""
    return refused(call, *arguments, **given)[:2]


def change_key(aws: LocalAws, arn: str, **changes: Any) -> None:
    """Change the record of a key, as no operation would."""
    store, key_id = aws._installation.store, arn.rpartition("/")[2]
    region = arn.split(":")[3]

    def change(transaction: Any) -> None:
        key: Key = transaction.get(KEY, aws.id, key_id, region)
        transaction.put(KEY, aws.id, msgspec.structs.replace(key, **changes), region)

    store.submit(change).result()


def materials(aws: LocalAws, arn: str) -> Iterator[KeyMaterial]:
    """The material records of a key."""
    key_id, region = arn.rpartition("/")[2], arn.split(":")[3]
    yield from aws._installation.store.snapshot().referring(KEY_MATERIAL, aws.id, "key", key_id, region)


def change_material(aws: LocalAws, arn: str, **changes: Any) -> None:
    """Change the record of a key's only material, as no operation would."""
    (record,) = materials(aws, arn)
    changed = msgspec.structs.replace(record, **changes)
    region = arn.split(":")[3]
    aws._installation.store.submit(lambda t: t.put(KEY_MATERIAL, aws.id, changed, region)).result()


def related_keys(aws: LocalAws, *regions: str) -> list[str]:
    """The ARNs of symmetric multi-Region keys, the primary first, with the same material."""
    key_id = f"mrk-{uuid.uuid4().hex}"
    installation = aws._installation
    material = installation.gateway.keeper.materials.generate(aws.id, key_id, *SYMMETRIC)
    record = KeyMaterial(
        id=material.material_id, key_id=key_id, sealed=material.sealed, create_date=aws.clock()
    )

    def put(transaction: Any) -> None:
        for region in regions:
            key = Key(
                id=key_id,
                region=region,
                creation_date=aws.clock(),
                policy=default_policy(aws.id, "aws"),
                spec="SYMMETRIC_DEFAULT",
                usage="ENCRYPT_DECRYPT",
                current_material=record.id,
                primary_region=regions[0],
                replica_regions=regions[1:] if region == regions[0] else (),
            )
            transaction.put(KEY_MATERIAL, aws.id, record, region)
            transaction.put(KEY, aws.id, key, region)

    installation.store.submit(put).result()
    return [key_arn(aws.id, region, key_id) for region in regions]
