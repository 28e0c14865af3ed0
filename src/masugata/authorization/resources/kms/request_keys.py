"""The condition keys of a request to KMS, for each action as the catalogue names them.

A key whose parameter is left out has the parameter's default, except those that AWS's own examples find
absent then (`kms:BypassPolicyLockoutSafetyCheck`, `kms:ExpirationModel`).
Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from masugata.authorization import catalogue
from masugata.authorization.access import ContextValue
from masugata.authorization.resources.kms.naming import principal_arn
from masugata.authorization.resources.sts import request_tags
from masugata.errors import AwsError
from masugata.identity.caller import Caller

ENCRYPTION_CONTEXT: Final = "kms:EncryptionContext:"
_ENCRYPTION_CONTEXT_ENTRY: Final = "kms:EncryptionContext:${EncryptionContextKey}"


class Member(NamedTuple):
    """The member of the request that a condition key has the value of, and what it is when left out."""

    name: str
    default: str | None = None


MEMBERS: Final[Mapping[str, Member]] = {
    "kms:BypassPolicyLockoutSafetyCheck": Member("BypassPolicyLockoutSafetyCheck"),
    "kms:DataKeyPairSpec": Member("KeyPairSpec"),
    "kms:EncapsulationAlgorithm": Member("EncapsulationAlgorithm"),
    "kms:EncryptionAlgorithm": Member("EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
    "kms:ExpirationModel": Member("ExpirationModel"),
    "kms:GranteePrincipal": Member("GranteePrincipal"),
    "kms:GranteeServicePrincipal": Member("GranteeServicePrincipal"),
    "kms:GrantOperations": Member("Operations"),
    "kms:KeyAgreementAlgorithm": Member("KeyAgreementAlgorithm"),
    "kms:MacAlgorithm": Member("MacAlgorithm"),
    "kms:MessageType": Member("MessageType", "RAW"),
    "kms:PrimaryRegion": Member("PrimaryRegion"),
    "kms:ReplicaRegion": Member("ReplicaRegion"),
    "kms:RetiringPrincipal": Member("RetiringPrincipal"),
    "kms:RetiringServicePrincipal": Member("RetiringServicePrincipal"),
    "kms:RotationPeriodInDays": Member("RotationPeriodInDays", "365"),
    "kms:ScheduleKeyDeletionPendingWindowInDays": Member("PendingWindowInDays", "30"),
    "kms:SigningAlgorithm": Member("SigningAlgorithm"),
    "kms:ValidTo": Member("ValidTo"),
    "kms:WrappingAlgorithm": Member("WrappingAlgorithm"),
    "kms:WrappingKeySpec": Member("WrappingKeySpec"),
}
_PRINCIPALS: Final = frozenset({"kms:GranteePrincipal", "kms:RetiringPrincipal"})
# Keys that the catalogue does not list: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
_POLICY_NAME: Final = frozenset({"kms:GetKeyPolicy", "kms:PutKeyPolicy"})


class Asking(NamedTuple):
    """What the keys of one action are made of: who asks, and the request.

    `side` precedes the names of members that a request has twice: `Source` and `Destination` of ReEncrypt.
    """

    action: str
    request: Mapping[str, Any]
    caller: Caller
    side: str = ""


def request_keys(asking: Asking) -> dict[str, ContextValue]:
    """The condition keys of one action; raises AccessDenied for an encryption context that is ambiguous."""
    members, others = _known_keys(asking.action)
    context: dict[str, ContextValue] = {}
    for key in members:
        value = _member(key, asking)
        if value is not None:
            context[key] = value
    for key in others:
        context.update(_OTHERS[key](asking))
    if asking.action in _POLICY_NAME:
        context["kms:PolicyName"] = asking.request.get("PolicyName", "default")
    return context


@cache  # raises for what is no action, so that there are no more entries than actions
def _known_keys(action: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The condition keys of an action: those that have the value of a member, and others."""
    entry = catalogue.action(action)
    if entry is None:
        raise KeyError(action)
    keys = entry.condition_keys
    return tuple(key for key in keys if key in MEMBERS), tuple(key for key in keys if key in _OTHERS)


def _member(key: str, asking: Asking) -> ContextValue | None:
    name, default = MEMBERS[key]
    value = asking.request.get(f"{asking.side}{name}")
    if value is None:
        return default
    if key in _PRINCIPALS:  # by one name each, or a Deny could be evaded
        return principal_arn(value, asking.caller.partition)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value.timestamp():.3f}".rstrip("0").rstrip(".")
    return list(value) if isinstance(value, list) else str(value)


def _caller_account(asking: Asking) -> dict[str, ContextValue]:
    return {"kms:CallerAccount": asking.caller.account} if asking.caller.account else {}


def _via_service(asking: Asking) -> dict[str, ContextValue]:
    """The service that calls for somebody, the last one if there are several."""
    via = asking.caller.via
    return {"kms:ViaService": via[-1].regional} if via else {}


def _for_aws_resource(asking: Asking) -> dict[str, ContextValue]:
    """Whether a service asks, for somebody or for itself."""
    by_service = bool(asking.caller.via) or asking.caller.is_service
    return {"kms:GrantIsForAWSResource": str(by_service).lower()}


def encryption_context_keys(encryption_context: Mapping[str, str] | None) -> dict[str, ContextValue]:
    """The keys of an encryption context; raises AccessDenied for keys that a policy could not judge.

    Condition keys have no case: of `Stage` and `stage` a Deny might see the wrong one. And a set of nothing
    but empty text is to `ForAllValues` no set at all.
    """
    if not encryption_context:
        return {}
    if "" in encryption_context:
        raise AwsError(
            "AccessDenied", "The encryption context has an empty key, which no policy can see.", 403
        )
    if len({key.lower() for key in encryption_context}) < len(encryption_context):
        raise AwsError(
            "AccessDenied",
            "The encryption context has keys that differ only in case, which no policy can tell apart.",
            403,
        )
    context: dict[str, ContextValue] = {"kms:EncryptionContextKeys": list(encryption_context)}
    for key, value in encryption_context.items():
        context[f"{ENCRYPTION_CONTEXT}{key}"] = value
    return context


def _encryption_context(asking: Asking) -> dict[str, ContextValue]:
    """That of the request, or for a grant the one that it demands."""
    if asking.action != "kms:CreateGrant":
        return encryption_context_keys(asking.request.get(f"{asking.side}EncryptionContext"))
    constraints = asking.request.get("Constraints") or {}
    demanded = {
        **(constraints.get("EncryptionContextSubset") or {}),
        **(constraints.get("EncryptionContextEquals") or {}),
    }
    return encryption_context_keys(demanded)


def constraint_type(given: Mapping[str, Any]) -> dict[str, ContextValue]:
    """Which constraint on the encryption context a grant has, among EncryptionContextEquals and …Subset."""
    types = [name for name in ("EncryptionContextEquals", "EncryptionContextSubset") if given.get(name)]
    return {"kms:GrantConstraintType": types[0] if len(types) == 1 else types} if types else {}


def _constraint_type(asking: Asking) -> dict[str, ContextValue]:
    return constraint_type(asking.request.get("Constraints") or {})


def _constraint_source_arn(asking: Asking) -> dict[str, ContextValue]:
    arn = (asking.request.get("Constraints") or {}).get("SourceArn")
    return {} if arn is None else {"kms:GrantConstraintSourceArn": arn}


def _tags(asking: Asking) -> dict[str, ContextValue]:
    """KMS says TagKey and TagValue where others say Key and Value."""
    tags = asking.request.get("Tags") or ()
    named = [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]
    return request_tags({**asking.request, "Tags": named})


_OTHERS: Final[Mapping[str, Callable[[Asking], dict[str, ContextValue]]]] = {
    "aws:TagKeys": _tags,
    "kms:CallerAccount": _caller_account,
    _ENCRYPTION_CONTEXT_ENTRY: _encryption_context,
    "kms:GrantConstraintSourceArn": _constraint_source_arn,
    "kms:GrantConstraintType": _constraint_type,
    "kms:GrantIsForAWSResource": _for_aws_resource,
    "kms:ViaService": _via_service,
}
