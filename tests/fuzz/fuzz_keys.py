"""Fuzz target: ciphertexts, public and private keys, wrapped material are refused, or are what they seem.

The first byte says which of them the rest is.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.engines import keys
from masugata.engines.keys.ciphertext import HEADER_SIZE, header
from masugata.engines.keys.public_keys import read_public_key

PAIRS = [spec for spec, each in keys.KEY_SPECS.items() if each.asymmetric and spec not in keys.UNSUPPORTED]
SECRETS = {spec: keys.generate(spec, bytes) for spec in PAIRS}
PUBLIC_KEYS = {spec: keys.public_key_of(keys.open_secret(spec, SECRETS[spec])) for spec in PAIRS}
WRAPPING = "RSA_2048"
WRAPPING_KEY = keys.open_secret(WRAPPING, SECRETS[WRAPPING])
AES_KEY, MATERIAL = bytes(32), bytes(range(32))
WRAPPING_ALGORITHMS = [
    f"{kind}_{digest}" for kind in ("RSAES_OAEP", "RSA_AES_KEY_WRAP") for digest in ("SHA_1", "SHA_256")
]
WRAPPED = keys.encrypt_with_public_key(
    WRAPPING, PUBLIC_KEYS[WRAPPING], "RSAES_OAEP_SHA_256", AES_KEY
) + aes_key_wrap_with_padding(AES_KEY, MATERIAL)
BLOB = keys.encrypt(MATERIAL, "mrk-" + "0" * 32, "1" * 64, b"espresso", b"", random=bytes(28))
SEEDS = (
    b"\0" + BLOB,
    b"\0"
    + keys.encrypt(MATERIAL, "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "2" * 64, b"x", b"", random=bytes(28)),
    *(b"\1" + each for each in PUBLIC_KEYS.values()),
    *(b"\2" + each for each in SECRETS.values()),
    b"\3" + WRAPPED,
)
# Object identifiers (an unnamed curve, DH, DSA, Ed448, X25519, P-224), tags, lengths that lie.
PIECES = (
    bytes.fromhex("06072a8648ce3d0101"),
    bytes.fromhex("06092a864886f70d010301"),
    bytes.fromhex("06072a8648ce380401"),
    bytes.fromhex("06032b6571"),
    bytes.fromhex("06032b656e"),
    bytes.fromhex("06052b81040021"),
    b"\x30\x80",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x02\x01\x01",
    b"\x05\x00",
    b"\x00" * 65,
    b"\x02",
)


def fuzz_one(data: bytes) -> None:
    """A finding is any exception but the engine's own, and what is taken and is not what it seems."""
    if data:
        (_ciphertext, _public_key, _private_key, _wrapped)[data[0] % 4](data[1:])


def _ciphertext(data: bytes) -> None:
    named = _taken(lambda: keys.header_of(data))
    if named is not None and header(*named) != data[:HEADER_SIZE]:
        raise AssertionError("a header that is written otherwise")
    plaintext = _taken(lambda: keys.decrypt(MATERIAL, data, b""))
    if plaintext is not None and data not in (seed[1:] for seed in SEEDS):
        raise AssertionError("decrypted, and nobody encrypted it")


def _public_key(data: bytes) -> None:
    for spec in PAIRS:
        key = _taken(lambda spec=spec: read_public_key(spec, data))
        if key is not None and key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != data:
            raise AssertionError("a public key in a form that is not its own")


def _private_key(data: bytes) -> None:
    taken = []
    for spec in PAIRS:
        secret = _taken(lambda spec=spec: keys.import_secret(spec, data))
        if secret is None:
            continue
        taken.append(spec)
        if keys.import_secret(spec, secret) != secret:
            raise AssertionError("a secret that is not in the one form")
        keys.public_key_of(keys.open_secret(spec, secret))
    if len(taken) > 1:
        raise AssertionError(f"a key of several specs: {taken}")


def _wrapped(data: bytes) -> None:
    for algorithm in WRAPPING_ALGORITHMS:
        material = _taken(lambda algorithm=algorithm: keys.unwrap(WRAPPING_KEY, algorithm, data))
        if material is not None and material not in (MATERIAL, AES_KEY):
            raise AssertionError("unwrapped, and nobody wrapped it")


def _taken(read: Callable[[], object]) -> object | None:
    """What was read, None for a refusal; a refusal has no cause that could say more than it does."""
    try:
        return read()
    except (keys.InvalidInputError, keys.InvalidCiphertextError) as refusal:
        if refusal.__cause__ is not None:
            raise AssertionError("a refusal that says more") from refusal
        return None
