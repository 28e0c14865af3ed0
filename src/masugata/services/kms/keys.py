"""Operations on keys that are there."""

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.call import Call
from masugata.records.kms import (
    CREATING,
    DISABLED,
    ENABLED,
    KEY,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
)
from masugata.services.kms._common import arn, check_state, find, page, page_start, show_key
from masugata.services.kms._management import find_to_change, save
from masugata.services.kms._metadata import key_metadata

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_NO_SWITCHING = (CREATING, PENDING_DELETION, PENDING_IMPORT, PENDING_REPLICA_DELETION, UPDATING)


def describe_key(call: Call, request: "shapes.DescribeKeyRequest") -> "shapes.DescribeKeyResponse":
    """All that is known of a key; raises NotFoundException."""
    account, key = find(call, request["KeyId"])
    return {"KeyMetadata": key_metadata(call, account, key)}


def enable_key(call: Call, request: "shapes.EnableKeyRequest") -> dict[str, Any]:
    """Let a key be used again; raises NotFoundException and KMSInvalidStateException."""
    return _switch(call, request["KeyId"], ENABLED)


def disable_key(call: Call, request: "shapes.DisableKeyRequest") -> dict[str, Any]:
    """Keep a key from being used; raises as `enable_key`."""
    return _switch(call, request["KeyId"], DISABLED)


def update_key_description(call: Call, request: "shapes.UpdateKeyDescriptionRequest") -> dict[str, Any]:
    """Give a key another description; raises NotFoundException and KMSInvalidStateException."""
    key = find_to_change(call, request["KeyId"])
    check_state(call, call.account, key, PENDING_DELETION, PENDING_REPLICA_DELETION)
    save(call, replace(key, description=request["Description"]))
    return {}


def list_keys(call: Call, request: "shapes.ListKeysRequest") -> "shapes.ListKeysResponse":
    """The keys of the account in this Region, by id; raises InvalidMarkerException.

    Nothing here shares keys of other accounts, so there are none of OTHER_ACCOUNTS_VIA_RAM.
    """
    after = page_start(call, request)
    own = "SELF" in request.get("ResourceOwners", ["SELF"])
    keys = call.records.scan(KEY, call.account, call.region, after=after) if own else iter(())
    listed, end = page(call, request, keys, lambda key: key.id)
    entries: list[shapes.KeyListEntry] = [
        {"KeyId": key.id, "KeyArn": arn(call, call.account, key)} for key in listed
    ]
    return {"Keys": entries, **end}


def _switch(call: Call, name: str, state: str) -> dict[str, Any]:
    key = find_to_change(call, name)
    check_state(call, call.account, key, *_NO_SWITCHING)
    show_key(call, call.account, key)
    if key.state == UNAVAILABLE:  # which it stays until its key store is connected again
        save(call, replace(key, state_when_connected=state))
    else:
        save(call, replace(key, state=state))
    return {}
