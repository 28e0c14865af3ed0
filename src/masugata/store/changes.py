"""What databases have in common: a group's changes as rows, and rows as a newer snapshot."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from masugata.store.codec import Codecs, codec_named
from masugata.store.snapshot import RecordId, Snapshot
from masugata.store.transaction import Group

CHANGE_LIMIT = 10_000  # revisions that the change log keeps

RecordRow: TypeAlias = tuple[str, str, str, str, str, bytes]  # service, kind, account, region, key, body
ChangedRow: TypeAlias = tuple[str, str, str, str, str, bytes | None]  # the same; None for a deleted one
NameKey: TypeAlias = tuple[str, str, str, str]  # service, kind, label, value
NameRow: TypeAlias = tuple[str, str, str, str, str, str, str]  # the same, account, region, key


class GroupRows(NamedTuple):
    """What a group changed, in the order in which it must be written."""

    old_names: list[NameKey]
    deletes: list[RecordId]
    puts: list[tuple[RecordId, bytes]]
    names: list[NameRow]
    changes: list[tuple[RecordId, str]]  # the operation: put or delete


def group_rows(codecs: Codecs, group: Group) -> GroupRows:
    """The rows that lead from the base of a group to its state."""
    old_names: set[NameKey] = set()
    names: dict[NameKey, RecordId] = {}
    puts, deletes, changes = [], [], []
    for identity, body in group.changes.items():
        kind = codecs[identity.service, identity.kind].kind
        place = (identity.account, identity.key, identity.region)
        old, new = group.base.get(kind, *place), group.state.get(kind, *place)
        if old is not None:
            old_names.update((kind.service, kind.name, *name) for name in kind.names(old))
        if body is not None:
            assert new is not None  # noqa: S101  # INVARIANT: a body is that of a record of the state
            names.update({(kind.service, kind.name, *name): identity for name in kind.names(new)})
            puts.append((identity, body))
        elif old is not None:
            deletes.append(identity)
        changes.append((identity, "delete" if body is None else "put"))
    added = [(*name, identity.account, identity.region, identity.key) for name, identity in names.items()]
    return GroupRows(list(old_names), deletes, puts, added, changes)


def erases(codecs: Codecs, group: Group) -> bool:
    """Whether a group deletes or replaces a record of which nothing may be left behind."""
    for identity in group.changes:
        kind = codecs[identity.service, identity.kind].kind
        place = (identity.account, identity.key, identity.region)
        if kind.secret and group.base.get(kind, *place) is not None:
            return True
    return False


def advance(known: Snapshot, codecs: Codecs, changed: Iterable[ChangedRow], revision: int) -> Snapshot:
    """The state at `revision`, from an earlier one and the present rows of all that changed between.

    Raises `StoreIncompatibleError` if a row is of an unknown kind or cannot be read.
    """
    rows = [
        (codec_named(codecs, service, kind), RecordId(service, kind, account, region, key), body)
        for service, kind, account, region, key, body in changed
    ]
    state = known
    for codec, identity, _ in rows:
        # All first, because a unique name may have moved from one changed record to another.
        state = state.without(codec.kind, identity.account, identity.region, identity.key)
    for codec, identity, body in rows:
        if body is not None:
            state = state.put(codec.kind, identity.account, identity.region, codec.decode(body))
    return state.at(revision)


def name_problems(codecs: Codecs, records: Iterable[RecordRow], present: set[NameRow]) -> list[str]:
    """Compare the name table with the names that the records have."""
    expected: set[NameRow] = set()
    for service, kind, account, region, key, body in records:
        codec = codec_named(codecs, service, kind)
        for label, value in codec.kind.names(codec.decode(body)):
            expected.add((service, kind, label, value, account, region, key))
    return [
        *(f"the name table lacks {n[0]}/{n[1]} {n[2]} `{n[3]}`" for n in sorted(expected - present)),
        *(f"the name table has a stray {n[0]}/{n[1]} {n[2]} `{n[3]}`" for n in sorted(present - expected)),
    ]
