"""The facts that the checks bring themselves, against what botocore and the catalogue say."""

import json
from pathlib import Path

import botocore

from masugata.authorization import catalogue
from masugata.engines.policy.validation._globals import GLOBAL_KEYS, REGIONS
from unit.engines.policy.validation.knowing import KNOWLEDGE


def test_every_region_of_botocore_is_known() -> None:
    """No partition or Region that botocore has endpoints of is an error in an ARN."""
    endpoints = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        assert set(partition["regions"]) <= set(REGIONS[partition["partition"]])


def test_global_keys_of_the_catalogue_are_known_alike() -> None:
    """The catalogue's few global keys have the types that are known here."""
    for prefix in catalogue.names("actions"):
        service = KNOWLEDGE.service(prefix)
        for key, kind in service.keys.items():
            assert not key.startswith("aws:") or GLOBAL_KEYS[key] == kind


def test_a_key_is_known_with_whatever_its_tag_is_called() -> None:
    """Keys that go on with a tag's name are found by it, and lack it if it is not there."""
    assert KNOWLEDGE.key_type("AWS:resourcetag/Team:a/b") == "String"
    assert KNOWLEDGE.key_type("kms:EncryptionContext:aws:s3:arn") == "String"
    assert KNOWLEDGE.key_type("secretsmanager:ResourceTag/team") == "String"
    assert KNOWLEDGE.key_type("aws:ResourceTag/") is None
    assert KNOWLEDGE.lacks_tag("aws:ResourceTag")
    assert KNOWLEDGE.lacks_tag("aws:ResourceTag/")
    assert not KNOWLEDGE.lacks_tag("aws:username")
