"""In which states a key can be rotated, given material, and copied: AWS's table, each cell of it.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html. ListKeyRotations and
RotateKeyOnDemand are not in it as it was published: the first reads, the second is like EnableKeyRotation.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.records.kms import KEY
from masugata.testing import LocalAws, local_aws
from unit.services.kms.importing import FOR_EVER, NEW, external_key, import_material, parameters, wrapped

ACCOUNT = "111122223333"
HOME, EUROPE = "us-east-1", "eu-west-1"
STATES: Final = {
    "Enabled": "",
    "Disabled": "DisabledException: {} is disabled.",
    "PendingDeletion": "KMSInvalidStateException: {} is pending deletion.",
    "PendingReplicaDeletion": "KMSInvalidStateException: {} is pending replica deletion.",
    "PendingImport": "KMSInvalidStateException: {} is pending import.",
    "Creating": "KMSInvalidStateException: {} is creating.",
    "Updating": "KMSInvalidStateException: {} is updating.",
}
EXTERNAL: Final = (
    "UnsupportedOperationException: {} origin is EXTERNAL which is not valid for this operation."
)
OURS: Final = "UnsupportedOperationException: {} origin is AWS_KMS which is not valid for this operation."
EVERYWHERE: Final = frozenset(STATES)
IN_USE: Final = frozenset({"Enabled", "Updating"})


class Keys:
    """A key of ours and one whose material is imported, both in Regions of their own and ready for all."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.kms, europe = (aws.client("kms", region_name=region) for region in (HOME, EUROPE))
        self.ours: str = self.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        self.imported = external_key(self.kms, MultiRegion=True)
        self.first = import_material(self.kms, self.imported, b"1" * 32)["KeyMaterialId"]
        self.kms.replicate_key(KeyId=self.ours, ReplicaRegion=EUROPE)
        import_material(self.kms, self.imported, b"2" * 32, **NEW)
        self.parameters = parameters(self.kms, self.imported)
        assert europe.describe_key(KeyId=self.ours)["KeyMetadata"]["KeyState"] == "Enabled"

    def call(self, operation: str, key: str) -> Any:
        """An operation on a key, with whatever else it must be given."""
        further: dict[str, dict[str, Any]] = {
            "get_parameters_for_import": {
                "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
                "WrappingKeySpec": "RSA_2048",
            },
            "import_key_material": {
                "ImportToken": self.parameters["ImportToken"],
                "EncryptedKeyMaterial": wrapped(self.parameters["PublicKey"], b"1" * 32),
                **FOR_EVER,
            },
            "replicate_key": {"ReplicaRegion": "ap-northeast-1"},
            "update_primary_region": {"PrimaryRegion": EUROPE},
        }
        return getattr(self.kms, operation)(KeyId=key, **further.get(operation, {}))

    def outcomes(self, operation: str, key: str) -> dict[str, str]:
        """What an operation answers in each state: nothing, or its error."""
        return {state: self._outcome(operation, key, state) for state in STATES}

    def _outcome(self, operation: str, key: str, state: str) -> str:
        store = self.aws._installation.store
        before = store.snapshot().get(KEY, ACCOUNT, key, HOME)
        store.submit(lambda tx: tx.put(KEY, ACCOUNT, replace(before, state=state), HOME)).result()
        try:
            self.call(operation, key)
        except ClientError as error:
            found = error.response["Error"]
            text = f"{found['Code']}: {found['Message']}"
            return text.replace(f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{key}", "{}")
        finally:
            store.submit(lambda tx: tx.put(KEY, ACCOUNT, before, HOME)).result()
        return ""


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    """Both keys, which each cell of the table leaves as they were."""
    with local_aws() as aws:
        yield Keys(aws)


OF_OURS: Final = {
    "enable_key_rotation": IN_USE,
    "disable_key_rotation": IN_USE,
    "rotate_key_on_demand": IN_USE,
    "get_key_rotation_status": EVERYWHERE,
    "list_key_rotations": EVERYWHERE,
    "replicate_key": frozenset({"Enabled"}),
    "update_primary_region": IN_USE,
}
OF_IMPORTED: Final = {
    "rotate_key_on_demand": IN_USE,
    "list_key_rotations": EVERYWHERE,
    "get_parameters_for_import": frozenset({"Enabled", "Disabled", "PendingImport"}),
    "import_key_material": frozenset({"Enabled", "Disabled", "PendingImport", "Updating"}),
    "delete_imported_key_material": EVERYWHERE - {"Creating", "Updating"},
}


def expected(works: frozenset[str]) -> dict[str, str]:
    """A row of the table: nothing where an operation works, and elsewhere why not."""
    return {state: "" if state in works else why for state, why in STATES.items()}


@pytest.mark.parametrize("operation", OF_OURS)
def test_our_material(operation: str) -> None:
    """A key of ours, in every state."""
    with local_aws() as aws:
        keys = Keys(aws)
        assert keys.outcomes(operation, keys.ours) == expected(OF_OURS[operation])


@pytest.mark.parametrize("operation", OF_IMPORTED)
def test_imported_material(operation: str) -> None:
    """A key with imported material, in every state."""
    with local_aws() as aws:
        keys = Keys(aws)
        assert keys.outcomes(operation, keys.imported) == expected(OF_IMPORTED[operation])


@pytest.mark.parametrize(
    "operation", ["enable_key_rotation", "disable_key_rotation", "get_key_rotation_status"]
)
def test_no_schedule_for_imported_material(keys: Keys, operation: str) -> None:
    """Imported material has no schedule, whatever state the key is in."""
    assert keys.outcomes(operation, keys.imported) == dict.fromkeys(STATES, EXTERNAL)


@pytest.mark.parametrize(
    "operation", ["get_parameters_for_import", "import_key_material", "delete_imported_key_material"]
)
def test_no_import_into_ours(keys: Keys, operation: str) -> None:
    """A key of ours takes no material, whatever state it is in."""
    assert keys.outcomes(operation, keys.ours) == dict.fromkeys(STATES, OURS)
