"""Multi-Region keys: replicas, and which of the related keys is the primary.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.authorization.resources.kms import default_policy
from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import (
    CREATING,
    GRANT,
    KEY,
    KEY_MATERIAL,
    TRANSITION,
    UPDATING,
    Key,
    key_arn,
)
from masugata.services.kms._common import arn, check_state, check_usable, unsupported
from masugata.services.kms._events import key_event
from masugata.services.kms._key_policies import check_lockout, shown_key_policy, stored_key_policy
from masugata.services.kms._management import find_to_change, save
from masugata.services.kms._materials import materials_of
from masugata.services.kms._metadata import key_metadata
from masugata.services.kms._multi_region import check_primary, partition_of, related
from masugata.services.kms._rotation_schedule import move_rotation
from masugata.services.kms._schedule import schedule
from masugata.services.kms._tags import read_tags, tag_shapes
from masugata.services.kms.creation import check_quota

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def replicate_key(call: Call, request: "shapes.ReplicateKeyRequest") -> "shapes.ReplicateKeyResponse":
    """Make a key in another Region that has the id and the material of a primary key.

    Raises AlreadyExistsException, DisabledException, KMSInvalidStateException, LimitExceededException,
    MalformedPolicyDocumentException, NotFoundException, TagException and UnsupportedOperationException.
    """
    primary = _primary(call, request["KeyId"])
    check_state(call, call.account, primary, UPDATING)
    region = request["ReplicaRegion"]
    _check_free(call, primary, region)
    check_quota(call, region)
    replica = _replica(call, primary, request)
    save(call, replica)
    _copy_material(call, primary, region)
    save(call, replace(primary, replica_regions=(*primary.replica_regions, region)))
    check_lockout(call, replica, request)
    _end_later(call, replica, "kms.replica-creation-seconds")
    _tell(call, "CreateKey", replica)
    call.touches("AWS::KMS::Key", arn(call, call.account, replica))
    return {
        "ReplicaKeyMetadata": key_metadata(call, call.account, replica),
        "ReplicaPolicy": shown_key_policy(call, replica.policy),
        "ReplicaTags": tag_shapes(replica.tags),
    }


def update_primary_region(call: Call, request: "shapes.UpdatePrimaryRegionRequest") -> dict[str, Any]:
    """Make a replica the primary of its related keys, and the primary a replica.

    Raises DisabledException, KMSInvalidStateException, NotFoundException and UnsupportedOperationException.
    """
    primary = _primary(call, request["KeyId"])
    region = request["PrimaryRegion"]
    if region == primary.region:
        raise unsupported(f"{arn(call, call.account, primary)} is the primary key already.")
    replica = call.records.get(KEY, call.account, primary.id, region)
    if replica is None:
        missing = key_arn(call.account, region, primary.id, partition=call.partition)
        raise AwsError("NotFoundException", f"Key '{missing}' does not exist", 400)
    check_usable(call, call.account, replica)
    others = [key for key in related(call.records, call.account, primary) if key.region != primary.region]
    for other in others:
        save(call, replace(other, primary_region=region))
    old, new = move_rotation(call.transaction, call.account, primary, replica)
    regions = (*(key.region for key in others if key.region != region), primary.region)
    old = replace(old, primary_region=region, replica_regions=(), state=UPDATING)
    new = replace(new, primary_region=region, replica_regions=regions, state=UPDATING)
    for key in (old, new):
        save(call, key)
        _end_later(call, key, "kms.primary-region-update-seconds")
    _tell(call, "UpdatePrimaryRegion", new)
    call.touches("AWS::KMS::Key", arn(call, call.account, new))
    return {}


def _primary(call: Call, name: str) -> Key:
    """The primary key of the caller's account that is to be used; raises UnsupportedOperationException."""
    key = find_to_change(call, name)
    if not key.multi_region:
        raise unsupported(f"{arn(call, call.account, key)} is not a multi-region primary key.")
    check_primary(call, key)
    check_usable(call, call.account, key)
    return key


def _check_free(call: Call, primary: Key, region: str) -> None:
    if partition_of(region) != call.partition:
        raise unsupported(f"The Region {region} is not in the partition {call.partition} of the primary key.")
    # A new replica has the id of the one before, and must not come to grants that are still to be deleted.
    remains = call.records.count_referring(GRANT, call.account, "key", primary.id, region)
    if region in {primary.region, *primary.replica_regions} or remains:
        there = key_arn(call.account, region, primary.id, partition=call.partition)
        raise AwsError("AlreadyExistsException", f"{there} already exists.", 400)


def _replica(call: Call, primary: Key, request: "shapes.ReplicateKeyRequest") -> Key:
    policy = request.get("Policy")
    return Key(
        id=primary.id,
        region=request["ReplicaRegion"],
        creation_date=call.now,
        description=request.get("Description", ""),
        policy=default_policy(call.account, call.partition)
        if policy is None
        else stored_key_policy(call, policy),
        spec=primary.spec,
        usage=primary.usage,
        origin=primary.origin,
        state=CREATING,
        tags=read_tags(call, request.get("Tags")),
        primary_region=primary.region,
        current_material=primary.current_material,
    )


def _copy_material(call: Call, primary: Key, region: str) -> None:
    """Give a replica all material of its primary; what was imported has to be imported there, too."""
    for record in materials_of(call.records, call.account, primary):
        copy = record
        if primary.origin == "EXTERNAL":
            copy = replace(record, sealed=b"", expiration_model="", valid_to=None, description="")
        call.transaction.put(KEY_MATERIAL, call.account, copy, region)


def _end_later(call: Call, key: Key, name: str) -> None:
    """Have a key leave the state that it is in for a moment, which lasts as many seconds as a limit says."""
    due = call.now + timedelta(seconds=limit(call.limits, name))
    schedule(call.transaction, call.account, key.region, TRANSITION, due, key.id)


def _tell(call: Call, name: str, key: Key) -> None:
    """Record in the Region of the other key what became of it; the call itself is recorded in its own."""
    details = {"keyId": key.id, "primaryRegion": key.primary_region, "requestId": call.request_id}
    key_event(call.transaction, name, call.account, key, details, now=call.now, random=call.random)
