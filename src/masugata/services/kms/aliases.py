"""Operations on aliases."""

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.authorization.resources.kms import alias_name
from masugata.call import Call
from masugata.engines.keys import KEY_SPECS, SYMMETRIC_DEFAULT
from masugata.errors import AwsError
from masugata.records.kms import (
    ALIAS,
    KEY,
    PENDING_DELETION,
    PENDING_REPLICA_DELETION,
    Alias,
    Key,
    alias_arn,
)
from masugata.services.kms._common import arn, check_state, find_own, page, page_start, show_key

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_PAGE = 50
_LARGEST_PAGE = 100
_GONE_SOON = (PENDING_DELETION, PENDING_REPLICA_DELETION)


def create_alias(call: Call, request: "shapes.CreateAliasRequest") -> dict[str, Any]:
    """Give a key of the account a further name.

    Raises AlreadyExistsException, InvalidAliasNameException, LimitExceededException, NotFoundException and
    KMSInvalidStateException.
    """
    name = alias_name(request)
    if ":" in name or name.endswith("/"):
        raise AwsError("InvalidAliasNameException", f"The alias name '{name}' is not valid.", 400)
    key = _target(call, request["TargetKeyId"])
    if call.records.get(ALIAS, call.account, name, call.region) is not None:
        message = f"An alias with the name {_arn(call, name)} already exists"
        raise AwsError("AlreadyExistsException", message, 400)
    _check_quota(call, key)
    alias = Alias(name=name, key_id=key.id, creation_date=call.now, last_updated=call.now)
    call.transaction.put(ALIAS, call.account, alias, call.region)
    show_key(call, call.account, key)
    call.touches("AWS::KMS::Alias", _arn(call, name))
    return {}


def update_alias(call: Call, request: "shapes.UpdateAliasRequest") -> dict[str, Any]:
    """Let an alias name another key of the same type and usage.

    Raises LimitExceededException, NotFoundException, KMSInvalidStateException and ValidationException.
    """
    alias = _alias(call, alias_name(request))
    key = _target(call, request["TargetKeyId"])
    present = call.records.get(KEY, call.account, alias.key_id, call.region)
    if present is not None and (_type(present), present.usage) != (_type(key), key.usage):
        raise AwsError(
            "ValidationError",
            f"Alias {_arn(call, alias.name)} cannot be changed from key {arn(call, call.account, present)} "
            f"to key {arn(call, call.account, key)}: the key type and the key usage must be the same.",
            400,
        )
    if key.id != alias.key_id:
        _check_quota(call, key)
    changed = replace(alias, key_id=key.id, last_updated=call.now)
    call.transaction.put(ALIAS, call.account, changed, call.region)
    show_key(call, call.account, key)
    call.touches("AWS::KMS::Alias", _arn(call, alias.name))
    return {}


def delete_alias(call: Call, request: "shapes.DeleteAliasRequest") -> dict[str, Any]:
    """Take an alias away from its key, which it does not touch; raises NotFoundException."""
    alias = _alias(call, alias_name(request))
    call.transaction.delete(ALIAS, call.account, alias.name, call.region)
    call.touches("AWS::KMS::Alias", _arn(call, alias.name))
    key = call.records.get(KEY, call.account, alias.key_id, call.region)
    if key is not None:
        call.touches("AWS::KMS::Key", arn(call, call.account, key))
        show_key(call, call.account, key)
    return {}


def list_aliases(call: Call, request: "shapes.ListAliasesRequest") -> "shapes.ListAliasesResponse":
    """The aliases of the account in this Region, or of one of its keys, by name.

    Raises InvalidArnException, InvalidMarkerException and NotFoundException.
    """
    if request.get("Limit", _PAGE) > _LARGEST_PAGE:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{request['Limit']}' at 'limit' failed to satisfy "
            f"constraint: Member must have value less than or equal to {_LARGEST_PAGE}",
            400,
        )
    records = call.records
    if "KeyId" in request:
        key = find_own(call, request["KeyId"])
        aliases = iter(records.referring(ALIAS, call.account, "key", key.id, call.region))
    else:
        aliases = records.scan(ALIAS, call.account, call.region, after=page_start(call, request))
    listed, end = page(call, request, aliases, lambda alias: alias.name, size=_PAGE)
    return {"Aliases": [_entry(call, alias) for alias in listed], **end}


def _entry(call: Call, alias: Alias) -> "shapes.AliasListEntry":
    return {
        "AliasName": alias.name,
        "AliasArn": _arn(call, alias.name),
        "TargetKeyId": alias.key_id,
        "CreationDate": alias.creation_date,
        "LastUpdatedDate": alias.last_updated,
    }


def _alias(call: Call, name: str) -> Alias:
    found = call.records.get(ALIAS, call.account, name, call.region)
    if found is None:
        raise AwsError("NotFoundException", f"Alias {_arn(call, name)} is not found.", 400)
    return found


def _target(call: Call, name: str) -> Key:
    """The key of the account that an alias is to name, which must not be about to be deleted."""
    key = find_own(call, name)
    check_state(call, call.account, key, *_GONE_SOON)
    return key


def _check_quota(call: Call, key: Key) -> None:
    limit = call.limits["kms.aliases-per-key"]
    if len(call.records.referring(ALIAS, call.account, "key", key.id, call.region)) >= limit:
        message = f"A key has at most {limit} aliases, and {arn(call, call.account, key)} has as many."
        raise AwsError("LimitExceededException", message, 400)


def _type(key: Key) -> str:
    """Symmetric, asymmetric or HMAC, as UpdateAlias counts them."""
    if KEY_SPECS[key.spec].asymmetric:
        return "asymmetric"
    return "symmetric" if key.spec == SYMMETRIC_DEFAULT else "HMAC"


def _arn(call: Call, name: str) -> str:
    return alias_arn(call.account, call.region, name, partition=call.partition)
