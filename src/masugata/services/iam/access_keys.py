"""Operations on long-term access keys of users and of the root user."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.keeper import ACCESS_KEY_PURPOSE
from masugata.records.iam import ACCESS_KEY, USER, AccessKey
from masugata.services.iam._common import page, quota_exceeded, whole_seconds
from masugata.services.iam._owned import Owner, find_owned, is_active, owned, owner_of
from masugata.services.iam.last_use import NEVER, last_use

if TYPE_CHECKING:
    from masugata_types import iam as shapes

ACCESS_KEYS_PER_USER = 2


def create_access_key(
    call: Call, request: "shapes.CreateAccessKeyRequest"
) -> "shapes.CreateAccessKeyResponse":
    """Make an access key; its secret is shown in this answer and never again."""
    owner = owner_of(call, request.get("UserName"))
    if len(owned(call, ACCESS_KEY, owner.id)) >= ACCESS_KEYS_PER_USER:
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
    chosen, end = page(owned(call, ACCESS_KEY, owner.id), request, "AccessKeyMetadata", ACCESS_KEY.key)
    return {"AccessKeyMetadata": [_shape(owner, key) for key in chosen], **end}


def update_access_key(
    call: Call, request: "shapes.UpdateAccessKeyRequest"
) -> "shapes.UpdateAccessKeyResponse":
    """Switch a key on or off; off binds from the next request."""
    owner = owner_of(call, request.get("UserName"))
    active = is_active(request["Status"], "an access key")
    key = find_owned(call, ACCESS_KEY, owner.id, request["AccessKeyId"], "Access Key")
    changed = msgspec.structs.replace(key, active=active)
    call.transaction.put(ACCESS_KEY, call.account, changed)
    _touch(call, owner, key)
    return {}


def delete_access_key(
    call: Call, request: "shapes.DeleteAccessKeyRequest"
) -> "shapes.DeleteAccessKeyResponse":
    """Delete a key, active or not."""
    owner = owner_of(call, request.get("UserName"))
    key = find_owned(call, ACCESS_KEY, owner.id, request["AccessKeyId"], "Access Key")
    call.transaction.delete(ACCESS_KEY, call.account, key.id)
    call.transaction.forget_uses(f"access-key/{key.id}")
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
    use = last_use(call, f"access-key/{key.id}")
    if use is None:
        return {"ServiceName": NEVER, "Region": NEVER}
    return {"LastUsedDate": use.time, "ServiceName": use.service, "Region": use.region}


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
