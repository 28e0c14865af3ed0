"""Rotation of key material.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.engines.keys import SYMMETRIC_DEFAULT
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import (
    CREATING,
    DISABLED,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import (
    arn,
    check_state,
    check_usable,
    find_by_id,
    find_own,
    page,
    show_key,
    unsupported,
)
from masugata.services.kms._management import find_to_change
from masugata.services.kms._materials import (
    imported_everywhere,
    material_pending_rotation,
    materials_of,
    place_of,
)
from masugata.services.kms._multi_region import check_primary, primary_of
from masugata.services.kms._rotation_schedule import (
    DEFAULT_PERIOD,
    start_on_demand_rotation,
    start_rotation,
    stop_rotation,
)

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_JUST_BEFORE: Final = timedelta(minutes=20)
"""So long before an automatic rotation there is none on demand."""


def enable_key_rotation(call: Call, request: "shapes.EnableKeyRotationRequest") -> dict[str, Any]:
    """Rotate a key by a schedule that begins now; raises as `disable_key_rotation`."""
    key = _with_schedule(call, request["KeyId"])
    period = request.get("RotationPeriodInDays", DEFAULT_PERIOD)
    start_rotation(call.transaction, call.account, key, call.now, period)
    show_key(call, call.account, key)
    return {}


def disable_key_rotation(call: Call, request: "shapes.DisableKeyRotationRequest") -> dict[str, Any]:
    """Rotate a key no more by itself.

    Raises NotFoundException, DisabledException, KMSInvalidStateException, and UnsupportedOperationException
    for keys that cannot be rotated by a schedule, or have it from elsewhere.
    """
    stop_rotation(call.transaction, call.account, _with_schedule(call, request["KeyId"]))
    return {}


def get_key_rotation_status(
    call: Call, request: "shapes.GetKeyRotationStatusRequest"
) -> "shapes.GetKeyRotationStatusResponse":
    """Whether and when a key is rotated; raises NotFoundException and UnsupportedOperationException."""
    account, key = find_by_id(call, request["KeyId"])
    _check_origin(call, account, key, "AWS_KMS")
    primary = primary_of(call.records, account, key)
    status: shapes.GetKeyRotationStatusResponse = {"KeyId": key.id, "KeyRotationEnabled": False}
    if primary.on_demand_rotation_start is not None:
        status["OnDemandRotationStartDate"] = primary.on_demand_rotation_start
    if primary.rotation_period is not None and not key.pending_deletion:
        status["KeyRotationEnabled"] = True
        status["RotationPeriodInDays"] = primary.rotation_period
        if primary.next_rotation is not None:
            status["NextRotationDate"] = primary.next_rotation
    return status


def rotate_key_on_demand(
    call: Call, request: "shapes.RotateKeyOnDemandRequest"
) -> "shapes.RotateKeyOnDemandResponse":
    """Begin to rotate a key now, whatever its schedule; of imported material, to what waits for it.

    Raises NotFoundException, DisabledException, KMSInvalidStateException, UnsupportedOperationException,
    LimitExceededException, and ConflictException while another rotation is at work or about to be.
    """
    key = find_to_change(call, request["KeyId"])
    _check_rotatable(call, call.account, key)
    check_primary(call, key)
    check_usable(call, call.account, key)
    named = arn(call, call.account, key)
    if key.on_demand_rotations >= limit(call.limits, "kms.on-demand-rotations-per-key"):
        raise AwsError(
            "LimitExceededException",
            "The on-demand rotations limit has been reached for the given keyId. "
            f"No more on-demand rotations can be performed for this key: {named}",
            400,
        )
    if key.on_demand_rotation_start is not None or _is_due_soon(call, key):
        raise AwsError(
            "ConflictException",
            f"A rotation of {named} is in progress or scheduled to begin within the next 20 minutes.",
            400,
        )
    if key.origin == "EXTERNAL" and material_pending_rotation(call.records, call.account, key) is None:
        raise AwsError(
            "KMSInvalidStateException",
            f"No available key material pending rotation for the key: {named}.",
            400,
        )
    seconds = limit(call.limits, "kms.on-demand-rotation-seconds")
    start_on_demand_rotation(call.transaction, call.account, key, call.now, seconds)
    return {"KeyId": key.id}


def list_key_rotations(
    call: Call, request: "shapes.ListKeyRotationsRequest"
) -> "shapes.ListKeyRotationsResponse":
    """The rotations of a key that are done, or all its materials; raises as `get_key_rotation_status`."""
    key = find_own(call, request["KeyId"])
    _check_rotatable(call, call.account, key)
    records = materials_of(call.records, call.account, key)
    if request.get("IncludeKeyMaterial") != "ALL_KEY_MATERIAL":
        records = [record for record in records if record.rotation_date is not None]
    listed, end = page(call, request, records, place_of)
    return {"Rotations": [_entry(call, key, record) for record in listed], **end}


def _entry(call: Call, key: Key, record: KeyMaterial) -> "shapes.RotationsListEntry":
    entry: shapes.RotationsListEntry = {
        "KeyId": key.id,
        "KeyMaterialId": record.id,
        "KeyMaterialState": _material_state(call, key, record),
    }
    if record.rotation_date is not None:
        entry["RotationDate"] = record.rotation_date
        entry["RotationType"] = record.rotation_type
    if key.origin == "EXTERNAL":
        entry["ImportState"] = "IMPORTED" if record.sealed else "PENDING_IMPORT"
        if record.description:
            entry["KeyMaterialDescription"] = record.description
        if record.sealed:
            entry["ExpirationModel"] = record.expiration_model
            if record.valid_to is not None:
                entry["ValidTo"] = record.valid_to
    return entry


def _material_state(call: Call, key: Key, record: KeyMaterial) -> str:
    if not record.pending_rotation:
        return "CURRENT" if record.id == key.current_material else "NON_CURRENT"
    if imported_everywhere(call.records, call.account, key, record):
        return "PENDING_ROTATION"
    return "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def _with_schedule(call: Call, name: str) -> Key:
    """A key of the caller's account that can be rotated by a schedule, or not."""
    key = find_to_change(call, name)
    _check_rotatable(call, call.account, key)
    _check_origin(call, call.account, key, "AWS_KMS")
    check_primary(call, key)
    named = arn(call, call.account, key)
    if key.state == DISABLED:
        raise AwsError("DisabledException", f"{named} is disabled.", 400)
    refused = (CREATING, PENDING_DELETION, PENDING_IMPORT, PENDING_REPLICA_DELETION)
    check_state(call, call.account, key, *refused)
    return key


def _check_rotatable(call: Call, account: str, key: Key) -> None:
    """Raise UnsupportedOperationException for a key that has one material for ever."""
    if key.spec != SYMMETRIC_DEFAULT:
        named = arn(call, account, key)
        raise unsupported(f"{named} key spec is {key.spec} which is not valid for this operation.")
    _check_origin(call, account, key, "AWS_KMS", "EXTERNAL")


def _check_origin(call: Call, account: str, key: Key, *origins: str) -> None:
    if key.origin not in origins:
        named = arn(call, account, key)
        raise unsupported(f"{named} origin is {key.origin} which is not valid for this operation.")


def _is_due_soon(call: Call, key: Key) -> bool:
    return key.next_rotation is not None and key.next_rotation - call.now <= _JUST_BEFORE
