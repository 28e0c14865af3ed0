"""When each key was last used, in each Region of its own: noted by what uses it, within a second."""

from datetime import datetime

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import Key
from masugata.trail import event_id_of


class LastUsage(msgspec.Struct, frozen=True):
    """The last successful cryptographic operation with a key.

    `event_id` is of the event that the key's account has of it.
    """

    operation: str
    time: datetime
    event_id: str
    request_id: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LastUsage)


def note_use(call: Call, account: str, key: Key) -> None:
    """Note that a key was used, once it was: the operation is the call's own."""
    event_id = event_id_of(call.event_id, call.caller.home, account)
    usage = LastUsage(call.operation, call.now, event_id, call.request_id)
    call.store.touch(usage_name(key), _encoder.encode(usage))


def last_usage(call: Call, key: Key) -> LastUsage | None:
    """The last use of a key, or None before the first; raises KMSInternalException if it cannot be read."""
    noted = call.store.touched(usage_name(key))
    if noted is None:
        return None
    try:
        return _decoder.decode(noted)
    except msgspec.DecodeError:
        raise AwsError("KMSInternalException", "The last use of the key cannot be read.", 500) from None


def usage_name(key: Key) -> str:
    """Under which name the store keeps it; no other key's begins with this one."""
    return f"kms-key/{key.region}/{key.id}"
