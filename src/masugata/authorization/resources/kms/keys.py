"""The permission on one key: who owns it, its policy, and the condition keys that describe it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from masugata.authorization.access import Access, Context, ContextValue
from masugata.authorization.resources.kms.key_grants import key_grants
from masugata.authorization.resources.kms.naming import (
    ACROSS_ACCOUNTS,
    is_open,
    key_name,
    named_by_ciphertext,
)
from masugata.authorization.resources.kms.policies import default_policy
from masugata.authorization.resources.kms.request_keys import Asking, request_keys
from masugata.identity.caller import Caller
from masugata.limits import LIMITS
from masugata.records.account import ACCOUNT
from masugata.records.kms import ALIAS, AWS, KEY, Key, KeyName, alias_arn, find_key, key_arn
from masugata.store import Records
from masugata.store.remembered import Remembered

THIS_RESOURCE: Final = "this resource"
OF_CIPHERTEXT: Final = "the resource associated with this ciphertext"
_ALIASES: Final = "kms:ResourceAliases"


class Asked(NamedTuple):
    """One request to KMS, with the state that it is judged on."""

    operation: str
    request: Mapping[str, Any]
    caller: Caller
    records: Records
    region: str


class Named(NamedTuple):
    """A key as a request names it: by `name`, in `region`, and `by_ciphertext` if by no other name."""

    name: KeyName
    region: str
    by_ciphertext: bool = False


class Described(NamedTuple):
    """A key, whether its account is there and not closed, and the condition keys that describe it.

    There are several `contexts` where a condition must hold for all of them: see `key_contexts`.
    """

    key: Key
    is_open: bool
    contexts: tuple[Context, ...]


# All of it follows from the name and these records.
_described: Remembered[tuple[KeyName, str], Described] = Remembered((ACCOUNT, ALIAS, KEY), limit=4096)


def described(name: KeyName, region: str, records: Records) -> Described | None:
    """The key that a name means in a Region, or None."""
    known = _described.of(records)
    found = known.get((name, region))
    if found is not None:
        return found
    key = find_key(records, name, region)
    if key is None:  # of names there are more than of keys
        return None
    contexts = tuple(key_contexts(key, name.account, records))
    return _described.keep(known, (name, region), Described(key, is_open(name.account, records), contexts))


def named(asked: Asked, action: str, given: str | None, *, region: str = "") -> Named:
    """The key that a request names, by its ciphertext if by nothing else; raises as `key_name`."""
    if given is None:
        return Named(named_by_ciphertext(asked.request, asked.records, asked.region), asked.region, True)
    name = key_name(action, given, asked.caller, asked.region)
    return Named(name, region or asked.region)


def on_key(
    asked: Asked,
    action: str,
    key_named: Named,
    *,
    side: str = "",
    further: Context = MappingProxyType({}),
    policy: str | None = None,
) -> list[Access]:
    """The permission for an action on a key; there are several where all of them must be allowed.

    `further` are condition keys that depend on more than this action and the request; `policy` is asked
    instead of the key's own. A key that is not there is judged by the default policy, so that whoever may
    use keys learns that there is none. In another account it has a policy that allows nobody, as has the key
    for an operation that is none across accounts, and a denial says the same of keys that are there or not.
    """
    name, region, _ = key_named
    caller, account = asked.caller, name.account
    own = account != "" and account == caller.account
    found = described(name, region, asked.records) if own or asked.operation in ACROSS_ACCOUNTS else None
    if found is not None and not found.is_open:
        found = None
    asks = request_keys(Asking(action, asked.request, caller, side))
    if name.alias:
        asks["kms:RequestAlias"] = name.alias
    stranger = None if own else _to_stranger(action, key_named, caller, asks)
    if found is None:
        return [
            Access(
                action=action,
                resource=_arn_of_name(name, caller, region),
                resource_account=account,
                context={**asks, **further},
                resource_policy=default_policy(account, caller.partition) if own else "",
                stranger=stranger,
            )
        ]
    key = found.key
    arn = key_arn(account, region, key.id, partition=caller.partition)
    grants = key_grants(key, account, caller, action, asked.request, asked.records)
    return [
        Access(
            action=action,
            resource=arn,
            resource_account=account,
            context={**asks, **further, **keys},
            resource_policy=key.policy if policy is None else policy,
            key_grants=grants,
            rcp_exempt=key.manager == AWS,
            stranger=stranger,
        )
        for keys in found.contexts
    ]


def key_contexts(key: Key, account: str, records: Records) -> list[dict[str, ContextValue]]:
    """The condition keys that describe a key.

    Whom `kms:ResourceAliases` lets use a key may not once it has more aliases than the quota of AWS: no
    condition on it may be what allows, so that a second and a third context have others and none.
    """
    context: dict[str, ContextValue] = {
        **spec_keys(key.spec, key.usage, key.origin),
        **region_keys(multi_region=key.multi_region, replica=key.is_replica),
    }
    for tag in key.tags:
        context[f"aws:ResourceTag/{tag.key}"] = tag.value
    aliases = [alias.name for alias in records.referring(ALIAS, account, "key", key.id, key.region)]
    if not aliases:
        return [context]
    listed: dict[str, ContextValue] = {**context, _ALIASES: aliases}
    if len(aliases) <= LIMITS["kms.aliases-per-key"]:
        return [listed]
    return [listed, {**context, _ALIASES: ["\0"]}, context]


def spec_keys(spec: str, usage: str, origin: str) -> dict[str, ContextValue]:
    """The condition keys of what a key is, under their deprecated names, too."""
    return {
        "kms:CustomerMasterKeySpec": spec,
        "kms:CustomerMasterKeyUsage": usage,
        "kms:KeySpec": spec,
        "kms:KeyUsage": usage,
        "kms:KeyOrigin": origin,
    }


def region_keys(*, multi_region: bool, replica: bool = False) -> dict[str, ContextValue]:
    """The condition keys of keys in several Regions."""
    if not multi_region:
        return {"kms:MultiRegion": "false"}
    return {"kms:MultiRegion": "true", "kms:MultiRegionKeyType": "REPLICA" if replica else "PRIMARY"}


def _to_stranger(action: str, key_named: Named, caller: Caller, context: Context) -> Access:
    """The same permission of which nothing but the request is known, in what the request calls the key.

    Whose key a ciphertext names is not known from the request.
    """
    name, region, by_ciphertext = key_named
    if by_ciphertext:
        name = name._replace(account="")
    return Access(
        action=action,
        resource=_arn_of_name(name, caller, region),
        resource_account=name.account,
        context=context,
        resource_policy="",
        called=OF_CIPHERTEXT if by_ciphertext else THIS_RESOURCE,
    )


def _arn_of_name(name: KeyName, caller: Caller, region: str) -> str:
    """The ARN of what a name says, whether it is there or not."""
    if name.alias:
        return alias_arn(name.account, region, name.alias, partition=caller.partition)
    return key_arn(name.account, region, name.key_id, partition=caller.partition)
