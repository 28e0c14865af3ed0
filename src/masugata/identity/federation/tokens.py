"""JSON Web Tokens as OpenID Connect issuers sign them: reading, signature, claims.

Only what the provider's own key set says about a key counts. A header may name a key (`kid`) and an
algorithm; what else it carries (`jwk`, `jku`, `x5c`, `x5u`) is not looked at, and `crit` is refused.
Sources: RFC 7515, RFC 7519, RFC 8725, OpenID Connect Core 1.0 section 3.1.3.7.
"""

import math
import re
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any

import msgspec

from masugata.errors import AwsError
from masugata.identity.federation._json import NotJsonError, json_object
from masugata.identity.federation._refusals import expired_token, invalid_token, not_a_token
from masugata.identity.federation.issuer_keys import ALGORITHMS, IssuerKey

LONGEST_TOKEN = 20_000
SKEW_SECONDS = 300
"""How far an issuer's clock may be off: IAM gives five minutes beyond `exp`."""
_LONGEST_SUBJECT = 255

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


class Token(msgspec.Struct, frozen=True):
    """A token as it was read, of which nothing is verified yet."""

    text: str
    algorithm: str
    key_id: str
    issuer: str
    claims: dict[str, Any]


def read_token(text: str) -> Token:
    """Read a token in compact form; raises InvalidIdentityToken."""
    if len(text) > LONGEST_TOKEN or _COMPACT.fullmatch(text) is None:
        raise not_a_token()
    header_part, claims_part, _ = text.split(".")
    try:
        header, claims = json_object(_decoded(header_part)), json_object(_decoded(claims_part))
    except NotJsonError as error:
        raise not_a_token() from error
    algorithm, key_id, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header or "b64" in header:
        raise invalid_token("The token is not signed in a way that is accepted: " + ", ".join(ALGORITHMS))
    if not isinstance(key_id, str) or not key_id:
        raise invalid_token("Missing a required header: kid")
    if not isinstance(issuer, str) or not issuer.startswith("https://") or not issuer.isprintable():
        raise invalid_token("Issuer must be a valid URL")
    return Token(text, algorithm, key_id, issuer, claims)


def check_signature(token: Token, key: IssuerKey) -> None:
    """The token must be signed with `key`, by the algorithm that it names; raises InvalidIdentityToken."""
    # Loading them takes longer than the whole start, and most installations federate with nobody.
    from joserfc import jws  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    registry = jws.JWSRegistry(algorithms=[token.algorithm], strict_check_header=False)
    registry.max_header_length = LONGEST_TOKEN
    if not key.fits(token.algorithm):
        raise invalid_token("The signature of the token is not valid.")
    try:
        jws.deserialize_compact(token.text, key.joserfc_key(), registry=registry)
    except (JoseError, ValueError) as error:
        raise invalid_token("The signature of the token is not valid.") from error


def check_times(token: Token, now: datetime) -> None:
    """`exp` and `iat`, which must be there, and `nbf`; raises ExpiredTokenException, InvalidIdentityToken."""
    moment = int(now.timestamp())
    expires, issued = _time(token, "exp"), _time(token, "iat")
    if moment >= expires + SKEW_SECONDS:
        raise expired_token(
            f"Token expired: current date/time {moment} must be before the expiration date/time{int(expires)}"
        )
    begins = _time(token, "nbf") if "nbf" in token.claims else issued
    if max(begins, issued) > moment + SKEW_SECONDS:
        raise invalid_token("The token is not valid yet: its iat or nbf is in the future.")


def audience(token: Token) -> str:
    """Whom the token is for: `azp` where it is there, else the one `aud`; raises InvalidIdentityToken.

    Source: "Available keys for AWS OIDC federation" of the IAM User Guide, on `aud`.
    """
    claimed = token.claims.get("azp", token.claims.get("aud"))
    if isinstance(claimed, list) and len(claimed) == 1:
        claimed = claimed[0]
    if not isinstance(claimed, str) or not claimed:
        raise incorrect_audience()
    return claimed


def incorrect_audience() -> AwsError:
    """AWS's text for a token that is for somebody else."""
    return invalid_token("Incorrect token audience")


def subject(token: Token) -> str:
    """`sub`, 1 to 255 characters; raises InvalidIdentityToken."""
    claimed = token.claims.get("sub")
    if not isinstance(claimed, str) or not claimed:
        raise invalid_token("Missing a required claim: sub")
    if len(claimed) > _LONGEST_SUBJECT or not claimed.isprintable():
        raise invalid_token(f"The sub claim must be at most {_LONGEST_SUBJECT} printable characters.")
    return claimed


def _decoded(part: str) -> bytes:
    """Base64url without padding; raises `NotJsonError`."""
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise NotJsonError("not base64url") from error


def _time(token: Token, name: str) -> float:
    value = token.claims.get(name)
    if value is None:
        raise invalid_token(f"Missing a required claim: {name}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise invalid_token(f"The {name} claim is not a time.")
    return value if math.isfinite(value) else 0
