"""The identity provider of a role's account, and whether it is still what a token was verified with."""

from typing import Any

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.identity.federation._refusals import invalid_token
from masugata.records.account import ACCOUNT
from masugata.records.iam import OIDC_PROVIDER, SAML_PROVIDER, OidcProvider
from masugata.records.kind import Kind
from masugata.store import Records


def role_account(role_arn: str, records: Records) -> tuple[str, str] | None:
    """The account and partition of a role's ARN, None if there is no such account, or no longer.

    Raises ValidationError for what is no role's ARN.
    """
    try:
        arn = parse_arn(role_arn)
    except InvalidArnError:
        arn = None
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
        raise AwsError("ValidationError", "Request ARN is invalid")
    account = records.get(ACCOUNT, arn.account, arn.account)
    if account is None or not account.active or account.partition != arn.partition:
        return None
    return arn.account, arn.partition


def confirm(caller: Caller, records: Records) -> Caller:
    """The same caller on a newer state: its provider must be what it was verified with.

    Raises InvalidIdentityToken.
    """
    if caller.federation is None:
        raise RuntimeError("no identity provider vouched for this caller")
    used = caller.federation.record
    kind: Kind[Any] = OIDC_PROVIDER if isinstance(used, OidcProvider) else SAML_PROVIDER
    current = records.get(kind, caller.account, kind.key(used))
    if current is None or msgspec.structs.replace(current, tags=used.tags) != used:
        raise invalid_token("The identity provider was changed or deleted while the token was verified.")
    return caller
