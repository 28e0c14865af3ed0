"""WSGI middleware that has every request inspected before the application sees it.

WSGI's environment is not the wire: paths come decoded, names of headers without their case and `_` for `-`,
lines of one name joined. The path as it was sent is read where a server gives it (`REQUEST_URI`, `RAW_URI`)
and the application goes by the same.

Source: https://peps.python.org/pep-3333/
"""

import io
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import IO, Any, TypeAlias
from urllib.parse import unquote_to_bytes

from masugata.edge.gate import Gate, is_inserted, quoted, refusal, response_of
from masugata.edge.inspection import Inspector
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import Header, WebRequest

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
App: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_ORIGIN = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,15}")


class WafMiddleware:
    """Answers what the inspector does not allow, and passes on the rest, bodies unchanged.

    Up to `inspected_body` bytes of a body are read before the application is called; it reads the rest
    itself. A request that cannot be inspected is answered 503; with `fail_open` those that come while the
    inspector has no plan pass.
    """

    def __init__(
        self,
        app: App,
        *,
        inspector: Inspector,
        trusted_proxies: Iterable[str] = (),
        inspected_body: int = 16_384,
        fail_open: bool = False,
    ) -> None:
        """`trusted_proxies` are networks whose `X-Forwarded-…` count, or `unix:`. Raises ValueError."""
        self._app = app
        self._gate = Gate(
            inspector, trusted_proxies=trusted_proxies, inspected_body=inspected_body, fail_open=fail_open
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        length = _length(environ)
        if isinstance(length, Decision):
            return _answer(environ, length, start_response)
        held = _read(environ["wsgi.input"], length, self._gate.inspected_body + 1)
        decision = self._gate.decide(lambda: self._web_request(environ, held, length))
        if decision.action != "ALLOW":
            return _answer(environ, decision, start_response)
        return self._app(_passed_on(environ, decision, held, length), start_response)

    def _web_request(self, environ: Environ, held: bytes, length: int | None) -> WebRequest:
        headers = _headers(environ)
        return WebRequest(
            method=environ["REQUEST_METHOD"].encode("latin-1"),
            uri_path=_path(environ),
            query_string=environ.get("QUERY_STRING", "").encode("latin-1"),
            http_version=environ.get("SERVER_PROTOCOL", "HTTP/1.1").rpartition("/")[2].encode("latin-1"),
            headers=headers,
            body=held[: self._gate.inspected_body],
            body_size=len(held) if length is None else length,
            source_ip=self._gate.source(environ.get("REMOTE_ADDR"), headers),
            scheme=self._gate.scheme(environ.get("REMOTE_ADDR"), headers, environ["wsgi.url_scheme"]),
        )


class _Replayed(io.RawIOBase):
    """A body whose beginning has been read: `length` bytes, or all there are if that is None."""

    def __init__(self, held: bytes, rest: IO[bytes], length: int | None) -> None:
        self._held = memoryview(held)
        self._rest = rest
        self._left = length

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what was held, then what comes, and never beyond the end."""
        size = len(buffer) if self._left is None else min(len(buffer), self._left)
        if self._held:
            piece: Any = self._held[:size]
            self._held = self._held[size:]
        else:
            piece = self._rest.read(size) if size else b""
        if self._left is not None:
            self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def _length(environ: Environ) -> int | Decision | None:
    """Of the body; None if the server ends it itself, and a refusal if nobody can tell where it ends."""
    said = environ.get("CONTENT_LENGTH")
    if said:
        return int(said) if _LENGTH.fullmatch(said) else refusal(400, "a Content-Length that is no number")
    if environ.get("wsgi.input_terminated"):
        return None
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return refusal(411, "a body without Content-Length")
    return 0


def _read(body: IO[bytes], length: int | None, most: int) -> bytes:
    """As much of the body as there is, but no more than `most`."""
    held = bytearray()
    wanted = most if length is None else min(length, most)
    while len(held) < wanted and (piece := body.read(wanted - len(held))):
        held += piece
    return bytes(held)


def _headers(environ: Environ) -> tuple[Header, ...]:
    """In the order in which the server put them."""
    headers = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:]
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            name = key
        else:
            continue
        headers.append((name.lower().replace("_", "-").encode("latin-1"), value.encode("latin-1")))
    return tuple(headers)


def _path(environ: Environ) -> bytes:
    """The path as it was sent, where the server tells it and it is what the application goes by."""
    path: bytes = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1")
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw:
        sent = _ORIGIN.sub("", raw, count=1) if raw[0] != "/" else raw
        sent_path = sent.partition("?")[0].encode("latin-1", "replace")
        if unquote_to_bytes(sent_path) == path:
            return sent_path
    return quoted(path)


def _passed_on(environ: Environ, decision: Decision, held: bytes, length: int | None) -> Environ:
    """The environment with the body and the headers that a decision inserts, which no client may send."""
    passed = {
        key: value
        for key, value in environ.items()
        if not (key.startswith("HTTP_") and is_inserted(key[5:].encode("latin-1")))
    }
    for name, value in decision.inserted_headers:
        passed["HTTP_" + name.upper().replace("-", "_")] = value
    # Also where there is no body: what nobody inspected is not to be had.
    passed["wsgi.input"] = io.BufferedReader(_Replayed(held, environ["wsgi.input"], length))
    return passed


def _answer(environ: Environ, decision: Decision, start_response: StartResponse) -> Iterable[bytes]:
    response = response_of(decision)
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Refused"
    start_response(f"{response.status} {phrase}", list(response.headers))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]
