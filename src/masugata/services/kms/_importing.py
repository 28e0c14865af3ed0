"""Which material a key takes, and what becomes of it."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.records.kms import (
    ENABLED,
    EXPIRY,
    KEY,
    KEY_MATERIAL,
    PENDING_IMPORT,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import arn
from masugata.services.kms._materials import lacks_material, materials_of
from masugata.services.kms._multi_region import check_primary, related
from masugata.services.kms._schedule import schedule, unschedule

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def store_imported(
    call: Call, key: Key, material: Material, request: "shapes.ImportKeyMaterialRequest"
) -> None:
    """Store imported material; raises IncorrectKeyMaterialException and KMSInvalidStateException."""
    known = {record.id: record for record in materials_of(call.transaction, call.account, key)}
    usual = "EXISTING_KEY_MATERIAL" if known else "NEW_KEY_MATERIAL"
    if request.get("ImportType", usual) == "NEW_KEY_MATERIAL":
        record = _new(call, key, material, known)
        _check_named(record, request)
    else:
        record = _existing(call, key, material, known, request)
    transaction, account = call.transaction, call.account
    record = replace(
        record,
        sealed=material.sealed,
        description=request.get("KeyMaterialDescription", record.description),
        expiration_model=request.get("ExpirationModel", "KEY_MATERIAL_EXPIRES"),
        valid_to=request.get("ValidTo"),
    )
    transaction.put(KEY_MATERIAL, account, record, key.region)
    unschedule(transaction, account, key.region, key.id, EXPIRY, material_id=record.id)
    if record.valid_to is not None:
        schedule(transaction, account, key.region, EXPIRY, record.valid_to, key.id, record.id)
    changed = replace(key, current_material=key.current_material or record.id)
    if key.state == PENDING_IMPORT and not lacks_material(transaction, account, key):
        changed = replace(changed, state=ENABLED)
    transaction.put(KEY, account, changed, key.region)


def _new(call: Call, key: Key, material: Material, known: dict[str, KeyMaterial]) -> KeyMaterial:
    """Material that a key did not have: its first, or one for a rotation; its replicas are told of it."""
    check_primary(call, key)
    material_id, named = material.material_id, arn(call, call.account, key)
    if material_id in known:
        raise _incorrect(f"The key material is associated with {named} already.")
    waiting = next((record for record in known.values() if record.pending_rotation), None)
    if waiting is not None:
        raise AwsError(
            "KMSInvalidStateException",
            f"New key material (id: {material_id}) cannot be imported into KMS key {named}, "
            f"because another key material (id: {waiting.id}) is pending rotation.",
            400,
        )
    record = KeyMaterial(
        id=material_id, key_id=key.id, sealed=b"", create_date=call.now, pending_rotation=bool(known)
    )
    for one in related(call.transaction, call.account, key):
        call.transaction.put(KEY_MATERIAL, call.account, record, one.region)
    return record


def _existing(
    call: Call,
    key: Key,
    material: Material,
    known: dict[str, KeyMaterial],
    request: "shapes.ImportKeyMaterialRequest",
) -> KeyMaterial:
    """Material that a key had before, or that its primary key has."""
    material_id = material.material_id
    record = known.get(material_id)
    if record is None:
        named = arn(call, call.account, key)
        raise _incorrect(f"The key material is not one that was imported into {named} before.")
    _check_named(record, request)
    return record


def _check_named(record: KeyMaterial, request: "shapes.ImportKeyMaterialRequest") -> None:
    """A request that names its material is not to store other, be it the first that the key has."""
    if request.get("KeyMaterialId", record.id) != record.id:
        raise _incorrect("The key material is not the one that KeyMaterialId names.")


def _incorrect(message: str) -> AwsError:
    return AwsError("IncorrectKeyMaterialException", message, 400)
