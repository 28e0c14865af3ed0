"""Data keys and data key pairs: of the size that was asked for, and the same in clear and encrypted."""

from concurrent.futures import Future
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from masugata.call import Pool
from masugata.engines.keys import UNSUPPORTED
from masugata.errors import AwsError
from unit.services.kms.using_keys import SYMMETRIC, new_key, refused

PAIRS = [
    "RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519", "ML_KEM_768", "ML_KEM_1024",
]  # fmt: skip
CONTEXT = {"shop": "tokyo"}


@pytest.fixture(scope="module")
def key(kms: Any) -> str:
    """A symmetric key that no test changes."""
    return new_key(kms, *SYMMETRIC)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
)
def test_a_data_key_opens_in_its_context(kms, key, given, size):
    """The plaintext is what the ciphertext opens to, and of the size that was asked for."""
    made = kms.generate_data_key(KeyId=key, EncryptionContext=CONTEXT, **given)
    assert len(made["Plaintext"]) == size
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    assert (made["KeyId"], made["KeyMaterialId"]) == (key, opened["KeyMaterialId"])
    assert refused(kms.decrypt, CiphertextBlob=made["CiphertextBlob"])[0] == "InvalidCiphertextException"
    without = kms.generate_data_key_without_plaintext(KeyId=key, EncryptionContext=CONTEXT, **given)
    assert "Plaintext" not in without
    assert without["KeyMaterialId"] == made["KeyMaterialId"]
    opened = kms.decrypt(CiphertextBlob=without["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert len(opened["Plaintext"]) == size


def test_no_two_data_keys_are_alike(kms, key):
    """They are random."""
    made = {kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"] for _ in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize("operation", ["generate_data_key", "generate_data_key_without_plaintext"])
@pytest.mark.parametrize("given", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}])
def test_the_size_is_said_in_one_way(kms, key, operation, given):
    """Not in both, and not in none: AWS's words, and said before the state of the key."""
    off = new_key(kms, *SYMMETRIC)
    kms.disable_key(KeyId=off)
    message = "Please specify either number of bytes or key spec."
    for name in (key, off):
        answer = refused(getattr(kms, operation), KeyId=name, **given)
        assert answer == ("ValidationException", message, 400)


@pytest.mark.parametrize("given", [{"NumberOfBytes": 1025}, {"KeySpec": "AES_512"}, {"KeySpec": "RSA_2048"}])
def test_sizes_beyond_the_bounds_are_refused(kms, key, given):
    """By the constraints of the model."""
    code, message, _ = refused(kms.generate_data_key, KeyId=key, **given)
    assert code == "ValidationException"
    assert "failed to satisfy constraint" in message


def private_bytes(private_key: Any) -> Any:
    """The public half that belongs to a private key."""
    return private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("spec", PAIRS)
def test_a_pair_belongs_together(kms, key, spec):
    """The private key is PKCS #8 in clear, opens from its ciphertext, and has the public key."""
    made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, EncryptionContext=CONTEXT)
    assert (made["KeyId"], made["KeyPairSpec"]) == (key, spec)
    opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    assert made["KeyMaterialId"] == opened["KeyMaterialId"]
    assert private_bytes(load_der_private_key(made["PrivateKeyPlaintext"], None)) == made["PublicKey"]
    without = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in without
    opened = kms.decrypt(CiphertextBlob=without["PrivateKeyCiphertextBlob"])
    assert private_bytes(load_der_private_key(opened["Plaintext"], None)) == without["PublicKey"]


@pytest.mark.parametrize("operation", ["generate_data_key_pair", "generate_data_key_pair_without_plaintext"])
@pytest.mark.parametrize("spec", ["SM2", *(name for name in UNSUPPORTED if name.startswith("ML_KEM"))])
@pytest.mark.parametrize("dry", [True, False])
def test_pairs_that_are_not_built_say_so(kms, key, operation, spec, dry):
    """SM2 is China's; what no library has is named. A dry run says the same."""
    code, message, status = refused(getattr(kms, operation), KeyId=key, KeyPairSpec=spec, DryRun=dry)
    assert (code, status) == ("UnsupportedOperationException", 400)
    assert spec in message


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("generate_data_key_without_plaintext", {"NumberOfBytes": 8}),
        ("generate_data_key_pair", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("generate_data_key_pair_without_plaintext", {"KeyPairSpec": "ECC_NIST_P256"}),
    ],
)
def test_rsa_encrypts_no_data_keys(kms, operation, given):
    """In AWS's words; the state of the key is said before."""
    rsa = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    message = "You cannot generate a data key with an asymmetric CMK"
    assert refused(getattr(kms, operation), KeyId=rsa, **given) == ("InvalidKeyUsageException", message, 400)
    kms.disable_key(KeyId=rsa)
    assert refused(getattr(kms, operation), KeyId=rsa, **given)[0] == "DisabledException"


def test_a_signature_does_not_wait_for_rsa_keys(aws, kms, key):
    """While all who generate RSA keys are busy, signatures are answered, and the pair comes after them."""
    signer = new_key(kms, "RSA_2048", "SIGN_VERIFY")
    pool = aws._installation.gateway.pools[Pool.PREPARATION]
    free = Event()
    busy = [pool.submit(aws.id, lambda: free.wait(60)) for _ in range(2)]
    pair: Future[Any] = Future()

    def generate() -> None:
        pair.set_result(kms.generate_data_key_pair(KeyId=key, KeyPairSpec="RSA_2048"))

    thread = Thread(target=generate)
    thread.start()
    for _ in range(3):
        assert kms.sign(KeyId=signer, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"]
        assert kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")["PublicKey"]
    assert not pair.done()
    free.set()
    assert pair.result(60)["PublicKey"]
    thread.join()
    assert all(work.result() for work in busy)


def test_pairs_beyond_the_pool_are_throttled(aws, kms, key):
    """What cannot be done soon is refused at once, not queued without an end."""
    pool = aws._installation.gateway.pools[Pool.PREPARATION]
    free = Event()
    waiting = []
    with suppress(AwsError):
        while True:
            waiting.append(pool.submit(aws.id, lambda: free.wait(60)))
    assert refused(kms.generate_data_key_pair, KeyId=key, KeyPairSpec="RSA_2048")[0] == "ThrottlingException"
    free.set()
    assert all(work.result() for work in waiting)
