"""Operations on the material of keys: rotation, import, and copies in other Regions."""

from masugata.call import Operation, read, slow_read, write
from masugata.services.kms import imported_material, multi_region, rotation

OPERATIONS: dict[str, Operation] = {
    "DeleteImportedKeyMaterial": write(imported_material.delete_imported_key_material),
    "DisableKeyRotation": write(rotation.disable_key_rotation),
    "EnableKeyRotation": write(rotation.enable_key_rotation),
    "GetKeyRotationStatus": read(rotation.get_key_rotation_status),
    "GetParametersForImport": slow_read(imported_material.get_parameters_for_import),
    "ImportKeyMaterial": write(imported_material.import_key_material, imported_material.unwrapped),
    "ListKeyRotations": read(rotation.list_key_rotations),
    "ReplicateKey": write(multi_region.replicate_key),
    "RotateKeyOnDemand": write(rotation.rotate_key_on_demand),
    "UpdatePrimaryRegion": write(multi_region.update_primary_region),
}
