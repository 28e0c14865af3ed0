"""Operations on long-term access keys of users and of the root user."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.keeper import ACCESS_KEY_PURPOSE
from masugata.records.iam import ACCESS_KEY, USER, AccessKey
from masugata.services.iam._common import (
    find_user,
    invalid_input,
    no_such_entity,
    page,
    quota_exceeded,
    whole_seconds,
)
from masugata.services.iam.users import calling_user

if TYPE_CHECKING:
    from masugata_types import iam as shapes

ACCESS_KEYS_PER_USER = 2
NEVER = "N/A"


class Owner(NamedTuple):
    """Whose keys: a user, or the root user, which is the account and has no name."""

    id: str
    name: str | None


class _LastUse(msgspec.Struct, frozen=True):
    """When and for what a key was last used; `date` in seconds since the epoch."""

    date: int
    service: str = NEVER
    region: str = NEVER


_last_use = msgspec.json.Decoder(_LastUse)


def create_access_key(
    call: Call, request: "shapes.CreateAccessKeyRequest"
) -> "shapes.CreateAccessKeyResponse":
    """Make an access key; its secret is shown in this answer and never again."""
    owner = owner_of(call, request.get("UserName"))
    if len(_keys(call, owner)) >= ACCESS_KEYS_PER_USER:
        raise quota_exceeded("AccessKeysPerUser", ACCESS_KEYS_PER_USER)
    secret = secret_access_key(call.random)
    key_id = access_key_id("AKIA", call.account, call.random)
    key = AccessKey(
        id=key_id,
        owner_id=owner.id,
        create_date=whole_seconds(call),
        secret=call.keeper.seal(ACCESS_KEY_PURPOSE, secret.encode(), key_id.encode()),
    )
    call.transaction.put(ACCESS_KEY, call.account, key)
    _touch(call, owner, key)
    shape = {**_shape(owner, key), "SecretAccessKey": secret}
    # The model requires a UserName, which the root user's keys do not have.
    return {"AccessKey": shape}  # type: ignore[typeddict-item]


def list_access_keys(call: Call, request: "shapes.ListAccessKeysRequest") -> "shapes.ListAccessKeysResponse":
    """The keys of one owner, without their secrets."""
    owner = owner_of(call, request.get("UserName"))
    chosen, end = page(_keys(call, owner), request, "AccessKeyMetadata", ACCESS_KEY.key)
    return {"AccessKeyMetadata": [_shape(owner, key) for key in chosen], **end}


def update_access_key(
    call: Call, request: "shapes.UpdateAccessKeyRequest"
) -> "shapes.UpdateAccessKeyResponse":
    """Switch a key on or off; off binds from the next request."""
    owner = owner_of(call, request.get("UserName"))
    status = request["Status"]
    if status not in ("Active", "Inactive"):
        raise invalid_input(f"The status of an access key can be set to Active or Inactive, not to {status}.")
    key = _find_key(call, owner, request["AccessKeyId"])
    changed = msgspec.structs.replace(key, active=status == "Active")
    call.transaction.put(ACCESS_KEY, call.account, changed)
    _touch(call, owner, key)
    return {}


def delete_access_key(
    call: Call, request: "shapes.DeleteAccessKeyRequest"
) -> "shapes.DeleteAccessKeyResponse":
    """Delete a key, active or not."""
    owner = owner_of(call, request.get("UserName"))
    key = _find_key(call, owner, request["AccessKeyId"])
    call.transaction.delete(ACCESS_KEY, call.account, key.id)
    _touch(call, owner, key)
    return {}


def get_access_key_last_used(
    call: Call, request: "shapes.GetAccessKeyLastUsedRequest"
) -> "shapes.GetAccessKeyLastUsedResponse":
    """When, where and for which service a key of the caller's account was last used.

    A key that is not in the account is refused as if it were forbidden, as AWS does, so that nobody
    learns which ids exist.
    """
    key = call.records.get(ACCESS_KEY, call.account, request["AccessKeyId"])
    if key is None:
        raise AwsError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed"
            f" on resource: access key {request['AccessKeyId']}",
            403,
        )
    answer: shapes.GetAccessKeyLastUsedResponse = {"AccessKeyLastUsed": _last_used(call, key)}
    user = call.records.by_name(USER, "id", key.owner_id)
    if user is not None:
        answer["UserName"] = user[2].name
    return answer


def _last_used(call: Call, key: AccessKey) -> "shapes.AccessKeyLastUsed":
    touched = call.store.touched(f"access-key/{key.id}")
    if touched is None:
        return {"ServiceName": NEVER, "Region": NEVER}
    use = _last_use.decode(touched)
    return {
        "LastUsedDate": datetime.fromtimestamp(use.date, UTC),
        "ServiceName": use.service,
        "Region": use.region,
    }


def owner_of(call: Call, user_name: str | None) -> Owner:
    """The user that is named; without a name, the caller, which may be the root user."""
    if user_name is None and call.caller.kind is CallerKind.ROOT:
        return Owner(call.account, None)
    user = calling_user(call) if user_name is None else find_user(call, user_name)
    return Owner(user.id, user.name)


def _keys(call: Call, owner: Owner) -> list[AccessKey]:
    return sorted(call.records.referring(ACCESS_KEY, call.account, "owner", owner.id), key=ACCESS_KEY.key)


def _find_key(call: Call, owner: Owner, key_id: str) -> AccessKey:
    """A key of this owner: another's is as unknown as one that does not exist."""
    key = call.records.get(ACCESS_KEY, call.account, key_id)
    if key is None or key.owner_id != owner.id:
        raise no_such_entity(f"The Access Key with id {key_id} cannot be found.")
    return key


def _shape(owner: Owner, key: AccessKey) -> "shapes.AccessKeyMetadata":
    shape: shapes.AccessKeyMetadata = {
        "AccessKeyId": key.id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": key.create_date,
    }
    if owner.name is not None:
        shape["UserName"] = owner.name
    return shape


def _touch(call: Call, owner: Owner, key: AccessKey) -> None:
    call.touches("AWS::IAM::AccessKey", key.id)
    if owner.name is not None:
        call.touches("AWS::IAM::User", owner.name)
