"""A slow, obvious client that signs any request with SigV4 or SigV4a, in its headers or its query string.

Written from AWS's description and independent of what it tests: derivation by `cryptography`'s own KDF,
canonical forms by the standard library.
"""

import hashlib
import hmac
import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from masugata.wire.message import HttpRequest

HMAC, ECDSA = "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NEVER_SIGNED = ("authorization", "user-agent")


class Key(NamedTuple):
    """Credentials."""

    id: str
    secret: str
    token: str | None = None


def private_key(key: Key) -> ec.EllipticCurvePrivateKey:
    """SigV4a's private key: NIST SP 800-108 in counter mode, until the output is in range."""
    for counter in range(1, 255):
        kdf = KBKDFHMAC(
            algorithm=SHA256(),
            mode=Mode.CounterMode,
            length=32,
            rlen=4,
            llen=4,
            location=CounterLocation.BeforeFixed,
            label=ECDSA.encode(),
            context=key.id.encode() + bytes([counter]),
            fixed=None,
        )
        candidate = int.from_bytes(kdf.derive(b"AWS4A" + key.secret.encode()), "big")
        if candidate <= ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("no key in range")


def sign(
    request: HttpRequest,
    key: Key,
    *,
    service: str,
    region: str,
    now: datetime,
    algorithm: str = HMAC,
    expires: int | None = None,
    scope: str | None = None,
) -> HttpRequest:
    """The signed request; presigned if it `expires`. `region` is the set with SigV4a, `scope` overrides."""
    date = f"{now:%Y%m%dT%H%M%SZ}"
    parts = [date[:8], service, "aws4_request"] if algorithm == ECDSA else [date[:8], region, service]
    scope = scope or "/".join(parts + (["aws4_request"] if algorithm == HMAC else []))
    added = [("X-Amz-Date", date)]
    added += [("X-Amz-Region-Set", region)] if algorithm == ECDSA else []
    added += [("X-Amz-Security-Token", key.token)] if key.token is not None else []
    query, headers = request.query, request.headers
    if expires is None:
        headers = (*headers, *((name.lower(), value) for name, value in added))
    names = sorted({name for name, _ in headers if name not in NEVER_SIGNED})
    if expires is not None:
        added += [
            ("X-Amz-Algorithm", algorithm),
            ("X-Amz-Credential", f"{key.id}/{scope}"),
            ("X-Amz-Expires", str(expires)),
            ("X-Amz-SignedHeaders", ";".join(names)),
        ]
        more = "&".join(f"{name}={quote(value, safe='')}" for name, value in added)
        query = f"{query}&{more}" if query else more
    unsigned = msgspec.structs.replace(request, headers=headers, query=query)
    text = "\n".join([algorithm, date, scope, canonical_hash(unsigned, names)])
    signature = signature_of(text, key, scope, algorithm)
    if expires is not None:
        return msgspec.structs.replace(unsigned, query=f"{query}&X-Amz-Signature={signature}")
    authorization = (
        f"{algorithm} Credential={key.id}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return msgspec.structs.replace(unsigned, headers=(*headers, ("authorization", authorization)))


def signature_of(text: str, key: Key, scope: str, algorithm: str) -> str:
    """The signature over a string to sign."""
    if algorithm == ECDSA:
        # Deterministic (RFC 6979), so that a failing example fails again; real clients draw lots.
        return private_key(key).sign(text.encode(), ec.ECDSA(SHA256(), deterministic_signing=True)).hex()
    derived = b"AWS4" + key.secret.encode()
    for part in (*scope.split("/"), text):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    return derived.hex()


def canonical_hash(request: HttpRequest, names: list[str]) -> str:
    """The hash of the canonical request of any service but S3, whose path is in its normal form."""
    pairs = parse_qsl(request.query, keep_blank_values=True, encoding="latin-1")
    query = sorted(
        (quote(n, safe="~", encoding="latin-1"), quote(v, safe="~", encoding="latin-1")) for n, v in pairs
    )
    lines = ""
    for name in names:
        values = [
            re.sub(r"[ \t\r\n]+", " ", value).strip(" ") for key, value in request.headers if key == name
        ]
        lines += f"{name}:{','.join(values)}\n"
    text = "\n".join(
        [
            request.method,
            quote(request.path, safe="/~", encoding="latin-1"),
            "&".join(f"{name}={value}" for name, value in query),
            lines,
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    return hashlib.sha256(text.encode("latin-1")).hexdigest()
