"""AWS's published vectors: awslabs/aws-c-auth, tests/aws-signing-test-suite, Apache-2.0.

Seven of the cases are in `tests/vectors/sigv4`, so that something real is checked everywhere; all 78 are run
where they are beside the checkout.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from masugata.keeper.sigv4a import public_key
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import (
    ECDSA,
    HMAC,
    Signature,
    canonical_request,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    string_to_sign,
    verify,
)
from unit.wire.sigv4_client import Key, sign
from unit.wire.sigv4_signing import Header, refused

ROOT = Path(__file__).parents[3]
OURS, ALL = ROOT / "tests/vectors/sigv4", ROOT.parent / "shared/data/kms/sigv4"
# The client added the token after signing; a token that anybody can add is what we refuse.
TOKEN_NOT_SIGNED = "post-sts-header-after"
ALGORITHMS = {"v4": HMAC, "v4a": ECDSA}


def folders(root: Path) -> list[Path]:
    """The folders of the cases, or nothing where the data is not at hand."""
    return sorted(path.parent for path in root.glob("v4*/*/context.json"))


def cases(*, complete: bool) -> list[Any]:
    """All cases once, by their names; complete ones hold results, the others only a request."""
    found = {f"{path.parent.name}-{path.name}": path for root in (OURS, ALL) for path in folders(root)}
    return [
        pytest.param(path, id=name)
        for name, path in sorted(found.items())
        if (path / "header-signature.txt").exists() == complete
    ]


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


def key_for(signature: Signature, credentials: dict[str, str], folder: Path) -> bytes:
    """The key that verifies: derived, and with SigV4a the published one."""
    secret = credentials["secret_access_key"]
    if signature.algorithm == HMAC:
        return signing_key(secret, signature.date, signature.region, signature.service)
    derived = public_key(secret.encode(), signature.access_key_id.encode())
    published = json.loads((folder / "public-key.json").read_text())
    assert derived.hex() == f"04{published['X']}{published['Y']}"
    return derived


def test_vectors_are_at_hand() -> None:
    """Seven cases are always there, all 78 beside the checkout; says loudly when they are not."""
    assert len(folders(OURS)) == 7
    if not ALL.is_dir():
        pytest.skip(f"SigV4 vectors are not at {ALL}: 7 of the 78 cases were run")
    names = [path.parent.name for path in folders(ALL)]
    assert (names.count("v4"), names.count("v4a")) == (38, 40)
    assert (len(cases(complete=True)), len(cases(complete=False))) == (76, 2)


@pytest.mark.parametrize("form", ["header", "query"])
@pytest.mark.parametrize("folder", cases(complete=True))
def test_vector(folder: Path, form: str) -> None:
    """AWS's own signed requests verify, and their canonical forms are ours to the byte."""
    context = json.loads((folder / "context.json").read_text())
    normalize = context["normalize"]
    request = vector_request((folder / f"{form}-signed-request.txt").read_bytes())
    signature = parse_signature(request)
    assert signature is not None
    assert signature.algorithm == ALGORITHMS[folder.parent.name]
    assert signature.region_set == (("us-east-1",) if signature.algorithm == ECDSA else ())
    check_time(signature, datetime.fromisoformat(context["timestamp"]))
    check_scope(signature, context["service"], regions={context["region"]})
    assert signature.session_token == context["credentials"].get("token")
    assert (signature.presigned, signature.expires) == ((True, 3600) if form == "query" else (False, None))
    key = key_for(signature, context["credentials"], folder)
    if folder.name == TOKEN_NOT_SIGNED:
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
    # Two SigV4a signatures over the same are not alike, and as good.
    apart = (folder / f"{form}-signature.txt").read_text()
    assert (signature.signature == apart) == (signature.algorithm == HMAC)
    verify(request, msgspec.structs.replace(signature, signature=apart), key, normalize_path=normalize)


@pytest.mark.parametrize("form", ["header", "query"])
@pytest.mark.parametrize("folder", cases(complete=False))
def test_vector_without_results(folder: Path, form: str) -> None:
    """Two cases of SigV4a are published as requests alone: signed by a client of our own, they verify."""
    context = json.loads((folder / "context.json").read_text())
    credentials = context["credentials"]
    request = sign(
        vector_request((folder / "request.txt").read_bytes().rstrip(b"\n") + b"\n\n"),
        Key(credentials["access_key_id"], credentials["secret_access_key"]),
        service=context["service"],
        region=context["region"],
        now=datetime.fromisoformat(context["timestamp"]),
        algorithm=ECDSA,
        expires=3600 if form == "query" else None,
    )
    signature = parse_signature(request)
    assert signature is not None
    verify(
        request,
        signature,
        public_key(credentials["secret_access_key"].encode(), credentials["access_key_id"].encode()),
    )
    line = canonical_request(request, signature).split(b"\n")[2]
    pairs = [pair for pair in line.split(b"&") if pair.startswith(b"Param1=")]
    assert len(pairs) == 2
    assert pairs == sorted(pairs)


def without_token(request: HttpRequest) -> HttpRequest:
    """The request as it was when it was signed."""
    headers = tuple(header for header in request.headers if header[0] != "x-amz-security-token")
    parts = [part for part in request.query.split("&") if not part.startswith("X-Amz-Security-Token=")]
    return msgspec.structs.replace(request, headers=headers, query="&".join(parts))
