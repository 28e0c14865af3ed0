"""Encrypt, Decrypt and ReEncrypt: what comes back, what does not, and AWS's words for it."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.services.kms.using_keys import (
    SIGNING,
    SYMMETRIC,
    encrypted,
    materials,
    new_key,
    refused,
    related_keys,
)

OAEP_SHA_1, OAEP_SHA_256 = "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"
HASHES = {OAEP_SHA_1: SHA1(), OAEP_SHA_256: SHA256()}  # noqa: S303  # AWS's algorithm
INVALID = ("InvalidCiphertextException", "", 400)
INCORRECT = (
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
    400,
)
# Keys that are empty, or differ in case alone, are refused: no policy could tell them.
CONTEXTS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=4).filter(
    lambda context: len({key.casefold() for key in context}) == len(context)
)


@pytest.fixture(scope="module")
def key(kms: Any) -> str:
    """A symmetric key that no test changes."""
    return new_key(kms, *SYMMETRIC)


@pytest.fixture(scope="module", params=["RSA_2048", "RSA_3072", "RSA_4096"])
def rsa(request: pytest.FixtureRequest, kms: Any) -> tuple[str, str]:
    """A key of each RSA spec, that encrypts."""
    return request.param, new_key(kms, request.param, "ENCRYPT_DECRYPT")


@pytest.fixture(scope="module")
def rsa_key(kms: Any) -> str:
    """An RSA key that encrypts."""
    return new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")


@pytest.mark.parametrize("size", [1, 32, 4096])
def test_what_was_encrypted_comes_back(aws, kms, key, size):
    """With the key named or not; the answers name key, algorithm and material."""
    (material,) = materials(aws, key)
    made = kms.encrypt(KeyId=key, Plaintext=b"x" * size)
    assert (made["KeyId"], made["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
    for name in ({}, {"KeyId": key}, {"KeyId": key.rpartition("/")[2]}):
        opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], **name)
        assert opened["Plaintext"] == b"x" * size
        assert (opened["KeyId"], opened["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
        assert opened["KeyMaterialId"] == material.id


@settings(max_examples=30, deadline=None)
@given(context=CONTEXTS, other=CONTEXTS, plaintext=st.binary(min_size=1, max_size=64))
def test_a_context_opens_what_it_closed_and_no_other_does(kms, key, context, other, plaintext):
    """Whatever is in it, in whatever order."""
    blob = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=context)["CiphertextBlob"]
    turned = dict(reversed(context.items()))
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=turned)["Plaintext"] == plaintext
    if other != context:
        assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=other) == INVALID


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ab": "c"}, {"a": "bc"}),
        ({"a": "b"}, {}),
        ({}, {"a": "b"}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": "b"}, {"b": "a"}),
        ({"a": "b", "c": "d"}, {"a": "bcd"}),
        ({"a": "b"}, {"ab": ""}),
    ],
)
def test_contexts_that_look_alike_are_not(kms, key, given, asked):
    """Names and values go behind their lengths."""
    blob = encrypted(kms, key, EncryptionContext=given)
    assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=asked) == INVALID


def test_an_empty_context_is_none(kms, key):
    """Both open the same ciphertext."""
    blob = encrypted(kms, key, EncryptionContext={})
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_no_changed_bit_gets_through(kms, key):
    """Wherever it is: the plaintext is not given, and the key opens the right ciphertext as before."""
    blob = encrypted(kms, key)
    for position in [*range(0, len(blob), 3), len(blob) - 1]:
        changed = bytearray(blob)
        changed[position] ^= 1 << (position % 8)
        code = refused(kms.decrypt, CiphertextBlob=bytes(changed), KeyId=key)[0]
        assert code in {"InvalidCiphertextException", "IncorrectKeyException"}
        # Without the name of a key the ciphertext may name one that is not there.
        assert refused(kms.decrypt, CiphertextBlob=bytes(changed))[0] in {code, "AccessDeniedException"}
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


@pytest.mark.parametrize("defect", ["empty of text", "cut", "longer", "of nothing", "random"])
def test_what_is_no_ciphertext_is_invalid(kms, key, defect):
    """Its message is empty, as AWS's."""
    blob = encrypted(kms, key)
    defects = {
        "empty of text": blob[:95],
        "cut": blob[:-1],
        "longer": blob + b"x",
        "of nothing": b"\0",
        "random": b"\xff" * 200,
    }
    assert refused(kms.decrypt, CiphertextBlob=defects[defect]) == INVALID


def test_another_keys_ciphertext_is_refused(kms, key):
    """If the request names a key, it is that one or none, whatever else it could not do."""
    blob = encrypted(kms, key)
    other = new_key(kms, *SYMMETRIC)
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=other) == INCORRECT
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=new_key(kms, *SIGNING)) == INCORRECT
    kms.disable_key(KeyId=other)
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=other) == INCORRECT


def test_a_header_that_names_another_key_does_not_open(kms, key):
    """The name of the key is authenticated with the rest."""
    other = new_key(kms, *SYMMETRIC)
    mixed = encrypted(kms, other)[:51] + encrypted(kms, key)[51:]
    assert refused(kms.decrypt, CiphertextBlob=mixed) == INVALID


@pytest.mark.parametrize("algorithm", [OAEP_SHA_1, OAEP_SHA_256])
def test_rsa_encrypts_as_much_as_it_takes(kms, rsa, algorithm):
    """The longest plaintext comes back, one byte more is refused in AWS's words; sizes are AWS's."""
    spec, key = rsa
    longest = {
        ("RSA_2048", OAEP_SHA_1): 214, ("RSA_3072", OAEP_SHA_1): 342, ("RSA_4096", OAEP_SHA_1): 470,
        ("RSA_2048", OAEP_SHA_256): 190, ("RSA_3072", OAEP_SHA_256): 318, ("RSA_4096", OAEP_SHA_256): 446,
    }[spec, algorithm]  # fmt: skip
    made = kms.encrypt(KeyId=key, Plaintext=b"x" * longest, EncryptionAlgorithm=algorithm)
    assert (made["KeyId"], made["EncryptionAlgorithm"]) == (key, algorithm)
    opened = kms.decrypt(KeyId=key, CiphertextBlob=made["CiphertextBlob"], EncryptionAlgorithm=algorithm)
    assert (opened["Plaintext"], opened["EncryptionAlgorithm"]) == (b"x" * longest, algorithm)
    assert "KeyMaterialId" not in opened
    message = f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes."
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x" * (longest + 1), EncryptionAlgorithm=algorithm) == (
        "ValidationException",
        message,
        400,
    )


@pytest.mark.parametrize("algorithm", [OAEP_SHA_1, OAEP_SHA_256])
def test_who_has_the_public_key_encrypts_without_us(kms, rsa_key, algorithm):
    """What `cryptography` encrypts with the public key, the key decrypts."""
    public: Any = load_der_public_key(kms.get_public_key(KeyId=rsa_key)["PublicKey"])
    blob = public.encrypt(b"espresso", OAEP(MGF1(HASHES[algorithm]), HASHES[algorithm], None))
    opened = kms.decrypt(KeyId=rsa_key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
    assert opened["Plaintext"] == b"espresso"


def test_what_rsa_does_not_open_is_invalid(kms, rsa_key):
    """Of another length, of another algorithm, or of a symmetric key: nobody says why."""
    blob = encrypted(kms, rsa_key, EncryptionAlgorithm=OAEP_SHA_1)
    for wrong in (blob, blob[:-1], blob + b"x", b"x"):
        assert (
            refused(kms.decrypt, KeyId=rsa_key, CiphertextBlob=wrong, EncryptionAlgorithm=OAEP_SHA_256)
            == INVALID
        )


def test_an_algorithm_that_the_key_has_not_is_refused(kms, key, rsa_key):
    """In AWS's words, for encrypting and for decrypting."""
    text = "Algorithm {} is incompatible with key spec {}."
    for name, spec, algorithm in (
        (key, "SYMMETRIC_DEFAULT", OAEP_SHA_1),
        (rsa_key, "RSA_2048", "SYMMETRIC_DEFAULT"),
        (rsa_key, "RSA_2048", "SM2PKE"),
    ):
        expected = ("InvalidKeyUsageException", text.format(algorithm, spec), 400)
        assert refused(kms.encrypt, KeyId=name, Plaintext=b"x", EncryptionAlgorithm=algorithm) == expected
    wrong = refused(
        kms.decrypt, KeyId=key, CiphertextBlob=encrypted(kms, key), EncryptionAlgorithm=OAEP_SHA_1
    )
    assert wrong == ("InvalidKeyUsageException", text.format(OAEP_SHA_1, "SYMMETRIC_DEFAULT"), 400)


def test_rsa_takes_no_context(kms, rsa_key):
    """It could not authenticate it."""
    more = {"EncryptionContext": {"shop": "tokyo"}, "EncryptionAlgorithm": OAEP_SHA_256}
    message = "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs."
    expected = ("ValidationException", message, 400)
    assert refused(kms.encrypt, KeyId=rsa_key, Plaintext=b"x", **more) == expected
    assert refused(kms.decrypt, KeyId=rsa_key, CiphertextBlob=b"x" * 256, **more) == expected


def test_what_is_missing_is_named(kms, key, rsa_key):
    """A ciphertext, unless a dry run ignores it, and the key if the ciphertext does not name it."""
    text = "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must not be null"
    assert refused(kms.decrypt, KeyId=key) == ("ValidationException", text.format("ciphertextBlob"), 400)
    rsa = encrypted(kms, rsa_key, EncryptionAlgorithm=OAEP_SHA_256)
    assert refused(kms.decrypt, CiphertextBlob=rsa, EncryptionAlgorithm=OAEP_SHA_256) == INVALID
    symmetric = encrypted(kms, key)
    assert refused(kms.decrypt, CiphertextBlob=symmetric, EncryptionAlgorithm=OAEP_SHA_256) == (
        "ValidationException",
        text.format("keyId"),
        400,
    )


def test_a_dry_run_can_do_without_a_ciphertext(kms, key):
    """IGNORE_CIPHERTEXT asks about the key alone, which must be named; it means nothing outside a dry run."""
    ignoring = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    assert refused(kms.decrypt, KeyId=key, **ignoring)[0] == "DryRunOperationException"
    assert refused(kms.decrypt, KeyId=key, CiphertextBlob=b"x", **ignoring)[0] == "DryRunOperationException"
    both = {"SourceKeyId": key, "DestinationKeyId": key}
    assert refused(kms.re_encrypt, **both, **ignoring)[0] == "DryRunOperationException"
    code, message, _ = refused(kms.decrypt, **ignoring)
    assert (code, "'keyId'" in message) == ("ValidationException", True)
    code, message, _ = refused(kms.re_encrypt, DestinationKeyId=key, **ignoring)
    assert (code, "'sourceKeyId'" in message) == ("ValidationException", True)
    assert refused(kms.decrypt, KeyId=key, DryRunModifiers=["IGNORE_CIPHERTEXT"])[0] == "ValidationException"
    off = new_key(kms, *SYMMETRIC)
    kms.disable_key(KeyId=off)
    assert refused(kms.decrypt, KeyId=off, **ignoring)[0] == "DisabledException"
    assert (
        refused(kms.re_encrypt, SourceKeyId=key, DestinationKeyId=off, **ignoring)[0] == "DisabledException"
    )
    # Without the modifier a dry run looks at it.
    assert refused(kms.decrypt, KeyId=key, CiphertextBlob=b"x", DryRun=True) == INVALID


def test_re_encryption_moves_between_keys_and_contexts(kms, key):
    """The answer names both keys and materials."""
    other = new_key(kms, *SYMMETRIC)
    blob = encrypted(kms, key, EncryptionContext={"shop": "tokyo"})
    made = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext={"shop": "tokyo"},
        DestinationKeyId=other,
        DestinationEncryptionContext={"shop": "kyoto"},
    )
    assert (made["SourceKeyId"], made["KeyId"]) == (key, other)
    algorithms = (made["SourceEncryptionAlgorithm"], made["DestinationEncryptionAlgorithm"])
    assert algorithms == ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT")
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"shop": "kyoto"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"espresso", other)
    assert opened["KeyMaterialId"] == made["DestinationKeyMaterialId"]
    assert made["SourceKeyMaterialId"] != made["DestinationKeyMaterialId"]


def test_re_encryption_to_and_from_rsa(kms, key, rsa_key):
    """Both ways; what is too long for RSA is refused, and RSA has no material that is named."""
    there = kms.re_encrypt(
        CiphertextBlob=encrypted(kms, key),
        DestinationKeyId=rsa_key,
        DestinationEncryptionAlgorithm=OAEP_SHA_256,
    )
    assert "DestinationKeyMaterialId" not in there
    back = kms.re_encrypt(
        CiphertextBlob=there["CiphertextBlob"],
        SourceKeyId=rsa_key,
        SourceEncryptionAlgorithm=OAEP_SHA_256,
        DestinationKeyId=key,
    )
    assert "SourceKeyMaterialId" not in back
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"espresso"
    long = kms.encrypt(KeyId=key, Plaintext=b"x" * 191)["CiphertextBlob"]
    assert refused(
        kms.re_encrypt,
        CiphertextBlob=long,
        DestinationKeyId=rsa_key,
        DestinationEncryptionAlgorithm=OAEP_SHA_256,
    ) == (
        "ValidationException",
        "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.",
        400,
    )


def test_re_encryption_refuses_what_either_key_refuses(kms, key):
    """A wrong source, a wrong context, a key that is for something else, and either key disabled."""
    other = new_key(kms, *SYMMETRIC)
    blob = encrypted(kms, key, EncryptionContext={"a": "b"})
    right = {"CiphertextBlob": blob, "SourceEncryptionContext": {"a": "b"}, "DestinationKeyId": other}
    assert refused(kms.re_encrypt, **{**right, "SourceEncryptionContext": {}}) == INVALID
    assert refused(kms.re_encrypt, **right, SourceKeyId=other) == INCORRECT
    assert refused(kms.re_encrypt, **{**right, "CiphertextBlob": b"x"}) == INVALID
    signer = new_key(kms, *SIGNING)
    assert refused(kms.re_encrypt, **{**right, "DestinationKeyId": signer})[0] == "InvalidKeyUsageException"
    assert refused(kms.re_encrypt, **right, DryRun=True)[0] == "DryRunOperationException"
    kms.disable_key(KeyId=other)
    assert refused(kms.re_encrypt, **right) == ("DisabledException", f"{other} is disabled.", 400)
    source = encrypted(kms, key)
    kms.enable_key(KeyId=other)
    kms.disable_key(KeyId=key)
    assert refused(kms.re_encrypt, CiphertextBlob=source, DestinationKeyId=other) == (
        "DisabledException",
        f"{key} is disabled.",
        400,
    )
    kms.enable_key(KeyId=key)


def test_the_event_of_a_re_encryption_names_both(aws, kms, key):
    """The keys in order, and the material of each; both were used."""
    other = new_key(kms, *SYMMETRIC)
    made = kms.re_encrypt(CiphertextBlob=encrypted(kms, key), DestinationKeyId=other)
    event = aws.events("ReEncrypt")[-1]
    assert [resource["ARN"] for resource in event["resources"]] == [key, other]
    assert event["additionalEventData"] == {
        "sourceKeyMaterialId": made["SourceKeyMaterialId"],
        "destinationKeyMaterialId": made["DestinationKeyMaterialId"],
    }
    assert event["requestParameters"] == {
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationKeyId": other,
    }
    for name in (key, other):
        assert kms.get_key_last_usage(KeyId=name)["KeyLastUsage"]["Operation"] == "ReEncrypt"


def test_related_keys_open_each_others_ciphertexts(aws, kms):
    """Each in its Region, without a name; no other key's, though."""
    primary, replica = related_keys(aws, "us-east-1", "eu-west-1")
    there = aws.client("kms", region_name="eu-west-1")
    opened = there.decrypt(CiphertextBlob=encrypted(kms, primary))
    assert (opened["Plaintext"], opened["KeyId"]) == (b"espresso", replica)
    opened = kms.decrypt(CiphertextBlob=encrypted(there, replica), KeyId=primary)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"espresso", primary)
    single = encrypted(kms, new_key(kms, *SYMMETRIC))
    assert refused(there.decrypt, CiphertextBlob=single, KeyId=replica) == INCORRECT


def test_old_ciphertexts_open_after_a_rotation(kms):
    """By the material that they name; new ones are of the new one."""
    key = new_key(kms, *SYMMETRIC)
    old = encrypted(kms, key)
    before = kms.decrypt(CiphertextBlob=old)["KeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key)
    after = kms.decrypt(CiphertextBlob=encrypted(kms, key))["KeyMaterialId"]
    assert after != before
    opened = kms.decrypt(CiphertextBlob=old)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"espresso", before)
