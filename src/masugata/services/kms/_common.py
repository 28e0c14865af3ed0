"""What the KMS operations share: look-ups with AWS's errors, states, and paging."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NotRequired, TypedDict, TypeVar

from masugata.authorization.resources.kms import described, parsed
from masugata.call import Call
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.records.kms import (
    CREATING,
    DISABLED,
    KEY_MATERIAL,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
    Key,
    KeyMaterial,
    alias_arn,
    key_arn,
)
from masugata.store import Records

Item = TypeVar("Item")

_PAGE = 100
_STATES = {
    CREATING: "creating",
    PENDING_DELETION: "pending deletion",
    PENDING_IMPORT: "pending import",
    PENDING_REPLICA_DELETION: "pending replica deletion",
    UNAVAILABLE: "unavailable",
    UPDATING: "updating",
}


class Found(NamedTuple):
    """A key, and the account that it belongs to."""

    account: str
    key: Key


class PageEnd(TypedDict):
    """Whether there is more, and where it begins."""

    Truncated: bool
    NextMarker: NotRequired[str]


def find(call: Call, name: str) -> Found:
    """The key with this id, alias or ARN, of any account; raises NotFoundException, InvalidArnException.

    That the caller may use it was asked when the call was authorized.
    """
    named = parsed(name, call.account, call.region)
    known = described(named, call.region, call.records)  # as when the call was authorized
    if known is not None:
        call.touches("AWS::KMS::Key", arn(call, named.account, known.key))
        return Found(named.account, known.key)
    if named.alias:
        missing = alias_arn(named.account, call.region, named.alias, partition=call.partition)
        raise AwsError("NotFoundException", f"Alias {missing} is not found.", 400)
    missing = key_arn(named.account, call.region, named.key_id, partition=call.partition)
    raise AwsError("NotFoundException", f"Key '{missing}' does not exist", 400)


def find_by_id(call: Call, name: str) -> Found:
    """The key of any account with this id or ARN, for operations that take no alias; see `find`."""
    if parsed(name, call.account, call.region).alias:
        raise AwsError("NotFoundException", f"Invalid keyId '{name}'", 400)
    return find(call, name)


def find_own(call: Call, name: str) -> Key:
    """The key of the caller's account with this id or ARN; see `find_by_id`."""
    account, key = find_by_id(call, name)
    if account != call.account:
        raise AwsError("NotFoundException", f"Key '{arn(call, account, key)}' does not exist", 400)
    return key


def arn(call: Call, account: str, key: Key) -> str:
    """The ARN of a key."""
    return key_arn(account, key.region, key.id, partition=call.partition)


def show_key(call: Call, account: str, key: Key) -> None:
    """Have the event show the ARN of a key as an answer, which AWS does for some operations without one.

    Source: the examples in https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
    """
    call.shows("KeyId", arn(call, account, key))


def invalid_state(call: Call, account: str, key: Key, state: str | None = None) -> AwsError:
    """KMSInvalidStateException for what the key's state does not permit."""
    state = _STATES[key.state] if state is None else state
    return AwsError("KMSInvalidStateException", f"{arn(call, account, key)} is {state}.", 400)


def unsupported(message: str) -> AwsError:
    """UnsupportedOperationException."""
    return AwsError("UnsupportedOperationException", message, 400)


def invalid(message: str) -> AwsError:
    """ValidationException."""
    return AwsError("ValidationError", message, 400)


def check_usable(call: Call, account: str, key: Key) -> None:
    """Raise DisabledException or KMSInvalidStateException unless the key can do cryptography now."""
    if key.state == DISABLED:
        raise AwsError("DisabledException", f"{arn(call, account, key)} is disabled.", 400)
    if key.state in _STATES and key.state != UPDATING:
        raise invalid_state(call, account, key)


def check_state(call: Call, account: str, key: Key, *refused: str) -> None:
    """Raise KMSInvalidStateException if the key is in one of these states."""
    if key.state in refused:
        raise invalid_state(call, account, key)


def material_record(records: Records, account: str, key: Key, material_id: str) -> KeyMaterial | None:
    """The material of a key with this id, or None; one that was deleted is there, and empty."""
    return records.get(KEY_MATERIAL, account, f"{key.id}/{material_id}", key.region)


def current_material(call: Call, account: str, key: Key) -> Material:
    """The material that a key encrypts and signs with; raises KMSInvalidStateException without one."""
    found = material_record(call.records, account, key, key.current_material)
    if found is None:
        raise invalid_state(call, account, key, "unavailable")
    return usable_material(call, account, key, found)


def usable_material(call: Call, account: str, key: Key, record: KeyMaterial) -> Material:
    """Material that is there; raises KMSInvalidStateException for what was deleted or has expired.

    It expires at its time, also if nobody has moved the key's state on yet.
    """
    if not record.sealed or (record.valid_to is not None and record.valid_to <= call.now):
        raise invalid_state(call, account, key, _STATES[PENDING_IMPORT])
    return material_of(account, key, record)


def material_of(account: str, key: Key, record: KeyMaterial) -> Material:
    """Key material as the keeper takes it."""
    return Material(account, key.id, record.id, key.spec, key.usage, record.sealed)


def page(
    call: Call,
    request: Mapping[str, Any],
    items: Iterable[Item],
    key: Callable[[Item], str],
    *,
    size: int = _PAGE,
) -> tuple[list[Item], PageEnd]:
    """One page of a listing and how it ends; `items` come by `key`, and may begin at `page_start`.

    Raises InvalidMarkerException.
    """
    after = page_start(call, request)
    count = request.get("Limit", size)
    found: list[Item] = []
    for item in items:
        if after is not None and key(item) <= after:
            continue
        if len(found) == count:
            marker = f"{call.operation}\n{key(found[-1])}".encode()
            return found, {"Truncated": True, "NextMarker": base64.urlsafe_b64encode(marker).decode()}
        found.append(item)
    return found, {"Truncated": False}


def page_start(call: Call, request: Mapping[str, Any]) -> str | None:
    """The key behind which the asked page begins, None for the first.

    Raises InvalidMarkerException, also for a marker of another operation.
    """
    marker = request.get("Marker")
    if marker is None:
        return None
    try:
        operation, _, key = base64.b64decode(marker, altchars=b"-_", validate=True).decode().partition("\n")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        operation = key = ""
    if operation != call.operation:
        raise AwsError("InvalidMarkerException", "The marker is not one of this listing.", 400)
    return key
