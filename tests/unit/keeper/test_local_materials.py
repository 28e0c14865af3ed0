"""Key material is used only as what it is: of its account, its key, its spec, and its id."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from msgspec.structs import replace

from masugata.engines import keys
from masugata.keeper import (
    InvalidCiphertextError,
    InvalidInputError,
    Material,
    Materials,
    SealBrokenError,
)
from masugata.keeper.local_materials import LocalMaterials, material_identity
from masugata.keeper.opened import Opened
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.sealing import RootKeeper

ACCOUNT = "444455556666"
KEY_ID, OTHER_ID = "mrk-" + "a" * 32, "12345678-1234-4234-8234-123456789abc"
SYMMETRIC = "SYMMETRIC_DEFAULT"
SPECS = [spec for spec in keys.KEY_SPECS if spec not in keys.UNSUPPORTED]
PAIRS = [spec for spec in SPECS if keys.KEY_SPECS[spec].asymmetric]
USAGES = {name: spec.usages[-1] for name, spec in keys.KEY_SPECS.items()} | dict.fromkeys(
    ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"], "SIGN_VERIFY"
)
OAEP = "RSAES_OAEP_SHA_256"
CONTEXT = keys.canonical_context({"shop": "tokyo"})


@pytest.fixture(scope="module")
def materials() -> Materials:
    """The materials of a root key, as the rest of the house sees them."""
    return RootKeeper(RootKeyRing({1: bytes(range(32))}), "test").materials


@pytest.fixture(scope="module")
def made(materials):
    """New material of each spec, of key pairs to sign if they can."""
    return {spec: materials.generate(ACCOUNT, KEY_ID, spec, USAGES[spec]) for spec in SPECS}


@pytest.fixture(scope="module")
def rsa(materials):
    """New material of an RSA key that decrypts."""
    return materials.generate(ACCOUNT, KEY_ID, "RSA_2048", "ENCRYPT_DECRYPT")


@pytest.fixture(scope="module")
def imported(materials):
    """A function that imports material into a key, by its id, spec and secret."""
    wrapping = materials.wrapping_key("RSA_2048")

    def import_(key_id, spec, secret):
        aes_key = os.urandom(32)
        wrapped = keys.encrypt_with_public_key("RSA_2048", wrapping.public_key, OAEP, aes_key)
        wrapped += aes_key_wrap_with_padding(aes_key, secret)
        algorithm = "RSA_AES_KEY_WRAP_SHA_256"
        return materials.import_wrapped(
            ACCOUNT, key_id, spec, USAGES[spec], wrapping.sealed, algorithm, wrapped
        )

    return import_


def use(materials, material):
    """Something that takes the secret of a material of any spec."""
    if material.spec == SYMMETRIC:
        return materials.encrypt(material, b"x", b"")
    if material.spec.startswith("HMAC"):
        return materials.generate_mac(material, b"x")
    if material.spec.startswith("ML_KEM"):
        return materials.decapsulate(material, bytes(1088 if material.spec == "ML_KEM_768" else 1568))
    algorithm = keys.KEY_SPECS[material.spec].algorithms["SIGN_VERIFY"][0]
    return materials.sign(material, algorithm, b"x", "RAW")


def opened(materials, material):
    """Something that takes the secret of a material, whatever it says that it is for."""
    pair = keys.KEY_SPECS[material.spec].asymmetric
    return materials.public_key(material) if pair else use(materials, material)


@pytest.mark.parametrize("spec", SPECS)
def test_new_material(spec, materials, made):
    """Material of every spec is made, sealed and used, and gives its public half if it has one."""
    material = made[spec]
    described = (material.account, material.key_id, material.spec, material.usage)
    assert described == (ACCOUNT, KEY_ID, spec, USAGES[spec])
    assert len(bytes.fromhex(material.material_id)) == 32
    assert use(materials, material)
    if keys.KEY_SPECS[spec].asymmetric:
        assert load_der_public_key(materials.public_key(material))
    else:
        with pytest.raises(InvalidInputError, match="is no key pair"):
            materials.public_key(material)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("part", ["account", "key_id", "material_id", "spec", "usage", "sealed"])
def test_swapped_rows_are_refused(spec, part, materials, made):
    """A row with another row's sealed material, or with any part changed, opens for nothing."""
    material = made[spec]
    other_spec = spec if spec.startswith("ECC") else "HMAC_256"
    other = materials.generate("111122223333", OTHER_ID, other_spec, USAGES[other_spec])
    changes = {name: getattr(other, name) for name in ("account", "key_id", "material_id", "sealed")}
    changes |= {"spec": next(each for each in SPECS if each != spec), "usage": "KEY_AGREEMENT"}
    with pytest.raises(SealBrokenError):
        opened(materials, replace(material, **{part: changes[part]}))
    assert use(materials, material)


def test_id_that_does_not_follow_from_the_material_is_refused():
    """Even if somebody could seal, the id of material is that of the secret."""
    keeper = RootKeeper(RootKeyRing({1: bytes(32)}), "test")
    material_id = "0" * 64
    material = Material(ACCOUNT, KEY_ID, material_id, SYMMETRIC, "ENCRYPT_DECRYPT", b"")
    sealed = keeper.seal("kms-material", bytes(32), material_identity(material))
    with pytest.raises(SealBrokenError, match="not the one that its id names"):
        keeper.materials.encrypt(replace(material, sealed=sealed), b"x", b"")


def test_id_of_an_earlier_program_is_still_the_id(imported):
    """Material that is imported again years later has the id that it had."""
    new = imported(OTHER_ID, SYMMETRIC, bytes(range(32)))
    assert new.material_id == "894e15fa9b747847026c0afca119179a3ad00546f2e7671afc85037533863921"


def test_ciphertext_of_another_material_is_refused(materials, made):
    """A ciphertext says whose it is, and is refused by any other material, as is another context."""
    one, two = made[SYMMETRIC], materials.generate(ACCOUNT, KEY_ID, SYMMETRIC, "ENCRYPT_DECRYPT")
    ciphertext = materials.encrypt(one, b"x", CONTEXT)
    assert materials.decrypt(one, SYMMETRIC, ciphertext, CONTEXT) == b"x"
    for material, context in ((two, CONTEXT), (one, b""), (one, keys.canonical_context({"shop": "osaka"}))):
        with pytest.raises(InvalidCiphertextError):
            materials.decrypt(material, SYMMETRIC, ciphertext, context)


def test_re_encryption(materials, made, rsa):
    """From any key that encrypts to any other, and the plaintext comes out the same."""
    symmetric = made[SYMMETRIC]
    ends = [(symmetric, SYMMETRIC, CONTEXT), (rsa, OAEP, b""), (symmetric, SYMMETRIC, b"")]
    ciphertext = materials.encrypt(symmetric, b"x", b"")
    source = ends[-1]
    for end in ends:
        ciphertext = materials.re_encrypt(*source[:2], ciphertext, source[2], *end)
        source = end
    assert materials.decrypt(symmetric, SYMMETRIC, ciphertext, b"") == b"x"
    long = materials.encrypt(symmetric, bytes(191), b"")
    with pytest.raises(InvalidInputError, match="larger than 190 bytes"):
        materials.re_encrypt(symmetric, SYMMETRIC, long, b"", rsa, OAEP, b"")


def test_rsa_takes_no_context(materials, made, rsa):
    """An encryption context with RSA is refused, because nothing would bind it."""
    algorithm = "RSAES_OAEP_SHA_1"
    ciphertext = keys.encrypt_with_public_key("RSA_2048", materials.public_key(rsa), algorithm, b"x")
    assert materials.decrypt(rsa, algorithm, ciphertext, b"") == b"x"
    with pytest.raises(InvalidInputError, match="only a symmetric key"):
        materials.decrypt(rsa, algorithm, ciphertext, CONTEXT)
    symmetric = made[SYMMETRIC]
    blob = materials.encrypt(symmetric, b"x", b"")
    with pytest.raises(InvalidInputError, match="only a symmetric key"):
        materials.re_encrypt(symmetric, SYMMETRIC, blob, b"", rsa, algorithm, CONTEXT)


@pytest.mark.parametrize("spec", PAIRS)
def test_data_key_pairs(spec, materials, made, imported):
    """A pair's private half is the plaintext of its ciphertext, in PKCS #8, and given only if asked for."""
    symmetric = made[SYMMETRIC]
    pair = materials.generate_data_key_pair(symmetric, spec, CONTEXT, with_plaintext=True)
    assert materials.decrypt(symmetric, SYMMETRIC, pair.ciphertext, CONTEXT) == pair.private_key
    assert materials.public_key(imported(KEY_ID, spec, pair.private_key)) == pair.public_key
    load_der_private_key(pair.private_key, None)
    hidden = materials.generate_data_key_pair(symmetric, spec, CONTEXT, with_plaintext=False)
    assert hidden.private_key == b""
    assert len(hidden.ciphertext) > len(pair.private_key) - 100


def test_no_data_key_pair_of_a_symmetric_spec(materials, made):
    """Pairs have a public half; what is not built, or encrypts nothing, is refused."""
    for spec in (SYMMETRIC, "HMAC_256", "ML_KEM_512", "SM2"):
        with pytest.raises(InvalidInputError, match=spec):
            materials.generate_data_key_pair(made[SYMMETRIC], spec, b"", with_plaintext=True)
    with pytest.raises(InvalidInputError, match="does not encrypt symmetrically"):
        materials.generate_data_key_pair(made["RSA_2048"], "ECC_NIST_P256", b"", with_plaintext=True)


def test_keys_do_what_their_spec_does(materials, made):
    """Every operation refuses a key of another kind."""
    hmac, rsa, ml_kem = (made[spec] for spec in ("HMAC_256", "RSA_2048", "ML_KEM_768"))
    for action in (
        lambda: materials.encrypt(hmac, b"x", b""),
        lambda: materials.decrypt(rsa, SYMMETRIC, b"x", b""),
        lambda: materials.decrypt(made[SYMMETRIC], "RSAES_OAEP_SHA_1", b"x", b""),
        lambda: materials.generate_data_key(ml_kem, 32, b"", with_plaintext=True),
        lambda: materials.sign(hmac, "RSASSA_PSS_SHA_256", b"x", "RAW"),
        lambda: materials.sign(ml_kem, "ML_DSA_SHAKE_256", b"x", "RAW"),
        lambda: materials.generate_mac(rsa, b"x"),
        lambda: materials.verify_mac(made[SYMMETRIC], b"x", b"x"),
        lambda: materials.derive_shared_secret(rsa, materials.public_key(made["ECC_NIST_P256"])),
        lambda: materials.decapsulate(rsa, b"x"),
        lambda: materials.generate(ACCOUNT, KEY_ID, "ML_KEM_512", "ENCAPSULATE_DECAPSULATE"),
        lambda: materials.generate(ACCOUNT, KEY_ID, "SM2", "SIGN_VERIFY"),
        lambda: materials.wrapping_key("ECC_NIST_P256"),
    ):
        with pytest.raises(InvalidInputError):
            action()


def test_keys_do_what_they_are_for(materials, made, rsa):
    """A key pair that could do two things does the one that it was made for."""
    agreeing = materials.generate(ACCOUNT, KEY_ID, "ECC_NIST_P256", "KEY_AGREEMENT")
    signing, signing_p256 = made["RSA_2048"], made["ECC_NIST_P256"]
    ciphertext = keys.encrypt_with_public_key("RSA_2048", materials.public_key(signing), OAEP, b"x")
    blob = materials.encrypt(made[SYMMETRIC], b"x", b"")
    for action in (
        lambda: materials.sign(rsa, "RSASSA_PSS_SHA_256", b"x", "RAW"),
        lambda: materials.sign(agreeing, "ECDSA_SHA_256", b"x", "RAW"),
        lambda: materials.decrypt(signing, OAEP, ciphertext, b""),
        lambda: materials.re_encrypt(made[SYMMETRIC], SYMMETRIC, blob, b"", signing, OAEP, b""),
        lambda: materials.derive_shared_secret(signing_p256, materials.public_key(agreeing)),
    ):
        with pytest.raises(InvalidInputError, match="is not for"):
            action()


def test_shared_secrets_and_macs(materials, made):
    """ECDH, ML-KEM and HMAC give what the engine gives."""
    one, two = (
        materials.generate(ACCOUNT, key_id, "ECC_NIST_P384", "KEY_AGREEMENT") for key_id in (KEY_ID, OTHER_ID)
    )
    ours = materials.derive_shared_secret(one, materials.public_key(two))
    assert ours == materials.derive_shared_secret(two, materials.public_key(one))
    capsule = keys.encapsulate("ML_KEM_1024", materials.public_key(made["ML_KEM_1024"]))
    assert materials.decapsulate(made["ML_KEM_1024"], capsule.ciphertext) == capsule.shared_secret
    mac = materials.generate_mac(made["HMAC_512"], b"x")
    assert materials.verify_mac(made["HMAC_512"], b"x", mac)
    assert not materials.verify_mac(made["HMAC_512"], b"y", mac)


def test_imported_material_has_one_id(materials, imported):
    """The same material of the same key has the same id, whatever its form; another key's has another."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    bare = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")
    pkcs8 = bare + key.private_numbers().private_value.to_bytes(32, "big")
    once = imported(KEY_ID, "ECC_NIST_P256", pkcs8)
    written = imported(KEY_ID, "ECC_NIST_P256", keys.import_secret("ECC_NIST_P256", pkcs8))
    assert once.material_id == written.material_id
    assert materials.public_key(once) == materials.public_key(written)
    assert imported(OTHER_ID, "ECC_NIST_P256", pkcs8).material_id != once.material_id


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_wrapped_material_is_imported(spec, materials, made, imported):
    """Material that was wrapped under a wrapping key is imported, if wrapping and size are right."""
    wrapping = materials.wrapping_key(spec)
    wrapped = keys.encrypt_with_public_key(spec, wrapping.public_key, OAEP, bytes(range(32)))

    def unwrapped(algorithm, data, key_spec=SYMMETRIC):
        usage = USAGES[key_spec]
        return materials.import_wrapped(ACCOUNT, KEY_ID, key_spec, usage, wrapping.sealed, algorithm, data)

    new = unwrapped(OAEP, wrapped)
    assert new.material_id == imported(KEY_ID, SYMMETRIC, bytes(range(32))).material_id
    with pytest.raises(InvalidCiphertextError):
        unwrapped("RSAES_OAEP_SHA_1", wrapped)
    with pytest.raises(InvalidInputError, match="has 64 bytes, not 32"):
        unwrapped(OAEP, wrapped, "HMAC_512")
    with pytest.raises(InvalidInputError, match="does not unwrap"):
        unwrapped("RSAES_PKCS1_V1_5", wrapped)
    pair = materials.generate_data_key_pair(made[SYMMETRIC], "RSA_4096", b"", with_plaintext=True)
    aes_key = os.urandom(32)
    wrapped = keys.encrypt_with_public_key(spec, wrapping.public_key, OAEP, aes_key)
    wrapped += aes_key_wrap_with_padding(aes_key, pair.private_key)
    new = unwrapped("RSA_AES_KEY_WRAP_SHA_256", wrapped, "RSA_4096")
    assert materials.public_key(new) == pair.public_key


def test_wrapping_keys_do_nothing_else(materials, made, rsa):
    """Sealed key material is no wrapping key, and a wrapping key is no key material."""
    wrapping = materials.wrapping_key("RSA_2048")
    wrapped = keys.encrypt_with_public_key("RSA_2048", materials.public_key(rsa), OAEP, bytes(32))
    with pytest.raises(SealBrokenError):
        materials.import_wrapped(ACCOUNT, KEY_ID, SYMMETRIC, "ENCRYPT_DECRYPT", rsa.sealed, OAEP, wrapped)
    with pytest.raises(SealBrokenError):
        materials.sign(replace(made["RSA_2048"], sealed=wrapping.sealed), "RSASSA_PSS_SHA_256", b"x", "RAW")


class Counted:
    """A root key that counts how often it opens something."""

    def __init__(self) -> None:
        self.keeper = RootKeeper(RootKeyRing({1: bytes(32)}), "test")
        self.opened = 0
        self.materials = LocalMaterials(self.keeper.seal, self.unseal, os.urandom)

    def unseal(self, purpose, blob, identity):
        self.opened += 1
        return self.keeper.unseal(purpose, blob, identity)


@pytest.mark.parametrize("spec", [SYMMETRIC, "RSA_2048"])
def test_opened_material_is_remembered_and_forgotten(spec):
    """A secret is opened once for many uses, and again after its key was forgotten; other keys' stay."""
    counted = Counted()
    mine = counted.materials.generate(ACCOUNT, KEY_ID, spec, USAGES[spec])
    other = counted.materials.generate(ACCOUNT, OTHER_ID, spec, USAGES[spec])
    for _ in range(3):
        use(counted.materials, mine)
        use(counted.materials, other)
    assert counted.opened == 2
    counted.materials.forget(KEY_ID)
    use(counted.materials, other)
    assert counted.opened == 2
    use(counted.materials, mine)
    assert counted.opened == 3


def test_the_last_used_are_remembered():
    """At the limit the one that was not used for the longest time goes."""
    opened: Opened[str] = Opened(2)
    asked = []

    def read(material):
        asked.append(material.key_id)
        return material.key_id

    for name in "abacab":  # c drives b out, b then c
        assert opened.get(Material("1", name, "", "", "", b""), read) == name
    assert asked == ["a", "b", "c", "b"]
    assert repr(opened) == "<Opened 2>"


def test_what_is_forgotten_while_it_is_opened_is_not_remembered():
    """A key that is erased while a request still opens it is not kept by that request."""
    opened: Opened[str] = Opened(2)
    material = Material("1", "a", "", "", "", b"")
    asked = []

    def read(_):
        asked.append("a")
        opened.forget("a")
        return "a"

    assert [opened.get(material, read) for _ in range(2)] == ["a", "a"]
    assert len(asked) == 2


def test_several_threads(materials, made):
    """Many threads sign, encrypt and forget at once, and every answer is right."""
    specs = ["RSA_2048", "ECC_NIST_P256", "ML_DSA_44"]
    blob = materials.encrypt(made[SYMMETRIC], b"x", CONTEXT)

    def work(number):
        if number % 7 == 0:
            materials.forget(KEY_ID)
        spec = specs[number % 3]
        algorithm = keys.KEY_SPECS[spec].algorithms["SIGN_VERIFY"][-1]
        message = str(number).encode()
        signature = materials.sign(made[spec], algorithm, message, "RAW")
        keys.verify(spec, materials.public_key(made[spec]), algorithm, message, "RAW", signature)
        return materials.decrypt(made[SYMMETRIC], SYMMETRIC, blob, CONTEXT)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(200))) == {b"x"}


def test_nothing_shows_a_secret(materials, made, imported):
    """Neither materials, nor new data keys and pairs, nor errors say what is secret."""
    symmetric = made[SYMMETRIC]
    key = materials.generate_data_key(symmetric, 32, b"", with_plaintext=True)
    pair = materials.generate_data_key_pair(symmetric, "ECC_NIST_P256", b"", with_plaintext=True)
    assert (repr(materials), repr(key), repr(pair)) == ("<LocalMaterials>", "<DataKey>", "<DataKeyPair>")
    bad = pair.private_key[:-1] + b"x"
    with pytest.raises(InvalidInputError) as refusal:
        imported(KEY_ID, "ECC_NIST_P256", bad)
    for secret in (key.plaintext, pair.private_key, bad):
        assert repr(secret)[2:-1] not in repr(refusal.value)
        assert secret.hex() not in repr(refusal.value)
