"""RSA encryption, encapsulation, MACs, and unwrapping."""

import hmac
import os

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from masugata.engines import keys

LONGEST = {  # as AWS documents them
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_4096", "RSAES_OAEP_SHA_1"): 470,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
}
HMAC = {"HMAC_224": "sha224", "HMAC_256": "sha256", "HMAC_384": "sha384", "HMAC_512": "sha512"}


@pytest.mark.parametrize(("spec", "algorithm"), LONGEST)
def test_oaep_up_to_its_length(spec, algorithm, pairs, public_keys):
    """As much is encrypted as AWS documents, a byte more is refused with AWS's text."""
    longest = LONGEST[spec, algorithm]
    plaintext = os.urandom(longest)
    ciphertext = keys.encrypt_with_public_key(spec, public_keys[spec], algorithm, plaintext)
    assert keys.decrypt_with_private_key(pairs[spec], algorithm, ciphertext) == plaintext
    with pytest.raises(keys.InvalidInputError) as refusal:
        keys.encrypt_with_public_key(spec, public_keys[spec], algorithm, plaintext + b"x")
    assert (
        str(refusal.value)
        == f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes."
    )


def test_oaep_refuses_what_was_not_made_for_it(pairs, public_keys):
    """Another hash, another key, another length, a changed bit: one refusal, without words."""
    spec = "RSA_2048"
    good = keys.encrypt_with_public_key(spec, public_keys[spec], "RSAES_OAEP_SHA_256", b"x")
    bad = [good[:-1], good + b"\0", b"", bytes(256), b"\xff" * 256]
    bad += [good[:-1] + bytes((good[-1] ^ 1 << bit,)) for bit in range(8)]
    for ciphertext in bad:
        with pytest.raises(keys.InvalidCiphertextError) as refusal:
            keys.decrypt_with_private_key(pairs[spec], "RSAES_OAEP_SHA_256", ciphertext)
        assert (str(refusal.value), refusal.value.__cause__) == ("", None)
    with pytest.raises(keys.InvalidCiphertextError):
        keys.decrypt_with_private_key(pairs[spec], "RSAES_OAEP_SHA_1", good)
    with pytest.raises(keys.InvalidCiphertextError):
        keys.decrypt_with_private_key(pairs["RSA_3072"], "RSAES_OAEP_SHA_256", good)


def test_only_rsa_encrypts(pairs, public_keys):
    """Keys of other specs have no public encryption."""
    with pytest.raises(keys.InvalidInputError, match="`ECC_NIST_P256` has no `RSAES_OAEP_SHA_1`"):
        keys.encrypt_with_public_key("ECC_NIST_P256", public_keys["ECC_NIST_P256"], "RSAES_OAEP_SHA_1", b"x")
    with pytest.raises(keys.InvalidInputError, match="`ML_KEM_768` has no `RSAES_OAEP_SHA_1`"):
        keys.decrypt_with_private_key(pairs["ML_KEM_768"], "RSAES_OAEP_SHA_1", b"x")


@pytest.mark.parametrize(("spec", "size"), [("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)])
def test_encapsulated_secrets_come_out(spec, size, pairs, public_keys):
    """Who has the private key gets the secret; who changes the ciphertext gets another one."""
    made = keys.encapsulate(spec, public_keys[spec])
    assert len(made.ciphertext) == size
    assert len(made.shared_secret) == 32
    assert keys.decapsulate(pairs[spec], made.ciphertext) == made.shared_secret
    changed = bytes((made.ciphertext[0] ^ 1,)) + made.ciphertext[1:]
    other = keys.decapsulate(pairs[spec], changed)
    assert len(other) == 32
    assert other != made.shared_secret
    assert other == keys.decapsulate(pairs[spec], changed)
    for bad in (b"", made.ciphertext[:-1], made.ciphertext + b"\0"):
        with pytest.raises(keys.InvalidCiphertextError):
            keys.decapsulate(pairs[spec], bad)
    assert made.shared_secret.hex() not in repr(made)
    assert repr(made) == "<Encapsulation>"


def test_only_ml_kem_encapsulates(pairs, public_keys):
    """Keys of other specs encapsulate nothing, and ML_KEM_512 is not built."""
    with pytest.raises(keys.InvalidInputError, match="`RSA_2048` has no `ML_KEM`"):
        keys.encapsulate("RSA_2048", public_keys["RSA_2048"])
    with pytest.raises(keys.InvalidInputError, match="`RSA_2048` has no `ML_KEM`"):
        keys.decapsulate(pairs["RSA_2048"], b"x")
    with pytest.raises(keys.UnsupportedError):
        keys.encapsulate("ML_KEM_512", b"x")


@pytest.mark.parametrize(("spec", "hash_name"), HMAC.items())
def test_macs(spec, hash_name, secrets):
    """HMAC by the spec's hash; a MAC that was cut, or is another message's, is not the one."""
    mac = keys.generate_mac(spec, secrets[spec], b"espresso")
    assert mac == hmac.digest(secrets[spec], b"espresso", hash_name)
    assert keys.verify_mac(spec, secrets[spec], b"espresso", mac)
    for message, bad in (
        (b"ristretto", mac),
        (b"espresso", mac[:-1]),
        (b"espresso", b""),
        (b"espresso", mac * 2),
    ):
        assert not keys.verify_mac(spec, secrets[spec], message, bad)
    keys.generate_mac(spec, secrets[spec], bytes(4096))
    with pytest.raises(keys.InvalidMessageError, match="at most 4096 bytes"):
        keys.generate_mac(spec, secrets[spec], bytes(4097))
    with pytest.raises(keys.InvalidInputError, match="makes no MACs"):
        keys.generate_mac("SYMMETRIC_DEFAULT", secrets[spec], b"x")


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
@pytest.mark.parametrize("hash_bits", [1, 256])
def test_wrapped_material(bits, hash_bits, pairs, public_keys, secrets):
    """What was wrapped directly, or under an AES key, comes out as it was."""
    spec, oaep = f"RSA_{bits}", f"RSAES_OAEP_SHA_{hash_bits}"
    aes_key, material = os.urandom(32), secrets["RSA_4096"]
    wrapped = keys.encrypt_with_public_key(spec, public_keys[spec], oaep, aes_key)
    assert keys.unwrap(pairs[spec], oaep, wrapped) == aes_key
    wrapped += aes_key_wrap_with_padding(aes_key, material)
    algorithm = f"RSA_AES_KEY_WRAP_SHA_{hash_bits}"
    assert keys.unwrap(pairs[spec], algorithm, wrapped) == material
    size = bits // 8
    for bad in (
        b"",
        wrapped[:size],
        wrapped[: size + 8],
        wrapped[:-1],
        wrapped[:-8],
        wrapped + bytes(8),
        wrapped[:-1] + bytes((wrapped[-1] ^ 1,)),
        bytes((wrapped[0] ^ 1,)) + wrapped[1:],
    ):
        with pytest.raises(keys.InvalidCiphertextError) as refusal:
            keys.unwrap(pairs[spec], algorithm, bad)
        assert (str(refusal.value), refusal.value.__cause__) == ("", None)


def test_the_aes_key_has_256_bits(pairs, public_keys):
    """RSA_AES_KEY_WRAP with a shorter AES key is refused."""
    aes_key = bytes(16)
    wrapped = keys.encrypt_with_public_key("RSA_2048", public_keys["RSA_2048"], "RSAES_OAEP_SHA_256", aes_key)
    wrapped += aes_key_wrap_with_padding(aes_key, bytes(32))
    with pytest.raises(keys.InvalidCiphertextError):
        keys.unwrap(pairs["RSA_2048"], "RSA_AES_KEY_WRAP_SHA_256", wrapped)


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSAES_PKCS1_V1_5"), ("RSA_2048", "SM2PKE"), ("ECC_NIST_P256", "RSAES_OAEP_SHA_1")],
)
def test_wrapping_algorithms_are_few(spec, algorithm, pairs):
    """PKCS #1 v1.5, which AWS gave up in 2023, and keys that are not RSA unwrap nothing."""
    with pytest.raises(keys.InvalidInputError, match="does not unwrap"):
        keys.unwrap(pairs[spec], algorithm, bytes(256))
