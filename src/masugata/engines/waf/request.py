"""A request as it is inspected, on the wire's terms: bytes, in order, nothing decoded."""

import msgspec

Header = tuple[bytes, bytes]


class WebRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an edge, a middleware or a log line knows of an HTTP request.

    `uri_path` and `query_string` (without `?`) are as they were sent; `headers` have lower-case names, in the
    order of the wire. `body` may be the beginning only; `body_size` is the size of all that is known to
    follow or to have come. `source_ip` is the peer's address as text. Fingerprints are None without TLS.
    """

    method: bytes
    uri_path: bytes
    query_string: bytes = b""
    fragment: bytes | None = None
    http_version: bytes = b"1.1"
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    body_size: int | None = None
    source_ip: str = "127.0.0.1"
    scheme: str = "http"
    ja3: str | None = None
    ja4: str | None = None
