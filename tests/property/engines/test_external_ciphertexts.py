"""Ciphertexts that are encrypted twice: one written form, bound to all that is in front of it."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.engines.keys import (
    ExternalCiphertext,
    InvalidCiphertextError,
    binding,
    canonical_context,
    decrypt,
    external_ciphertext,
    external_parts,
    header_of,
    is_external,
)

KEY_IDS = st.uuids().map(str)
MATERIAL_IDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
PARTS = st.builds(
    ExternalCiphertext,
    st.binary(min_size=95, max_size=120),
    st.binary(min_size=12, max_size=12) | st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
    st.binary(max_size=20),
)
CONTEXTS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3).map(canonical_context)


@settings(max_examples=200, deadline=None)
@given(KEY_IDS, MATERIAL_IDS, PARTS)
def test_written_and_read(key_id: str, material_id: str, parts: ExternalCiphertext) -> None:
    """It names key and material, gives its parts back, and is none of the other form."""
    blob = external_ciphertext(key_id, material_id, parts)
    assert is_external(blob)
    assert header_of(blob) == (key_id, material_id)
    assert external_parts(blob) == parts
    with pytest.raises(InvalidCiphertextError):
        decrypt(bytes(32), blob, b"")


@settings(max_examples=200, deadline=None)
@given(KEY_IDS, MATERIAL_IDS, CONTEXTS, KEY_IDS, MATERIAL_IDS, CONTEXTS)
def test_bindings_differ(
    key: str, material: str, context: bytes, other_key: str, other_material: str, other_context: bytes
) -> None:
    """Whenever key, material or context do."""
    same = (key, material, context) == (other_key, other_material, other_context)
    assert (binding(key, material, context) == binding(other_key, other_material, other_context)) == same
    assert binding(key, material, context) != binding(key, material, context + b"\0")


def test_a_binding_of_an_earlier_program() -> None:
    """It is fixed, like the form: a ciphertext is decrypted for ever."""
    key, material = "12345678-1234-4234-8234-123456789abc", "5a" * 32
    head = b"\x01\x02\x00" + bytes.fromhex(key.replace("-", "") + material)
    assert (
        binding(key, material, b"context")
        == hashlib.sha256(b"masugata external key store\0" + head + b"context").digest()
    )


@pytest.mark.parametrize(
    "parts",
    [
        ExternalCiphertext(b"c" * 94, b"v" * 12, b"t" * 16, b""),
        ExternalCiphertext(b"c" * 95, b"v" * 13, b"t" * 16, b""),
        ExternalCiphertext(b"c" * 95, b"v" * 12, b"t" * 15, b""),
        ExternalCiphertext(b"c" * 95, b"v" * 12, b"t" * 16, b"m" * 21),
    ],
)
def test_parts_of_other_sizes(parts: ExternalCiphertext) -> None:
    """They are not written."""
    with pytest.raises(ValueError, match="no proxy"):
        external_ciphertext("12345678-1234-4234-8234-123456789abc", "5a" * 32, parts)
