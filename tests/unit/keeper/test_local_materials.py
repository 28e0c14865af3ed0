"""Key material is used only as what it is: of its account, its key, its spec, and its id."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_private_key

from masugata.engines import keys
from masugata.keeper import (
    InvalidCiphertextError,
    InvalidInputError,
    Material,
    Materials,
    SealBrokenError,
)
from masugata.keeper.local_materials import LocalMaterials
from masugata.keeper.opened import Opened
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.sealing import RootKeeper

ACCOUNT = "444455556666"
KEY_ID, OTHER_ID = "mrk-" + "a" * 32, "12345678-1234-4234-8234-123456789abc"
SYMMETRIC = "SYMMETRIC_DEFAULT"
SPECS = [spec for spec in keys.KEY_SPECS if spec not in keys.UNSUPPORTED]
PAIRS = [spec for spec in SPECS if keys.KEY_SPECS[spec].asymmetric]
CONTEXT = keys.canonical_context({"shop": "tokyo"})


@pytest.fixture(scope="module")
def materials() -> Materials:
    """The materials of a root key, as the rest of the house sees them."""
    return RootKeeper(RootKeyRing({1: bytes(range(32))}), "test").materials


@pytest.fixture(scope="module")
def made(materials):
    """New material of each spec."""
    return {spec: materials.generate(ACCOUNT, KEY_ID, spec) for spec in SPECS}


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


@pytest.mark.parametrize("spec", SPECS)
def test_new_material(spec, materials, made):
    """Material of every spec is made, sealed, with a public half if it has one, and used."""
    material, public_key = made[spec]
    assert (material.account, material.key_id, material.spec) == (ACCOUNT, KEY_ID, spec)
    assert len(bytes.fromhex(material.material_id)) == 32
    assert bool(public_key) == keys.KEY_SPECS[spec].asymmetric
    assert use(materials, material)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("part", ["account", "key_id", "material_id", "spec", "sealed"])
def test_swapped_rows_are_refused(spec, part, materials, made):
    """A row with another row's sealed material, or with any part changed, opens for nothing."""
    material = made[spec].material
    other = materials.generate("111122223333", OTHER_ID, spec if spec.startswith("ECC") else "HMAC_256")
    values = {name: getattr(material, name) for name in Material.__struct_fields__}
    if part == "spec":
        values[part] = next(each for each in SPECS if each != spec)
    else:
        values[part] = getattr(other.material, part)
    with pytest.raises(SealBrokenError):
        use(materials, Material(**values))
    assert use(materials, material)


def test_id_that_does_not_follow_from_the_material_is_refused():
    """Even if somebody could seal, the id of material is that of the secret."""
    keeper = RootKeeper(RootKeyRing({1: bytes(32)}), "test")
    material_id = "0" * 64
    identity = f"{ACCOUNT}\n{KEY_ID}\n{material_id}\n{SYMMETRIC}".encode()
    sealed = keeper.seal("kms-material", bytes(32), identity)
    with pytest.raises(SealBrokenError, match="not the one that its id names"):
        keeper.materials.encrypt(Material(ACCOUNT, KEY_ID, material_id, SYMMETRIC, sealed), b"x", b"")


def test_id_of_an_earlier_program_is_still_the_id(materials):
    """Material that is imported again years later has the id that it had."""
    new = materials.import_material(ACCOUNT, OTHER_ID, SYMMETRIC, bytes(range(32)))
    assert new.material.material_id == "894e15fa9b747847026c0afca119179a3ad00546f2e7671afc85037533863921"


def test_ciphertext_of_another_material_is_refused(materials, made):
    """A ciphertext says whose it is, and is refused by any other material, as is another context."""
    one, two = made[SYMMETRIC].material, materials.generate(ACCOUNT, KEY_ID, SYMMETRIC).material
    ciphertext = materials.encrypt(one, b"x", CONTEXT)
    assert materials.decrypt(one, SYMMETRIC, ciphertext, CONTEXT) == b"x"
    for material, context in ((two, CONTEXT), (one, b""), (one, keys.canonical_context({"shop": "osaka"}))):
        with pytest.raises(InvalidCiphertextError):
            materials.decrypt(material, SYMMETRIC, ciphertext, context)


def test_re_encryption(materials, made):
    """From any key that encrypts to any other, and the plaintext comes out the same."""
    ends = [
        (SYMMETRIC, SYMMETRIC, CONTEXT),
        ("RSA_2048", "RSAES_OAEP_SHA_256", b""),
        (SYMMETRIC, SYMMETRIC, b""),
    ]
    ciphertext = materials.encrypt(made[SYMMETRIC].material, b"x", b"")
    source = ends[-1]
    for end in ends:
        ciphertext = materials.re_encrypt(
            made[source[0]].material, *source[1:2], ciphertext, source[2], made[end[0]].material, *end[1:]
        )
        source = end
    assert materials.decrypt(made[SYMMETRIC].material, SYMMETRIC, ciphertext, b"") == b"x"
    long = materials.encrypt(made[SYMMETRIC].material, bytes(191), b"")
    rsa = made["RSA_2048"].material
    with pytest.raises(InvalidInputError, match="larger than 190 bytes"):
        materials.re_encrypt(made[SYMMETRIC].material, SYMMETRIC, long, b"", rsa, "RSAES_OAEP_SHA_256", b"")


def test_rsa_takes_no_context(materials, made):
    """An encryption context with RSA is refused, because nothing would bind it."""
    rsa, algorithm = made["RSA_2048"], "RSAES_OAEP_SHA_1"
    ciphertext = keys.encrypt_with_public_key("RSA_2048", rsa.public_key, algorithm, b"x")
    assert materials.decrypt(rsa.material, algorithm, ciphertext, b"") == b"x"
    with pytest.raises(InvalidInputError, match="only a symmetric key"):
        materials.decrypt(rsa.material, algorithm, ciphertext, CONTEXT)
    symmetric = made[SYMMETRIC].material
    blob = materials.encrypt(symmetric, b"x", b"")
    with pytest.raises(InvalidInputError, match="only a symmetric key"):
        materials.re_encrypt(symmetric, SYMMETRIC, blob, b"", rsa.material, algorithm, CONTEXT)


@pytest.mark.parametrize("spec", PAIRS)
def test_data_key_pairs(spec, materials, made):
    """A pair's private half is the plaintext of its ciphertext, in PKCS #8, and given only if asked for."""
    symmetric = made[SYMMETRIC].material
    pair = materials.generate_data_key_pair(symmetric, spec, CONTEXT, with_plaintext=True)
    assert materials.decrypt(symmetric, SYMMETRIC, pair.ciphertext, CONTEXT) == pair.private_key
    assert materials.import_material(ACCOUNT, KEY_ID, spec, pair.private_key).public_key == pair.public_key
    load_der_private_key(pair.private_key, None)
    hidden = materials.generate_data_key_pair(symmetric, spec, CONTEXT, with_plaintext=False)
    assert hidden.private_key == b""
    assert len(hidden.ciphertext) > len(pair.private_key) - 100


def test_no_data_key_pair_of_a_symmetric_spec(materials, made):
    """Pairs have a public half; what is not built, or encrypts nothing, is refused."""
    for spec in (SYMMETRIC, "HMAC_256", "ML_KEM_512", "SM2"):
        with pytest.raises(InvalidInputError, match=spec):
            materials.generate_data_key_pair(made[SYMMETRIC].material, spec, b"", with_plaintext=True)
    with pytest.raises(InvalidInputError, match="does not encrypt symmetrically"):
        materials.generate_data_key_pair(made["RSA_2048"].material, "ECC_NIST_P256", b"", with_plaintext=True)


def test_keys_do_what_their_spec_does(materials, made):
    """Every operation refuses a key of another kind."""
    hmac, rsa, ml_kem = (made[spec].material for spec in ("HMAC_256", "RSA_2048", "ML_KEM_768"))
    for action in (
        lambda: materials.encrypt(hmac, b"x", b""),
        lambda: materials.decrypt(rsa, SYMMETRIC, b"x", b""),
        lambda: materials.decrypt(made[SYMMETRIC].material, "RSAES_OAEP_SHA_1", b"x", b""),
        lambda: materials.generate_data_key(ml_kem, 32, b"", with_plaintext=True),
        lambda: materials.sign(hmac, "RSASSA_PSS_SHA_256", b"x", "RAW"),
        lambda: materials.sign(ml_kem, "ML_DSA_SHAKE_256", b"x", "RAW"),
        lambda: materials.generate_mac(rsa, b"x"),
        lambda: materials.verify_mac(made[SYMMETRIC].material, b"x", b"x"),
        lambda: materials.derive_shared_secret(rsa, made["ECC_NIST_P256"].public_key),
        lambda: materials.decapsulate(rsa, b"x"),
        lambda: materials.generate(ACCOUNT, KEY_ID, "ML_KEM_512"),
        lambda: materials.generate(ACCOUNT, KEY_ID, "SM2"),
        lambda: materials.wrapping_key("ECC_NIST_P256"),
    ):
        with pytest.raises(InvalidInputError):
            action()


def test_shared_secrets_and_macs(materials, made):
    """ECDH, ML-KEM and HMAC give what the engine gives."""
    other = materials.generate(ACCOUNT, OTHER_ID, "ECC_NIST_P384")
    p384 = made["ECC_NIST_P384"]
    ours = materials.derive_shared_secret(p384.material, other.public_key)
    assert ours == materials.derive_shared_secret(other.material, p384.public_key)
    capsule = keys.encapsulate("ML_KEM_1024", made["ML_KEM_1024"].public_key)
    assert materials.decapsulate(made["ML_KEM_1024"].material, capsule.ciphertext) == capsule.shared_secret
    mac = materials.generate_mac(made["HMAC_512"].material, b"x")
    assert materials.verify_mac(made["HMAC_512"].material, b"x", mac)
    assert not materials.verify_mac(made["HMAC_512"].material, b"y", mac)


def test_imported_material_has_one_id(materials):
    """The same material of the same key has the same id, whatever its form; another key's has another."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    bare = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")
    pkcs8 = bare + key.private_numbers().private_value.to_bytes(32, "big")
    once = materials.import_material(ACCOUNT, KEY_ID, "ECC_NIST_P256", pkcs8)
    written = materials.import_material(
        ACCOUNT,
        KEY_ID,
        "ECC_NIST_P256",
        keys.import_secret("ECC_NIST_P256", pkcs8),
    )
    assert once.material.material_id == written.material.material_id
    assert once.public_key == written.public_key
    elsewhere = materials.import_material(ACCOUNT, OTHER_ID, "ECC_NIST_P256", pkcs8)
    assert elsewhere.material.material_id != once.material.material_id


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_wrapped_material_is_imported(spec, materials, made):
    """Material that was wrapped under a wrapping key is imported, if wrapping and size are right."""
    wrapping = materials.wrapping_key(spec)
    oaep = "RSAES_OAEP_SHA_256"
    wrapped = keys.encrypt_with_public_key(spec, wrapping.public_key, oaep, bytes(range(32)))

    def imported(sealed, algorithm, data, key_spec=SYMMETRIC):
        return materials.import_wrapped(ACCOUNT, KEY_ID, key_spec, sealed, algorithm, data)

    new = imported(wrapping.sealed, oaep, wrapped)
    direct = materials.import_material(ACCOUNT, KEY_ID, SYMMETRIC, bytes(range(32)))
    assert new.material.material_id == direct.material.material_id
    with pytest.raises(InvalidCiphertextError):
        imported(wrapping.sealed, "RSAES_OAEP_SHA_1", wrapped)
    with pytest.raises(InvalidInputError, match="has 64 bytes, not 32"):
        imported(wrapping.sealed, oaep, wrapped, "HMAC_512")
    with pytest.raises(InvalidInputError, match="does not unwrap"):
        imported(wrapping.sealed, "RSAES_PKCS1_V1_5", wrapped)
    pair = materials.generate_data_key_pair(made[SYMMETRIC].material, "RSA_4096", b"", with_plaintext=True)
    aes_key = os.urandom(32)
    wrapped = keys.encrypt_with_public_key(spec, wrapping.public_key, oaep, aes_key)
    wrapped += aes_key_wrap_with_padding(aes_key, pair.private_key)
    new = imported(wrapping.sealed, "RSA_AES_KEY_WRAP_SHA_256", wrapped, "RSA_4096")
    assert new.public_key == pair.public_key


def test_wrapping_keys_do_nothing_else(materials, made):
    """Sealed key material is no wrapping key, and a wrapping key is no key material."""
    rsa, wrapping = made["RSA_2048"], materials.wrapping_key("RSA_2048")
    wrapped = keys.encrypt_with_public_key("RSA_2048", rsa.public_key, "RSAES_OAEP_SHA_1", bytes(32))
    with pytest.raises(SealBrokenError):
        materials.import_wrapped(ACCOUNT, KEY_ID, SYMMETRIC, rsa.material.sealed, "RSAES_OAEP_SHA_1", wrapped)
    row = Material(ACCOUNT, KEY_ID, rsa.material.material_id, "RSA_2048", wrapping.sealed)
    with pytest.raises(SealBrokenError):
        materials.sign(row, "RSASSA_PSS_SHA_256", b"x", "RAW")


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
    mine = counted.materials.generate(ACCOUNT, KEY_ID, spec).material
    other = counted.materials.generate(ACCOUNT, OTHER_ID, spec).material
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
        assert opened.get(Material("1", name, "", "", b""), read) == name
    assert asked == ["a", "b", "c", "b"]
    assert repr(opened) == "<Opened 2>"


def test_what_is_forgotten_while_it_is_opened_is_not_remembered():
    """A key that is erased while a request still opens it is not kept by that request."""
    opened: Opened[str] = Opened(2)
    material = Material("1", "a", "", "", b"")
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
    blob = materials.encrypt(made[SYMMETRIC].material, b"x", CONTEXT)

    def work(number):
        if number % 7 == 0:
            materials.forget(KEY_ID)
        spec = specs[number % 3]
        algorithm = keys.KEY_SPECS[spec].algorithms["SIGN_VERIFY"][-1]
        message = str(number).encode()
        signature = materials.sign(made[spec].material, algorithm, message, "RAW")
        keys.verify(spec, made[spec].public_key, algorithm, message, "RAW", signature)
        return materials.decrypt(made[SYMMETRIC].material, SYMMETRIC, blob, CONTEXT)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(200))) == {b"x"}


def test_nothing_shows_a_secret(materials, made):
    """Neither materials, nor new data keys and pairs, nor errors say what is secret."""
    symmetric = made[SYMMETRIC].material
    key = materials.generate_data_key(symmetric, 32, b"", with_plaintext=True)
    pair = materials.generate_data_key_pair(symmetric, "ECC_NIST_P256", b"", with_plaintext=True)
    assert (repr(materials), repr(key), repr(pair)) == ("<LocalMaterials>", "<DataKey>", "<DataKeyPair>")
    bad = pair.private_key[:-1] + b"x"
    with pytest.raises(InvalidInputError) as refusal:
        materials.import_material(ACCOUNT, KEY_ID, "ECC_NIST_P256", bad)
    for secret in (key.plaintext, pair.private_key, bad):
        assert repr(secret)[2:-1] not in repr(refusal.value)
        assert secret.hex() not in repr(refusal.value)
