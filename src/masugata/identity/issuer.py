"""An account as an issuer of JSON Web Tokens: its keys, its address, and what it publishes there.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html, RFC 7517 (JSON
Web Key), RFC 7638 (the thumbprint that is a key's id) and OpenID Connect Discovery 1.0.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from masugata.keeper import Keeper
from masugata.records.iam import IssuerKey, OutboundFederation

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

PURPOSE = "web-identity-key"
ALGORITHMS = ("RS256", "ES384")
CLAIMS_NAMESPACE = "https://sts.amazonaws.com/"
ISSUERS_PATH = "/_masugata/oidc/"

SIGNS_FOR = timedelta(days=90)
"""After this a key is replaced, by the next token that is asked for."""
PUBLISHED_FOR = timedelta(days=1)
"""How long a key is published after it was replaced; tokens live for an hour at most."""

# joserfc is a sixth of a second to import, and few accounts issue tokens: it is imported where it is used.


def issuer_url(public_url: str, issuer_id: str) -> str:
    """The issuer as it is in `iss`; its documents are at well-known paths below it."""
    return f"{public_url}{ISSUERS_PATH}{issuer_id}"


def new_key(algorithm: str, account: str, keeper: Keeper, now: datetime) -> IssuerKey:
    """Make a key for RS256 (2,048 bits) or ES384; takes a tenth of a second and more."""
    from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415

    key = RSAKey.generate_key(2048) if algorithm == "RS256" else ECKey.generate_key("P-384")
    key_id = key.thumbprint()
    members = {name: str(value) for name, value in key.as_dict(private=False).items()}
    return IssuerKey(
        id=key_id,
        algorithm=algorithm,
        create_date=now.replace(microsecond=0),
        public={**members, "alg": algorithm, "kid": key_id, "use": "sig"},
        secret=keeper.seal(PURPOSE, key.as_der(private=True), key_identity(account, key_id)),
    )


def open_key(key: IssuerKey, account: str, keeper: Keeper) -> "RSAKey | ECKey":
    """The private key; raises `SealBrokenError`."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415
    from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415

    plain = keeper.unseal(PURPOSE, key.secret, key_identity(account, key.id))
    # What opens is the key that was sealed; to test its primes again would take forty milliseconds.
    opened = load_der_private_key(plain, password=None, unsafe_skip_rsa_key_validation=True)
    kind = RSAKey if key.algorithm == "RS256" else ECKey
    return kind.import_key(opened)  # type: ignore[arg-type]  # of which kind it is, only the record says


def sign(key: IssuerKey, opened: "RSAKey | ECKey", claims: Mapping[str, Any]) -> str:
    """The signed token with these claims, in compact form."""
    from joserfc import jwt  # noqa: PLC0415

    header = {"alg": key.algorithm, "kid": key.id, "typ": "JWT"}
    return jwt.encode(header, dict(claims), opened, algorithms=[key.algorithm])


def signing_key(federation: OutboundFederation, algorithm: str, now: datetime) -> IssuerKey | None:
    """The key that signs now; None when it is time for a new one."""
    last = _of(federation, algorithm)[-1:]
    return last[0] if last and last[0].create_date + SIGNS_FOR > now else None


def published_keys(federation: OutboundFederation, now: datetime) -> tuple[IssuerKey, ...]:
    """The keys that tokens in circulation may be signed with."""
    found = []
    for algorithm in ALGORITHMS:
        keys = _of(federation, algorithm)
        for key, successor in zip(keys, [*keys[1:], None], strict=True):
            if successor is None or successor.create_date + PUBLISHED_FOR > now:
                found.append(key)
    return tuple(found)


def discovery(url: str) -> dict[str, Any]:
    """The discovery document of an issuer, with the members that AWS's has."""
    return {
        "issuer": url,
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", CLAIMS_NAMESPACE],
    }


def _of(federation: OutboundFederation, algorithm: str) -> list[IssuerKey]:
    return [key for key in federation.keys if key.algorithm == algorithm]


def key_identity(account: str, key_id: str) -> bytes:
    return f"{account}/{key_id}".encode()
