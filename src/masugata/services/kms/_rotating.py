"""Rotations: by the schedule of a key, and on demand.

New material is made by the keeper before, and becomes current in all Regions of a key in one transaction;
what was current stays and decrypts. A key that is not enabled when it is due is rotated once it is.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

from msgspec.structs import replace

from masugata.call import MoveOn, PreparedWork
from masugata.keeper import Keeper, Material
from masugata.records.kms import (
    AUTOMATIC,
    ENABLED,
    KEY,
    KEY_MATERIAL,
    ON_DEMAND,
    ON_DEMAND_ROTATION,
    ROTATION,
    SCHEDULED,
    UPDATING,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import material_record
from masugata.services.kms._events import key_event
from masugata.services.kms._materials import material_pending_rotation
from masugata.services.kms._multi_region import related
from masugata.services.kms._rotation_schedule import DEFAULT_PERIOD, rescheduled
from masugata.services.kms._schedule import AT_ONCE, Entry, done, due, earliest
from masugata.store import Records, Transaction

_ROTATING: Final = frozenset({ENABLED, UPDATING})


def _next_due(records: Records, limits: Mapping[str, int]) -> datetime | None:
    del limits
    times = [earliest(records, ROTATION, ON_DEMAND_ROTATION)]
    times += [key.next_rotation for _, key in _waiting(records)]
    return min((time for time in times if time is not None), default=None)


def _waiting(records: Records) -> Iterator[tuple[str, Key]]:
    """Keys that were due while they were disabled, and are enabled again, with their accounts."""
    for account, region in records.partitions(KEY):
        for key in records.referring(KEY, account, "rotation-waits", ENABLED, region):
            yield account, key


def _known(records: Records, entry: Entry) -> Key | None:
    """The key that is to be rotated, or None if it does not know of the entry any more."""
    what, when = entry.scheduled.what, entry.scheduled.due
    key = records.get(KEY, entry.account, entry.scheduled.key_id, entry.region)
    if key is None or key.is_replica:
        return None
    known = key.next_rotation == when if what == ROTATION else key.on_demand_rotation_start is not None
    return key if known else None


def _needs_material(key: Key, what: str) -> bool:
    return key.origin == "AWS_KMS" and (what == ON_DEMAND_ROTATION or key.state in _ROTATING)


def _prepare(records: Records, now: datetime, keeper: Keeper, limits: Mapping[str, int]) -> MoveOn:
    del limits
    wanted = {(account, key.id): key for account, key in islice(_waiting(records), AT_ONCE)}
    for entry in due(records, now, ROTATION, ON_DEMAND_ROTATION):
        key = _known(records, entry)
        if key is not None and _needs_material(key, entry.scheduled.what):
            wanted[entry.account, key.id] = key
    made = {
        place: keeper.materials.generate(place[0], key.id, key.spec, key.usage)
        for place, key in wanted.items()
    }
    return partial(_rotate_due, made)


def _rotate_due(
    made: dict[tuple[str, str], Material],
    transaction: Transaction,
    now: datetime,
    random: Callable[[int], bytes],
    limits: Mapping[str, int],
) -> int:
    """Rotate what is due; what has become so since material was made waits for the next time."""
    del limits
    moved = 0
    for entry in due(transaction, now, ROTATION, ON_DEMAND_ROTATION):
        what, key = entry.scheduled.what, _known(transaction, entry)
        material = made.pop((entry.account, entry.scheduled.key_id), None)
        if key is not None and material is None and _needs_material(key, what):
            continue
        done(transaction, entry)
        moved += 1
        if key is None:
            continue
        rotating = _Rotating(transaction, entry.account, now, random)
        if what == ON_DEMAND_ROTATION:
            rotating.on_demand(key, material)
        elif material is None:
            transaction.put(KEY, entry.account, replace(key, rotation_waits=True), entry.region)
        else:
            rotating.by_schedule(key, material)
    for account, key in list(_waiting(transaction)):
        material = made.pop((account, key.id), None)
        if material is not None:
            _Rotating(transaction, account, now, random).by_schedule(key, material)
            moved += 1
    return moved


class _Rotating:
    """Rotations in one transaction."""

    def __init__(
        self, transaction: Transaction, account: str, now: datetime, random: Callable[[int], bytes]
    ) -> None:
        self._transaction = transaction
        self._account = account
        self._now = now
        self._random = random

    def by_schedule(self, key: Key, material: Material) -> None:
        """Rotate a key automatically; one that had to wait begins anew with its schedule."""
        period = timedelta(days=key.rotation_period or DEFAULT_PERIOD)
        following = self._now if key.rotation_waits else key.next_rotation or self._now
        while following <= self._now:
            following += period
        key = rescheduled(self._transaction, self._account, key, period.days, following)
        self._new(key, material, AUTOMATIC)

    def on_demand(self, key: Key, material: Material | None) -> None:
        """Rotate a key as it was asked for: to new material, or to what was imported for it."""
        key = replace(key, on_demand_rotation_start=None)
        pending = material_pending_rotation(self._transaction, self._account, key)
        if material is None and pending is None:  # it was deleted, or has expired, meanwhile
            key = replace(key, on_demand_rotations=key.on_demand_rotations - 1)
        self._transaction.put(KEY, self._account, key, key.region)
        if material is not None:
            self._new(key, material, ON_DEMAND)
        elif pending is not None:
            self._make_current(key, pending.id, ON_DEMAND)

    def _new(self, primary: Key, material: Material, rotation_type: str) -> None:
        for key in related(self._transaction, self._account, primary):
            record = KeyMaterial(
                id=material.material_id, key_id=key.id, sealed=material.sealed, create_date=self._now
            )
            self._transaction.put(KEY_MATERIAL, self._account, record, key.region)
        self._make_current(primary, material.material_id, rotation_type)

    def _make_current(self, primary: Key, material_id: str, rotation_type: str) -> None:
        """Let a key encrypt with material that it has already, in all its Regions."""
        before = material_record(self._transaction, self._account, primary, primary.current_material)
        rotated = self._now
        if before is not None and before.rotation_date is not None:
            # Materials are told apart by when they became current, also those of one moment.
            rotated = max(rotated, before.rotation_date + timedelta(microseconds=1))
        for key in list(related(self._transaction, self._account, primary)):
            record = material_record(self._transaction, self._account, key, material_id)
            if record is not None:
                current = replace(
                    record, rotation_date=rotated, rotation_type=rotation_type, pending_rotation=False
                )
                self._transaction.put(KEY_MATERIAL, self._account, current, key.region)
            changed = replace(key, current_material=material_id)
            self._transaction.put(KEY, self._account, changed, key.region)
        self._emit(primary, material_id, rotation_type)

    def _emit(self, primary: Key, material_id: str, rotation_type: str) -> None:
        details = {
            "rotationType": rotation_type,
            "keyOrigin": primary.origin,
            "previousKeyMaterialId": primary.current_material,
            "currentKeyMaterialId": material_id,
            "keyId": primary.id,
        }
        key_event(
            self._transaction,
            "RotateKey",
            self._account,
            primary,
            details,
            now=self._now,
            random=self._random,
        )


ROTATIONS = PreparedWork((SCHEDULED, KEY), _next_due, _prepare)
