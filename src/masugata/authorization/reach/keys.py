"""KMS keys as resources: every key has a policy, and grants beside it."""

from collections.abc import Iterator
from dataclasses import replace

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.authorization.accounts import AccountView
from masugata.authorization.policies import resource_policy_set
from masugata.authorization.resources.kms import default_policy, key_contexts
from masugata.engines.policy import KeyGrant
from masugata.engines.policy.matrix import Resource
from masugata.records.kms import GRANT, KEY, Grant, Key

_TAGS = "aws:ResourceTag/"
_ALIASES = "kms:ResourceAliases"


def key_at(view: AccountView, arn: str) -> Key | None:
    """The key with this ARN, if the records of the view have it."""
    try:
        parts = parse_arn(arn)
    except InvalidArnError:
        return None
    if not is_key(parts):
        return None
    return view.records.get(KEY, parts.account, parts.resource.removeprefix("key/"), parts.region)


def is_key(parts: Arn) -> bool:
    """Whether an ARN is that of a KMS key."""
    return parts.service == "kms" and parts.resource.startswith("key/")


def conditions_of(view: AccountView, arn: str) -> tuple[dict[str, str | list[str]], tuple[str, ...]]:
    """The condition keys that describe the key with this ARN, and those that it has not; none if unknown.

    Of a key with too many aliases nothing is known: conditions on them do not hold.
    """
    key = key_at(view, arn)
    contexts = [] if key is None else key_contexts(key, parse_arn(arn).account, view.records)
    return (contexts[0], (_TAGS, _ALIASES)) if len(contexts) == 1 else ({}, ())


def with_its_policy(view: AccountView, thing: Resource) -> Resource:
    """A key with its policy and its grants.

    One that the records do not have gets AWS's default key policy, which leaves everything to the identity
    policies of its account.
    """
    parts, key = parse_arn(thing.arn), key_at(view, thing.arn)
    if key is None:
        default = default_policy(parts.account, parts.partition)
        return replace(thing, policy=resource_policy_set("AWS's default key policy", default))
    grants = (one for grant in _grants(view, parts.account, key) for one in _to_each(grant))
    policy = resource_policy_set(thing.arn, key.policy)
    return replace(thing, policy=policy, key_grants=tuple(grants))


def notes_of(view: AccountView, arn: str) -> list[str]:
    """What an answer about the resource takes for granted, if it is a key."""
    if arn == "*" or not is_key(parts := parse_arn(arn)):
        return []
    key = key_at(view, arn)
    if key is None:
        return [f"the key {arn} is not known, and taken to have AWS's default key policy"]
    if any(grant.scope.constrained for grant in _grants(view, parts.account, key)):
        return [f"grants of the key {arn} count as if their constraints were met"]
    return []


def _grants(view: AccountView, account: str, key: Key) -> list[Grant]:
    """All grants of a key."""
    return list(view.records.referring(GRANT, account, "key", key.id, key.region))


def _to_each(grant: Grant) -> Iterator[KeyGrant]:
    """What a grant allows its grantee, and whoever may retire it."""
    yield KeyGrant(grant.id, grant.grantee, frozenset(grant.operations))
    if grant.retiring:
        yield KeyGrant(grant.id, grant.retiring, frozenset({"RetireGrant"}))
