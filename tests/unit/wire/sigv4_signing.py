"""A slow, obvious SigV4 signer written from AWS's description, and what tests say about refusals."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from masugata.errors import AwsError
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import Signature, parse_signature, signing_key, verify

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIAQNZGKIQY56JQ7WML"
NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
AMZ_DATE = "20260101T001000Z"
BASE = (("host", "127.0.0.1:4566"), ("x-amz-date", AMZ_DATE))
TARGET = ("x-amz-target", "TrentService.Encrypt")
Header = tuple[str, str]


def sign(canonical: str, *, date: str = AMZ_DATE, scope: str = "20260101/eu-west-1/kms/aws4_request") -> str:
    """The signature over a canonical request given as text: the reference, word for word."""
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SECRET.encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def authorization(names: str, signature: str, scope: str = "20260101/eu-west-1/kms/aws4_request") -> Header:
    """An Authorization header as SDKs write it."""
    return (
        "authorization",
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={names}, Signature={signature}",
    )


def signed(
    *,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: tuple[Header, ...] = BASE,
    body: bytes = b"{}",
    canonical: tuple[str, str, str] | None = None,
    names: str | None = None,
    scope: str = "20260101/eu-west-1/kms/aws4_request",
    date: str = AMZ_DATE,
    payload: str | None = None,
) -> HttpRequest:
    """A signed request; `canonical` = the (path, query, header lines) that the client had signed."""
    names = names if names is not None else ";".join(sorted({name for name, _ in headers}))
    chosen = dict(headers)
    lines = "".join(f"{name}:{chosen[name]}\n" for name in names.split(";"))
    signed_path, signed_query, signed_lines = canonical or (path, query, lines)
    payload = payload if payload is not None else hashlib.sha256(body).hexdigest()
    text = f"{method}\n{signed_path}\n{signed_query}\n{signed_lines}\n{names}\n{payload}"
    signature = sign(text, date=date, scope=scope)
    return HttpRequest(
        method=method,
        path=path,
        query=query,
        headers=(*headers, authorization(names, signature, scope)),
        body=body,
    )


def presigned(
    query: str, signed_query: str, *, body: bytes = b"", headers: tuple[Header, ...] = BASE[:1]
) -> HttpRequest:
    """A request signed in its query string, the signature put last."""
    names = ";".join(sorted({name for name, _ in headers}))
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers))
    text = "\n".join(["GET", "/", signed_query, lines, names, hashlib.sha256(body).hexdigest()])
    return HttpRequest(
        method="GET", path="/", query=f"{query}&X-Amz-Signature={sign(text)}", headers=headers, body=body
    )


AUTH_QUERY = (
    f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY_ID}%2F20260101%2Feu-west-1%2Fkms%2Faws4_request"
    f"&X-Amz-Date={AMZ_DATE}&X-Amz-Expires=60"
)
PRESIGNED_QUERY = f"{AUTH_QUERY}&X-Amz-SignedHeaders=host"


def admit(request: HttpRequest) -> Signature:
    """Parse and verify as a gateway would."""
    signature = parse_signature(request)
    assert signature is not None
    verify(request, signature, signing_key(SECRET, signature.date, signature.region, signature.service))
    return signature


def refused(action: Callable[[], object], code: str, status: int) -> str:
    """The message with which `action` is refused, its code and status checked."""
    with pytest.raises(AwsError) as caught:
        action()
    assert (caught.value.code, caught.value.status) == (code, status)
    return caught.value.message


def mismatched(request: HttpRequest) -> str:
    """The message of a SignatureDoesNotMatch."""
    return refused(lambda: admit(request), "SignatureDoesNotMatch", 403)


def incomplete(request: HttpRequest) -> str:
    """The message of an IncompleteSignature."""
    return refused(lambda: admit(request), "IncompleteSignature", 400)


def with_authorization(value: str, *headers: Header) -> HttpRequest:
    """A request with this Authorization header."""
    return HttpRequest(
        method="POST", path="/", headers=(*(headers or BASE), ("authorization", value)), body=b"{}"
    )


CREDENTIAL = f"Credential={KEY_ID}/20260101/eu-west-1/kms/aws4_request"
REST = "SignedHeaders=host;x-amz-date, Signature=00"
