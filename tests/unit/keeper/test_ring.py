"""The ring of root keys as text."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.keeper.errors import KeeperError
from masugata.keeper.ring import (
    LONGEST_RING,
    MOST_KEYS,
    InvalidRingError,
    RecoveryKeys,
    RootKeyRing,
    fingerprint,
    parse_ring,
)

RECOVERY = RecoveryKeys(b"p" * 32, b"q" * 32)
KEYS = st.binary(min_size=32, max_size=32)
RINGS = st.builds(
    RootKeyRing,
    st.dictionaries(st.integers(1, 0xFFFF_FFFF), KEYS, min_size=1, max_size=MOST_KEYS),
    st.none() | st.builds(RecoveryKeys, KEYS, KEYS),
)


@given(RINGS)
def test_text_comes_back(ring):
    """Every ring is what its text says, and fits into what is read of a file."""
    text = ring.to_text()
    assert parse_ring(text) == ring
    assert parse_ring(text).recovery == ring.recovery
    assert len(text) <= LONGEST_RING


def test_first_key_alone_has_the_first_form():
    """A ring of one first key is written as earlier programs read it."""
    root = bytes(range(32))
    assert RootKeyRing({1: root}).to_text() == (
        f"masugata-root-key 1\n{root.hex()}\n{fingerprint(root)}\n".encode()
    )
    assert RootKeyRing({2: root}).to_text().startswith(b"masugata-root-key 2\n2 ")
    assert RootKeyRing({1: root}, RECOVERY).to_text().startswith(b"masugata-root-key 2\n1 ")


def test_second_form_of_an_earlier_program_is_read():
    """The form is fixed: a ring written down once is read for ever."""
    ring = parse_ring(
        b"masugata-root-key 2\n"
        b"1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 61245c4d9e83e777\n"
        b"3 0303030303030303030303030303030303030303030303030303030303030303 6bb9b9bdb1b8ab93\n"
        b"recovery 7070707070707070707070707070707070707070707070707070707070707070 "
        b"7171717171717171717171717171717171717171717171717171717171717171\n"
        b"61446abdd559e26d\n"
    )
    assert ring == RootKeyRing({1: bytes(range(32)), 3: b"\3" * 32}, RECOVERY)


def test_every_changed_byte_is_noticed():
    """No byte of either form can be changed, cut or added unnoticed."""
    for ring in (RootKeyRing({1: b"a" * 32}), RootKeyRing({1: b"a" * 32, 2: b"b" * 32}, RECOVERY)):
        text = ring.to_text()
        for at in range(len(text)):
            for other in (text[at] ^ 1, text[at] ^ 0x10):
                with pytest.raises(InvalidRingError):
                    parse_ring(text[:at] + bytes((other,)) + text[at + 1 :])
            with pytest.raises(InvalidRingError):
                parse_ring(text[:at])
        with pytest.raises(InvalidRingError):
            parse_ring(text + b"\n")


def test_newest_key_seals():
    """Keys are numbered on, whatever was forgotten before, and the fingerprint is that of the newest."""
    ring = RootKeyRing({1: b"a" * 32}).adding(b"b" * 32).forgetting(1).adding(b"c" * 32)
    assert ring.numbers == (2, 3)
    assert ring.newest == 3
    assert ring.fingerprint == fingerprint(b"c" * 32)
    assert ring.fingerprints == (fingerprint(b"b" * 32), fingerprint(b"c" * 32))
    assert ring.get(1) is None


@pytest.mark.parametrize(
    ("number", "why"), [(2, "the newest, which seals"), (3, "there are 1, 2"), (0, "there are 1, 2")]
)
def test_only_old_keys_can_be_forgotten(number, why):
    """The newest key stays, and a key that is not there is named."""
    with pytest.raises(KeeperError, match=why):
        RootKeyRing({1: b"a" * 32, 2: b"b" * 32}).forgetting(number)


def test_rings_are_bounded():
    """A ring without keys, or with more than a file can hold, is refused with what to do."""
    with pytest.raises(KeeperError, match="1 to 32 root keys"):
        RootKeyRing({})
    full = RootKeyRing(dict.fromkeys(range(1, MOST_KEYS + 1), b"a" * 32))
    with pytest.raises(KeeperError, match="forget one"):
        full.adding(b"b" * 32)


def test_nothing_shows_a_key():
    """No representation of a ring has a key in it, and it cannot be sent elsewhere."""
    ring = RootKeyRing({1: b"a" * 32, 2: b"b" * 32}, RECOVERY)
    assert repr(ring) == f"<RootKeyRing {ring.fingerprint}>"
    assert repr(RECOVERY) == "<RecoveryKeys>"
    with pytest.raises(TypeError):
        pickle.dumps(ring)
