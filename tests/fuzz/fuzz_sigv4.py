"""Fuzz target: no bytes in a request make the SigV4 verifier raise another error, or say a wrong yes.

It starts from requests that are signed, with both algorithms, in headers and query strings: what is
accepted must read like one of them.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from masugata.errors import AwsError
from masugata.keeper.sigv4a import public_key
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import (
    ECDSA,
    Signature,
    check_path,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    verify,
    with_normal_path,
)

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
KEY_ID = "AKIAQNZGKIQY56JQ7WML"
PUBLIC_KEY = public_key(b"secret", KEY_ID.encode())

CREDENTIAL = b"AKIAQNZGKIQY56JQ7WML/20260101/us-east-1/iam/aws4_request"
IN_HEADER = (
    b"POST\n/\n\nhost:h\nx-amz-date:20260101T001000Z\n"
    b"authorization:AWS4-HMAC-SHA256 Credential=%b, SignedHeaders=host;x-amz-date, Signature=00\n\n"
    b"Action=ListUsers"
) % CREDENTIAL
IN_QUERY = (
    b"GET\n/a//../b\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%b&X-Amz-Date=20260101T001000Z"
    b"&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00&a=\xe1+\nhost:h\n\n"
) % CREDENTIAL.replace(b"/", b"%2F")
WITH_DATE = IN_HEADER.replace(b"x-amz-date:20260101T001000Z", b"date:Thu, 01 Jan 2026 00:10:00 GMT")
UNSIGNED = (
    IN_HEADER,
    IN_QUERY,
    WITH_DATE,
    IN_HEADER.replace(b"\n\nhost", b"\nX-Amz-Algorithm=x\nhost"),
    IN_HEADER.replace(b"HMAC-SHA256", b"ECDSA-P256-SHA256")
    .replace(b"/us-east-1", b"")
    .replace(b"host:", b"x-amz-region-set:us-*, eu-west-1\nhost:"),
)
# Signed at NOW with the secret `secret`.
SIGNED = (
    (
        b"POST\n/\n\nhost:h\ncontent-type:application/x-www-form-urlencoded\n"
        b"x-amz-date:20260101T001000Z\n"
        b"authorization:AWS4-HMAC-SHA256 Credential=AKIAQNZGKIQY56JQ7WML/20260101/us-east-"
        b"1/iam/aws4_request, "
        b"SignedHeaders=content-type;host;x-amz-date, Signature="
        b"dea6da66af3ad4c6b5aef585b5a73da3bc56a8f222e79a4d2f5ee00f6d05380a\n\nAction=ListUsers"
    ),
    (
        b"GET\n/a/b\na=%C3%A1+&b&X-Amz-Date=20260101T001000Z&X-Amz-Security-Token=to%2Fken%3D%3D&"
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256&"
        b"X-Amz-Credential=AKIAQNZGKIQY56JQ7WML%2F20260101%2Fus-east-1%2Fiam%2Faws4_request&"
        b"X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature="
        b"635f96db0ae7d3dd7f329f94fdfb0ee422c5be061ebbe88a101693f1adcc64c7\nhost:h\n\n"
    ),
    (
        b"POST\n/\n\nhost:h\ncontent-type:application/x-www-form-urlencoded\n"
        b"x-amz-date:20260101T001000Z\nx-amz-region-set:us-*,eu-west-1\nx-amz-security-token:to/ken==\n"
        b"authorization:AWS4-ECDSA-P256-SHA256 Credential=AKIAQNZGKIQY56JQ7WML/20260101/ia"
        b"m/aws4_request, "
        b"SignedHeaders=content-type;host;x-amz-date;x-amz-region-set;x-amz-security-token, Signature="
        b"304402206305c6579b64364eaf28becfc1195bab46c06bde358fdaa9c26fb9d14e33177c02204b7f"
        b"5bd93836df17543fdfeb053b39b21c65f4d5184453888c347ac952323d40\n"
        b"\nAction=ListUsers"
    ),
    (
        b"GET\n/a/b\na=%C3%A1+&b&X-Amz-Date=20260101T001000Z&X-Amz-Region-Set=%2A&"
        b"X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&"
        b"X-Amz-Credential=AKIAQNZGKIQY56JQ7WML%2F20260101%2Fiam%2Faws4_request&X-Amz-Expires=60&"
        b"X-Amz-SignedHeaders=host&X-Amz-Signature="
        b"30440220161688605d6bcf3f6a7fbac25ad1625c79a71afbdf073c0d868b640adcaa4ea602203c55"
        b"625505c5774948c2e2be1f8abf59daa743641b38d4cccb096e45c21486ce\n"
        b"host:h\n\n"
    ),
)
SEEDS = UNSIGNED + SIGNED


def request_from(data: bytes) -> HttpRequest:
    """A request out of lines: method, path, query, headers, an empty line, the body."""
    method, path, query, rest = [*data.split(b"\n", 3), b"", b"", b""][:4]
    head, _, body = rest.partition(b"\n\n")
    lines = head.decode("latin-1").split("\n")
    pairs = [line.partition(":") for line in lines if line]
    headers = tuple((name.lower(), value) for name, _, value in pairs)
    line = [part.decode("latin-1") for part in (method, path, query)]
    return HttpRequest(method=line[0], path=line[1], query=line[2], headers=headers, body=body)


def judge(request: HttpRequest) -> Signature | None:
    """All that a gateway does with a signature, or None for a request without any."""
    signature = parse_signature(request)
    if signature is None:
        return None
    check_scope(signature, "iam")
    check_time(signature, NOW)
    check_path(request, signature)
    if signature.access_key_id != KEY_ID:
        raise AwsError("InvalidClientTokenId", "no such key", 403)
    if signature.algorithm == ECDSA:
        key = PUBLIC_KEY
    else:
        key = signing_key("secret", signature.date, signature.region, signature.service)
    verify(request, signature, key)
    return signature


def reading(request: HttpRequest, signature: Signature) -> tuple[Any, ...]:
    """What those who read an accepted request take from it."""
    parts = [part.replace("+", " ").partition("=") for part in request.query.split("&")]
    decoded = [
        (unquote_to_bytes(n.encode("latin-1")), unquote_to_bytes(v.encode("latin-1"))) for n, _, v in parts
    ]
    single = (
        " ".join((request.header(name) or "").split()) for name in ("host", "content-type", "x-amz-target")
    )
    return (
        request.method,
        request.path or "/",
        sorted(pair for pair in decoded if not (signature.presigned and pair[0] == b"X-Amz-Signature")),
        *single,
        request.body,
        signature.access_key_id,
        signature.session_token,
        signature.region,
        signature.region_set,
        signature.timestamp,
        signature.expires,
    )


def signed_readings() -> list[tuple[Any, ...]]:
    """What there is to be read in the signed seeds."""
    requests = [request_from(seed) for seed in SIGNED]
    signatures = [judge(request) for request in requests]
    return [reading(r, s) for r, s in zip(requests, signatures, strict=True) if s is not None]


READINGS = signed_readings()


def fuzz_one(data: bytes) -> None:
    """One input; a finding is any exception but AwsError, and whatever is accepted and was not signed."""
    request = with_normal_path(request_from(data))
    try:
        signature = judge(request)
    except AwsError as refusal:
        if not 400 <= refusal.status < 600 or not refusal.code or not refusal.message:
            raise AssertionError(f"refusal without a code: {refusal!r}") from refusal
        return
    if signature is not None and reading(request, signature) not in READINGS:
        raise AssertionError(f"accepted, and nobody signed it: {request!r}")
