"""How a key describes itself."""

from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.engines.keys import KEY_SPECS, SYMMETRIC_DEFAULT
from masugata.records.kms import ENABLED, PENDING_DELETION, PENDING_REPLICA_DELETION, Key
from masugata.services.kms._common import arn
from masugata.services.kms._materials import first_expiry, lacks_material
from masugata.services.kms._multi_region import multi_region_configuration

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_ALGORITHMS: Final = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
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
    name, values = algorithms(key)
    metadata[name] = values  # type: ignore[literal-required]
    if key.state == PENDING_DELETION and key.deletion_date is not None:
        metadata["DeletionDate"] = key.deletion_date
    if key.state == PENDING_REPLICA_DELETION and key.pending_window is not None:
        metadata["PendingDeletionWindowInDays"] = key.pending_window
    if key.current_material and key.spec == SYMMETRIC_DEFAULT and not key.custom_key_store:
        metadata["CurrentKeyMaterialId"] = key.current_material
    if key.custom_key_store:
        metadata["CustomKeyStoreId"] = key.custom_key_store
        metadata["XksKeyConfiguration"] = {"Id": key.xks_key}
    if (configuration := multi_region_configuration(call, account, key)) is not None:
        metadata["MultiRegionConfiguration"] = configuration
    if key.origin == _EXTERNAL:
        _add_expiry(call, account, key, metadata)
    return metadata


def _add_expiry(call: Call, account: str, key: Key, metadata: "shapes.KeyMetadata") -> None:
    """Whether and when imported material expires; nothing while some of it is missing."""
    if lacks_material(call.records, account, key):
        return
    expiry = first_expiry(call.records, account, key)
    metadata["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE" if expiry is None else "KEY_MATERIAL_EXPIRES"
    if expiry is not None:
        metadata["ValidTo"] = expiry


def algorithms(key: Key) -> tuple[str, list[str]]:
    """The algorithms of a key, and the member that lists them."""
    return _ALGORITHMS[key.usage], list(KEY_SPECS[key.spec].algorithms[key.usage])
