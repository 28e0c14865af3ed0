"""How a key describes itself."""

from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.engines.keys import KEY_SPECS, SYMMETRIC_DEFAULT
from masugata.records.kms import (
    ENABLED,
    KEY,
    KEY_MATERIAL,
    PENDING_DELETION,
    PENDING_REPLICA_DELETION,
    Key,
    key_arn,
)
from masugata.services.kms._common import arn

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_ALGORITHMS: Final = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
_EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
_EXTERNAL: Final = "EXTERNAL"


def key_metadata(call: Call, account: str, key: Key) -> "shapes.KeyMetadata":
    """The KeyMetadata of a key."""
    metadata: shapes.KeyMetadata = {
        "AWSAccountId": account,
        "KeyId": key.id,
        "Arn": arn(call, account, key),
        "CreationDate": key.creation_date,
        "Enabled": key.state == ENABLED,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region,
    }
    metadata[_ALGORITHMS[key.usage]] = list(KEY_SPECS[key.spec].algorithms[key.usage])  # type: ignore[literal-required]
    if key.state == PENDING_DELETION and key.deletion_date is not None:
        metadata["DeletionDate"] = key.deletion_date
    if key.state == PENDING_REPLICA_DELETION and key.pending_window is not None:
        metadata["PendingDeletionWindowInDays"] = key.pending_window
    if key.current_material and key.spec == SYMMETRIC_DEFAULT and not key.custom_key_store:
        metadata["CurrentKeyMaterialId"] = key.current_material
    if key.custom_key_store:
        metadata["CustomKeyStoreId"] = key.custom_key_store
        metadata["XksKeyConfiguration"] = {"Id": key.xks_key}
    if key.multi_region:
        metadata["MultiRegionConfiguration"] = _related(call, account, key)
    if key.origin == _EXTERNAL:
        _add_expiry(call, account, key, metadata)
    return metadata


def _related(call: Call, account: str, key: Key) -> "shapes.MultiRegionConfiguration":
    """The primary key and its replicas; the primary alone knows all."""
    primary = call.records.get(KEY, account, key.id, key.primary_region) if key.is_replica else key
    replicas = (key.region,) if primary is None else primary.replica_regions
    return {
        "MultiRegionKeyType": "REPLICA" if key.is_replica else "PRIMARY",
        "PrimaryKey": _in_region(call, account, key, key.primary_region),
        "ReplicaKeys": [_in_region(call, account, key, region) for region in replicas],
    }


def _in_region(call: Call, account: str, key: Key, region: str) -> "shapes.MultiRegionKey":
    return {"Arn": key_arn(account, region, key.id, partition=call.partition), "Region": region}


def _add_expiry(call: Call, account: str, key: Key, metadata: "shapes.KeyMetadata") -> None:
    """When the first of the imported materials expires, but for one that still has to become current."""
    materials = call.records.referring(KEY_MATERIAL, account, "key", key.id, key.region)
    present = [one for one in materials if one.sealed and not one.pending_rotation]
    if not present:
        return
    ends = [one.valid_to for one in present if one.expiration_model == _EXPIRES and one.valid_to]
    metadata["ExpirationModel"] = _EXPIRES if ends else "KEY_MATERIAL_DOES_NOT_EXPIRE"
    if ends:
        metadata["ValidTo"] = min(ends)
