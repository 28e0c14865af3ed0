"""May they? From a caller and what it asks to a decision, or AccessDenied with its reason."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from msgspec.structs import replace

from masugata.authorization.access import Access, Context
from masugata.authorization.denial import denied, shows_policy
from masugata.authorization.guardrails import (
    NO_GUARDRAILS,
    guardrails_told,
    of_one_organization,
    rcp_supported,
)
from masugata.authorization.policies import (
    CallerPolicies,
    caller_policies,
    nameless_policy_set,
    resource_policy_set,
    trust_policy_set,
)
from masugata.authorization.resources import UnresolvedResourceError, accesses
from masugata.authorization.session_limits import check_session_limits
from masugata.engines.policy import Decision, Policies, PolicySet, Principal, Request, decide
from masugata.engines.policy.principals import PrincipalKind
from masugata.errors import AwsError
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller, CallerKind
from masugata.keeper import Keeper
from masugata.records.iam import GROUP, MANAGED_POLICY, PASSWORD_POLICY, ROLE, USER
from masugata.store import Records
from masugata.store.remembered import Remembered

MESSAGE_PURPOSE = "sts-authorization-message"
MESSAGE_LIMIT = 10_240
"""Characters that DecodeAuthorizationMessage takes; a message that is longer is not sent."""
LETS_EVERYBODY = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
TRUSTS_EVERYBODY = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}}'
# To the engine an identity provider is one, whichever protocol it speaks.
_KINDS: dict[CallerKind, PrincipalKind] = {
    CallerKind.ROOT: "root",
    CallerKind.USER: "user",
    CallerKind.ROLE_SESSION: "role-session",
    CallerKind.FEDERATED: "federated",
    CallerKind.WEB_IDENTITY: "federated",
    CallerKind.SAML: "federated",
    CallerKind.SERVICE: "service",
}
_ITS_ORGANIZATION = "aws:ResourceOrg"
_MESSAGE_IDENTITY = b"authorization-message"


def engine_principal(caller: Caller) -> Principal:
    """The caller as the policy engine sees it."""
    return Principal(
        kind=_KINDS[caller.kind],
        arn=caller.arn,
        account=caller.account,
        partition=caller.partition,
        unique_id=caller.user_id,
        issuer_arn=caller.issuer_arn,
        issuer_id=caller.issuer_id,
        service_linked=caller.service_linked,
        confined=caller.session is not None and bool(caller.session.delegate),
    )


def engine_input(
    caller: Caller, access: Access, context: Context, records: Records, *, named: bool = True
) -> tuple[Policies, Request]:
    """The policies that apply and the request, ready for `decide` or `explain`.

    The resource's own policy has a name only if it is `named`, for whoever tells of it. Raises AccessDenied
    where an organization's records contradict each other.
    """
    principal, (identity, boundary, session) = _known(caller, records)
    owner = access.resource_account or caller.account
    told = "" if caller.kind in IDENTITY_PROVIDERS else caller.account
    own = guardrails_told(told, caller.account, records)
    its = own if owner == caller.account else guardrails_told(told, owner, records)
    policies = Policies(
        identity=identity,
        boundary=boundary,
        session=session,
        resource=_resource_policies(access, named=named),
        scp=own.scp,
        rcp=its.rcp,
        key_grants=access.key_grants,
    )
    merged = {**context, **access.context}
    if not access.resource.startswith(f"arn:{caller.partition}:iam::aws:"):
        merged["aws:ResourceAccount"] = owner
        if its is not NO_GUARDRAILS:
            merged["aws:ResourceOrgID"] = its.organization
            merged["aws:ResourceOrgPaths"] = [its.path]
    request = Request(
        principal=principal,
        action=access.action,
        resource=access.resource,
        resource_account=owner,
        context=merged,
        rcp_supported=not access.rcp_exempt and (not its.rcp or rcp_supported(access.action)),
    )
    return policies, request


# What a caller is and carries follows from its own fields and these records.
_callers: Remembered[Caller | tuple[object, ...], tuple[Principal, CallerPolicies]] = Remembered(
    (GROUP, MANAGED_POLICY, PASSWORD_POLICY, ROLE, USER), limit=4096
)


def _known(caller: Caller, records: Records) -> tuple[Principal, CallerPolicies]:
    """The caller as the engine sees it, and its policies; raises what `caller_policies` raises."""
    key = caller if caller.hashable else _fields(caller)
    known = _callers.of(records)
    found = known.get(key)
    if found is None:
        found = _callers.keep(known, key, (engine_principal(caller), caller_policies(caller, records)))
    return found


def _fields(caller: Caller) -> tuple[object, ...]:
    """All of a caller that its policies depend on."""
    session = caller.session
    return (
        caller.kind,
        caller.account,
        caller.partition,
        caller.arn,
        caller.user_id,
        caller.entity_name,
        caller.issuer_arn,
        caller.issuer_id,
        session and (session.policies, session.policy_arns, session.assumed_root, session.delegate),
    )


def _resource_policies(access: Access, *, named: bool) -> PolicySet | None:
    if access.trust_policy is not None:
        return trust_policy_set(access.resource, access.trust_policy)
    if access.resource_policy is not None:
        if not named:
            return nameless_policy_set(access.resource_policy)
        return resource_policy_set(access.resource, access.resource_policy)
    return None


class Authorizer:
    """Authorizes calls; keeps nothing but the keeper, to seal what a denial says of itself."""

    message_limit = MESSAGE_LIMIT

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def authorize_operation(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        caller: Caller,
        context: Context,
        records: Records,
        region: str,
    ) -> None:
        """Every permission that the operation needs must be allowed; raises AccessDenied."""
        check_session_limits(service, operation, caller)
        try:
            needed = accesses(service, operation, request, caller, records, region)
        except UnresolvedResourceError as error:
            raise AwsError(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: {service}:{operation}: {error}",
                403,
            ) from error
        if caller.is_service and not needed:
            raise AwsError(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: {service}:{operation}: it is for "
                "principals of accounts",
                403,
            )
        for access in needed:
            self.authorize(access, caller, context, records)

    def authorize(self, access: Access, caller: Caller, context: Context, records: Records) -> Decision:
        """One permission; raises AccessDenied in AWS's words."""
        decision = decide(*engine_input(caller, access, context, records, named=False))
        if not decision.allowed:
            policies, request = engine_input(caller, access, context, records)
            decision = decide(policies, request)  # the same, but that it names the policies
            if access.trust_policy is not None and access.of_another_account(caller.account):
                access, request, decision = _of_own_side(access, caller, context, records)
            elif access.stranger is not None:
                access, request, decision = _to_stranger(access.stranger, caller, context, records)
            owner = access.resource_account or caller.account
            together = of_one_organization(caller.account, owner, records)
            named = shows_policy(caller, access, decision, one_organization=together)
            error = denied(caller, access, decision, named=named)
            if not (together or owner == caller.account):
                request = _of_a_stranger(request)
            encoded = self._encode(request, decision, caller, named=named)
            if len(encoded) <= self.message_limit:
                error.encoded_message = encoded
            raise error
        return decision

    def _encode(self, request: Request, decision: Decision, caller: Caller, *, named: bool) -> str:
        """What DecodeAuthorizationMessage will show: sealed, so that the denied cannot read it.

        Whoever reads it is of the caller's account, which a policy that is not `named` is hidden from.
        """
        matched = (
            []
            if decision.policy is None or not named
            else [
                {
                    "statementId": decision.sid or "",
                    "effect": "DENY" if decision.explicit else "ALLOW",
                    "sourcePolicyId": decision.policy,
                    "sourcePolicyType": str(decision.level),
                    "statementIndex": decision.statement,
                }
            ]
        )
        content = {
            "allowed": False,
            "explicitDeny": decision.explicit,
            "deniedBy": str(decision.level) if decision.reserved is None else decision.reserved,
            "matchedStatements": {"items": matched},
            "failures": {"items": []},
            "context": {
                "principal": {
                    "id": caller.user_id,
                    "name": caller.username,
                    "arn": caller.arn,
                    "kind": caller.kind.value,
                },
                "action": request.action,
                "resource": request.resource,
                "conditions": {
                    "items": [
                        {"key": key, "values": {"items": [{"value": v} for v in _values(value)]}}
                        for key, value in sorted(request.context.items())
                    ]
                },
            },
        }
        sealed = self._keeper.seal(
            MESSAGE_PURPOSE, zlib.compress(orjson.dumps(content)), _message_identity(caller.account)
        )
        return base64.urlsafe_b64encode(sealed).decode()


def _of_own_side(
    access: Access, caller: Caller, context: Context, records: Records
) -> tuple[Access, Request, Decision]:
    """A denial to assume a role of another account, in which nothing tells whether the role exists.

    What the caller's own policies do not allow is said first, as if the role trusted everybody; what is
    left is said as of a role that is not there.
    """
    for trust_policy in (TRUSTS_EVERYBODY, ""):
        unknown = access.of_unknown_role(trust_policy)
        policies, request = engine_input(caller, unknown, context, records)
        decision = decide(policies, request)
        if not decision.allowed:
            return unknown, request, decision
    raise RuntimeError("a role that is not there was allowed")


def _to_stranger(
    access: Access, caller: Caller, context: Context, records: Records
) -> tuple[Access, Request, Decision]:
    """A denial in which nothing tells whether a resource of another account exists: as `_of_own_side`.

    Where not even the account is known, of the caller's own policies only a Deny is said.
    """
    for policy in (LETS_EVERYBODY, ""):
        unknown = replace(access, resource_policy=policy)
        policies, request = engine_input(caller, unknown, context, records)
        decision = decide(policies, request)
        if not decision.allowed and (policy == "" or decision.explicit or access.resource_account):
            return unknown, request, decision
    raise RuntimeError("a resource that is not there was allowed")


def _of_a_stranger(request: Request) -> Request:
    """The request without the place of the resource in an organization that the caller is not in."""
    context = {key: value for key, value in request.context.items() if not key.startswith(_ITS_ORGANIZATION)}
    return replace(request, context=context)


def decode_message(encoded: str, account: str, keeper: Keeper) -> str:
    """The JSON inside an encoded authorization message of this account; raises ValueError."""
    sealed = base64.b64decode(encoded.encode(), altchars=b"-_", validate=True)
    return zlib.decompress(keeper.unseal(MESSAGE_PURPOSE, sealed, _message_identity(account))).decode()


def _message_identity(account: str) -> bytes:
    return _MESSAGE_IDENTITY + b"/" + account.encode()


def _values(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


__all__ = ["Authorizer", "decode_message", "engine_input", "engine_principal"]
