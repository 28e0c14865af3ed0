"""What a kind of record must look like."""

import msgspec
import pytest

from masugata.records.kind import Kind


def kind_of(struct):
    return Kind("test", "x", struct, key=lambda _: "", names=lambda _: (), references=lambda _: ())


def test_version_must_come_first():
    """A struct whose first field is not the format version is refused when the kind is declared."""

    class NoVersion(msgspec.Struct, frozen=True):
        name: str

    class LateVersion(msgspec.Struct, frozen=True):
        name: str = ""
        version: int = 1

    for struct in (NoVersion, LateVersion):
        with pytest.raises(TypeError, match="first field"):
            kind_of(struct)


def test_version_needs_a_default():
    """A format version without default would let handlers choose it."""

    class OpenVersion(msgspec.Struct, frozen=True):
        version: int

    with pytest.raises(TypeError, match="first field"):
        kind_of(OpenVersion)


def test_records_must_be_frozen():
    """A struct that can change under a snapshot is refused."""

    class Soft(msgspec.Struct):
        version: int = 1

    with pytest.raises(TypeError, match="frozen"):
        kind_of(Soft)


def test_version_is_the_default():
    """The default of `version` is what the program reads and writes."""

    class Second(msgspec.Struct, frozen=True):
        version: int = 2

    assert kind_of(Second).version == 2
