"""Key material that is made elsewhere: wrapped, imported, rotated to, expired, deleted, imported again."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from masugata.records.kms import KEY_MATERIAL
from masugata.testing import LocalAws, local_aws
from unit.services.kms.importing import (
    AGAIN,
    FOR_EVER,
    NEW,
    OAEP,
    external_key,
    import_material,
    parameters,
    wrapped,
)
from unit.services.kms.using_keys import encrypted, refusal

ACCOUNT = "111122223333"
FIRST, SECOND = b"1" * 32, b"2" * 32
FOR_EVER_MODEL = "KEY_MATERIAL_DOES_NOT_EXPIRE"
AES = "RSA_AES_KEY_WRAP_SHA_256"
DAY = timedelta(days=1)


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own, in which time stands still."""
    with local_aws() as entered:
        entered.clock.freeze(datetime(2026, 3, 1, 12, tzinfo=UTC))
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """The administrator's client."""
    return aws.client("kms", region_name="us-east-1")


def described(kms: Any, key: str) -> Any:
    """What DescribeKey says."""
    return kms.describe_key(KeyId=key)["KeyMetadata"]


def state(kms: Any, key: str) -> str:
    """The state of a key."""
    found: str = described(kms, key)["KeyState"]
    return found


def states(kms: Any, key: str) -> list[tuple[str, str]]:
    """The states of all materials of a key: what they are for, and whether they are there."""
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [(one["KeyMaterialState"], one["ImportState"]) for one in listed]


def pkcs8(key: Any) -> bytes:
    """A private key in DER."""
    der: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


@pytest.mark.parametrize(
    ("algorithm", "spec"), [(OAEP, "RSA_2048"), (OAEP, "RSA_4096"), ("RSAES_OAEP_SHA_1", "RSA_3072")]
)
def test_symmetric(aws: LocalAws, kms: Any, algorithm: str, spec: str) -> None:
    """A key without material cannot be used; with it, it encrypts, and says which material it has."""
    key = external_key(kms)
    arn = described(kms, key)["Arn"]
    assert refusal(encrypted, kms, key) == ("KMSInvalidStateException", f"{arn} is pending import.")
    asked = parameters(kms, key, algorithm, spec)
    assert asked["KeyId"] == arn
    assert asked["ParametersValidTo"] == aws.clock() + timedelta(hours=24)
    answer = import_material(kms, key, FIRST, algorithm, spec)
    assert answer["KeyId"] == arn
    metadata = described(kms, key)
    assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", FOR_EVER["ExpirationModel"])
    assert metadata["CurrentKeyMaterialId"] == answer["KeyMaterialId"]
    blob = encrypted(kms, key)
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == answer["KeyMaterialId"]


def test_same_bytes_in_two_keys(kms: Any) -> None:
    """The same bytes are other material in another key, and do not decrypt what the first one encrypted."""
    one, two = external_key(kms), external_key(kms)
    ids = {import_material(kms, key, FIRST)["KeyMaterialId"] for key in (one, two)}
    assert len(ids) == 2
    assert refusal(kms.decrypt, CiphertextBlob=encrypted(kms, one), KeyId=two)[0] == "IncorrectKeyException"


def test_hmac(kms: Any) -> None:
    """An HMAC key makes the MACs of the bytes that were imported."""
    secret = b"s" * 32
    key = external_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    assert "KeyMaterialId" not in import_material(kms, key, secret)
    made = kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=b"latte")["Mac"]
    assert made == hmac.digest(secret, b"latte", "sha256")


def private_keys() -> dict[str, Any]:
    """A private key of each sort that is imported."""
    return {
        "RSA_2048": rsa.generate_private_key(65537, 2048),
        "ECC_NIST_P256": ec.generate_private_key(ec.SECP256R1()),
        "ECC_NIST_P521": ec.generate_private_key(ec.SECP521R1()),
        "ECC_SECG_P256K1": ec.generate_private_key(ec.SECP256K1()),
        "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey.generate(),
    }


def test_asymmetric(kms: Any) -> None:
    """A private key is imported by AES key wrap; its public half is the one that GetPublicKey gives."""
    for spec, private in private_keys().items():
        key = external_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        import_material(kms, key, pkcs8(private), AES)
        assert state(kms, key) == "Enabled"
        public = kms.get_public_key(KeyId=key)["PublicKey"]
        expected = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public == expected
        kms.delete_imported_key_material(KeyId=key)
        assert state(kms, key) == "PendingImport"
        other = pkcs8(private_keys()[spec])
        code, _ = refusal(import_material, kms, key, other, AES)
        assert code == "IncorrectKeyMaterialException"
        import_material(kms, key, pkcs8(private), AES)
        assert state(kms, key) == "Enabled"


def test_delete_and_import_again(aws: LocalAws, kms: Any) -> None:
    """Deleted material is really gone; the same bytes, and no others, make old ciphertexts readable again."""
    key = external_key(kms)
    material = import_material(kms, key, FIRST)["KeyMaterialId"]
    blob = encrypted(kms, key)
    answer = kms.delete_imported_key_material(KeyId=key)
    assert (answer["KeyId"], answer["KeyMaterialId"]) == (described(kms, key)["Arn"], material)
    assert state(kms, key) == "PendingImport"
    assert "ExpirationModel" not in described(kms, key)
    store = aws._installation.store
    assert store.snapshot().get(KEY_MATERIAL, ACCOUNT, f"{key}/{material}", "us-east-1").sealed == b""
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "KMSInvalidStateException"
    assert refusal(import_material, kms, key, SECOND)[0] == "IncorrectKeyMaterialException"
    assert refusal(import_material, kms, key, FIRST, **NEW)[0] == "IncorrectKeyMaterialException"
    assert import_material(kms, key, FIRST, **AGAIN)["KeyMaterialId"] == material
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_a_first_material_that_is_not_the_named_one(kms: Any) -> None:
    """Whoever names the material of a first import gets no other into the key."""
    key = external_key(kms)
    refused = refusal(import_material, kms, key, FIRST, KeyMaterialId="0" * 64)
    assert refused == (
        "IncorrectKeyMaterialException",
        "The key material is not the one that KeyMaterialId names.",
    )
    assert state(kms, key) == "PendingImport"
    material = import_material(kms, key, FIRST)["KeyMaterialId"]
    kms.delete_imported_key_material(KeyId=key)
    assert import_material(kms, key, FIRST, KeyMaterialId=material)["KeyMaterialId"] == material


def test_deleting_what_is_not_there(kms: Any) -> None:
    """Deletion has no effect on a key without material, and names no material that is not the key's."""
    key = external_key(kms)
    assert "KeyMaterialId" not in kms.delete_imported_key_material(KeyId=key)
    code, _ = refusal(kms.delete_imported_key_material, KeyId=key, KeyMaterialId="0" * 64)
    assert code == "NotFoundException"
    assert state(kms, key) == "PendingImport"


def test_several_materials(kms: Any) -> None:
    """New material waits for a rotation on demand; without any of those that were current the key waits."""
    key = external_key(kms)
    first = import_material(kms, key, FIRST, KeyMaterialDescription="of 2026")["KeyMaterialId"]
    old = encrypted(kms, key)
    second = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
    assert states(kms, key) == [("CURRENT", "IMPORTED"), ("PENDING_ROTATION", "IMPORTED")]
    assert kms.decrypt(CiphertextBlob=encrypted(kms, key))["KeyMaterialId"] == first
    kms.rotate_key_on_demand(KeyId=key)
    assert states(kms, key) == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [one.get("KeyMaterialDescription") for one in listed] == ["of 2026", None]
    assert listed[1]["RotationType"] == "ON_DEMAND"
    new = encrypted(kms, key)
    assert kms.decrypt(CiphertextBlob=new)["KeyMaterialId"] == second
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=first)
    assert states(kms, key) == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "IMPORTED")]
    assert state(kms, key) == "PendingImport"
    assert refusal(kms.decrypt, CiphertextBlob=new)[0] == "KMSInvalidStateException"
    kms.delete_imported_key_material(KeyId=key)
    import_material(kms, key, FIRST, KeyMaterialId=first)
    assert state(kms, key) == "PendingImport"
    import_material(kms, key, SECOND, KeyMaterialId=second)
    for blob in (old, new):
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert listed[0]["KeyMaterialDescription"] == "of 2026"


def test_one_waits_at_a_time(kms: Any) -> None:
    """While material waits for its rotation no other is new; it can be deleted, and the key does not mind."""
    key = external_key(kms)
    arn = described(kms, key)["Arn"]
    import_material(kms, key, FIRST)
    assert refusal(kms.rotate_key_on_demand, KeyId=key) == (
        "KMSInvalidStateException",
        f"No available key material pending rotation for the key: {arn}.",
    )
    second = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
    code, message = refusal(import_material, kms, key, b"3" * 32, **NEW)
    assert code == "KMSInvalidStateException"
    assert message.endswith(f"because another key material (id: {second}) is pending rotation.")
    assert refusal(import_material, kms, key, SECOND, **NEW)[0] == "IncorrectKeyMaterialException"
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert state(kms, key) == "Enabled"
    assert states(kms, key) == [("CURRENT", "IMPORTED")]
    import_material(kms, key, b"3" * 32, **NEW)
    kms.rotate_key_on_demand(KeyId=key)
    assert len(states(kms, key)) == 2


def test_rotation_that_lost_its_material() -> None:
    """If the material that a rotation waits for is deleted before it is done, it does not count."""
    with local_aws(
        limits={"kms.on-demand-rotation-seconds": 60, "kms.on-demand-rotations-per-key": 1}
    ) as aws:
        kms = aws.client("kms", region_name="us-east-1")
        key = external_key(kms)
        import_material(kms, key, FIRST)
        second = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
        kms.rotate_key_on_demand(KeyId=key)
        kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
        aws.clock.advance(seconds=60)
        assert states(kms, key) == [("CURRENT", "IMPORTED")]
        import_material(kms, key, SECOND, **NEW)
        kms.rotate_key_on_demand(KeyId=key)
        aws.clock.advance(seconds=60)
        assert states(kms, key) == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]


def test_expiry(aws: LocalAws, kms: Any) -> None:
    """Material that expires is erased at its time, which the trail tells; the same bytes may live longer."""
    key = external_key(kms)
    expires = aws.clock() + 10 * DAY
    material = import_material(kms, key, FIRST, ValidTo=expires)["KeyMaterialId"]
    blob = encrypted(kms, key)
    metadata = described(kms, key)
    assert (metadata["ExpirationModel"], metadata["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", expires)
    aws.clock.advance(10 * DAY - timedelta(seconds=1))
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    aws.clock.advance(seconds=1)
    assert state(kms, key) == "PendingImport"
    store = aws._installation.store
    assert store.snapshot().get(KEY_MATERIAL, ACCOUNT, f"{key}/{material}", "us-east-1").sealed == b""
    trail = boto3.client("cloudtrail", region_name="us-east-1")
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "DeleteExpiredKeyMaterial"}]
    (event,) = trail.lookup_events(LookupAttributes=by_name)["Events"]
    details = json.loads(event["CloudTrailEvent"])["serviceEventDetails"]
    assert details == {"keyId": key, "keyMaterialId": material}
    import_material(kms, key, FIRST, ValidTo=aws.clock() + DAY)
    import_material(kms, key, FIRST)
    aws.clock.advance(400 * DAY)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_the_first_expiry_counts(aws: LocalAws, kms: Any) -> None:
    """Of several materials the first that expires makes the key wait, and is told by DescribeKey."""
    key = external_key(kms)
    soon, late = aws.clock() + 10 * DAY, aws.clock() + 20 * DAY
    import_material(kms, key, FIRST, ValidTo=late)
    import_material(kms, key, SECOND, ValidTo=soon, **NEW)
    assert described(kms, key)["ValidTo"] == late
    kms.rotate_key_on_demand(KeyId=key)
    assert described(kms, key)["ValidTo"] == soon
    aws.clock.advance(10 * DAY)
    assert states(kms, key) == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "PENDING_IMPORT")]
    assert state(kms, key) == "PendingImport"


def test_erased_from_the_keeper(aws: LocalAws, kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an erasure is committed the keeper is told to forget the key, however it came to it."""
    forgotten: list[str] = []
    materials = aws._installation.gateway.keeper.materials
    forget = type(materials).forget
    monkeypatch.setattr(
        type(materials), "forget", lambda self, key: (forgotten.append(key), forget(self, key))
    )
    key = external_key(kms)
    import_material(kms, key, FIRST, ValidTo=aws.clock() + DAY)
    encrypted(kms, key)
    kms.delete_imported_key_material(KeyId=key)
    assert state(kms, key) == "PendingImport"
    assert forgotten == [key]
    import_material(kms, key, FIRST, ValidTo=aws.clock() + DAY)
    aws.clock.advance(2 * DAY)
    assert forgotten == [key, key]


EXPIRATIONS = {
    "nothing said": ({}, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
    "date for ever": (
        {**FOR_EVER, "ValidTo": datetime(2026, 4, 1, tzinfo=UTC)},
        f"The parameter ValidTo cannot be specified for a key with an expiration model of {FOR_EVER_MODEL}",
    ),
    "past": ({"ValidTo": datetime(2026, 3, 1, 12, tzinfo=UTC)}, "ValidTo must be in the future"),
    "too late": (
        {"ValidTo": datetime(2027, 3, 1, 12, 1, tzinfo=UTC)},
        "ValidTo must be within 365 days from now",
    ),
    "new by id": (
        {**FOR_EVER, **NEW, "KeyMaterialId": "0" * 64},
        "The parameter KeyMaterialId cannot be specified with an ImportType of NEW_KEY_MATERIAL.",
    ),
}


@pytest.mark.parametrize("case", EXPIRATIONS)
def test_wrong_members(kms: Any, case: str) -> None:
    """What does not fit together in a request is refused, and nothing is imported."""
    given, text = EXPIRATIONS[case]
    key = external_key(kms)
    asked = parameters(kms, key)
    request = {
        "ImportToken": asked["ImportToken"],
        "EncryptedKeyMaterial": wrapped(asked["PublicKey"], FIRST),
    }
    code = refusal(kms.import_key_material, KeyId=key, **request, **given)
    assert code == ("ValidationException", text)
    assert state(kms, key) == "PendingImport"


def test_members_for_symmetric_keys(kms: Any) -> None:
    """Other keys have one material only, which needs no description, id or type."""
    key = external_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    for given in (NEW, {"KeyMaterialDescription": "x"}, {"KeyMaterialId": "0" * 64}):
        assert refusal(import_material, kms, key, FIRST, **given)[0] == "ValidationException"
    assert state(kms, key) == "PendingImport"


def test_tokens(aws: LocalAws, kms: Any) -> None:
    """A token is for one key, as it is, with its own public key, for 24 hours."""
    key, other = external_key(kms), external_key(kms)
    asked, foreign = parameters(kms, key), parameters(kms, other)
    secret = wrapped(asked["PublicKey"], FIRST)

    def refused(token: bytes, material: bytes, **given: Any) -> str:
        request = {"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": material, **FOR_EVER, **given}
        return refusal(kms.import_key_material, **request)[0]

    token = asked["ImportToken"]
    flipped = token[:-1] + bytes((token[-1] ^ 1,))
    assert refused(foreign["ImportToken"], secret) == "InvalidImportTokenException"
    assert refused(flipped, secret) == "InvalidImportTokenException"
    assert refused(b"x", secret) == "InvalidImportTokenException"
    assert refused(token, wrapped(foreign["PublicKey"], FIRST)) == "InvalidCiphertextException"
    assert (
        refused(token, wrapped(asked["PublicKey"], FIRST, "RSAES_OAEP_SHA_1")) == "InvalidCiphertextException"
    )
    assert refused(token, secret[:-1]) == "ValidationException"
    assert refused(token, wrapped(asked["PublicKey"], b"1" * 31)) == "IncorrectKeyMaterialException"
    aws.clock.advance(hours=24)
    assert refused(token, secret) == "ExpiredImportTokenException"
    assert state(kms, key) == "PendingImport"


def test_wrong_wrapping_of_private_keys(kms: Any) -> None:
    """What is no key of the spec, or cut off, is refused: by AES key wrap each has its own exception."""
    key = external_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    asked = parameters(kms, key, AES)

    def refused(material: bytes) -> str:
        request = {"ImportToken": asked["ImportToken"], "EncryptedKeyMaterial": material, **FOR_EVER}
        return refusal(kms.import_key_material, KeyId=key, **request)[0]

    good = wrapped(asked["PublicKey"], pkcs8(ec.generate_private_key(ec.SECP256R1())), AES)
    assert refused(good[:256]) == "ValidationException"
    assert refused(good[:-8]) == "InvalidCiphertextException"
    assert refused(good[:300] + bytes(8) + good[308:]) == "InvalidCiphertextException"
    wrong_curve = pkcs8(ec.generate_private_key(ec.SECP384R1()))
    assert refused(wrapped(asked["PublicKey"], wrong_curve, AES)) == "IncorrectKeyMaterialException"
    assert refused(wrapped(asked["PublicKey"], b"no key", AES)) == "IncorrectKeyMaterialException"


RSA_KEY = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
P521_KEY = {"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"}
UNFIT = {
    "PKCS #1": ({}, "RSAES_PKCS1_V1_5", "RSA_2048"),
    "SM2 algorithm": ({}, "SM2PKE", "RSA_2048"),
    "SM2 key": ({}, OAEP, "SM2"),
    "RSA directly": (RSA_KEY, OAEP, "RSA_4096"),
    "P-521 under a short key": (P521_KEY, OAEP, "RSA_2048"),
    "symmetric by AES": ({}, AES, "RSA_2048"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_wrapping(kms: Any, case: str) -> None:
    """What AWS does not wrap in some way, we do not either."""
    given, algorithm, spec = UNFIT[case]
    key = external_key(kms, **given)
    assert refusal(parameters, kms, key, algorithm, spec)[0] == "UnsupportedOperationException"


def test_keys_with_material_of_ours(kms: Any) -> None:
    """A key whose material was made here takes no other."""
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    text = f"{arn} origin is AWS_KMS which is not valid for this operation."
    token = {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"}
    for refused in (
        refusal(parameters, kms, arn),
        refusal(kms.import_key_material, KeyId=arn, **token),
        refusal(kms.delete_imported_key_material, KeyId=arn),
    ):
        assert refused == ("UnsupportedOperationException", text)


def test_events_name_the_key(aws: LocalAws, kms: Any) -> None:
    """Of each step of an import, also of the one that is done in the pool."""
    arn = described(kms, external_key(kms))["Arn"]
    import_material(kms, arn, FIRST)
    kms.delete_imported_key_material(KeyId=arn)
    for name in ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"):
        (event,) = aws.events(name)
        assert [resource["ARN"] for resource in event["resources"]] == [arn]


def test_nothing_secret_is_recorded(aws: LocalAws, kms: Any) -> None:
    """Neither the token nor the material is in the trail."""
    key = external_key(kms)
    asked = parameters(kms, key)
    material = wrapped(asked["PublicKey"], FIRST)
    kms.import_key_material(
        KeyId=key, ImportToken=asked["ImportToken"], EncryptedKeyMaterial=material, **FOR_EVER
    )
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "ImportKeyMaterial"}]
    trail = aws.client("cloudtrail", region_name="us-east-1")
    (event,) = trail.lookup_events(LookupAttributes=by_name)["Events"]
    recorded = json.loads(event["CloudTrailEvent"])["requestParameters"]
    assert recorded == {"keyId": key, "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
