"""Sign and Verify: every spec by every algorithm, verified by others, and what is refused."""

import hashlib
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSAMuHasher
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import load_der_public_key

from masugata.engines.keys import KEY_SPECS
from unit.services.kms.using_keys import new_key, refused

HASHES = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
SIGN_VERIFY = "SIGN_VERIFY"
PREHASHED = "ED25519_PH_SHA_512"
BUILT = [
    (spec.name, algorithm)
    for spec in KEY_SPECS.values()
    for algorithm in spec.algorithms.get(SIGN_VERIFY, ())
    if algorithm != PREHASHED
]
HASHED = [(spec, algorithm) for spec, algorithm in BUILT if algorithm.startswith(("RSA", "ECDSA"))]
MESSAGE = b"two espressos, please"


class Keys(dict[str, str]):
    """A key of each spec, made when it is first asked for."""

    def __init__(self, kms: Any) -> None:
        self._kms = kms

    def __missing__(self, spec: str) -> str:
        self[spec] = new_key(self._kms, spec, SIGN_VERIFY)
        return self[spec]


@pytest.fixture(scope="module")
def keys(kms: Any) -> Keys:
    """Keys that no test changes."""
    return Keys(kms)


def verify_elsewhere(public_key: Any, algorithm: str, signature: bytes, message: bytes) -> None:
    """Verify with `cryptography`; raises InvalidSignature."""
    function = HASHES.get(algorithm[-3:])
    if algorithm.startswith("RSASSA_PSS"):
        public_key.verify(signature, message, PSS(MGF1(function), function.digest_size), function)
    elif algorithm.startswith("RSASSA_PKCS1"):
        public_key.verify(signature, message, PKCS1v15(), function)
    elif algorithm.startswith("ECDSA"):
        public_key.verify(signature, message, ECDSA(function))
    else:
        public_key.verify(signature, message)


@pytest.mark.parametrize(("spec", "algorithm"), BUILT)
def test_a_signature_holds_here_and_elsewhere(kms, keys, spec, algorithm):
    """Of the whole message; the answers name key and algorithm."""
    key = keys[spec]
    signed = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)
    assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key, algorithm)
    signature = signed["Signature"]
    answer = kms.verify(KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm)
    assert (answer["KeyId"], answer["SignatureValid"], answer["SigningAlgorithm"]) == (key, True, algorithm)
    public_key = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    verify_elsewhere(public_key, algorithm, signature, MESSAGE)
    with pytest.raises(InvalidSignature):
        verify_elsewhere(public_key, algorithm, signature, MESSAGE + b"!")


@pytest.mark.parametrize(("spec", "algorithm"), HASHED)
def test_a_digest_is_signed_as_its_message(kms, keys, spec, algorithm):
    """Both verify each other's signature."""
    key, digest = keys[spec], hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
    raw = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": MESSAGE}
    hashed = {**raw, "Message": digest, "MessageType": "DIGEST"}
    for signs, verifies in ((raw, hashed), (hashed, raw)):
        signature = kms.sign(**signs)["Signature"]
        assert kms.verify(**verifies, Signature=signature)["SignatureValid"] is True


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_a_representative_is_signed_as_its_message(kms, keys, spec):
    """ML-DSA's mu, computed from the public key by whoever has the message."""
    key = keys[spec]
    public_key: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    hasher = MLDSAMuHasher(public_key)
    hasher.update(MESSAGE)
    given = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    signature = kms.sign(**given, Message=hasher.finalize(), MessageType="EXTERNAL_MU")["Signature"]
    assert kms.verify(**given, Message=MESSAGE, Signature=signature)["SignatureValid"] is True
    public_key.verify(signature, MESSAGE)


@pytest.mark.parametrize(("spec", "algorithm"), BUILT)
def test_a_wrong_signature_is_an_error(kms, keys, spec, algorithm):
    """Of another message, changed, cut or of nothing: never a false that may be overlooked."""
    key = keys[spec]
    given = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    right = kms.sign(**given)["Signature"]
    other = kms.sign(**{**given, "Message": b"no"})["Signature"]
    flipped = bytes([*right[:-1], right[-1] ^ 1])
    for wrong in (other, flipped, right[:-1], right + b"x", b"x"):
        assert refused(kms.verify, **given, Signature=wrong) == ("KMSInvalidSignatureException", "", 400)


@pytest.mark.parametrize(("spec", "algorithm"), HASHED)
@pytest.mark.parametrize("operation", ["sign", "verify"])
def test_a_digest_of_the_wrong_length_is_refused(kms, keys, spec, algorithm, operation):
    """In AWS's words."""
    given = {
        "KeyId": keys[spec],
        "SigningAlgorithm": algorithm,
        "MessageType": "DIGEST",
        "Message": b"x" * 20,
    }
    more = {"Signature": b"x"} if operation == "verify" else {}
    message = f"Digest is invalid length for algorithm {algorithm}."
    assert refused(getattr(kms, operation), **given, **more) == ("ValidationException", message, 400)


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type", "whose"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256", "EXTERNAL_MU", "key spec RSA_2048"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "EXTERNAL_MU", "key spec ECC_NIST_P256"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "DIGEST", "key spec ML_DSA_44"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST", "algorithm ED25519_SHA_512"),
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "RAW", "algorithm ED25519_PH_SHA_512"),
    ],
)
def test_a_type_of_message_that_the_algorithm_does_not_sign_is_refused(
    kms, keys, spec, algorithm, message_type, whose
):
    """In AWS's words."""
    message = f"Message type {message_type} is incompatible with {whose}."
    given = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": message_type}
    assert refused(kms.sign, **given, Message=b"x" * 64) == ("ValidationException", message, 400)


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("RSA_2048", "ECDSA_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_384"),
        ("ECC_NIST_P384", "ECDSA_SHA_256"),
        ("ECC_SECG_P256K1", "RSASSA_PSS_SHA_256"),
        ("ECC_NIST_EDWARDS25519", "ECDSA_SHA_512"),
        ("ML_DSA_44", "SM2DSA"),
    ],
)
@pytest.mark.parametrize("operation", ["sign", "verify"])
def test_an_algorithm_that_the_key_has_not_is_refused(kms, keys, spec, algorithm, operation):
    """In AWS's words, before the digest is looked at."""
    given = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": "DIGEST", "Message": b"x"}
    more = {"Signature": b"x"} if operation == "verify" else {}
    message = f"Algorithm {algorithm} is incompatible with key spec {spec}."
    assert refused(getattr(kms, operation), **given, **more) == ("InvalidKeyUsageException", message, 400)


def test_ed25519ph_signs_digests(kms, keys):
    """Of SHA-512 alone; a signature of the digest is none of the message, nor of another digest."""
    key, digest = keys["ECC_NIST_EDWARDS25519"], hashlib.sha512(MESSAGE).digest()
    given = {"KeyId": key, "SigningAlgorithm": PREHASHED, "MessageType": "DIGEST", "Message": digest}
    signature = kms.sign(**given)["Signature"]
    assert kms.verify(**given, Signature=signature)["SignatureValid"] is True
    wrong = ("KMSInvalidSignatureException", "", 400)
    other = hashlib.sha512(b"no").digest()
    assert refused(kms.verify, **{**given, "Message": other}, Signature=signature) == wrong
    raw = {"KeyId": key, "SigningAlgorithm": "ED25519_SHA_512", "Message": digest}
    assert refused(kms.verify, **raw, Signature=signature) == wrong
    message = f"Digest is invalid length for algorithm {PREHASHED}."
    short = {**given, "Message": digest[:32]}
    assert refused(kms.sign, **short) == ("ValidationException", message, 400)


def test_a_message_is_at_most_4096_bytes(kms, keys):
    """And what is longer is refused by the constraint of the model, without showing it."""
    given = {"KeyId": keys["ECC_NIST_EDWARDS25519"], "SigningAlgorithm": "ED25519_SHA_512"}
    assert kms.sign(**given, Message=b"x" * 4096)
    code, message, _ = refused(kms.sign, **given, Message=b"x" * 4097)
    assert code == "ValidationException"
    assert "at 'message' failed to satisfy constraint" in message
