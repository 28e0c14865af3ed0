"""Operations on outbound web identity federation: the account as an issuer of JSON Web Tokens.

The tokens themselves are STS's GetWebIdentityToken.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
"""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.issuer import ALGORITHMS, issuer_url, new_key
from masugata.records.iam import ONE_PER_ACCOUNT, OUTBOUND_FEDERATION, IssuerKey, OutboundFederation

if TYPE_CHECKING:
    from masugata_types import iam as shapes

Request = Mapping[str, object]  # with no members


def make_issuer_keys(call: Call, _request: Request) -> tuple[IssuerKey, ...] | None:
    """The account's first keys, before the transaction; None if it has some already."""
    if _federation(call) is not None:
        return None
    return tuple(new_key(algorithm, call.account, call.keeper, call.now) for algorithm in ALGORITHMS)


def enable_outbound_web_identity_federation(
    call: Call, _request: Request
) -> "shapes.EnableOutboundWebIdentityFederationResponse":
    """Let the account's principals ask for tokens; its issuer stays the same for ever.

    Raises FeatureEnabled.
    """
    federation = _federation(call)
    if federation is not None and federation.enabled:
        raise AwsError("FeatureEnabled", "Outbound web identity federation is already enabled.", 409)
    if federation is not None:
        federation = msgspec.structs.replace(federation, enabled=True)
    elif call.prepared is None:
        raise AwsError("ConcurrentModification", "The account was changed meanwhile: try again.", 409)
    else:
        issuer_id = str(uuid.UUID(bytes=call.random(16), version=4))
        federation = OutboundFederation(issuer_id=issuer_id, enabled=True, keys=call.prepared)
    call.transaction.put(OUTBOUND_FEDERATION, call.account, federation)
    return {"IssuerIdentifier": issuer_url(call.public_url, federation.issuer_id)}


def disable_outbound_web_identity_federation(call: Call, _request: Request) -> dict[str, object]:
    """Issue no more tokens; those that are out stay valid, and can be verified. Raises FeatureDisabled."""
    federation = _enabled(call)
    disabled = msgspec.structs.replace(federation, enabled=False)
    call.transaction.put(OUTBOUND_FEDERATION, call.account, disabled)
    return {}


def get_outbound_web_identity_federation_info(
    call: Call, _request: Request
) -> "shapes.GetOutboundWebIdentityFederationInfoResponse":
    """The account's issuer. Raises FeatureDisabled."""
    issuer = issuer_url(call.public_url, _enabled(call).issuer_id)
    return {"IssuerIdentifier": issuer, "JwtVendingEnabled": True}


def _enabled(call: Call) -> OutboundFederation:
    federation = _federation(call)
    if federation is None or not federation.enabled:
        raise AwsError("FeatureDisabled", "Outbound web identity federation is disabled.", 404)
    return federation


def _federation(call: Call) -> OutboundFederation | None:
    return call.records.get(OUTBOUND_FEDERATION, call.account, ONE_PER_ACCOUNT)
