"""HTTP messages as plain data: what the server hands in and gets back."""

import msgspec


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request.

    `path` and `query` are raw, as they stood on the request line (still percent-encoded, no `?`);
    header names are lower case, in order of arrival, duplicates kept; `source_ip` is the peer's
    address after trusted proxies; `secure` is true if it came over TLS.
    """

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    secure: bool = False

    def header(self, name: str) -> str | None:
        """The first value of the header `name` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP response; `content-length` and `date` are the server's business."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
