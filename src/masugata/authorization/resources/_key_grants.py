"""The grants of a key that can matter for a request: those of its caller whose constraints it meets.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html, and for who may retire a grant
.../grant-delete.html
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from masugata.authorization.grant_tokens import claimed_grant
from masugata.engines.policy import KeyGrant
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller, CallerKind
from masugata.identity.services import ServicePrincipal
from masugata.records.kms import GRANT, GRANT_OPERATIONS, Grant, Key, Scope, grants_for, key_arn
from masugata.store import Records

_CONTEXTS: Final = {"ReEncryptFrom": "SourceEncryptionContext", "ReEncryptTo": "DestinationEncryptionContext"}


def key_grants(
    key: Key | None, account: str, caller: Caller, action: str, request: Mapping[str, Any], records: Records
) -> tuple[KeyGrant, ...]:
    """The grants of a key, which is of this account, that allow the action if they are the caller's.

    CreateGrant is covered only where the new grant would be no wider than the one that allows to make it.
    """
    operation = action.removeprefix("kms:")
    if key is None or operation not in GRANT_OPERATIONS or caller.kind in IDENTITY_PROVIDERS:
        return ()
    if not records.count_referring(GRANT, account, "key", key.id, key.region):
        return ()
    if operation == "RetireGrant":
        return tuple(_to_retire(key, account, request, records))
    allowed = frozenset({operation})
    if caller.service is not None:
        of_service = _of_service(caller.service, key, account, operation, request, records)
        return tuple(KeyGrant(grant.id, grant.grantee, allowed) for grant in of_service)
    return tuple(
        KeyGrant(grant.id, grant.grantee, allowed)
        for grantee in grantees(caller)
        for grant in _of_grantee(grantee, key, account, operation, request, records)
    )


def key_to_retire(request: Mapping[str, Any], partition: str) -> str | None:
    """The key that RetireGrant is about, by its ARN if a token says it; raises InvalidGrantTokenException.

    The token is not proven here: whoever asks with one that is forged may know as much as without.
    """
    if (token := request.get("GrantToken")) is None:
        return None
    grant = claimed_grant(token)
    return key_arn(grant.account, grant.region, grant.key_id, partition=partition)


def requested_scope(request: Mapping[str, Any]) -> Scope:
    """What a CreateGrant request asks to allow."""
    constraints = request.get("Constraints") or {}
    return Scope(
        frozenset(request["Operations"]),
        constraints.get("EncryptionContextEquals"),
        constraints.get("EncryptionContextSubset"),
        constraints.get("SourceArn", ""),
    )


def grantees(caller: Caller) -> tuple[str, ...]:
    """The principals under which a caller can have grants, as they are stored."""
    account = f"arn:{caller.partition}:iam::{caller.account}:root"
    if caller.kind is CallerKind.ROOT:
        return (account,)
    own = caller.arn if caller.kind is CallerKind.FEDERATED else caller.user_id
    return (own, account) if caller.issuer_id in {own, caller.account} else (own, caller.issuer_id, account)


def _of_grantee(
    grantee: str, key: Key, account: str, operation: str, request: Mapping[str, Any], records: Records
) -> Iterator[Grant]:
    """Grants of one grantee that allow the operation; one from each place, for another says no more."""
    if operation == "DescribeKey":  # no encryption context, so no constraint of it
        found = records.scan_referring(GRANT, account, "grantee", f"{key.id} {grantee}", key.region)
        # What a service may do on behalf of a resource, nobody else may.
        yield from _first(grant for grant in found if operation in grant.operations and not grant.source_arn)
        return
    asked = requested_scope(request) if operation == "CreateGrant" else None
    context = asked.context if asked else request.get(_CONTEXTS.get(operation, "EncryptionContext")) or {}
    for value in grants_for(key.id, grantee, context):
        yield from _first(
            grant
            for grant in records.scan_referring(GRANT, account, "use", value, key.region)
            if operation in grant.operations
            and (grant.scope.covers(asked) if asked else grant.scope.accepts(context))
        )


def _of_service(
    service: ServicePrincipal,
    key: Key,
    account: str,
    operation: str,
    request: Mapping[str, Any],
    records: Records,
) -> Iterator[Grant]:
    """The first grant of a service for the resource that it calls for; each of a service is for one."""
    asked = requested_scope(request) if operation == "CreateGrant" else None
    context = request.get(_CONTEXTS.get(operation, "EncryptionContext")) or {}
    found = records.scan_referring(GRANT, account, "grantee", f"{key.id} {service.name}", key.region)
    return _first(
        grant
        for grant in found
        if operation in grant.operations
        and grant.source_arn == service.source_arn != ""
        and (
            operation == "DescribeKey"
            or (grant.scope.covers(asked) if asked else grant.scope.accepts(context))
        )
    )


def _first(grants: Iterable[Grant]) -> Iterator[Grant]:
    return islice(grants, 1)


def _to_retire(key: Key, account: str, request: Mapping[str, Any], records: Records) -> Iterator[KeyGrant]:
    """The grant that is to be retired allows that to its retiring principal, and perhaps to its grantee."""
    token = request.get("GrantToken")
    grant_id = request.get("GrantId", "") if token is None else claimed_grant(token).grant_id
    grant = records.get(GRANT, account, f"{key.id}/{grant_id}", key.region)
    if grant is None:
        return
    allowed = frozenset({"RetireGrant"})
    if grant.retiring:
        yield KeyGrant(grant.id, grant.retiring, allowed)
    if "RetireGrant" in grant.operations:
        yield KeyGrant(grant.id, grant.grantee, allowed)
