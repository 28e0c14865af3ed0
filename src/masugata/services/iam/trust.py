"""Trust policies: how they are checked, stored and shown."""

import re
from typing import Any

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.stored_principals import (
    is_service,
    shown_principal,
    stored_principal,
    with_principals,
)
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import policy_size
from masugata.errors import AwsError
from masugata.records.iam import OIDC_PROVIDER, SAML_PROVIDER, OidcProvider, SamlProvider, provider_arn
from masugata.records.kind import Kind
from masugata.services.iam._common import quota_exceeded
from masugata.services.iam.policies import check_document

TRUST_POLICY_SIZE = 2048

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?", re.IGNORECASE | re.ASCII)
_PROVIDERS: dict[str, Kind[Any]] = {kind.name: kind for kind in (SAML_PROVIDER, OIDC_PROVIDER)}


def stored_trust_policy(call: Call, document: str) -> str:
    """The text under which a trust policy is stored: compact, principals as unique ids.

    Raises MalformedPolicyDocument, also for a user or role that does not exist, and LimitExceeded.
    """
    check_document(document, PolicyType.TRUST)
    if policy_size(document) > TRUST_POLICY_SIZE:
        raise quota_exceeded("ACLSizePerRole", TRUST_POLICY_SIZE)
    return with_principals(document, lambda kind, principal: _as_stored(call, kind, principal))


def shown_trust_policy(call: Call, document: str) -> str:
    """A stored trust policy as it is shown: ids of users and roles that still exist as their ARNs."""

    def shown(kind: str, principal: str) -> str:
        return shown_principal(call.records, principal, call.partition) if kind == "AWS" else principal

    return with_principals(document, shown)


def _as_stored(call: Call, kind: str, principal: str) -> str:
    if kind == "Service":
        return _service(principal)
    if kind == "Federated":
        return _federated(call, principal)
    stored = stored_principal(call.records, principal, call.partition)
    if stored is None:
        raise _invalid_principal(principal)
    return stored


def _service(principal: str) -> str:
    """The name of a service, of which only the form is known."""
    if not is_service(principal):
        raise _invalid_principal(principal, "SERVICE")
    return principal


def _federated(call: Call, principal: str) -> str:
    """The domain name of an identity provider, or the ARN of one that an account has."""
    if _DOMAIN.fullmatch(principal):
        return principal
    try:
        arn = parse_arn(principal)
    except InvalidArnError:
        arn = None
    kind, _, key = ("", "", "") if arn is None else arn.resource.partition("/")
    if arn is not None and arn.service == "iam" and kind in _PROVIDERS:
        provider: OidcProvider | SamlProvider | None = call.records.get(_PROVIDERS[kind], arn.account, key)
        if provider is None or provider_arn(arn.account, provider, partition=call.partition) != principal:
            raise _invalid_principal(principal, "FEDERATED")
        return principal
    raise AwsError(
        "MalformedPolicyDocument",
        "Federated principals must be valid domain names or SAML metadata ARNs",
    )


def _invalid_principal(principal: str, kind: str = "AWS") -> AwsError:
    return AwsError("MalformedPolicyDocument", f'Invalid principal in policy: "{kind}":"{principal}"')
