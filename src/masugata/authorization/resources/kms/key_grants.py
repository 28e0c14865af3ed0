"""The grants of a key that can matter for a request: those of its caller whose constraints it meets.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html, and for who may retire a grant
.../grant-delete.html
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from masugata.authorization.grant_tokens import claimed_grant
from masugata.engines.policy import KeyGrant
from masugata.errors import AwsError
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller, CallerKind
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
        return tuple(_to_retire(key, account, grant_to_retire(request, caller.partition)[1], records))
    allowed, source_arn = frozenset({operation}), caller.service.source_arn if caller.service else ""
    return tuple(
        KeyGrant(grant.id, grant.grantee, allowed)
        for grantee in grantees(caller)
        for grant in _of_grantee(grantee, key, account, operation, source_arn, request, records)
    )


def grant_to_retire(request: Mapping[str, Any], partition: str) -> tuple[str, str]:
    """The key and the grant that RetireGrant names, in a token or outright, and in one way only.

    The token is not proven here: whoever asks with one that is forged learns as much as without any.
    Raises InvalidGrantTokenException, and ValidationException.
    """
    token, key, grant = (request.get(member) for member in ("GrantToken", "KeyId", "GrantId"))
    if token is not None and key is None and grant is None:
        claimed = claimed_grant(token)
        arn = key_arn(claimed.account, claimed.region, claimed.key_id, partition=partition)
        return arn, claimed.grant_id
    if token is not None or key is None or grant is None:
        raise AwsError("ValidationError", "Specify either GrantToken, or KeyId and GrantId.", 400)
    return key, grant


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
    if caller.is_service:
        return (caller.arn,)
    account = f"arn:{caller.partition}:iam::{caller.account}:root"
    if caller.kind is CallerKind.ROOT:
        return (account,)
    own = caller.arn if caller.kind is CallerKind.FEDERATED else caller.user_id
    return (own, account) if caller.issuer_id in {own, caller.account} else (own, caller.issuer_id, account)


def _of_grantee(
    grantee: str,
    key: Key,
    account: str,
    operation: str,
    source_arn: str,
    request: Mapping[str, Any],
    records: Records,
) -> Iterator[Grant]:
    """Grants of one grantee that allow the operation; one from each place, for another says no more."""

    def allows(grant: Grant) -> bool:
        return operation in grant.operations and grant.source_arn in {"", source_arn}

    if operation == "DescribeKey":  # no encryption context, so no constraint of it
        found = records.scan_referring(GRANT, account, "grantee", f"{key.id} {grantee}", key.region)
        yield from _first(filter(allows, found))
        return
    asked = requested_scope(request) if operation == "CreateGrant" else None
    context = asked.context if asked else request.get(_CONTEXTS.get(operation, "EncryptionContext")) or {}
    for value in grants_for(key.id, grantee, context):
        found = records.scan_referring(GRANT, account, "use", value, key.region)
        yield from _first(
            grant
            for grant in filter(allows, found)
            if (grant.scope.covers(asked) if asked else grant.scope.accepts(context))
        )


def _first(grants: Iterable[Grant]) -> Iterator[Grant]:
    return islice(grants, 1)


def _to_retire(key: Key, account: str, grant_id: str, records: Records) -> Iterator[KeyGrant]:
    """The grant that is to be retired allows that to its retiring principal, and perhaps to its grantee."""
    grant = records.get(GRANT, account, f"{key.id}/{grant_id}", key.region)
    if grant is None:
        return
    allowed = frozenset({"RetireGrant"})
    if grant.retiring:
        yield KeyGrant(grant.id, grant.retiring, allowed)
    if "RetireGrant" in grant.operations:
        yield KeyGrant(grant.id, grant.grantee, allowed)
