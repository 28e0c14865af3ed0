"""Grants: made, listed, revoked by whoever may, and retired by those whom they name.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from masugata.arn import parse_arn
from masugata.authorization.grant_tokens import GrantName, invalid_grant_token, new_grant_token, proven_grant
from masugata.authorization.resources.kms import grant_to_retire, principal_arn
from masugata.authorization.stored_principals import shown_principal
from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import GRANT, UNAVAILABLE, Grant, Key, key_arn
from masugata.services.kms._common import check_usable, find, page, page_start, show_key
from masugata.services.kms._grant_requests import known_principal, requested_grant
from masugata.services.kms._use import refuse_dry_run

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_PAGE: Final = 50
_LARGEST_PAGE: Final = 100
_GRANT_ID: Final = re.compile(r"[0-9a-f]{64}")
_UNIQUE_ID: Final = re.compile(r"A(?:IDA|ROA)[A-Z2-7]{17}(?::[\w+=,.@-]{2,64})?", re.ASCII)


def create_grant(call: Call, request: "shapes.CreateGrantRequest") -> "shapes.CreateGrantResponse":
    """Let one principal use a key; the same request by the same name finds the grant that it made.

    Raises NotFoundException, DisabledException, KMSInvalidStateException, InvalidArnException,
    ValidationException, LimitExceededException, and DryRunOperationException instead of making it.
    """
    account, key = find(call, request["KeyId"])
    if key.state != UNAVAILABLE:
        check_usable(call, account, key)
    grant = requested_grant(call, account, key, request, call.random(32).hex())
    made = _made_before(call, account, key, grant)
    if made is None:
        _check_quota(call, account, key)
    _check_dry_run(request)
    if made is None:
        call.transaction.put(GRANT, account, grant, key.region)
    show_key(call, account, key)
    grant_id = grant.id if made is None else made.id
    token = new_grant_token(GrantName(account, key.region, key.id, grant_id), call.keeper)
    return {"GrantToken": token, "GrantId": grant_id}


def list_grants(call: Call, request: "shapes.ListGrantsRequest") -> "shapes.ListGrantsResponse":
    """The grants of a key by id, or those of one grantee; raises NotFoundException and InvalidArnException.

    Raises InvalidGrantIdException and InvalidMarkerException, too.
    """
    account, key = find(call, request["KeyId"])
    _check_page(request)
    grantee = _searched(call, request, "Grantee")
    label, value = ("key", key.id) if grantee is None else ("grantee", f"{key.id} {grantee}")
    after = page_start(call, request)
    grants: Iterable[Grant] = call.records.scan_referring(
        GRANT, account, label, value, key.region, after=None if after is None else f"{key.id}/{after}"
    )
    if (grant_id := request.get("GrantId")) is not None:
        found = _grant(call, account, key, grant_id)
        grants = [found] if found is not None and grantee in {None, found.grantee} else []
    listed, end = page(call, request, grants, lambda grant: grant.id, size=_PAGE)
    return {"Grants": [_entry(call, account, grant) for grant in listed], **end}


def list_retirable_grants(
    call: Call, request: "shapes.ListRetirableGrantsRequest"
) -> "shapes.ListGrantsResponse":
    """The grants of keys of all accounts in this Region that a principal of the caller's account may retire.

    Raises InvalidArnException, InvalidMarkerException and ValidationException.
    """
    _check_page(request)
    retiring = _searched(call, request, "Retiring")
    if retiring is None:
        raise AwsError("ValidationError", "Specify the RetiringPrincipal.", 400)
    found = _retirable(call, retiring, page_start(call, request))
    listed, end = page(call, request, found, lambda item: f"{item[0]}/{GRANT.key(item[1])}", size=_PAGE)
    return {"Grants": [_entry(call, account, grant) for account, grant in listed], **end}


def revoke_grant(call: Call, request: "shapes.RevokeGrantRequest") -> dict[str, Any]:
    """Take a grant away; raises NotFoundException, InvalidGrantIdException and DryRunOperationException."""
    account, key = find(call, request["KeyId"])
    return _delete(call, request, account, key, request["GrantId"])


def retire_grant(call: Call, request: "shapes.RetireGrantRequest") -> dict[str, Any]:
    """Give a grant back, named by its token or by key and id; raises InvalidGrantTokenException, too.

    Who may do so was asked when the call was authorized, of the grant that the token says it is of.
    """
    name, grant_id = grant_to_retire(request, call.partition)
    call.tells("grantId", grant_id)  # which the request may not show: it has a token
    account, key = find(call, name)
    if (token := request.get("GrantToken")) is not None:
        proven_grant(token, call.keeper)
        if _grant(call, account, key, grant_id) is None:
            raise invalid_grant_token()
    return _delete(call, request, account, key, grant_id)


def _grant(call: Call, account: str, key: Key, grant_id: str) -> Grant | None:
    if not _GRANT_ID.fullmatch(grant_id):
        raise AwsError("InvalidGrantIdException", f"Invalid grant ID '{grant_id}'", 400)
    return call.records.get(GRANT, account, f"{key.id}/{grant_id}", key.region)


def _made_before(call: Call, account: str, key: Key, grant: Grant) -> Grant | None:
    """The grant with this name and in all else the same; without a name each request makes another one."""
    if not grant.name:
        return None
    named = call.records.scan_referring(GRANT, account, "name", f"{key.id} {grant.name}", key.region)
    for made in named:
        same = replace(made, id=grant.id, creation_date=grant.creation_date, operations=grant.operations)
        if same == grant and set(made.operations) == set(grant.operations):
            return made
    return None


def _check_quota(call: Call, account: str, key: Key) -> None:
    most = limit(call.limits, "kms.grants-per-key")
    if call.records.count_referring(GRANT, account, "key", key.id, key.region) >= most:
        raise AwsError("LimitExceededException", f"A key can have at most {most} grants.", 400)


def _check_dry_run(request: Mapping[str, Any]) -> None:
    if request.get("DryRun"):
        refuse_dry_run()


def _delete(call: Call, request: Mapping[str, Any], account: str, key: Key, grant_id: str) -> dict[str, Any]:
    grant = _grant(call, account, key, grant_id)
    if grant is None:
        raise AwsError("NotFoundException", f"Grant ID '{grant_id}' is not found.", 400)
    _check_dry_run(request)
    call.transaction.delete(GRANT, account, GRANT.key(grant), key.region)
    return {}


def _check_page(request: Mapping[str, Any]) -> None:
    """The model allows 1,000, and the documentation 100."""
    if (count := request.get("Limit", _PAGE)) > _LARGEST_PAGE:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{count}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {_LARGEST_PAGE}",
            400,
        )


def _searched(call: Call, request: Mapping[str, Any], role: str) -> str | None:
    """Whose grants are sought, None for everybody's; those who are gone are known by their unique ids.

    Only services may look for services. Who may retire grants is looked for in the caller's account.
    """
    principal, service = request.get(f"{role}Principal"), request.get(f"{role}ServicePrincipal")
    if service is not None:
        if principal is not None or not call.caller.is_service:
            message = f"{role}ServicePrincipal can be used only by AWS services, and alone."
            raise AwsError("ValidationError", message, 400)
        return str(service)
    if principal is None:
        return None
    if role == "Grantee" and _UNIQUE_ID.fullmatch(principal):
        return str(principal)
    principal = principal_arn(principal, call.partition)
    stored = known_principal(call, principal)
    if role == "Retiring" and parse_arn(principal).account != call.account:
        raise AwsError("InvalidArnException", f"{principal} is not a principal of this account.", 400)
    return stored


def _retirable(call: Call, retiring: str, after: str | None) -> Iterator[tuple[str, Grant]]:
    start, _, rest = (after or "").partition("/")
    for account, region in call.records.partitions(GRANT):
        if region == call.region and account >= start:
            found = call.records.scan_referring(
                GRANT, account, "retiring", retiring, region, after=rest if account == start else None
            )
            yield from ((account, grant) for grant in found)


def _entry(call: Call, account: str, grant: Grant) -> "shapes.GrantListEntry":
    entry: shapes.GrantListEntry = {
        "KeyId": key_arn(account, call.region, grant.key_id, partition=call.partition),
        "GrantId": grant.id,
        "CreationDate": grant.creation_date,
        "IssuingAccount": f"arn:{call.partition}:iam::{grant.issuing_account}:root",
        "Operations": list(grant.operations),
    }
    if grant.name:
        entry["Name"] = grant.name
    if grant.grantee_is_service:
        entry["GranteeServicePrincipal"] = grant.grantee
    else:
        entry["GranteePrincipal"] = shown_principal(call.records, grant.grantee, call.partition)
    if grant.retiring_is_service:
        entry["RetiringServicePrincipal"] = grant.retiring
    elif grant.retiring:
        entry["RetiringPrincipal"] = shown_principal(call.records, grant.retiring, call.partition)
    constraints: shapes.GrantConstraints = {}
    if grant.context_equals is not None:
        constraints["EncryptionContextEquals"] = dict(grant.context_equals)
    if grant.context_subset is not None:
        constraints["EncryptionContextSubset"] = dict(grant.context_subset)
    if grant.source_arn:
        constraints["SourceArn"] = grant.source_arn
    if constraints:
        entry["Constraints"] = constraints
    return entry
