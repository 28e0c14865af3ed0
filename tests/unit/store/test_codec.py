"""Records as bytes."""

import pytest

from masugata.store.codec import Codec, codecs_of
from masugata.store.errors import InvalidRecordError, StoreIncompatibleError
from unit.store.things import COUNTER, THING, Counter, Thing


def test_body_starts_with_the_version():
    """The version is written even by structs that leave out members at their default."""
    assert Codec(THING).encode(Thing(name="a"))[0] == b'{"version":1,"name":"a"}'
    assert Codec(COUNTER).encode(Counter())[0] == b'{"version":1,"value":0}'


def test_round_trip():
    """What is read back equals what was written."""
    thing = Thing(name="Å", serial="s", marks=("x", "y"), owners=("o",), size=-1)
    codec = Codec(THING)
    assert codec.decode(codec.encode(thing)[0]) == thing


def test_wrong_types_are_refused_when_written():
    """A record with a value of the wrong type is refused before it can stop the next start."""
    with pytest.raises(InvalidRecordError, match=r"Expected `str`, got `int` - at `\$\.name`"):
        Codec(THING).encode(Thing(name=7))
    with pytest.raises(InvalidRecordError, match="Counter"):
        Codec(THING).encode(Counter())


def test_foreign_version_is_refused_when_written():
    """A record claims no other format version than the program's own."""
    with pytest.raises(InvalidRecordError, match="version `2`"):
        Codec(COUNTER).encode(Counter(version=2))


def test_half_a_surrogate_pair_is_refused():
    """Text that is not Unicode is refused by the job that writes it."""
    with pytest.raises(InvalidRecordError):
        Codec(THING).encode(Thing(name="\ud800"))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"version":2,"name":"a"}', id="newer-version"),
        pytest.param(b'{"version":10,"name":"a"}', id="version-with-the-same-first-digit"),
        pytest.param(b'{"name":"a"}', id="no-version"),
        pytest.param(b'{"version":1}', id="missing-member"),
        pytest.param(b'{"version":1,"name":3}', id="wrong-type"),
        pytest.param(b'{"version":1', id="cut-off"),
        pytest.param(b"\xff", id="not-JSON"),
        pytest.param(b"", id="empty"),
    ],
)
def test_unknown_bodies_are_refused(body):
    """A body that this program does not fully understand is an error that names the kind."""
    with pytest.raises(StoreIncompatibleError, match="test/thing"):
        Codec(THING).decode(body)


def test_version_is_named():
    """The error for a newer format says both versions."""
    with pytest.raises(StoreIncompatibleError, match="version `2`, this program reads version 1"):
        Codec(THING).decode(b'{"version":2,"other":true}')


def test_kinds_have_different_names():
    """Two kinds of the same name are a mistake that shows when the store is opened."""
    with pytest.raises(ValueError, match="test/thing"):
        codecs_of([THING, THING])


def test_members_of_a_later_program_need_a_new_version():
    """Members that this version does not know are dropped, which is why `Kind` asks for a new version."""
    assert Codec(COUNTER).decode(b'{"version":1,"value":3,"more":1}') == Counter(value=3)


def test_stores_of_one_process_share_their_codecs():
    """Making the codecs of all kinds takes longer than the rest of an installation in a test."""
    assert codecs_of([THING])["test", "thing"] is codecs_of([THING, COUNTER])["test", "thing"]
