"""The canonical request and the string to sign, computed from what arrived.

Source: IAM User Guide, "Create a signed AWS API request".
"""

import re
from hashlib import sha256
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec

from masugata.errors import AwsError
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4._refusals import mismatch, must_be_signed, raw, shown
from masugata.wire.sigv4._signature import S3_SIGNING_NAMES, Signature

# A repeated header is joined by commas, so one signed "a,b" could be sent as "a" and "b". Of these, and
# of all x-amz-*, a reader takes one value: repetition would let it see another than the signature covers.
_SINGLE = frozenset({"content-type", "date", "host", "referer", "smithy-protocol", "user-agent"})
_SPACES = re.compile(r"[ \t\r\n]+")
_UNRESERVED = "-_.~"


def string_to_sign(request: HttpRequest, signature: Signature, *, normalize_path: bool = True) -> bytes:
    """What the client must have signed, given the request that arrived.

    Raises SignatureDoesNotMatch where the signature covers too little: `host` or an `x-amz-*` header
    left unsigned, a signed header absent, a declared payload hash that is not the payload's.
    """
    return string_over(canonical_request(request, signature, normalize_path=normalize_path), signature)


def string_over(canonical: bytes, signature: Signature) -> bytes:
    """The string to sign over a canonical request."""
    return raw(
        f"{signature.algorithm}\n{signature.amz_date}\n{signature.scope}\n{sha256(canonical).hexdigest()}"
    )


def canonical_request(request: HttpRequest, signature: Signature, *, normalize_path: bool = True) -> bytes:
    """The canonical request; `normalize_path=False` keeps empty and dot segments (S3 always does)."""
    names = signature.signed_headers
    values = _signed_values(request.headers, names)
    try:
        headers = "".join([f"{name}:{values[name]}\n" for name in names])
    except KeyError as absent:
        name = shown(str(absent.args[0]))
        raise mismatch(f"SignedHeader '{name}' is absent from the request.") from None
    path = "/" if request.path == "/" else _canonical_path(request.path, signature.service, normalize_path)
    query = _canonical_query(request.query, signature.presigned) if request.query else ""
    payload = _payload_hash(request.body, signature, values.get("x-amz-content-sha256"))
    return raw(f"{request.method}\n{path}\n{query}\n{headers}\n{';'.join(names)}\n{payload}")


def _signed_values(headers: tuple[tuple[str, str], ...], names: tuple[str, ...]) -> dict[str, str]:
    """The canonical values of the signed headers; refuses what had to be signed and is not."""
    if "host" not in names:
        raise mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    wanted = frozenset(names)
    values: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for name, value in headers:
        if name in wanted:
            if name not in values:
                values[name] = _folded(value)
            elif name in _SINGLE or name.startswith("x-amz-"):
                raise mismatch(f"Header '{name}' must not occur more than once.")
            else:
                repeated.setdefault(name, [values[name]]).append(_folded(value))
        elif name.startswith("x-amz-"):
            # unsigned, these could be added or changed on the way: an operation, a session token
            raise must_be_signed(name)
    for name, several in repeated.items():
        values[name] = ",".join(several)
    return values


def _folded(value: str) -> str:
    value = value.strip(" \t\r\n")
    if "  " in value or "\t" in value or "\n" in value or "\r" in value:
        return _SPACES.sub(" ", value)
    return value


def _canonical_path(path: str, service: str, normalize: bool) -> str:
    if service in S3_SIGNING_NAMES:
        # Once, and segment by segment: an encoded slash in a key is not a separator.
        return "/".join([_once(segment) for segment in (path or "/").split("/")])
    if normalize:
        path = normalized(path)
    # The path on the wire is encoded already; this is the second encoding.
    return quote_from_bytes(raw(path or "/"), safe="/" + _UNRESERVED)


def with_normal_path(request: HttpRequest) -> HttpRequest:
    """`request` as its signature covers it: without empty and dot segments in its path.

    Whoever reads `/a/../b` after it was signed as `/b` reads what nobody signed, so what is read has
    to be this. Not for S3, whose paths are signed as they are.
    """
    if "//" not in request.path and "/." not in request.path:
        return request
    return msgspec.structs.replace(request, path=normalized(request.path))


def normalized(path: str) -> str:
    """RFC 3986 section 5.2.4, and empty segments removed."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def _canonical_query(query: str, presigned: bool) -> str:
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        # A plus is a space to every reader of query strings, so it must be one to the signature.
        name = _once(name.replace("+", " "))
        if not (presigned and name == "X-Amz-Signature"):
            pairs.append((name, _once(value.replace("+", " "))))
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def _once(text: str) -> str:
    """Percent-encoded exactly once, however it was spelled."""
    return quote_from_bytes(unquote_to_bytes(raw(text)), safe=_UNRESERVED)


def _payload_hash(body: bytes, signature: Signature, declared: str | None) -> str:
    """The hash of the body that arrived; a declared one must agree with it."""
    if signature.service in S3_SIGNING_NAMES:
        if declared == "UNSIGNED-PAYLOAD" or (declared is None and signature.presigned):
            return "UNSIGNED-PAYLOAD"
        if declared is not None and declared.startswith("STREAMING-"):
            raise AwsError("NotImplemented", f"Payload signing '{shown(declared)}' is not implemented.", 501)
    computed = sha256(body).hexdigest()
    if declared is not None and declared != computed:
        raise mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.")
    return computed
