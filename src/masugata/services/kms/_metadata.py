"""How a key describes itself."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.engines.keys import KEY_SPECS
from masugata.records.kms import ENABLED, Key
from masugata.services.kms._common import arn

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_ALGORITHMS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


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
    return metadata


def algorithms(key: Key) -> tuple[str, list[str]]:
    """The algorithms of a key, and the member that lists them."""
    return _ALGORITHMS[key.usage], list(KEY_SPECS[key.spec].algorithms[key.usage])
