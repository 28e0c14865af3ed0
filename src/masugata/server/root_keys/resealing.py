"""Sealing everything anew under the newest root key, in batches, while others read and write."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from masugata.keeper import Keeper, SealBrokenError, root_key_of
from masugata.server.root_keys.sealed_fields import SEALED_FIELDS, Place, SealedField
from masugata.store import Records, Store, Transaction

BATCH: Final = 200
"""Records that one job of the writer looks through: others wait for it, for some milliseconds."""

BROKEN: Final = 0
"""Stands for a root key's number where a secret is in no form that is known."""

Progress = Callable[[int, int], None]
"""Called now and then with how many secrets were looked at, and how many there are."""


class Resealed(NamedTuple):
    """How many secrets were sealed anew, and the names of the records whose secret did not open."""

    done: int
    broken: tuple[str, ...]


class _Batch(NamedTuple):
    """What one job has done; `last` is the key to go on behind, None at the end."""

    last: str | None
    seen: int
    done: int
    broken: tuple[str, ...]


def secrets_by_root_key(records: Records) -> Counter[int]:
    """How many stored secrets there are under each root key, by its number."""
    found: Counter[int] = Counter()
    for field, place, record in _everything(records):
        found.update(_number(sealed.blob) for sealed in field.find(place, record))
    return found


def reseal(store: Store, keeper: Keeper, newest: int, progress: Progress = lambda _, __: None) -> Resealed:
    """Seal every stored secret under the root key `newest`, which must be the keeper's newest.

    What was done is durable batch by batch, and every secret opens at every moment, so whoever was stopped
    can simply begin again. A secret that does not open stays as it is.
    """
    total = secrets_by_root_key(store.snapshot()).total()
    seen = count = 0
    broken: list[str] = []
    for field in SEALED_FIELDS:
        for account, region in store.snapshot().partitions(field.kind):
            after: str | None = ""
            while after is not None:
                job = _Job(field, keeper, newest, account, region, after)
                batch = store.submit(job.run).result()
                after, seen, count = batch.last, seen + batch.seen, count + batch.done
                broken += batch.broken
                progress(seen, total)
    return Resealed(count, tuple(broken))


class _Job(NamedTuple):
    """The work of one batch."""

    field: SealedField
    keeper: Keeper
    newest: int
    account: str
    region: str
    after: str

    def run(self, transaction: Transaction) -> _Batch:
        """Seal the secrets of some records anew, in the writer."""
        kind, place = self.field.kind, Place(transaction, self.account, self.region)
        records = list(
            islice(transaction.scan(kind, self.account, self.region, after=self.after or None), BATCH)
        )
        seen = count = 0
        broken: list[str] = []
        for record in records:
            found = self.field.find(place, record)
            seen += len(found)
            if all(_number(sealed.blob) == self.newest for sealed in found):
                continue
            try:
                blobs = tuple(
                    self.keeper.reseal(self.field.purpose, sealed.blob, sealed.identity) for sealed in found
                )
            except SealBrokenError:
                broken.append(f"{kind.service} {kind.name} {self.account} {kind.key(record)}")
                continue
            transaction.put(kind, self.account, self.field.put(record, blobs), self.region)
            count += len(blobs)
        last = kind.key(records[-1]) if len(records) == BATCH else None
        return _Batch(last, seen, count, tuple(broken))


def _everything(records: Records) -> Iterator[tuple[SealedField, Place, Any]]:
    for field in SEALED_FIELDS:
        for account, region in records.partitions(field.kind):
            place = Place(records, account, region)
            for record in records.scan(field.kind, account, region):
                yield field, place, record


def _number(blob: bytes) -> int:
    try:
        return root_key_of(blob)
    except SealBrokenError:
        return BROKEN
