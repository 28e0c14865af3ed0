"""GetWebIdentityToken: a JSON Web Token that says to services outside who the caller is.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
"""

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import orjson

from masugata.authorization.context import principal_arn
from masugata.authorization.resources.sts import WEB_IDENTITY_SECONDS
from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.issuer import (
    ALGORITHMS,
    CLAIMS_NAMESPACE,
    issuer_url,
    new_key,
    open_key,
    published_keys,
    sign,
    signing_key,
)
from masugata.records.iam import ONE_PER_ACCOUNT, OUTBOUND_FEDERATION, IssuerKey, OutboundFederation
from masugata.records.organizations import organization_of
from masugata.services.sts._credentials import session_tags

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey
    from masugata_types.sts import GetWebIdentityTokenRequest, GetWebIdentityTokenResponse

PAYLOAD_LIMIT = 8192
"""Bytes of the claims; AWS has a limit and does not publish it."""

_PRINCIPAL_TAG = "aws:PrincipalTag/"


class SigningKey(NamedTuple):
    """A key that is ready to sign: its record, and the private key."""

    record: IssuerKey
    opened: "RSAKey | ECKey"


def open_signing_key(call: Call, request: "GetWebIdentityTokenRequest") -> SigningKey | None:
    """The account's key for the algorithm, before the transaction; a new one if the last is too old."""
    algorithm = request["SigningAlgorithm"]
    federation = _federation(call)
    if federation is None or algorithm not in ALGORITHMS:
        return None
    key = signing_key(federation, algorithm, call.now) or new_key(
        algorithm, call.account, call.keeper, call.now
    )
    return SigningKey(key, open_key(key, call.account, call.keeper))


def get_web_identity_token(
    call: Call, request: "GetWebIdentityTokenRequest"
) -> "GetWebIdentityTokenResponse":
    """A signed token for other services about the caller.

    Raises OutboundWebIdentityFederationDisabledException, SessionDurationEscalationException,
    JWTPayloadSizeExceededException and ValidationError.
    """
    _check_algorithm(request["SigningAlgorithm"])
    federation = _federation(call)
    if federation is None or not federation.enabled:
        raise AwsError(
            "OutboundWebIdentityFederationDisabledException",
            "Outbound web identity federation is not enabled for this account.",
            403,
        )
    issued = int(call.now.timestamp())
    expires = issued + request.get("DurationSeconds", WEB_IDENTITY_SECONDS)
    if call.caller.session is not None and expires > call.caller.session.expires:
        raise AwsError(
            "SessionDurationEscalationException",
            "The requested token duration would extend the session beyond its original expiration time.",
            403,
        )
    audience = list(request["Audience"])
    claims = {
        "iss": issuer_url(call.public_url, federation.issuer_id),
        "aud": audience[0] if len(audience) == 1 else audience,
        "sub": principal_arn(call.caller),
        "iat": issued,
        "exp": expires,
        "jti": str(uuid.UUID(bytes=call.random(16), version=4)),
        CLAIMS_NAMESPACE: _own_claims(call, session_tags(request.get("Tags"))),
    }
    size = len(orjson.dumps(claims))
    if size > PAYLOAD_LIMIT:
        raise AwsError(
            "JWTPayloadSizeExceededException",
            f"The requested token payload of {size} bytes exceeds the maximum allowed size of"
            f" {PAYLOAD_LIMIT} bytes.",
        )
    key = _key(call, federation, request["SigningAlgorithm"])
    return {
        "WebIdentityToken": sign(key.record, key.opened, claims),
        "Expiration": datetime.fromtimestamp(expires, UTC),
    }


def _check_algorithm(algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{algorithm}' at 'signingAlgorithm' failed to satisfy"
            f" constraint: Member must satisfy enum value set: [{', '.join(ALGORITHMS)}]",
        )


def _own_claims(call: Call, request_tags: dict[str, str]) -> dict[str, Any]:
    """What is under AWS's own namespace: account, Region, organization, tags and the session."""
    caller, session = call.caller, call.caller.session
    claims: dict[str, Any] = {"aws_account": caller.account, "source_region": call.region}
    if (organization := organization_of(call.records, caller.account)) is not None:
        claims["org_id"] = organization.id
    principal_tags = {
        key.removeprefix(_PRINCIPAL_TAG): value
        for key, value in call.context.items()
        if key.startswith(_PRINCIPAL_TAG)
    }
    if principal_tags:
        claims["principal_tags"] = principal_tags
    if session is not None:
        expires = datetime.fromtimestamp(session.expires, UTC)
        claims["original_session_exp"] = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
        if session.source_identity is not None:
            claims["source_identity"] = session.source_identity
    if request_tags:
        claims["request_tags"] = request_tags
    return claims


def _key(call: Call, federation: OutboundFederation, algorithm: str) -> SigningKey:
    """The key that was opened; a new one becomes the account's now, unless another call was faster."""
    key: SigningKey | None = call.prepared
    if key is not None and key.record in published_keys(federation, call.now):
        return key
    current = signing_key(federation, algorithm, call.now)
    if current is not None:  # once in a key's life this is done in the writer
        return SigningKey(current, open_key(current, call.account, call.keeper))
    if key is None:
        raise AwsError("ServiceUnavailable", "The account's signing keys changed meanwhile; try again.", 503)
    grown = msgspec.structs.replace(federation, keys=(*federation.keys, key.record))
    kept = msgspec.structs.replace(grown, keys=published_keys(grown, call.now))
    call.transaction.put(OUTBOUND_FEDERATION, call.account, kept)
    return key


def _federation(call: Call) -> OutboundFederation | None:
    return call.records.get(OUTBOUND_FEDERATION, call.account, ONE_PER_ACCOUNT)
