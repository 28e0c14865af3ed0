"""ScheduleKeyDeletion and CancelKeyDeletion.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import (
    CUSTOM_KEY_STORE,
    DISABLED,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
    Key,
)
from masugata.services.kms._common import arn, check_state, invalid_state
from masugata.services.kms._deletion import DEFAULT_DAYS
from masugata.services.kms._management import find_to_change, save
from masugata.services.kms._materials import lacks_material

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_DAYS: Final = range(7, 31)


def schedule_key_deletion(
    call: Call, request: "shapes.ScheduleKeyDeletionRequest"
) -> "shapes.ScheduleKeyDeletionResponse":
    """Have a key deleted in 7 to 30 days; until then it cannot be used, and its deletion be cancelled.

    The window of a primary key begins when its last replica is gone. Raises NotFoundException,
    KMSInvalidStateException, and ValidationException for another window.
    """
    days = request.get("PendingWindowInDays", DEFAULT_DAYS)
    if days not in _DAYS:
        raise AwsError(
            "ValidationError",
            f"PendingWindowInDays must be between {_DAYS[0]} and {_DAYS[-1]} (inclusive)",
            400,
        )
    key = find_to_change(call, request["KeyId"])
    check_state(call, call.account, key, PENDING_DELETION, PENDING_REPLICA_DELETION, UPDATING)
    if key.replica_regions:
        changed = replace(key, state=PENDING_REPLICA_DELETION, pending_window=days, state_when_connected="")
    else:
        changed = replace(
            key,
            state=PENDING_DELETION,
            pending_window=days,
            deletion_date=call.now + timedelta(days=days),
            state_when_connected="",
        )
    save(call, changed)
    answer: shapes.ScheduleKeyDeletionResponse = {
        "KeyId": arn(call, call.account, key),
        "KeyState": changed.state,
        "PendingWindowInDays": days,
    }
    if changed.deletion_date is not None:
        answer["DeletionDate"] = changed.deletion_date
    return answer


def cancel_key_deletion(
    call: Call, request: "shapes.CancelKeyDeletionRequest"
) -> "shapes.CancelKeyDeletionResponse":
    """Keep a key that was to be deleted; it is disabled.

    If it lacks imported material it waits for that instead, and is unavailable while its key store is not
    connected. Raises NotFoundException and KMSInvalidStateException.
    """
    key = find_to_change(call, request["KeyId"])
    if not key.pending_deletion:
        raise invalid_state(call, call.account, key, "not pending deletion")
    kept = replace(key, state=DISABLED, deletion_date=None, pending_window=None)
    if _is_unavailable(call, key):
        kept = replace(kept, state=UNAVAILABLE, state_when_connected=DISABLED)
    elif key.origin == "EXTERNAL" and lacks_material(call.records, call.account, key):
        kept = replace(kept, state=PENDING_IMPORT)
    save(call, kept)
    return {"KeyId": arn(call, call.account, key)}


def _is_unavailable(call: Call, key: Key) -> bool:
    if not key.custom_key_store:
        return False
    store = call.records.get(CUSTOM_KEY_STORE, call.account, key.custom_key_store, call.region)
    return store is None or store.connection_state != "CONNECTED"
