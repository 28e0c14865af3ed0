"""Related multi-Region keys: the primary, its replicas, and how a key tells of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import KEY, Key, key_arn
from masugata.services.kms._common import arn
from masugata.store import Records

if TYPE_CHECKING:
    from masugata_types import kms as shapes


_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}
"""How the Regions of partitions begin, but for that of `aws`."""


def partition_of(region: str) -> str:
    """The partition of a Region; that of one which AWS does not have is `aws`."""
    found = (partition for start, partition in _PARTITIONS.items() if region.startswith(start))
    return next(found, "aws")


def primary_of(records: Records, account: str, key: Key) -> Key:
    """The key that has what related keys share: the primary of a multi-Region key, or the key itself."""
    if not key.is_replica:
        return key
    return records.get(KEY, account, key.id, key.primary_region) or key


def related(records: Records, account: str, primary: Key) -> Iterator[Key]:
    """A primary key and its replicas."""
    yield primary
    for region in primary.replica_regions:
        replica = records.get(KEY, account, primary.id, region)
        if replica is not None:
            yield replica


def check_primary(call: Call, key: Key) -> None:
    """Raise UnsupportedOperationException for a replica of the caller's account."""
    if key.is_replica:
        raise AwsError(
            "UnsupportedOperationException",
            f"{arn(call, call.account, key)} is not a multi-region primary key.",
            400,
        )


def multi_region_configuration(
    call: Call, account: str, key: Key
) -> "shapes.MultiRegionConfiguration | None":
    """The MultiRegionConfiguration of a key, None for one that is in a single Region."""
    if not key.multi_region:
        return None

    def named(region: str) -> "shapes.MultiRegionKey":
        return {"Arn": key_arn(account, region, key.id, partition=call.partition), "Region": region}

    primary = primary_of(call.records, account, key)
    return {
        "MultiRegionKeyType": "REPLICA" if key.is_replica else "PRIMARY",
        "PrimaryKey": named(key.primary_region),
        "ReplicaKeys": [named(region) for region in primary.replica_regions],
    }
