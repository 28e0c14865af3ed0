"""GetKeyLastUsage."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.services.kms._common import find_own
from masugata.services.kms._last_usage import last_usage

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def get_key_last_usage(
    call: Call, request: "shapes.GetKeyLastUsageRequest"
) -> "shapes.GetKeyLastUsageResponse":
    """By which operation a key was last used, and when; raises NotFoundException, InvalidArnException.

    Uses are noted from the creation of a key on, in each Region of its own.
    """
    key = find_own(call, request["KeyId"])
    usage = last_usage(call, key)
    used: shapes.KeyLastUsageData = {}
    if usage is not None:
        used = {
            "Operation": usage.operation,
            "Timestamp": usage.time,
            "CloudTrailEventId": usage.event_id,
            "KmsRequestId": usage.request_id,
        }
    return {
        "KeyId": key.id,
        "KeyLastUsage": used,
        "TrackingStartDate": key.creation_date,
        "KeyCreationDate": key.creation_date,
    }
