"""Signature Version 4, the signer's half: what it signs is what `masugata.wire.sigv4` verifies.

Source: IAM User Guide, "Create a signed AWS API request".
"""

import hmac
from datetime import datetime
from typing import NamedTuple

import msgspec

from masugata.wire import HttpRequest
from masugata.wire.sigv4 import HMAC, Signature, signing_key, string_to_sign


class Keys(NamedTuple):
    """What a caller signs with; a temporary key is worth nothing without its token."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


def signed(request: HttpRequest, keys: Keys, *, service: str, region: str, now: datetime) -> HttpRequest:
    """The request with its signature; every header that it has is signed, `host` must be among them.

    `now` is aware, in UTC, and `service` a signing name.
    """
    if keys.session_token is not None:
        token = ("x-amz-security-token", keys.session_token)
        request = msgspec.structs.replace(request, headers=(*request.headers, token))
    key = signing_key(keys.secret_access_key, f"{now:%Y%m%d}", region, service)
    return signed_by(request, keys.access_key_id, key, service=service, region=region, now=now)


def signed_by(
    request: HttpRequest, access_key_id: str, key: bytes, *, service: str, region: str, now: datetime
) -> HttpRequest:
    """As `signed`, by the signing key of that day, Region and service: who has it needs no secret."""
    amz_date = f"{now:%Y%m%dT%H%M%SZ}"
    request = msgspec.structs.replace(request, headers=(*request.headers, ("x-amz-date", amz_date)))
    signature = Signature(
        access_key_id=access_key_id,
        date=amz_date[:8],
        region=region,
        service=service,
        signed_headers=tuple(sorted({name for name, _ in request.headers})),
        signature="",
        amz_date=amz_date,
        timestamp=now,
        session_token=None,
    )
    digest = hmac.digest(key, string_to_sign(request, signature), "sha256").hex()
    authorization = (
        f"{HMAC} Credential={access_key_id}/{signature.scope}, "
        f"SignedHeaders={';'.join(signature.signed_headers)}, Signature={digest}"
    )
    return msgspec.structs.replace(request, headers=(*request.headers, ("authorization", authorization)))
