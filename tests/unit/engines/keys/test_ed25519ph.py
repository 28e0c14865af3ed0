"""Ed25519ph against RFC 8032 and against libsodium's own, which hashes the message itself."""

import hashlib
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings as libsodium
from nacl.exceptions import BadSignatureError

from masugata.engines import keys
from masugata.engines.keys.ed25519ph import sign_digest, verify_digest

SPEC, ALGORITHM = "ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512"
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = (  # points of order 1, 2, 4 and 8, and the identity in a form that is not reduced
    (1).to_bytes(32, "little"),
    (2**255 - 20).to_bytes(32, "little"),
    bytes(32),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    (2**255 - 18).to_bytes(32, "little"),
)


def test_the_rfcs_example():
    """RFC 8032, section 7.3: the signature of "abc", bit for bit."""
    seed = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    expected = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    public_key = bytes.fromhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")
    digest = hashlib.sha512(b"abc").digest()
    assert sign_digest(seed, digest) == expected
    verify_digest(public_key, digest, expected)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_libsodium_agrees(seed, message):
    """What libsodium makes of the message is what we make of its digest, and each takes the other's."""
    public_key, private_key = libsodium.crypto_sign_seed_keypair(seed)
    digest = hashlib.sha512(message).digest()
    state = libsodium.crypto_sign_ed25519ph_state()
    libsodium.crypto_sign_ed25519ph_update(state, message)
    theirs = libsodium.crypto_sign_ed25519ph_final_create(state, private_key)
    assert sign_digest(seed, digest) == theirs
    verify_digest(public_key, digest, theirs)


def test_every_changed_bit_is_noticed():
    """No bit of a signature, nor of the digest, can be changed."""
    seed, digest = os.urandom(32), os.urandom(64)
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    signature = sign_digest(seed, digest)
    for bit in range(512):
        mask = (1 << bit).to_bytes(64, "little")
        for changed in (
            (digest, bytes(one ^ other for one, other in zip(signature, mask, strict=True))),
            (bytes(one ^ other for one, other in zip(digest, mask, strict=True)), signature),
        ):
            with pytest.raises(InvalidSignature):
                verify_digest(public_key, *changed)
    for bad in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64):
        with pytest.raises(InvalidSignature):
            verify_digest(public_key, digest, bad)


def test_a_signature_has_one_form():
    """The same number beyond the group's order is another signature, and refused."""
    seed, digest = bytes(32), bytes(64)
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    signature = sign_digest(seed, digest)
    beyond = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(InvalidSignature):
        verify_digest(public_key, digest, signature[:32] + beyond.to_bytes(32, "little"))


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_points_of_small_order_sign_nothing(point):
    """Keys for which one signature is good for many messages are no keys."""
    digest = bytes(64)
    for commitment in (*SMALL_ORDER, os.urandom(32)):
        for response in (bytes(32), (1).to_bytes(32, "little")):
            with pytest.raises(InvalidSignature):
                verify_digest(point, digest, commitment + response)


def test_the_two_ed25519_are_apart(pairs, public_keys):
    """A signature of the digest as a message is none of the digest as such, either way."""
    digest = hashlib.sha512(b"espresso").digest()
    prehashed = keys.sign(pairs[SPEC], ALGORITHM, digest, "DIGEST")
    keys.verify(SPEC, public_keys[SPEC], ALGORITHM, digest, "DIGEST", prehashed)
    plain = keys.sign(pairs[SPEC], "ED25519_SHA_512", digest, "RAW")
    with pytest.raises(keys.InvalidSignatureError):
        keys.verify(SPEC, public_keys[SPEC], ALGORITHM, digest, "DIGEST", plain)
    with pytest.raises(keys.InvalidSignatureError):
        keys.verify(SPEC, public_keys[SPEC], "ED25519_SHA_512", digest, "RAW", prehashed)
    state = libsodium.crypto_sign_ed25519ph_state()
    libsodium.crypto_sign_ed25519ph_update(state, b"ristretto")
    with pytest.raises(BadSignatureError):
        libsodium.crypto_sign_ed25519ph_final_verify(state, prehashed, public_keys[SPEC][-32:])


def test_digests_only(pairs):
    """Ed25519ph signs 64 bytes, and no message."""
    with pytest.raises(keys.InvalidMessageError, match="RAW is not valid for algorithm ED25519_PH_SHA_512"):
        keys.sign(pairs[SPEC], ALGORITHM, bytes(64), "RAW")
    with pytest.raises(keys.InvalidMessageError, match="Digest is invalid length"):
        keys.sign(pairs[SPEC], ALGORITHM, bytes(32), "DIGEST")
