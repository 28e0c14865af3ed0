"""Wycheproof's vectors through the engine: no invalid one is accepted, no valid one refused."""

from collections import Counter
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from masugata.engines import keys
from masugata.engines.keys._encodings import IDENTIFIERS, _bit_string, _sequence
from masugata.engines.keys.messages import digest_of
from masugata.engines.keys.private_keys import CURVES
from masugata.engines.keys.wrapping import unwrap_with_aes
from wycheproof import Vector, vectors

# What Wycheproof leaves to the implementation: all of it is refused.
ACCEPTABLE = {
    "MissingNull": "an algorithm identifier without its NULL is not what RFC 8017 writes",
    "InvalidAsn": "there is one DER form of a public key",
    "UnnamedCurve": "a curve is named; explicit parameters invite another group (CVE-2020-0601)",
    "CompressedPublic": "there is one form of a point, the uncompressed one",
}


def never(_: Vector) -> bool:
    """KMS has all of it."""
    return False


def run(name: str, accepts: Callable[[Vector], bool], *, foreign: Callable[[Vector], bool] = never) -> None:
    """Hold what the engine says against a file's results; `foreign` are valid ones of what KMS has not."""
    wrong, counted = [], Counter()
    for vector in vectors(name):
        result = vector.test["result"]
        if result == "acceptable":
            assert vector.flags & ACCEPTABLE.keys(), vector.flags
        expected = vector.valid and not foreign(vector)
        counted[result] += 1
        if accepts(vector) != expected:
            wrong.append((vector.test["tcId"], result, vector.test.get("comment"), sorted(vector.flags)))
    assert wrong == []
    assert counted["valid"]


def says_yes(action: Callable[[], object]) -> bool:
    """Whether an action does not refuse."""
    try:
        action()
    except (keys.InvalidInputError, keys.InvalidSignatureError, keys.InvalidCiphertextError):
        return False
    return True


def pkcs8(spec: str, seed: bytes) -> bytes:
    """A private key of ML-DSA or ML-KEM, written down as a seed of any length up to 125 bytes."""
    tagged = bytes((0x80, len(seed))) + seed
    return _sequence(b"\x02\x01\x00" + IDENTIFIERS[spec] + bytes((0x04, len(tagged))) + tagged)


def verifies(spec: str, algorithm: str) -> Callable[[Vector], bool]:
    """Whether a signature verifies, by the message and by its digest alike."""

    def accepts(vector: Vector) -> bool:
        message, public_key = vector.bytes("msg"), vector.bytes("publicKeyDer")

        def verify(data: bytes, message_type: str) -> bool:
            signature = vector.bytes("sig")
            return says_yes(lambda: keys.verify(spec, public_key, algorithm, data, message_type, signature))

        answer = verify(message, "RAW")
        if algorithm.startswith(("RSA", "ECDSA")):
            assert verify(digest_of(algorithm, message, "RAW"), "DIGEST") == answer
        return answer

    return accepts


@pytest.mark.parametrize(("bits", "hash_bits"), [(b, h) for b in (2048, 3072, 4096) for h in (256, 384, 512)])
def test_rsassa_pkcs1(bits: int, hash_bits: int) -> None:
    """RSASSA-PKCS1-v1_5: forged paddings do not verify."""
    accepts = verifies(f"RSA_{bits}", f"RSASSA_PKCS1_V1_5_SHA_{hash_bits}")
    run(f"rsa_signature_{bits}_sha{hash_bits}", accepts)


@pytest.mark.parametrize(
    ("bits", "hash_bits"), [(2048, 256), (2048, 384), (3072, 256), (4096, 256), (4096, 384), (4096, 512)]
)
def test_rsassa_pss(bits: int, hash_bits: int) -> None:
    """RSASSA-PSS: the salt is as long as the hash."""
    accepts = verifies(f"RSA_{bits}", f"RSASSA_PSS_SHA_{hash_bits}")
    run(f"rsa_pss_{bits}_sha{hash_bits}_mgf1_{hash_bits // 8}", accepts)


@pytest.mark.parametrize(
    ("name", "spec", "bits"),
    [
        ("secp256r1", "ECC_NIST_P256", 256),
        ("secp384r1", "ECC_NIST_P384", 384),
        ("secp521r1", "ECC_NIST_P521", 512),
        ("secp256k1", "ECC_SECG_P256K1", 256),
    ],
)
def test_ecdsa(name: str, spec: str, bits: int) -> None:
    """ECDSA: strict DER, numbers in range."""
    run(f"ecdsa_{name}_sha{bits}", verifies(spec, f"ECDSA_SHA_{bits}"))


def test_ed25519() -> None:
    """Ed25519: scalars in range, no signature for a changed message."""
    run("ed25519", verifies("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"))


@pytest.mark.parametrize("level", [44, 65, 87])
def test_ml_dsa_verify(level: int) -> None:
    """ML-DSA: hints and norms are checked; a signature in a context is none without it."""
    spec = f"ML_DSA_{level}"

    def accepts(vector: Vector) -> bool:
        raw, signature = vector.bytes("publicKey"), vector.bytes("sig")
        public_key = _sequence(IDENTIFIERS[spec] + _bit_string(raw))
        return says_yes(
            lambda: keys.verify(spec, public_key, "ML_DSA_SHAKE_256", vector.bytes("msg"), "RAW", signature)
        )

    run(f"mldsa_{level}_verify", accepts, foreign=lambda vector: bool(vector.test.get("ctx")))


@pytest.mark.parametrize("level", [44, 65, 87])
def test_ml_dsa_sign(level: int) -> None:
    """ML-DSA: keys are read from seeds; message and mu make signatures of one kind."""
    spec, algorithm = f"ML_DSA_{level}", "ML_DSA_SHAKE_256"

    def accepts(vector: Vector) -> bool:
        try:
            key = keys.open_secret(spec, keys.import_secret(spec, pkcs8(spec, vector.bytes("privateSeed"))))
        except keys.InvalidKeyError:
            return False
        public_key = keys.public_key_of(key)
        ways = []
        if "msg" in vector.test and not vector.test.get("ctx"):
            ways.append((vector.bytes("msg"), "RAW"))
        if "mu" in vector.test:
            ways.append((vector.bytes("mu"), "EXTERNAL_MU"))
        for message, message_type in ways:
            for signature in (keys.sign(key, algorithm, message, message_type), vector.bytes("sig")):
                keys.verify(spec, public_key, algorithm, message, message_type, signature)
        return bool(ways)

    run(
        f"mldsa_{level}_sign_seed",
        accepts,
        foreign=lambda vector: bool(vector.test.get("ctx")) and "mu" not in vector.test,
    )


@pytest.mark.parametrize(("bits", "hash_bits"), [(2048, 1), (2048, 256), (3072, 256), (4096, 256)])
def test_rsaes_oaep(bits: int, hash_bits: int) -> None:
    """RSAES-OAEP: what was padded otherwise, or with a label, does not decrypt."""
    spec, algorithm = f"RSA_{bits}", f"RSAES_OAEP_SHA_{hash_bits}"
    opened: dict[bytes, keys.PrivateKey] = {}

    def accepts(vector: Vector) -> bool:
        pkcs8 = vector.bytes("privateKeyPkcs8")
        if pkcs8 not in opened:
            opened[pkcs8] = keys.open_secret(spec, keys.import_secret(spec, pkcs8))
        try:
            plaintext = keys.decrypt_with_private_key(opened[pkcs8], algorithm, vector.bytes("ct"))
        except keys.InvalidCiphertextError:
            return False
        assert plaintext == vector.bytes("msg")
        return True

    run(
        f"rsa_oaep_{bits}_sha{hash_bits}_mgf1sha{hash_bits}",
        accepts,
        foreign=lambda vector: bool(vector.test["label"]),
    )


@pytest.mark.parametrize(
    ("name", "spec"),
    [("secp256r1", "ECC_NIST_P256"), ("secp384r1", "ECC_NIST_P384"), ("secp521r1", "ECC_NIST_P521")],
)
def test_ecdh(name: str, spec: str) -> None:
    """ECDH: no point off the curve, no other curve, no other form."""

    def accepts(vector: Vector) -> bool:
        private = derive_private_key(int.from_bytes(vector.bytes("private"), "big"), CURVES[spec])
        pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        key = keys.open_secret(spec, keys.import_secret(spec, pkcs8))
        try:
            secret = keys.derive_shared_secret(key, vector.bytes("public"))
        except keys.InvalidKeyError:
            return False
        assert secret == vector.bytes("shared")
        return True

    run(f"ecdh_{name}", accepts)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac(bits: int) -> None:
    """HMAC: whole MACs only."""

    def accepts(vector: Vector) -> bool:
        return keys.verify_mac(f"HMAC_{bits}", vector.bytes("key"), vector.bytes("msg"), vector.bytes("tag"))

    run(f"hmac_sha{bits}", accepts, foreign=lambda vector: vector.group["tagSize"] != bits)


@pytest.mark.parametrize("level", [768, 1024])
def test_ml_kem_decapsulate(level: int) -> None:
    """ML-KEM: seeds and ciphertexts of the right length give the secret, others are refused."""
    spec = f"ML_KEM_{level}"

    def accepts(vector: Vector) -> bool:
        try:
            secret = keys.import_secret(spec, pkcs8(spec, vector.bytes("seed")))
            shared = keys.decapsulate(keys.open_secret(spec, secret), vector.bytes("c"))
        except (keys.InvalidKeyError, keys.InvalidCiphertextError):
            return False
        return shared == vector.bytes("K")

    run(f"mlkem_{level}", accepts)


@pytest.mark.parametrize("level", [768, 1024])
def test_ml_kem_encapsulate(level: int) -> None:
    """ML-KEM: an encapsulation key that is not reduced, or of another length, is refused."""
    spec = f"ML_KEM_{level}"

    def accepts(vector: Vector) -> bool:
        public_key = _sequence(IDENTIFIERS[spec] + _bit_string(vector.bytes("ek")))
        return says_yes(lambda: keys.encapsulate(spec, public_key))

    run(f"mlkem_{level}_encaps", accepts)


def test_key_wrap_with_padding() -> None:
    """AES-KWP: what was padded otherwise does not unwrap."""

    def accepts(vector: Vector) -> bool:
        try:
            unwrapped = unwrap_with_aes(vector.bytes("key"), vector.bytes("ct"))
        except keys.InvalidCiphertextError:
            return False
        return unwrapped == vector.bytes("msg")

    run("aes_kwp", accepts)
