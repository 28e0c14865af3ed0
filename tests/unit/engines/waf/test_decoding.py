"""Values are decoded as far as servers and applications may decode them, and no further."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.waf.decoding import DEEPEST, all_layers, is_buried, layers
from masugata.engines.waf.matching import join

CLEAN = (
    b"", b"a", b"hello world", b"2024-01-01", b"3b56eb8ffac41db2454b55459f3bd53a", b"name@example.org",
    b"it's <b>", b"a=b; c",
    b"text/html,*/*;q=0.8", "東京都".encode(), b"O'Brien",
)  # fmt: skip


@pytest.mark.parametrize("value", CLEAN)
def test_clean_values_are_left_alone(value):
    """A value in which nothing is encoded is its only layer, the same object."""
    (only,) = layers(value)
    assert only is value


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        (b"a+b", b"a b"),
        (b"%41%6a", b"Aj"),
        (b"%2541", b"A"),
        (b"%252541", b"A"),
        (b"%u0041%uff21", b"AA"),
        (b"%u3042", "あ".encode()),
        (b"&lt;&#65;&#x41;", b"<AA"),
        (b"%26lt%3b", b"<"),
        (rb"\u0041\x41\u{41}", b"AAA"),
        (b"\xc0\xae\xc0\xaf\xe0\x80\xae\xc1\x9c", b"../\\".replace(b"../", b"./.")),
        (b"\xc0.\xc0/", b"./"),
        ("\uff0e\uff0f\uff1c".encode(), b"./<"),
        ("\u2215\u2044\u2216".encode(), b"//\\"),
        (b"a\0b", b"ab"),
        (b"L2V0Yy9wYXNzd2Q=", b"/etc/passwd"),
        (b"L2V0Yy9wYXNzd2Q", b"/etc/passwd"),
        (rb"x\u560ay", b"x\ny"),
    ],
)
def test_what_is_decoded(value, decoded):
    """Each encoding gives what it stands for, as the last layer."""
    assert layers(value)[0] is value
    assert layers(value)[-1] == decoded


@pytest.mark.parametrize(
    "value", [b"100%", b"%zz", b"&", b"&nosuch;", rb"\u12", rb"C:\xampp\users", b"AAAABBBBCCCCDDDD", b"\\"]
)
def test_what_is_no_encoding(value):
    """What only looks like an escape stays."""
    assert layers(value)[-1] == value


def test_each_layer_is_kept():
    """What is visible between two decodings is not lost."""
    assert layers(b"..%5cx64%5c") == (b"..%5cx64%5c", b"..\\x64\\", b"..d\\")


@pytest.mark.parametrize(
    "piece",
    [b"%25", b"%", b"&amp;", b"&", b"\\u005c", b"\\", b"+", b"\xc0\xae", b"\0", b"QUFB", "\uff0e".encode()],
)
def test_decoding_is_bounded(piece):
    """However deep it is encoded: so many layers, none longer than the one before it."""
    found = layers(piece * 2_000)
    assert len(found) <= 1 + 2 * DEEPEST
    assert all(len(one) >= len(other) for one, other in pairwise(found))


@pytest.mark.parametrize("much", [bytes(range(256)) * 32, b"Anna and Ben " * 400])
def test_of_long_values_whole_rounds_count(much):
    """They are decoded as deeply, whether they are text or not, and what a round comes to is kept."""
    found = layers(much + b"%252527 %26lt;")
    assert len(found) == 1 + DEEPEST
    assert found[-1].endswith(b"' <")


def test_what_chance_makes_of_a_binary_value_is_no_layer():
    """A plus sign is a space in the first round only: otherwise most pictures have one layer more."""
    picture = bytes(range(256)) * 32
    assert layers(picture + b"%2b") == (picture + b"%2b", layers(picture)[-1] + b"+")


def test_what_is_buried():
    """Escapes by the thousand that it takes three rounds to read; a log of nested addresses has fewer."""
    assert is_buried(layers(b"%252527" * 4_000))
    assert not is_buried(layers(b"%2527" * 4_000))
    line = b"GET /login?to=https%3A%2F%2Fa.example%2F%3Fto%3Dhttps%253A%252F%252Fb.example%25252F 200 12 ms\n"
    assert len(layers(line * 650)) == 1 + DEEPEST
    assert not is_buried(layers(line * 650))


PIECES = (
    b"a", b"Q", b"\xff", b"%41", b"+", b"&lt;", b"\\u0041", b"\xe2\x80\xa4", b"\xc3\xa9", b"\0",
    b"PHNjcmlwdD4=", b"c2VsZWN0IDEsMg", b"abcdefghijkl", b"ABCDEFGHIJKL",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=8))
def test_many_values_are_decoded_as_each_is(values: list[bytes]) -> None:
    """Whatever stands beside it; None where no value has anything to decode."""
    expected = [layers(value) for value in values]
    found = all_layers(values, join(values))
    assert found == expected or (found is None and expected == [(value,) for value in values])
