"""Which permissions an operation of KMS needs: its actions, on keys, on aliases, or on everything."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from masugata.authorization import catalogue
from masugata.authorization.access import Access, Context, ContextValue
from masugata.authorization.resources.kms.key_grants import grant_to_retire
from masugata.authorization.resources.kms.keys import (
    Asked,
    named,
    on_key,
    region_keys,
    spec_keys,
)
from masugata.authorization.resources.kms.naming import alias_name, key_name, principal_arn
from masugata.authorization.resources.kms.policies import default_policy
from masugata.authorization.resources.kms.request_keys import (
    Asking,
    constraint_type,
    encryption_context_keys,
    request_keys,
)
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.records.kms import ALIAS, GRANT, KeyName, alias_arn, find_key, key_arn
from masugata.store import Records

_TAG: Final = "kms:TagResource"
# Their keys may be named by what they are to decrypt.
_BY_CIPHERTEXT: Final = frozenset({"Decrypt"})


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """The permissions that a KMS operation needs; raises KeyError where there is no rule.

    Raises NotFoundException, InvalidArnException and the like for names that nothing can have.
    """
    entry = catalogue.operation("kms", operation)
    if entry is None:
        raise KeyError(operation)
    asked = Asked(operation, request, caller, records, region)
    if operation in _SPECIAL:
        return _SPECIAL[operation](asked)
    (name,) = entry.actions
    if not _on_resources(name):
        return [_on_everything(asked, name)]
    given = request.get("KeyId")
    if given is None and operation not in _BY_CIPHERTEXT:
        raise KeyError(operation)
    return on_key(asked, name, named(asked, name, given))


@cache  # raises for what is no action, so that there are no more entries than actions
def _on_resources(name: str) -> bool:
    """Whether an action can be limited to resources; raises KeyError for what is none."""
    action = catalogue.action(name)
    if action is None:
        raise KeyError(name)
    return bool(action.resource_types)


def _on_everything(asked: Asked, action: str, further: Context = MappingProxyType({})) -> Access:
    context = {**request_keys(Asking(action, asked.request, asked.caller)), **further}
    return Access(action=action, resource="*", resource_account=None, context=context)


def _create_key(asked: Asked) -> list[Access]:
    request = asked.request
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    keys = {
        **spec_keys(spec, request.get("KeyUsage", "ENCRYPT_DECRYPT"), request.get("Origin", "AWS_KMS")),
        **region_keys(multi_region=bool(request.get("MultiRegion"))),
        **_tags_to_be(request),
    }
    creating = _on_everything(asked, "kms:CreateKey", keys)
    return [creating, *_tagging(asked, "*", asked.region, keys)]


def _tags_to_be(request: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The tags that a new key will have, as its own."""
    return {f"aws:ResourceTag/{tag['TagKey']}": tag["TagValue"] for tag in request.get("Tags") or ()}


def _tagging(asked: Asked, key_id: str, region: str, further: Context) -> list[Access]:
    """Tags of a key that is not there yet: IAM policies alone say who may give them.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
    """
    if not asked.request.get("Tags"):
        return []
    caller = asked.caller
    return [
        Access(
            action=_TAG,
            resource=key_arn(caller.account, region, key_id, partition=caller.partition),
            resource_account=caller.account,
            context={**request_keys(Asking(_TAG, asked.request, caller)), **further},
            resource_policy=default_policy(caller.account, caller.partition),
        )
    ]


def _replicate_key(asked: Asked) -> list[Access]:
    """The primary key in its Region, and a new key in the Region of the replica."""
    action, there = "kms:ReplicateKey", str(asked.request["ReplicaRegion"])
    primary = named(asked, action, asked.request["KeyId"])
    key = find_key(asked.records, primary.name, asked.region)
    keys = {
        "aws:RequestedRegion": there,
        **({} if key is None else spec_keys(key.spec, key.usage, key.origin)),
        **region_keys(multi_region=True, replica=True),
        **_tags_to_be(asked.request),
    }
    key_id = primary.name.key_id
    return [
        *on_key(asked, action, primary),
        _on_everything(asked, "kms:CreateKey", keys),
        *_tagging(asked, key_id, there, keys),
    ]


def _update_primary_region(asked: Asked) -> list[Access]:
    """The key that is the primary, and the replica that is to be."""
    action, there = "kms:UpdatePrimaryRegion", str(asked.request["PrimaryRegion"])
    primary = named(asked, action, asked.request["KeyId"])
    replica = on_key(asked, action, primary._replace(region=there), further={"aws:RequestedRegion": there})
    return [*on_key(asked, action, primary), *replica]


def _re_encrypt(asked: Asked) -> list[Access]:
    """The key that decrypts and the one that encrypts; each with the encryption context of its own side."""
    source = named(asked, "kms:ReEncryptFrom", asked.request.get("SourceKeyId"))
    destination = named(asked, "kms:ReEncryptTo", asked.request["DestinationKeyId"])
    same = _identity(asked, source.name) == _identity(asked, destination.name)
    keys = {"kms:ReEncryptOnSameKey": str(same).lower()}
    return [
        *on_key(asked, "kms:ReEncryptFrom", source, side="Source", further=keys),
        *on_key(asked, "kms:ReEncryptTo", destination, side="Destination", further=keys),
    ]


def _identity(asked: Asked, name: KeyName) -> tuple[str, str]:
    """What two names of the same key have in common."""
    key = find_key(asked.records, name, asked.region)
    return name.account, name.alias or name.key_id if key is None else key.id


def _on_alias(asked: Asked, action: str) -> list[Access]:
    """The alias itself, and the keys: the one it is of, and the one that it is to be of.

    On an alias no condition key of KMS holds.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    caller, alias = asked.caller, alias_name(asked.request)
    arn = alias_arn(caller.account, asked.region, alias, partition=caller.partition)
    found = [Access(action=action, resource=arn, resource_account=caller.account)]
    if action != "kms:CreateAlias":
        record = asked.records.get(ALIAS, caller.account, alias, asked.region)
        if record is not None:
            found += on_key(asked, action, named(asked, action, record.key_id))
    if action != "kms:DeleteAlias":
        target = str(asked.request["TargetKeyId"])
        if key_name("kms:DescribeKey", target, caller, asked.region).alias:
            raise AwsError("ValidationError", "Aliases must refer to keys. Not aliases", 400)
        found += on_key(asked, action, named(asked, action, target))
    return found


def _retire_grant(asked: Asked) -> list[Access]:
    """The key of the grant; a key policy says nothing of RetireGrant, but leaves it to IAM policies.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    """
    action = "kms:RetireGrant"
    given, grant_id = grant_to_retire(asked.request, asked.caller.partition)
    key = named(asked, action, given)
    grant = asked.records.get(GRANT, key.name.account, f"{key.name.key_id}/{grant_id}", key.region)
    keys: dict[str, ContextValue] = {}
    if grant is not None:
        constraints = {
            "EncryptionContextEquals": grant.context_equals,
            "EncryptionContextSubset": grant.context_subset,
        }
        demanded = {**(grant.context_subset or {}), **(grant.context_equals or {})}
        keys = {**constraint_type(constraints), **encryption_context_keys(demanded)}
    policy = default_policy(key.name.account, asked.caller.partition)
    return on_key(asked, action, key, further=keys, policy=policy)


def _list_retirable_grants(asked: Asked) -> list[Access]:
    """The principal that may retire them, of the caller's account; no condition key of KMS holds.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
    """
    caller = asked.caller
    principal = principal_arn(asked.request.get("RetiringPrincipal") or "*", caller.partition)
    return [
        Access(action="kms:ListRetirableGrants", resource=principal, resource_account=caller.account or None)
    ]


_SPECIAL: Final[Mapping[str, Callable[[Asked], list[Access]]]] = {
    "CreateAlias": lambda asked: _on_alias(asked, "kms:CreateAlias"),
    "CreateKey": _create_key,
    "DeleteAlias": lambda asked: _on_alias(asked, "kms:DeleteAlias"),
    "ListRetirableGrants": _list_retirable_grants,
    "ReEncrypt": _re_encrypt,
    "ReplicateKey": _replicate_key,
    "RetireGrant": _retire_grant,
    "UpdateAlias": lambda asked: _on_alias(asked, "kms:UpdateAlias"),
    "UpdatePrimaryRegion": _update_primary_region,
}
