"""Rotation, import and copies in other Regions, as boto3 asks for them."""

from typing import Any

from conformance.inspector import Inspector
from unit.services.kms.importing import NEW, external_key, import_material

EUROPE = "eu-west-1"


def rotation(inspector: Inspector) -> None:
    """Every operation on the material of keys, with what takes a moment done in between."""
    kms, house = inspector.client("kms"), inspector.house
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    kms.get_key_rotation_status(KeyId=key)
    kms.rotate_key_on_demand(KeyId=key)
    kms.get_key_rotation_status(KeyId=key)
    house.move_on()
    kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=1)
    kms.disable_key_rotation(KeyId=key)
    kms.get_key_rotation_status(KeyId=key)
    kms.replicate_key(KeyId=key, ReplicaRegion=EUROPE, Tags=[{"TagKey": "shop", "TagValue": "dublin"}])
    house.move_on()
    kms.describe_key(KeyId=key)
    kms.update_primary_region(KeyId=key, PrimaryRegion=EUROPE)
    house.move_on()
    kms.describe_key(KeyId=key)
    imported(kms, house)


def imported(kms: Any, house: Any) -> None:
    """Imported material: its first, one to rotate to, and none."""
    key = external_key(kms)
    import_material(kms, key, b"1" * 32, KeyMaterialDescription="of 2026")
    import_material(kms, key, b"2" * 32, **NEW)
    kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key)
    house.move_on()
    kms.list_key_rotations(KeyId=key)
    kms.describe_key(KeyId=key)
    kms.delete_imported_key_material(KeyId=key)
