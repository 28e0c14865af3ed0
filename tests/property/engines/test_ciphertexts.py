"""Ciphertexts against the slow model, and against everybody who changes one."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.engines.keys import (
    InvalidCiphertextError,
    canonical_context,
    decrypt,
    encrypt,
    header_of,
)
from model import ciphertext_model as model
from wycheproof import vectors

KEY_IDS = st.uuids().map(str) | st.uuids().map(lambda each: "mrk-" + each.hex)
MATERIALS = st.binary(min_size=32, max_size=32)
CONTEXTS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=4)
PLAINTEXTS = st.binary(max_size=70)
RANDOM = st.binary(min_size=28, max_size=28)


def test_the_model_is_gcm() -> None:
    """Wycheproof's vectors of AES-256-GCM with 96-bit vectors pass the model's GCM."""
    passed = 0
    for vector in vectors("aes_gcm"):
        group = vector.group
        if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128):
            made = model.gcm(
                vector.bytes("key"), vector.bytes("iv"), vector.bytes("msg"), vector.bytes("aad")
            )
            assert (made == (vector.bytes("ct"), vector.bytes("tag"))) == vector.valid
            passed += 1
    assert passed > 60


@settings(max_examples=60, deadline=None)
@given(MATERIALS, KEY_IDS, MATERIALS, PLAINTEXTS, CONTEXTS, RANDOM)
def test_the_engine_is_the_model(
    material: bytes,
    key_id: str,
    material_id: bytes,
    plaintext: bytes,
    context: dict[str, str],
    random: bytes,
) -> None:
    """Byte for byte the same ciphertexts, which both open and which name key and material."""
    ids = (key_id, material_id.hex())
    made = encrypt(material, *ids, plaintext, canonical_context(context), random=random)
    assert made == model.encrypt(material, *ids, plaintext, context, random)
    assert header_of(made) == ids
    assert decrypt(material, made, canonical_context(context)) == plaintext
    assert model.decrypt(material, made, context) == (*ids, plaintext)


def test_ciphertext_of_an_earlier_program_opens() -> None:
    """The form is fixed: a ciphertext written down once is decrypted for ever."""
    blob = bytes.fromhex(
        "01010012345678123442348234123456789abc5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
        "5a5a5a6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f57166b9500cad065f3a369ab9387e96fad"
        "e3e50d4eb3efbd"
    )
    context = canonical_context({"shop": "tokyo", "käse": "ja"})
    assert header_of(blob) == ("12345678-1234-4234-8234-123456789abc", "5a" * 32)
    assert decrypt(bytes(range(32)), blob, context) == b"espresso"


@settings(max_examples=300, deadline=None)
@given(CONTEXTS, CONTEXTS)
def test_contexts_have_one_form_each(one: dict[str, str], other: dict[str, str]) -> None:
    """Equal contexts are written alike in any order, different ones differently, as the model does."""
    assert canonical_context(one) == model.canonical_context(one)
    backwards = dict(reversed(one.items()))
    assert canonical_context(backwards) == canonical_context(one)
    assert (canonical_context(one) == canonical_context(other)) == (one == other)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("ab", max_size=3), min_size=2, max_size=6), st.data())
def test_contexts_of_the_same_letters(parts: list[str], data: st.DataObject) -> None:
    """Letters that move from a key to a value, or to another pair, make another context."""
    texts = "".join(parts)
    cuts = st.lists(st.integers(0, len(texts)), min_size=3, max_size=3).map(sorted)

    def context() -> dict[str, str]:
        a, b, c = data.draw(cuts)
        return {texts[:a]: texts[a:b], texts[b:c]: texts[c:]}

    one, other = context(), context()
    assert (canonical_context(one) == canonical_context(other)) == (one == other)


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "bc", "": "d"}),
        ({"a": "b", "c": "d"}, {"a": "d", "c": "b"}),
        ({"a": ""}, {}),
        ({"": ""}, {}),
        ({"a": "é"}, {"a": "e\u0301"}),
        ({"A": "b"}, {"a": "b"}),
    ],
)
def test_contexts_are_bound(made: dict[str, str], used: dict[str, str]) -> None:
    """What was encrypted in one context is decrypted in no other, however alike they look."""
    blob = encrypt(
        bytes(32), str(uuid.UUID(int=1)), "0" * 64, b"x", canonical_context(made), random=bytes(28)
    )
    assert decrypt(bytes(32), blob, canonical_context(made)) == b"x"
    with pytest.raises(InvalidCiphertextError):
        decrypt(bytes(32), blob, canonical_context(used))


@pytest.mark.parametrize("key_id", [str(uuid.UUID(int=2**127)), "mrk-" + "5" * 32])
def test_every_changed_bit_is_noticed(key_id: str) -> None:
    """No bit of a ciphertext can be changed, and it cannot be cut, lengthened or put in front of."""
    context = canonical_context({"a": "b"})
    blob = encrypt(bytes(32), key_id, "7" * 64, b"espresso", context, random=bytes(28))
    changed = [
        blob[: bit // 8] + bytes((blob[bit // 8] ^ 1 << bit % 8,)) + blob[bit // 8 + 1 :]
        for bit in range(len(blob) * 8)
    ]
    changed += [blob[:length] for length in range(len(blob))]
    changed += [blob + b"\0", b"\0" + blob, blob * 2]
    for bad in changed:
        with pytest.raises(InvalidCiphertextError):
            decrypt(bytes(32), bad, context)
        assert model.decrypt(bytes(32), bad, {"a": "b"}) is None


@pytest.mark.parametrize("bit", [0, 100, 255])
def test_every_bit_of_the_material_counts(bit: int) -> None:
    """Material that differs in one bit does not decrypt."""
    blob = encrypt(bytes(32), str(uuid.UUID(int=1)), "0" * 64, b"x", b"", random=bytes(28))
    with pytest.raises(InvalidCiphertextError):
        decrypt((1 << bit).to_bytes(32, "big"), blob, b"")
