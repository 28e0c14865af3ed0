"""Private keys: made of every spec, and taken from elsewhere only if they are exactly of theirs."""

import os
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from masugata.engines import keys

PAIRS = [spec for spec, each in keys.KEY_SPECS.items() if each.asymmetric and spec not in keys.UNSUPPORTED]
RAW = {"SYMMETRIC_DEFAULT": 32, "HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}


def pkcs8(key, encryption=None):
    """A private key as somebody else writes it down."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.mark.parametrize("spec", PAIRS)
def test_secret_is_the_one_form(spec, secrets):
    """What was generated is imported unchanged, so equal keys have equal secrets."""
    assert keys.import_secret(spec, secrets[spec]) == secrets[spec]


@pytest.mark.parametrize(("spec", "size"), RAW.items())
def test_raw_material_has_its_length(spec, size, secrets):
    """Symmetric and HMAC material is taken raw, of the very length that the spec has."""
    assert len(secrets[spec]) == size
    assert keys.import_secret(spec, bytes(size)) == bytes(size)
    for wrong in (0, size - 1, size + 1):
        with pytest.raises(keys.InvalidKeyError, match=f"{size} bytes, not {wrong}"):
            keys.import_secret(spec, bytes(wrong))


def test_seeds_are_the_callers_randomness():
    """Where the library takes a seed, the same randomness makes the same key."""
    for spec in ("SYMMETRIC_DEFAULT", "HMAC_512", "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_KEM_1024"):
        assert keys.generate(spec, bytes) == keys.generate(spec, bytes)


@pytest.mark.parametrize("spec", PAIRS)
def test_no_key_of_another_spec(spec, secrets):
    """A private key of another curve, size or algorithm is not taken, nor opened."""
    for other in PAIRS:
        if other != spec:
            for read in (keys.import_secret, keys.open_secret):
                with pytest.raises(keys.InvalidKeyError):
                    read(spec, secrets[other])


@pytest.mark.parametrize("spec", PAIRS)
def test_damaged_keys_are_refused(spec, secrets):
    """A key that is cut short, goes on, or is none at all is refused without an exception of the library."""
    good = secrets[spec]
    for bad in (b"", b"0", good[:1], good[:-1], good[:40], good + b"\0", b"\0" + good, bytes(len(good))):
        with pytest.raises(keys.InvalidKeyError) as refusal:
            keys.import_secret(spec, bad)
        assert refusal.value.__cause__ is None
        assert repr(good) not in str(refusal.value)


STRANGE = {
    "an RSA key with exponent 3": ("RSA_2048", lambda: rsa.generate_private_key(3, 2048)),
    "an RSA key of 2560 bits": ("RSA_2048", lambda: rsa.generate_private_key(65537, 2560)),
    "a key of P-224": ("ECC_NIST_P256", lambda: ec.generate_private_key(ec.SECP224R1())),
    "a key of X25519": ("ECC_NIST_EDWARDS25519", x25519.X25519PrivateKey.generate),
    "a DSA key": ("RSA_2048", lambda: dsa.generate_private_key(2048)),
}


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_strange_keys_are_refused(what):
    """Good keys of what AWS has not, or has otherwise, are refused."""
    spec, make = STRANGE[what]
    data = pkcs8(make())
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret(spec, data)


def test_encrypted_pkcs8_is_refused():
    """PKCS #8 under a password is not what is asked for."""
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret("ECC_NIST_P256", pkcs8(key, BestAvailableEncryption(b"secret")))


@pytest.fixture(scope="module")
def numbers():
    """The numbers of an RSA key."""
    return rsa.generate_private_key(65537, 2048).private_numbers()


def written(p, q, d, *, dmp1=None, dmq1=None, iqmp=None):
    """PKCS #8 of whatever numbers there are."""
    found = rsa.RSAPrivateNumbers(
        p,
        q,
        d,
        d % (p - 1) if dmp1 is None else dmp1,
        d % (q - 1) if dmq1 is None else dmq1,
        pow(q, -1, p) if iqmp is None else iqmp,
        rsa.RSAPublicNumbers(65537, p * q),
    )
    return pkcs8(found.private_key(unsafe_skip_rsa_key_validation=True))


@pytest.mark.parametrize("wrong", ["d", "dmp1", "dmq1", "iqmp"])
def test_rsa_numbers_fit_together(wrong, numbers):
    """An RSA key in which one number is not that of the others is refused: it could give its primes away."""
    found = {name: getattr(numbers, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    assert keys.import_secret("RSA_2048", written(**found)) == pkcs8(numbers.private_key())
    found[wrong] += 2
    bad = written(**found)
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret("RSA_2048", bad)


def test_rsa_primes_are_prime(numbers):
    """An RSA key that signs well, and has a factor of two primes, is refused."""
    size = 0
    while size != 2048:
        one, two = (rsa.generate_private_key(65537, 1024).private_numbers().p for _ in range(2))  # noqa: S505  # for its primes
        size = (one * two * numbers.q).bit_length()
    d = pow(65537, -1, (one - 1) * (two - 1) * (numbers.q - 1))
    bad = written(one * two, numbers.q, d)
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret("RSA_2048", bad)


def test_ec_key_with_a_foreign_public_half_is_refused():
    """The public point in a private EC key has to be its own."""
    one, two = (pkcs8(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret("ECC_NIST_P256", one[:-65] + two[-65:])


@pytest.mark.parametrize("scalar", [0, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551])
def test_ec_scalar_out_of_range_is_refused(scalar):
    """Zero and the group's order are no private keys."""
    inner = bytes.fromhex("30250201010420") + scalar.to_bytes(32, "big")
    head = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d0301070427")
    with pytest.raises(keys.InvalidKeyError):
        keys.import_secret("ECC_NIST_P256", head + inner)


def test_ec_key_without_its_public_half_is_taken():
    """The public point may be missing; the secret has it, so both forms are one material."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    inner = bytes.fromhex("30250201010420") + (7).to_bytes(32, "big")
    head = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d0301070427")
    assert keys.import_secret("ECC_NIST_P256", head + inner) == pkcs8(key)


def test_what_is_not_built_is_refused_and_listed():
    """No key is made of a spec in UNSUPPORTED, and the refusal says why."""
    for read in (keys.generate, keys.import_secret, keys.open_secret):
        with pytest.raises(keys.UnsupportedError, match=keys.UNSUPPORTED["ML_KEM_512"]):
            read("ML_KEM_512", os.urandom if read is keys.generate else b"")
    assert keys.UNSUPPORTED.keys() <= {
        *keys.KEY_SPECS,
        *(
            a
            for spec in keys.KEY_SPECS.values()
            for algorithms in spec.algorithms.values()
            for a in algorithms
        ),
    }


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_256", "SM2", ""])
def test_what_is_no_pair_does_not_open(spec):
    """Symmetric material and unknown specs give no private key."""
    with pytest.raises(keys.InvalidKeyError):
        keys.open_secret(spec, bytes(32))


@pytest.mark.parametrize("spec", PAIRS)
def test_private_keys_show_nothing(spec, pairs):
    """Text and pickle of a private key give nothing away."""
    assert repr(pairs[spec]) == f"<PrivateKey {spec}>"
    assert not hasattr(pairs[spec], "__dict__")
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(pairs[spec])
