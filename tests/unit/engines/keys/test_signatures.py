"""Signatures: of messages, digests and mu; texts of refusals are AWS's where they are known."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSAMuHasher
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import load_der_public_key

from masugata.engines import keys

ROWS = [
    (spec, algorithm)
    for spec, each in keys.KEY_SPECS.items()
    for algorithm in each.algorithms.get("SIGN_VERIFY", ())
    if algorithm != "ED25519_PH_SHA_512"  # it signs digests only: see test_ed25519ph
]
HASHED = [(spec, algorithm) for spec, algorithm in ROWS if algorithm.startswith(("RSA", "ECDSA"))]


def digest(algorithm, message):
    """The digest that an algorithm signs."""
    return hashlib.new(f"sha{algorithm[-3:]}", message).digest()


@pytest.mark.parametrize(("spec", "algorithm"), ROWS)
def test_what_is_signed_verifies_and_nothing_else(spec, algorithm, pairs, public_keys):
    """A signature is good for its message alone, and in no other length."""
    signature = keys.sign(pairs[spec], algorithm, b"espresso", "RAW")
    keys.verify(spec, public_keys[spec], algorithm, b"espresso", "RAW", signature)
    for message, bad in (
        (b"ristretto", signature),
        (b"espresso", signature[:-1]),
        (b"espresso", signature + b"\0"),
        (b"espresso", b""),
        (b"espresso", bytes(len(signature))),
    ):
        with pytest.raises(keys.InvalidSignatureError) as refusal:
            keys.verify(spec, public_keys[spec], algorithm, message, "RAW", bad)
        assert str(refusal.value) == ""


@pytest.mark.parametrize(("spec", "algorithm"), HASHED)
def test_digest_and_message_are_one(spec, algorithm, pairs, public_keys):
    """The signature of a message is one of its digest, and the other way about."""
    both = ((b"espresso", "RAW"), (digest(algorithm, b"espresso"), "DIGEST"))
    for signed in both:
        signature = keys.sign(pairs[spec], algorithm, *signed)
        for verified in both:
            keys.verify(spec, public_keys[spec], algorithm, *verified, signature)


@pytest.mark.parametrize(("spec", "algorithm"), HASHED)
@pytest.mark.parametrize("size", [0, 20, 63, 65])
def test_digest_of_wrong_length(spec, algorithm, size, pairs, public_keys):
    """A digest of another length is refused with AWS's text, to sign and to verify."""
    text = f"Digest is invalid length for algorithm {algorithm}."
    with pytest.raises(keys.InvalidMessageError) as refusal:
        keys.sign(pairs[spec], algorithm, bytes(size), "DIGEST")
    assert str(refusal.value) == text
    with pytest.raises(keys.InvalidMessageError) as refusal:
        keys.verify(spec, public_keys[spec], algorithm, bytes(size), "DIGEST", b"x")
    assert str(refusal.value) == text


@pytest.mark.parametrize(("spec", "algorithm"), ROWS)
def test_messages_are_bounded(spec, algorithm, pairs):
    """4096 bytes are signed, one more is not."""
    keys.sign(pairs[spec], algorithm, bytes(4096), "RAW")
    with pytest.raises(keys.InvalidMessageError, match="at most 4096 bytes"):
        keys.sign(pairs[spec], algorithm, bytes(4097), "RAW")


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256", "EXTERNAL_MU"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "EXTERNAL_MU"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "raw"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "DIGEST"),
    ],
)
def test_message_types_are_the_algorithms(spec, algorithm, message_type, pairs):
    """What an algorithm does not sign is refused, naming both."""
    with pytest.raises(
        keys.InvalidMessageError, match=f"{message_type} is not valid for algorithm {algorithm}"
    ):
        keys.sign(pairs[spec], algorithm, bytes(64), message_type)


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_mu_is_computed_elsewhere(spec, pairs, public_keys):
    """A signature of mu is the signature of the message, whatever the message's length."""
    message = bytes(100_000)
    hasher = MLDSAMuHasher(load_der_public_key(public_keys[spec]))
    hasher.update(message)
    mu = hasher.finalize()
    signature = keys.sign(pairs[spec], "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU")
    load_der_public_key(public_keys[spec]).verify(signature, message)
    keys.verify(spec, public_keys[spec], "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU", signature)
    with pytest.raises(keys.InvalidMessageError, match="invalid length"):
        keys.sign(pairs[spec], "ML_DSA_SHAKE_256", mu[:-1], "EXTERNAL_MU")


def test_salt_is_as_long_as_the_hash(pairs, public_keys):
    """Strict verifiers, which want a salt of the hash's length, accept PSS."""
    signature = keys.sign(pairs["RSA_2048"], "RSASSA_PSS_SHA_384", b"x", "RAW")
    key = load_der_public_key(public_keys["RSA_2048"])
    key.verify(signature, b"x", PSS(MGF1(SHA384()), 48), SHA384())


def test_ecdsa_is_der(pairs):
    """An ECDSA signature is a DER sequence of two numbers."""
    r, s = decode_dss_signature(keys.sign(pairs["ECC_NIST_P521"], "ECDSA_SHA_512", b"x", "RAW"))
    assert r
    assert s


@pytest.mark.parametrize(
    "spec", ["RSA_2048", "ECC_NIST_P384", "ECC_NIST_EDWARDS25519", "ML_DSA_65", "ML_KEM_768"]
)
def test_algorithm_of_another_spec(spec, pairs, public_keys):
    """A key signs and verifies by the algorithms of its spec alone."""
    with pytest.raises(keys.InvalidInputError, match=f"`{spec}` has no `ECDSA_SHA_256`"):
        keys.sign(pairs[spec], "ECDSA_SHA_256", b"x", "RAW")
    with pytest.raises(keys.InvalidInputError, match=f"`{spec}` has no `ECDSA_SHA_256`"):
        keys.verify(spec, public_keys[spec], "ECDSA_SHA_256", b"x", "RAW", b"x")


def test_key_of_another_spec_verifies_nothing(public_keys):
    """A public key that is not of the spec that it is said to be of is refused before the signature."""
    with pytest.raises(keys.InvalidKeyError):
        keys.verify("ECC_NIST_P256", public_keys["ECC_SECG_P256K1"], "ECDSA_SHA_256", b"x", "RAW", b"x")
