"""Keys in external key stores: everything is encrypted twice, and a proxy can do no more than refuse."""

import base64
import hashlib
import json
import os
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from masugata.engines.keys import external_parts, is_external
from masugata.records.kms import KEY_MATERIAL
from support import House
from unit.services.kms.external_keys import external_key, house, key, kms, proxy, store
from unit.services.kms.using_keys import refused
from xks_proxy import STATUSES, Proxy

__all__ = ["house", "key", "kms", "proxy", "store"]

CONTEXT = {"shop": "tokyo"}
INVALID = ("InvalidCiphertextException", "", 400)


def test_a_key_says_where_it_is(kms: Any, store: str, key: str) -> None:
    """Its metadata names the store and the external key, and it has no rotations, copies or pairs."""
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["CustomKeyStoreId"] == store
    assert found["XksKeyConfiguration"] == {"Id": "espresso"}
    assert (found["Origin"], found["KeyState"], found["KeySpec"]) == (
        "EXTERNAL_KEY_STORE",
        "Enabled",
        "SYMMETRIC_DEFAULT",
    )
    assert "CurrentKeyMaterialId" not in found
    unsupported = "UnsupportedOperationException"
    assert refused(kms.enable_key_rotation, KeyId=key)[0] == unsupported
    assert refused(kms.get_key_rotation_status, KeyId=key)[0] == unsupported
    assert refused(kms.rotate_key_on_demand, KeyId=key)[0] == unsupported
    assert refused(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-1")[0] == unsupported
    importing = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    assert refused(kms.get_parameters_for_import, KeyId=key, **importing)[0] == unsupported
    assert refused(kms.delete_imported_key_material, KeyId=key)[0] == unsupported
    for pair in (kms.generate_data_key_pair, kms.generate_data_key_pair_without_plaintext):
        assert refused(pair, KeyId=key, KeyPairSpec="ECC_NIST_P256")[0] == unsupported


@pytest.mark.parametrize("size", [12, 16])
@pytest.mark.parametrize("metadata", [b"", b"v=1", b"m" * 20])
@pytest.mark.parametrize("plaintext", [b"x", b"p" * 4096])
def test_encrypted_and_decrypted(
    kms: Any, proxy: Proxy, key: str, size: int, metadata: bytes, plaintext: bytes
) -> None:
    """By whatever vectors and metadata the proxy likes; the ciphertext names its key."""
    proxy.vector_size, proxy.metadata = size, metadata
    made = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=CONTEXT)
    assert made["KeyId"] == key
    blob = made["CiphertextBlob"]
    assert is_external(blob)
    found = kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    assert (found["Plaintext"], found["KeyId"]) == (plaintext, key)
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "KMSInvalidStateException"


def test_what_the_proxy_sees(kms: Any, proxy: Proxy, key: str) -> None:
    """Who asks, for which key and operation; neither plaintext nor encryption context."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"a flat white", EncryptionContext=CONTEXT)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    (_, sealed), (_, opened) = proxy.asked[-2:]
    for request, operation in ((sealed, "Encrypt"), (opened, "Decrypt")):
        metadata = request["requestMetadata"]
        assert metadata.pop("kmsRequestId")
        assert metadata == {
            "awsPrincipalArn": "arn:aws:iam::111122223333:user/admin",
            "kmsOperation": operation,
            "kmsKeyArn": key,
        }
        assert len(base64.b64decode(request["additionalAuthenticatedData"])) == 32
    seen = base64.b64decode(sealed["plaintext"])
    assert b"flat white" not in seen
    assert b"tokyo" not in json.dumps(proxy.asked).encode()


def test_half_a_ciphertext_opens_nothing(kms: Any, proxy: Proxy, key: str) -> None:
    """What the proxy was given is no ciphertext of the key, nor one in the other form."""
    kms.encrypt(KeyId=key, Plaintext=b"espresso")
    inner = base64.b64decode(proxy.asked[-1][1]["plaintext"])
    assert refused(kms.decrypt, CiphertextBlob=inner) == INVALID
    assert refused(kms.decrypt, CiphertextBlob=inner, KeyId=key) == INVALID
    ordinary = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=ordinary, Plaintext=b"espresso")["CiphertextBlob"]
    claims_to_be_external = bytes((blob[0], 2)) + blob[2:]
    assert refused(kms.decrypt, CiphertextBlob=claims_to_be_external) == INVALID


def test_a_changed_ciphertext_opens_nothing(kms: Any, key: str) -> None:
    """Whichever byte it is; what it was bound to, or one of both tags, does not fit any more."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    for at in (*range(60), *range(60, len(blob), 7)):
        changed = bytearray(blob)
        changed[at] ^= 1
        with pytest.raises(kms.exceptions.ClientError) as caught:
            kms.decrypt(CiphertextBlob=bytes(changed), KeyId=key)
        assert caught.value.response["Error"]["Code"] in {
            "InvalidCiphertextException",
            "IncorrectKeyException",
            "KMSInvalidStateException",
        }
    for end in (0, 1, 51, 52, 64, 80, 84, len(blob) - 1):
        with pytest.raises(kms.exceptions.ClientError):
            kms.decrypt(CiphertextBlob=blob[:end], KeyId=key)


def test_data_keys(kms: Any, key: str) -> None:
    """With and without the plaintext."""
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    bare = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=24)
    assert len(kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == 24


def test_encrypted_again(kms: Any, store: str, key: str) -> None:
    """From one key into another, of either kind on either side."""
    other, ordinary = external_key(kms, store, "filter"), kms.create_key()["KeyMetadata"]["Arn"]
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    for source in (key, ordinary):
        for target in (key, other, ordinary):
            blob = kms.encrypt(KeyId=source, Plaintext=b"latte")["CiphertextBlob"]
            again = kms.re_encrypt(
                CiphertextBlob=blob, DestinationKeyId=target, DestinationEncryptionContext=CONTEXT
            )
            assert (again["SourceKeyId"], again["KeyId"]) == (source, target)
            found = kms.decrypt(CiphertextBlob=again["CiphertextBlob"], EncryptionContext=CONTEXT)
            assert (found["Plaintext"], found["KeyId"]) == (b"latte", target)
    oaep = {"KeyId": rsa, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(Plaintext=b"latte", **oaep)["CiphertextBlob"]
    again = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceKeyId=rsa,
        SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        DestinationKeyId=key,
    )
    assert kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"] == b"latte"


@pytest.mark.parametrize("name", STATUSES)
def test_a_refusal_while_a_key_is_used(kms: Any, proxy: Proxy, key: str, name: str) -> None:
    """It is a KMSInvalidStateException, whatever it was, and the key is as it was."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    proxy.refuse = name
    for call, given in (
        (kms.encrypt, {"KeyId": key, "Plaintext": b"espresso"}),
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.generate_data_key_without_plaintext, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.re_encrypt, {"CiphertextBlob": blob, "DestinationKeyId": key}),
    ):
        code, message, _ = refused(call, **given)
        assert code == "KMSInvalidStateException"
        assert message == f"{key} cannot be used now: the external key store proxy refused with {name}."
    proxy.refuse = ""
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def wrong(member: str, value: Any) -> Any:
    """Answers in which one member is another one, or is missing."""

    def spoil(_: str, answer: dict[str, Any]) -> dict[str, Any]:
        changed = {name: given for name, given in answer.items() if name != member or value is not None}
        return changed | ({} if value is None or member not in answer else {member: value})

    return spoil


def text(size: int) -> str:
    """Random bytes in base64."""
    return base64.b64encode(os.urandom(size)).decode()


ENCRYPTIONS = {
    "another integrity value": ("ciphertextDataIntegrityValue", text(32)),
    "no integrity value": ("ciphertextDataIntegrityValue", None),
    "a short integrity value": ("ciphertextDataIntegrityValue", text(31)),
    "another tag": ("authenticationTag", text(16)),
    "a short tag": ("authenticationTag", text(12)),
    "no tag": ("authenticationTag", None),
    "another vector": ("initializationVector", text(12)),
    "a short vector": ("initializationVector", text(8)),
    "another ciphertext": ("ciphertext", text(103)),
    "a short ciphertext": ("ciphertext", text(10)),
    "no base64": ("ciphertext", "*"),
    "a number": ("ciphertext", 1),
    "other metadata": ("ciphertextMetadata", text(3)),
    "too much metadata": ("ciphertextMetadata", text(21)),
}


@pytest.mark.parametrize("case", ENCRYPTIONS)
def test_a_wrong_encryption(kms: Any, proxy: Proxy, key: str, case: str) -> None:
    """It is never handed out: nobody could decrypt it."""
    proxy.spoil = wrong(*ENCRYPTIONS[case])
    code, message, _ = refused(kms.encrypt, KeyId=key, Plaintext=b"espresso")
    assert code == "KMSInvalidStateException"
    assert message.endswith("the external key store proxy gave an answer that is not valid.")


def test_wrong_sizes_are_refused_with_the_right_checksum(kms: Any, proxy: Proxy, key: str) -> None:
    """A proxy that computes it over anything gets no further."""

    def shorter(_: str, answer: dict[str, Any]) -> dict[str, Any]:
        parts = {name: base64.b64decode(value) for name, value in answer.items()}
        parts["authenticationTag"] = parts["authenticationTag"][:12]
        authenticated = base64.b64decode(proxy.asked[-1][1]["additionalAuthenticatedData"])
        value = hashlib.sha256(
            authenticated
            + parts["ciphertextMetadata"]
            + parts["initializationVector"]
            + parts["ciphertext"]
            + parts["authenticationTag"]
        ).digest()
        parts["ciphertextDataIntegrityValue"] = value
        return {name: base64.b64encode(part).decode() for name, part in parts.items()}

    proxy.spoil = shorter
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"espresso")[0] == "KMSInvalidStateException"


@pytest.mark.parametrize("value", [text(103), text(102), "", None, "*"])
def test_a_wrong_decryption(kms: Any, proxy: Proxy, key: str, value: str | None) -> None:
    """What the proxy gives back is authenticated here: it can make us answer nothing but the truth."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    assert len(external_parts(blob).ciphertext) == 103
    proxy.spoil = wrong("plaintext", value)
    code = refused(kms.decrypt, CiphertextBlob=blob)[0]
    assert code in {"KMSInvalidStateException", "InvalidCiphertextException"}


def test_a_proxy_that_swaps_ciphertexts(kms: Any, proxy: Proxy, key: str) -> None:
    """It gives back what belongs to another ciphertext, and that does not open."""
    first = kms.encrypt(KeyId=key, Plaintext=b"pay me", EncryptionContext={"to": "alice"})["CiphertextBlob"]
    stolen = proxy.asked[-1][1]["plaintext"]
    second = kms.encrypt(KeyId=key, Plaintext=b"pay me", EncryptionContext={"to": "mallory"})
    proxy.spoil = wrong("plaintext", stolen)
    given = {"CiphertextBlob": second["CiphertextBlob"], "EncryptionContext": {"to": "mallory"}}
    assert refused(kms.decrypt, **given) == INVALID
    assert kms.decrypt(CiphertextBlob=first, EncryptionContext={"to": "alice"})["Plaintext"] == b"pay me"


def test_a_proxy_that_is_gone(kms: Any, proxy: Proxy, key: str) -> None:
    """Its keys cannot be used, other keys can, and nothing becomes of them."""
    ordinary = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    proxy.stop()
    code, message, _ = refused(kms.decrypt, CiphertextBlob=blob)
    assert (code, message) == (
        "KMSInvalidStateException",
        f"{key} cannot be used now: the external key store proxy cannot be reached.",
    )
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    kms.encrypt(KeyId=ordinary, Plaintext=b"espresso")


def test_a_slow_proxy_holds_nobody_up(house: House, proxy: Proxy, key: str) -> None:
    """While it does not answer, other keys are used."""
    kms = house.client("kms")
    ordinary = kms.create_key()["KeyMetadata"]["Arn"]
    answers: list[Any] = []
    proxy.hold.clear()
    waiting = Thread(target=lambda: answers.append(house.client("kms").encrypt(KeyId=key, Plaintext=b"x")))
    waiting.start()
    kms.encrypt(KeyId=ordinary, Plaintext=b"espresso")
    assert answers == []
    proxy.hold.set()
    waiting.join()
    assert answers[0]["KeyId"] == key


def test_a_proxy_that_ends_kept_connections(kms: Any, proxy: Proxy, key: str) -> None:
    """They are kept, and others are made as needed."""
    for _ in range(3):
        kms.encrypt(KeyId=key, Plaintext=b"espresso")
    assert proxy.connections == 1
    proxy._server.close_all()
    kms.encrypt(KeyId=key, Plaintext=b"espresso")
    assert proxy.connections == 2


def test_an_external_key_is_used_once_in_a_store(kms: Any, house: House, store: str, key: str) -> None:
    """Until its KMS key is deleted."""
    given = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "espresso"}
    assert refused(kms.create_key, **given)[0] == "XksKeyAlreadyInUseException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(kms.create_key, **given)[0] == "XksKeyAlreadyInUseException"
    house.clock.offset = timedelta(days=8)
    house.move_on()
    assert external_key(kms, store) != key


@pytest.mark.parametrize(
    "changed",
    [
        {"keySpec": "AES_128"},
        {"keyStatus": "DISABLED"},
        {"keyUsage": ["ENCRYPT"]},
        {"keyUsage": []},
    ],
)
def test_an_external_key_that_cannot_be_one(
    kms: Any, proxy: Proxy, store: str, changed: dict[str, Any]
) -> None:
    """Of another spec, for less, or disabled."""
    proxy.keys["espresso"].metadata |= changed
    given = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "espresso"}
    assert refused(kms.create_key, **given)[0] == "XksKeyInvalidConfigurationException"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("decaf", "XksKeyNotFoundException"),
        ("..", "ValidationException"),
        (".", "ValidationException"),
        ("a/b", "ValidationException"),
    ],
)
def test_an_external_key_that_is_not_there(kms: Any, proxy: Proxy, store: str, name: str, code: str) -> None:
    """And names that would be paths to something else."""
    asked = len(proxy.asked)
    given = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": name}
    assert refused(kms.create_key, **given)[0] == code
    assert len(proxy.asked) - asked == (code == "XksKeyNotFoundException")


@pytest.mark.parametrize("name", [name for name in STATUSES if name != "KeyNotFoundException"])
def test_a_proxy_that_refuses_while_a_key_is_created(kms: Any, proxy: Proxy, store: str, name: str) -> None:
    """The exception is about the store, and no key is made."""
    proxy.refuse = name
    given = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "espresso"}
    assert refused(kms.create_key, **given)[0] == "CustomKeyStoreInvalidStateException"
    assert kms.list_keys()["Keys"] == []


def test_our_half_is_erased_with_the_key(kms: Any, house: House, key: str) -> None:
    """What is left at the proxy opens no ciphertext."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    house.clock.offset = timedelta(days=8)
    house.move_on()
    assert house.store.snapshot().count(KEY_MATERIAL, "111122223333", "us-east-1") == 0
    with pytest.raises(kms.exceptions.ClientError):
        kms.decrypt(CiphertextBlob=blob)


def test_a_disabled_external_key(kms: Any, proxy: Proxy, key: str) -> None:
    """Whoever has the key manager can take every ciphertext away, and give it back."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    proxy.keys["espresso"].metadata["keyStatus"] = "DISABLED"
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "KMSInvalidStateException"
    proxy.keys["espresso"].metadata["keyStatus"] = "ENABLED"
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    del proxy.keys["espresso"]
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "KMSInvalidStateException"


def test_a_dry_run(kms: Any, key: str) -> None:
    """It goes as far as the request would."""
    given = {"KeyId": key, "Plaintext": b"espresso", "DryRun": True}
    assert refused(kms.encrypt, **given)[0] == "DryRunOperationException"


def test_events_name_the_key(kms: Any, house: House, key: str) -> None:
    """Also those of requests that turned out to be slow, once each."""
    kms.encrypt(KeyId=key, Plaintext=b"espresso")
    events = house.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}]
    )["Events"]
    told = [json.loads(event["CloudTrailEvent"]) for event in events]
    assert [[one["ARN"] for one in event["resources"]] for event in told] == [[key]]
    assert "keyMaterialId" in told[0]["additionalEventData"]
