"""Judging a parsed signature: its time, its scope, and whether it is the key holder's."""

import hmac
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from masugata.wire.message import HttpRequest
from masugata.wire.sigv4._canonical import canonical_request, normalized, string_over
from masugata.wire.sigv4._refusals import mismatch, raw, shown
from masugata.wire.sigv4._signature import ECDSA, S3_SIGNING_NAMES, TERMINATOR, Signature

# STS ignores X-Amz-Expires: a presigned GetCallerIdentity lives for the window of every signature.
# Clients count on it, e.g. aws-iam-authenticator and `aws eks get-token` sign with 60 seconds and
# hold the token for 14 minutes.
_EXPIRES_IGNORED = frozenset({"sts"})
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_MAX_EXPLANATION = 8_192
_SIGNING_KEY_SIZE = 32


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, Region and service, derived from a secret access key."""
    key = hmac.digest(b"AWS4" + secret.encode(), date.encode(), "sha256")
    key = hmac.digest(key, region.encode(), "sha256")
    key = hmac.digest(key, service.encode(), "sha256")
    return hmac.digest(key, TERMINATOR.encode(), "sha256")


def check_time(signature: Signature, now: datetime, skew_seconds: int = 900) -> None:
    """Refuse a signature made too long before or after `now` (aware, UTC).

    A presigned request lives for X-Amz-Expires instead of the skew, except with STS, which ignores
    it. Raises SignatureDoesNotMatch with AWS's text, which makes SDKs correct their clock.
    """
    lifetime = skew_seconds
    if signature.expires is not None and signature.service not in _EXPIRES_IGNORED:
        lifetime = signature.expires
    age = (now - signature.timestamp).total_seconds()
    if age > lifetime:
        earliest = _basic(now - timedelta(seconds=lifetime))
        raise mismatch(
            f"Signature expired: {signature.amz_date} is now earlier than {earliest} "
            f"({_basic(now)} - {_span(lifetime)})"
        )
    if age < -skew_seconds:
        latest = _basic(now + timedelta(seconds=skew_seconds))
        raise mismatch(
            f"Signature not yet current: {signature.amz_date} is still later than {latest} "
            f"({_basic(now)} + {_span(skew_seconds)})"
        )


def check_scope(signature: Signature, service: str, *, regions: Collection[str] | None = None) -> None:
    """Refuse a signature made for another service than `service` (a signing name) or another Region.

    Without `regions` any well-formed Region will do: clients with an endpoint URL sign global
    services for whatever Region they have. Raises SignatureDoesNotMatch.
    """
    problems = []
    region = signature.region
    if _REGION.fullmatch(region) is None or (regions is not None and region not in regions):
        problems.append(f"Credential should be scoped to a valid region, not '{shown(region)}'.")
    if signature.service != service:
        problems.append(f"Credential should be scoped to correct service: '{service}'.")
    if problems:
        raise mismatch(" ".join(problems))


def check_path(request: HttpRequest, signature: Signature) -> None:
    """Refuse a path that is not in its normal form, which is all that a signature covers but S3's.

    `with_normal_path` brings a request into it before it is read. Raises SignatureDoesNotMatch.
    """
    if request.path in ("/", "") or signature.service in S3_SIGNING_NAMES:
        return
    if request.path != normalized(request.path):
        raise mismatch(
            f"The path '{shown(request.path)}' must have neither empty nor dot segments to be covered by "
            "the signature."
        )


def verify(request: HttpRequest, signature: Signature, key: bytes, *, normalize_path: bool = True) -> None:
    """Refuse `request` unless `signature` over it was made with `key`.

    `key` is what the signature's algorithm verifies with: SigV4's signing key (32 bytes), or the public
    key of SigV4a (65 bytes, an uncompressed point on P-256). Raises SignatureDoesNotMatch; as AWS's
    services do, it then says what should have been signed, which holds nothing that the sender did not
    send. Compares in constant time.
    """
    canonical = canonical_request(request, signature, normalize_path=normalize_path)
    to_sign = string_over(canonical, signature)
    if not _holds(signature, key, to_sign):
        raise mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details.\n\n"
            f"The Canonical String for this request should have been\n'{_explained(canonical)}'\n\n"
            f"The String-to-Sign should have been\n'{_explained(to_sign)}'\n"
        )


def _holds(signature: Signature, key: bytes, to_sign: bytes) -> bool:
    if signature.algorithm == ECDSA:
        # Loading the curves is two hundredths of the time to start, and hardly anybody signs with them.
        from masugata.wire.sigv4._ecdsa import POINT_SIZE, holds  # noqa: PLC0415

        if len(key) != POINT_SIZE:
            raise ValueError("SigV4a is verified with a public key")
        return holds(key, to_sign, signature.signature)
    if len(key) != _SIGNING_KEY_SIZE:  # never a public key, which is no secret
        raise ValueError("SigV4 is verified with a signing key")
    # Not `hmac.digest`: it lets other threads in between, which takes longer than all the rest.
    expected = hmac.new(key, to_sign, "sha256").hexdigest().encode()
    return hmac.compare_digest(expected, raw(signature.signature))


def _explained(data: bytes) -> str:
    text = data[:_MAX_EXPLANATION].decode("utf-8", "replace")
    text = "".join([c if c == "\n" or c.isprintable() else "?" for c in text])
    return text if len(data) <= _MAX_EXPLANATION else text + "…"


def _basic(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def _span(seconds: int) -> str:
    return f"{seconds // 60} min." if seconds % 60 == 0 else f"{seconds} sec."
