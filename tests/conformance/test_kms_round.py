"""A tour through operations of KMS with boto3, every answer held to the model."""

from pathlib import Path

from conformance import (
    kms_aliases,
    kms_cryptography,
    kms_custom_key_stores,
    kms_grants,
    kms_keys,
    kms_rotation,
)
from conformance.inspector import Inspector
from masugata.services.kms import (
    _operations_aliases,
    _operations_cryptography,
    _operations_custom_key_stores,
    _operations_grants,
    _operations_keys,
    _operations_rotation,
)
from support import House
from unit.services.kms.external_keys import PATIENT
from xks_proxy import Proxy


def test_every_built_operation(tmp_path: Path) -> None:
    """All operations answer, with every member that the model requires and times in milliseconds."""
    house = House(tmp_path)
    inspector = Inspector(house)
    inspector.resolution = 1000
    kms_aliases.aliases(inspector.client("kms"))
    kms_cryptography.cryptography(inspector.client("kms"))
    kms_rotation.rotation(inspector)
    kms_keys.keys(inspector.client("kms"))
    kms_grants.grants(inspector)
    house.store.close()
    with Proxy(tmp_path / "proxy") as proxy:
        inspector.house = House(tmp_path / "external", limits=PATIENT, **proxy.parts)
        kms_custom_key_stores.custom_key_stores(inspector.client("kms"), proxy)
    inspector.house.store.close()
    assert inspector.missing == set()
    assert inspector.outside == set()
    assert inspector.called["kms"] >= set(_operations_aliases.OPERATIONS)
    assert inspector.called["kms"] >= set(_operations_cryptography.OPERATIONS)
    assert inspector.called["kms"] >= set(_operations_rotation.OPERATIONS)
    assert inspector.called["kms"] >= set(_operations_keys.OPERATIONS)
    assert inspector.called["kms"] >= set(_operations_grants.OPERATIONS)
    assert inspector.called["kms"] >= set(_operations_custom_key_stores.OPERATIONS)
