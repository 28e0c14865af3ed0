"""KMS keys: all that is known of a key but its material."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
PENDING_IMPORT: Final = "PendingImport"
PENDING_DELETION: Final = "PendingDeletion"
PENDING_REPLICA_DELETION: Final = "PendingReplicaDeletion"
UNAVAILABLE: Final = "Unavailable"
CREATING: Final = "Creating"
UPDATING: Final = "Updating"

CUSTOMER: Final = "CUSTOMER"
AWS: Final = "AWS"

MANAGED_BY_AWS: Final = ("manager", AWS)
"""The reference of the keys that AWS manages."""
TO_BE_DELETED: Final = ("to-be-deleted", "")
"""The reference of the keys that have a date on which they are deleted."""


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A KMS key in its account and Region. Names of states and the like are those of KeyMetadata.

    A multi-Region key has a `primary_region`, and the primary alone lists its `replica_regions`.
    `current_material` is the id of the material that encrypts, empty while there is none. `rotation_period`
    in days is set while automatic rotation is on, and `next_rotation` says when it is due; both are the
    primary's alone, for all Regions. `rotation_waits` for the key to be enabled: it was due while it was not.
    `state_when_connected` is what an unavailable key is as soon as its custom key store is connected again.
    """

    version: int = 1
    id: str
    region: str
    creation_date: datetime
    description: str = ""
    policy: str
    spec: str
    usage: str
    origin: str = "AWS_KMS"
    manager: str = CUSTOMER
    state: str = ENABLED
    tags: tuple[Tag, ...] = ()
    deletion_date: datetime | None = None
    pending_window: int | None = None
    primary_region: str = ""
    replica_regions: tuple[str, ...] = ()
    current_material: str = ""
    rotation_period: int | None = None
    next_rotation: datetime | None = None
    rotation_waits: bool = False
    on_demand_rotations: int = 0
    on_demand_rotation_start: datetime | None = None
    custom_key_store: str = ""
    xks_key: str = ""
    state_when_connected: str = ""

    @property
    def multi_region(self) -> bool:
        """Whether related keys in other Regions can have the same id and material."""
        return self.primary_region != ""

    @property
    def is_replica(self) -> bool:
        """Whether another Region has the primary key."""
        return self.primary_region not in {"", self.region}

    @property
    def pending_deletion(self) -> bool:
        """Whether the key will be deleted, now or after its replicas."""
        return self.state in {PENDING_DELETION, PENDING_REPLICA_DELETION}


def _references(key: Key) -> Iterator[tuple[str, str]]:
    if key.custom_key_store:
        yield "custom-key-store", key.custom_key_store
        yield "xks-key", f"{key.custom_key_store} {key.xks_key}"
    if key.manager == AWS:
        yield MANAGED_BY_AWS
    if key.deletion_date is not None:
        yield TO_BE_DELETED
    if key.rotation_waits:
        yield "rotation-waits", key.state


KEY = Kind(
    "kms",
    "key",
    Key,
    key=lambda r: r.id,
    names=lambda r: [("id", f"{r.region}/{r.id}")],
    references=_references,
)
