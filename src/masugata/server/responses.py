"""Answers as they stand on a connection."""

import http
import re
from functools import lru_cache

from masugata.wire import HttpResponse

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def response_bytes(response: HttpResponse, further: bytes, *, head: bool, close: bool) -> bytes:
    """An answer with the lines `further`, without its body to a HEAD; raises ValueError.

    A header that could end its line would be the start of whatever its author likes, and so would a body
    where the client expects none.
    """
    bodiless = response.status in (204, 304)
    if bodiless and response.body:
        raise ValueError(f"an answer of the status {response.status} has a body")
    lines = [_status_line(response.status)]
    for name, value in response.headers:
        if _CONTROL.search(value) is not None:
            raise ValueError(f"the header `{name}` of an answer has a control character")
        lines.append(f"{_label(name)}{value}\r\n")
    # An answer that can have no body has no length of one, RFC 9110 says.
    if not bodiless:
        lines.append(f"content-length: {len(response.body)}\r\n")
    if close:
        lines.append("connection: close\r\n")
    return b"".join(("".join(lines).encode("latin-1"), further, b"\r\n", b"" if head else response.body))


@lru_cache(maxsize=256)
def _status_line(status: int) -> str:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n"


@lru_cache(maxsize=256)  # they are ours and the models'
def _label(name: str) -> str:
    """The start of a header's line."""
    if _TOKEN.fullmatch(name) is None:
        raise ValueError(f"`{name}` is no name of a header")
    return f"{name.lower()}: "
