"""Public keys have one form; everything that they do alone needs no private key."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.engines import keys
from masugata.engines.keys._encodings import IDENTIFIERS, _bit_string, _sequence
from masugata.engines.keys.public_keys import read_public_key

PAIRS = [spec for spec, each in keys.KEY_SPECS.items() if each.asymmetric and spec not in keys.UNSUPPORTED]
# The curve P-256: y^2 = x^3 - 3x + B over the field of P.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def integer(value: int) -> bytes:
    """A positive INTEGER."""
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes((2, len(data))) + data


def octets(value: int) -> bytes:
    """An OCTET STRING of 32 bytes."""
    return b"\x04\x20" + value.to_bytes(32, "big")


def explicit_p256(point: bytes) -> bytes:
    """A point of P-256 with the curve's parameters written out instead of its name."""
    field = _sequence(bytes.fromhex("06072a8648ce3d0101") + integer(P))
    curve = _sequence(octets(P - 3) + octets(B))
    base = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    generator = base.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    parameters = _sequence(integer(1) + field + curve + b"\x04\x41" + generator + integer(ORDER) + integer(1))
    algorithm = _sequence(bytes.fromhex("06072a8648ce3d0201") + parameters)
    return _sequence(algorithm + _bit_string(point))


@pytest.mark.parametrize("spec", PAIRS)
def test_own_form_is_read(spec, public_keys):
    """What `public_key_of` writes is read, for its own spec alone."""
    read_public_key(spec, public_keys[spec])
    for other in PAIRS:
        if other != spec:
            with pytest.raises(keys.InvalidKeyError):
                read_public_key(other, public_keys[spec])


@pytest.mark.parametrize("spec", PAIRS)
def test_damaged_keys_are_refused(spec, public_keys):
    """Bytes too few or too many are refused."""
    good = public_keys[spec]
    for bad in (b"", good[:-1], good + b"\0", b"\0" + good, good[:20], bytes(len(good))):
        with pytest.raises(keys.InvalidKeyError):
            read_public_key(spec, bad)


def point_of(public_key: bytes) -> bytes:
    """The point in a public key of P-256."""
    return public_key[-65:]


BAD_P256 = {
    "compressed": lambda p: _sequence(
        IDENTIFIERS["ECC_NIST_P256"] + _bit_string(bytes((2 + (p[64] & 1),)) + p[1:33])
    ),
    "hybrid": lambda p: _sequence(
        IDENTIFIERS["ECC_NIST_P256"] + _bit_string(bytes((6 + (p[64] & 1),)) + p[1:])
    ),
    "infinity": lambda _: _sequence(IDENTIFIERS["ECC_NIST_P256"] + _bit_string(b"\0")),
    "off the curve": lambda p: _sequence(
        IDENTIFIERS["ECC_NIST_P256"] + _bit_string(p[:64] + bytes((p[64] ^ 1,)))
    ),
    "x beyond the prime": lambda p: _sequence(
        IDENTIFIERS["ECC_NIST_P256"] + _bit_string(b"\4" + P.to_bytes(32, "big") + p[33:])
    ),
    "explicit parameters": explicit_p256,
    "named as another curve": lambda p: _sequence(IDENTIFIERS["ECC_SECG_P256K1"] + _bit_string(p)),
    "X25519": lambda _: (
        x25519.X25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
}


@pytest.mark.parametrize("what", BAD_P256)
def test_peers_point_is_of_the_very_curve(what, pairs, public_keys):
    """ECDH takes an uncompressed point of the key's named curve, and nothing else."""
    bad = BAD_P256[what](point_of(public_keys["ECC_NIST_P256"]))
    with pytest.raises(keys.InvalidKeyError, match="`ECC_NIST_P256`"):
        keys.derive_shared_secret(pairs["ECC_NIST_P256"], bad)


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_both_sides_agree(spec, pairs, public_keys):
    """Two keys share one secret: the x-coordinate, with its leading zeros."""
    size = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66}[spec]
    other = keys.open_secret(spec, keys.generate(spec, os.urandom))
    secret = keys.derive_shared_secret(pairs[spec], keys.public_key_of(other))
    assert secret == keys.derive_shared_secret(other, public_keys[spec])
    assert len(secret) == size


@pytest.mark.parametrize(
    "spec", [spec for spec in PAIRS if "KEY_AGREEMENT" not in keys.KEY_SPECS[spec].algorithms]
)
def test_other_keys_agree_on_nothing(spec, pairs, public_keys):
    """secp256k1 among them: AWS has no key agreement for it."""
    with pytest.raises(keys.InvalidInputError, match="no `ECDH`"):
        keys.derive_shared_secret(pairs[spec], public_keys[spec])
