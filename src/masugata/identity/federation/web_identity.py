"""Web identity: from a token of an OpenID Connect issuer to the caller that it stands for.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from datetime import datetime
from typing import Any

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Federation
from masugata.identity.federation._refusals import invalid_token
from masugata.identity.federation.key_cache import KeyCache
from masugata.identity.federation.providers import role_account
from masugata.identity.federation.session_tags import source_identity_of_claims, tags_of_claims
from masugata.identity.federation.tokens import (
    Token,
    audience,
    check_signature,
    check_times,
    incorrect_audience,
    read_token,
    subject,
)
from masugata.identity.issuer import ISSUERS_PATH
from masugata.records.iam import OIDC_PROVIDER, OUTBOUND_FEDERATION, OidcProvider, provider_arn
from masugata.store import Records

# What a session keeps of any issuer's claims; the rest is for the trust policy only.
_SESSION_CLAIMS = ("amr", "aud", "sub")
# Left out because they cannot be compared, they would escape a Deny.
_COMPARED_CLAIMS = frozenset({"amr", "aud", "email"})
_MOST_VALUES = 100


def web_identity(text: str, role_arn: str, keys: KeyCache, records: Records, now: datetime) -> Caller:
    """Whom the token stands for, before the account of the role; may wait for the issuer.

    Raises InvalidIdentityToken, ExpiredTokenException and IDPCommunicationError.
    """
    token = read_token(text)
    check_times(token, now)
    _refuse_own(token, records)
    account, partition, provider = _provider(token, role_arn, records)
    claimed_subject = subject(token)
    _check_any_signature(token, provider, keys, now)
    claimed_audience = audience(token)
    if claimed_audience not in provider.client_ids:
        raise incorrect_audience()
    tags, transitive = tags_of_claims(token.claims)
    arn = provider_arn(account, provider, partition=partition)
    federation = Federation(
        provider=arn,
        record=provider,
        issuer=token.issuer,
        audience=claimed_audience,
        subject=claimed_subject,
        keys=(condition_keys := _condition_keys(token, provider, claimed_audience)),
        session_keys={
            name: condition_keys[name]
            for claim in _SESSION_CLAIMS
            if (name := f"{provider.url}:{claim}") in condition_keys
        },
        tags=tags,
        transitive_tag_keys=transitive,
        source_identity=source_identity_of_claims(token.claims),
    )
    return Caller(
        kind=CallerKind.WEB_IDENTITY,
        account=account,
        partition=partition,
        arn=arn,
        user_id=f"{arn}:{claimed_audience}:{claimed_subject}",
        access_key_id="",
        federation=federation,
    )


def _refuse_own(token: Token, records: Records) -> None:
    """Tokens of GetWebIdentityToken are for others, as AWS says: who gets one gets no further here by it.

    The id alone counts, which is of one account for ever: the address before it is a setting.
    """
    _, path, issuer_id = token.issuer.rpartition(ISSUERS_PATH)
    if path and records.by_name(OUTBOUND_FEDERATION, "issuer", issuer_id) is not None:
        raise invalid_token("A token of GetWebIdentityToken cannot be used to assume a role.")


def _provider(token: Token, role_arn: str, records: Records) -> tuple[str, str, OidcProvider]:
    found = role_account(role_arn, records)
    url = token.issuer.removeprefix("https://")
    provider = None if found is None else records.get(OIDC_PROVIDER, found[0], url)
    if found is None or provider is None:
        raise no_provider(token.issuer)
    return *found, provider


def no_provider(issuer: str) -> AwsError:
    """AWS's text for a token of an issuer that the role's account does not know."""
    return invalid_token(f"No OpenIDConnect provider found in your account for {issuer[:255]}")


def _check_any_signature(token: Token, provider: OidcProvider, keys: KeyCache, now: datetime) -> None:
    """One of the keys with the token's key id must have signed it; an id should be of one key only."""
    candidates = keys.keys(provider, token.key_id, now.timestamp())
    for key in candidates[:-1]:
        try:
            check_signature(token, key)
        except AwsError:
            continue
        return
    check_signature(token, candidates[-1])


def _condition_keys(token: Token, provider: OidcProvider, claimed_audience: str) -> dict[str, Any]:
    """`<issuer>:<claim>` for every claim that a condition can compare; the catalogue says which may be used.

    Where there is an `azp`, it is the `aud` of conditions, and the token's `aud` their `oaud`.
    """
    found: dict[str, Any] = {}
    for name, value in token.claims.items():
        text = _text(value)
        if text is None and value is not None and name in _COMPARED_CLAIMS:
            raise invalid_token(f"The {name} claim is neither a text nor a list of at most {_MOST_VALUES}.")
        if text is not None and ":" not in name:
            found[f"{provider.url}:{name}"] = text
    oaud = found.pop(f"{provider.url}:aud", None)
    found.pop(f"{provider.url}:oaud", None)
    if "azp" in token.claims and oaud is not None:
        found[f"{provider.url}:oaud"] = oaud
    found[f"{provider.url}:aud"] = claimed_audience
    return found


def _text(value: Any) -> str | list[str] | None:
    """A claim as a condition compares it, None for what is no text, number or truth, or a list of texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if (
        isinstance(value, list)
        and len(value) <= _MOST_VALUES
        and all(isinstance(item, str) for item in value)
    ):
        return value
    return None
