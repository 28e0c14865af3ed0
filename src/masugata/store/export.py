"""Everything that a store holds, row by row: what a backup is made of, and what any store can take in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from masugata.records.kind import Kind
from masugata.store.codec import Codecs, codec_named, codecs_of
from masugata.store.errors import StoreIncompatibleError
from masugata.store.event import EventRow, check_event, check_text
from masugata.store.snapshot import RecordId


class RecordRow(msgspec.Struct, frozen=True, array_like=True):
    """A record as it is stored; sealed secrets in its body stay sealed."""

    service: str
    kind: str
    account: str
    region: str
    key: str
    body: bytes


class LastUse(msgspec.Struct, frozen=True, array_like=True):
    """When something was last used."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Export:
    """One consistent state; its rows are read once, and in this order.

    `last_seq` is the number of the newest event ever stored, which may be deleted since; `events` go
    by their numbers.
    """

    revision: int
    last_seq: int
    records: Iterator[RecordRow]
    events: Iterator[EventRow]
    last_uses: Iterator[LastUse]


def checked_record(row: RecordRow, codecs: Codecs) -> tuple[RecordId, msgspec.Struct]:
    """Where a record belongs, and itself; raises `StoreIncompatibleError` if this program cannot read it."""
    codec = codec_named(codecs, row.service, row.kind)
    record = codec.decode(row.body)
    if codec.kind.key(record) != row.key:
        raise StoreIncompatibleError(
            f"the record {row.service}/{row.kind} `{row.key}` has the key of another"
        )
    check_text(row.account, row.region, row.key)
    return RecordId(row.service, row.kind, row.account, row.region, row.key), record


def checked_events(events: Iterator[EventRow], last_seq: int) -> Iterator[EventRow]:
    """The same events; raises `StoreIncompatibleError` unless their numbers rise to `last_seq` at most."""
    before = 0
    for event in events:
        check_event(event)
        if not before < event.seq <= last_seq:
            raise StoreIncompatibleError(f"the event `{event.event_id}` has the number of another")
        before = event.seq
        yield event


def check_export(export: Export, kinds: Iterable[Kind[Any]]) -> None:
    """Read all of an export; raises `StoreIncompatibleError` for what a store would not take in."""
    codecs = codecs_of(kinds)
    keys: set[RecordId] = set()
    names: set[tuple[str, str, str, str]] = set()
    for row in export.records:
        identity, record = checked_record(row, codecs)
        labels = codecs[row.service, row.kind].kind.names(record)
        found = [(row.service, row.kind, label, value) for label, value in labels]
        if identity in keys or not names.isdisjoint(found):
            raise StoreIncompatibleError(f"two records have the key or a name of `{row.key}`")
        keys.add(identity)
        names.update(found)
    for _ in checked_events(export.events, export.last_seq):
        pass
    for _ in export.last_uses:
        pass
