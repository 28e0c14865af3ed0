"""Records as bytes and back, refusing what this program does not understand."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Generic, TypeAlias

import msgspec

from masugata.records.kind import Kind, R
from masugata.store.errors import InvalidRecordError, StoreIncompatibleError

_ENCODER = msgspec.json.Encoder()


class _Versioned(msgspec.Struct):
    version: int


_VERSIONED = msgspec.json.Decoder(_Versioned)


class Codec(Generic[R]):
    """Encodes and decodes one kind of record as JSON whose first member is the format version."""

    __slots__ = ("_decoder", "_prefix", "kind")

    def __init__(self, kind: Kind[R]) -> None:
        self.kind = kind
        self._prefix = b'{"version":%d' % kind.version
        self._decoder = msgspec.json.Decoder(kind.struct)

    def encode(self, record: R) -> tuple[bytes, R]:
        """The body of `record` and the record as it will be read back; raises `InvalidRecordError`.

        Structs do not check their fields' types when made. Reading the body back at once keeps a
        record of the wrong shape out of the database, where it would stop the next start.
        """
        if type(record) is not self.kind.struct:
            raise InvalidRecordError(f"{self.kind} does not take a `{type(record).__name__}`")
        try:
            body = _ENCODER.encode(record)
            if not body.startswith(b'{"version":'):  # structs may leave out members at their default
                body = self._prefix + (b"}" if body == b"{}" else b"," + body[1:])
            return body, self.decode(body)
        except (StoreIncompatibleError, ValueError, TypeError) as error:
            raise InvalidRecordError(f"{self.kind} cannot hold the record: {error}") from error

    def decode(self, body: bytes) -> R:
        """The record in `body`; raises `StoreIncompatibleError`."""
        try:
            if not (body.startswith(self._prefix) and body[len(self._prefix)] in b",}"):
                version = _VERSIONED.decode(body).version
                raise StoreIncompatibleError(
                    f"{self.kind} has a record of format version `{version}`, this program reads version "
                    f"{self.kind.version}; start it with the program that wrote it"
                )
            return self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError) as error:
            raise StoreIncompatibleError(f"{self.kind} has a record that cannot be read: {error}") from error


Codecs: TypeAlias = Mapping[tuple[str, str], Codec[Any]]
"""Codecs by (service, kind)."""


@cache
def _codec(kind: Kind[Any]) -> Codec[Any]:
    # A test opens many installations in one process, and one codec serves them all.
    return Codec(kind)


def codecs_of(kinds: Iterable[Kind[Any]]) -> Codecs:
    """The codecs of all `kinds`; raises ValueError if two have the same name."""
    codecs: dict[tuple[str, str], Codec[Any]] = {}
    for kind in kinds:
        if (kind.service, kind.name) in codecs:
            raise ValueError(f"two kinds of records are called `{kind.service}/{kind.name}`")
        codecs[kind.service, kind.name] = _codec(kind)
    return codecs


def codec_named(codecs: Codecs, service: str, kind: str) -> Codec[Any]:
    """The codec of a stored kind; raises `StoreIncompatibleError` if this program has none."""
    codec = codecs.get((service, kind))
    if codec is None:
        raise StoreIncompatibleError(
            f"the database holds records of the unknown kind `{service}/{kind}`; "
            "start it with the program that wrote it"
        )
    return codec
