"""AWS's published vectors: awslabs/aws-c-auth, tests/aws-signing-test-suite, Apache-2.0."""

import json
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import (
    canonical_request,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    string_to_sign,
    verify,
)
from unit.wire.sigv4_signing import Header, refused

VECTORS = Path(__file__).parents[4] / "shared/data/kms/sigv4/v4"
# The client added the token after signing; a token that anybody can add is what we refuse.
TOKEN_NOT_SIGNED = "post-sts-header-after"


def vector_cases() -> list[str]:
    """The names of the cases, or nothing where the data is not at hand."""
    return sorted(path.name for path in VECTORS.iterdir()) if VECTORS.is_dir() else []


def vector_request(text: bytes) -> HttpRequest:
    """A raw request as the vectors write it, folded lines kept in their header."""
    head, _, body = text.partition(b"\n\n")
    line, *rest = head.decode("latin-1").split("\n")
    method, target = line.removesuffix(" HTTP/1.1").split(" ", 1)
    headers: list[Header] = []
    for entry in rest:
        if entry.startswith(" "):
            headers[-1] = (headers[-1][0], headers[-1][1] + "\n" + entry)
        elif entry:
            name, _, value = entry.partition(":")
            headers.append((name.lower(), value))
    path, _, query = target.partition("?")
    return HttpRequest(method=method, path=path, query=query, headers=tuple(headers), body=body)


def test_vectors_are_at_hand() -> None:
    """All 38 cases are there; says loudly when they are not."""
    if not VECTORS.is_dir():
        pytest.skip(f"SigV4 vectors are not at {VECTORS}: none of the 76 was run")
    assert len(vector_cases()) == 38


@pytest.mark.parametrize("form", ["header", "query"])
@pytest.mark.parametrize("case", vector_cases())
def test_vector(case: str, form: str) -> None:
    """AWS's own signed requests verify, and their canonical forms are ours to the byte."""
    folder = VECTORS / case
    context = json.loads((folder / "context.json").read_text())
    normalize = context["normalize"]
    request = vector_request((folder / f"{form}-signed-request.txt").read_bytes())
    signature = parse_signature(request)
    assert signature is not None
    check_time(signature, datetime.fromisoformat(context["timestamp"]))
    check_scope(signature, context["service"], regions={context["region"]})
    assert signature.session_token == context["credentials"].get("token")
    assert signature.presigned == (form == "query")
    key = signing_key(
        context["credentials"]["secret_access_key"], signature.date, signature.region, signature.service
    )
    if case == TOKEN_NOT_SIGNED:
        refused(
            lambda: verify(request, signature, key, normalize_path=normalize), "SignatureDoesNotMatch", 403
        )
        request = without_token(request)
    verify(request, signature, key, normalize_path=normalize)
    assert canonical_request(request, signature, normalize_path=normalize) == (
        (folder / f"{form}-canonical-request.txt").read_bytes()
    )
    assert string_to_sign(request, signature, normalize_path=normalize) == (
        (folder / f"{form}-string-to-sign.txt").read_bytes()
    )
    assert signature.signature == (folder / f"{form}-signature.txt").read_text()


def without_token(request: HttpRequest) -> HttpRequest:
    """The request as it was when it was signed."""
    headers = tuple(header for header in request.headers if header[0] != "x-amz-security-token")
    parts = [part for part in request.query.split("&") if not part.startswith("X-Amz-Security-Token=")]
    return msgspec.structs.replace(request, headers=headers, query="&".join(parts))
