"""Operations on the material of keys: rotation, import, and copies in other Regions."""

from masugata.call import Operation, read, write
from masugata.services.kms import rotation

OPERATIONS: dict[str, Operation] = {
    "DisableKeyRotation": write(rotation.disable_key_rotation),
    "EnableKeyRotation": write(rotation.enable_key_rotation),
    "GetKeyRotationStatus": read(rotation.get_key_rotation_status),
    "ListKeyRotations": read(rotation.list_key_rotations),
    "RotateKeyOnDemand": write(rotation.rotate_key_on_demand),
}
