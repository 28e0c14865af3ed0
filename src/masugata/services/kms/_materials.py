"""The materials that a key has or had: which there are, what for, and since when."""

from collections.abc import Iterable
from datetime import datetime

from masugata.records.kms import KEY_MATERIAL, Key, KeyMaterial
from masugata.services.kms._common import material_record
from masugata.services.kms._multi_region import primary_of, related
from masugata.store import Records


def materials_of(records: Records, account: str, key: Key) -> list[KeyMaterial]:
    """All materials of a key as they came: the first, one for each rotation, and what waits for one."""
    found = records.referring(KEY_MATERIAL, account, "key", key.id, key.region)
    return sorted(found, key=place_of)


def place_of(record: KeyMaterial) -> str:
    """Where a material stands among those of its key, as a text that sorts."""
    since = record.create_date if record.rotation_date is None else record.rotation_date
    rank = "2" if record.pending_rotation else "0" if record.rotation_date is None else "1"
    return f"{rank}/{since:%Y-%m-%dT%H:%M:%S.%fZ}/{record.id}"


def material_pending_rotation(records: Records, account: str, key: Key) -> KeyMaterial | None:
    """The imported material that a rotation would make current: one that all related keys have."""
    for record in materials_of(records, account, key):
        if record.pending_rotation and imported_everywhere(records, account, key, record):
            return record
    return None


def imported_everywhere(records: Records, account: str, key: Key, material: KeyMaterial) -> bool:
    """Whether a key and all that are related to it have this material."""
    for one in related(records, account, primary_of(records, account, key)):
        record = material_record(records, account, one, material.id)
        if record is None or not record.sealed:
            return False
    return True


def lacks_material(records: Records, account: str, key: Key) -> bool:
    """Whether a key cannot be used for want of material: it has none, or any of its materials is gone."""
    permanent = _permanent(materials_of(records, account, key))
    return not permanent or not all(record.sealed for record in permanent)


def first_expiry(records: Records, account: str, key: Key) -> datetime | None:
    """When the first of the materials that a key cannot do without expires, or None."""
    times = [
        record.valid_to
        for record in _permanent(materials_of(records, account, key))
        if record.sealed and record.valid_to is not None
    ]
    return min(times, default=None)


def _permanent(records: Iterable[KeyMaterial]) -> list[KeyMaterial]:
    """Those of these materials that are a key's for good, as they have been current."""
    return [record for record in records if not record.pending_rotation]
