"""One document over HTTPS, with an end in time and size."""

import http.client
import ssl
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from masugata import __version__
from masugata.feeds._errors import FeedError

LARGEST = 128 << 20
SECONDS = 120.0
"""For all of it, redirects too."""
_SILENCE = 20.0
_MOST_REDIRECTS = 3
_CHUNK = 1 << 18
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Fetched(NamedTuple):
    """The document, and the server's ETag."""

    content: bytes
    validator: str | None


def fetch(url: str, validator: str | None = None) -> Fetched | None:
    """The document, or None if it is still the one with this validator; raises FeedError.

    `http` is for servers on this machine only, also behind a redirect.
    """
    deadline = time.monotonic() + SECONDS
    for _ in range(_MOST_REDIRECTS + 1):
        parts = _checked(url)
        connection = _connection(parts)
        try:
            answer = _ask(connection, parts, validator)
            if answer.status in {301, 302, 303, 307, 308}:
                url = urljoin(url, answer.getheader("location") or "")
                continue
            if answer.status == http.HTTPStatus.NOT_MODIFIED and validator is not None:
                return None
            if answer.status != http.HTTPStatus.OK:
                raise FeedError(f"`{url}` answers {answer.status}")
            return Fetched(_read(answer, url, deadline), answer.getheader("etag"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FeedError(f"no answer from `{url}`: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()
    raise FeedError(f"`{url}` leads through more than {_MOST_REDIRECTS} redirects")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise FeedError(f"{url[:200]!r} is not a URL") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    if not host or not plain or parts.scheme not in {"http", "https"}:
        raise FeedError(f"{url[:200]!r} is not a plain https URL")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise FeedError(f"`{url[:200]}` could be changed on its way: use https")
    return parts


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_SILENCE)
    return http.client.HTTPSConnection(host, port, timeout=_SILENCE, context=ssl.create_default_context())


def _ask(
    connection: http.client.HTTPConnection, parts: SplitResult, validator: str | None
) -> http.client.HTTPResponse:
    headers: Mapping[str, str] = {
        "user-agent": f"masugata/{__version__}",
        "accept-encoding": "identity",
        **({"if-none-match": validator} if validator is not None else {}),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers=dict(headers))
    return connection.getresponse()


def _read(answer: http.client.HTTPResponse, url: str, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read1(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise FeedError(f"`{url}` has more than {LARGEST >> 20} MiB")
        if time.monotonic() > deadline:
            raise FeedError(f"`{url}` took longer than {SECONDS:.0f} seconds")
    if answer.length:
        raise FeedError(f"`{url}` ended {answer.length} bytes early")
    return b"".join(parts)
