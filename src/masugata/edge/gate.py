"""What the middlewares have in common: who asks, whether the request goes on, and what is answered if not."""

import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_from_bytes

from masugata.edge import answers
from masugata.edge.http import BadMessageError
from masugata.edge.http.names import FORWARDED, Line
from masugata.edge.inspection import Inspector, NoPlanError
from masugata.edge.sources import Networks, client_of, plain, scheme_of
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.request import Header, WebRequest
from masugata.errors import MasugataError

UNIX: Final = "unix:"
"""Among trusted proxies: whoever comes over a Unix socket."""
LARGEST_INSPECTED_BODY: Final = 65_536
_INSERTED: Final = b"x-amzn-waf-"
_AS_IT_IS: Final = "/!$&'()*+,;=:@~"

_log = logging.getLogger("masugata.edge")


class UnknownClientError(MasugataError):
    """The server does not say where a request comes from."""


class Gate:
    """Asks an inspector about requests, for an application behind a server of its own.

    `trusted_proxies` are networks whose `X-Forwarded-For` counts, and `unix:`; nobody's by default. With
    `fail_open` requests pass while there is no plan. An inspection that fails refuses all the same, for a
    client may know how to make it fail.
    """

    def __init__(
        self, inspector: Inspector, *, trusted_proxies: Iterable[str], inspected_body: int, fail_open: bool
    ) -> None:
        """Raises ValueError for a network that is none, or more of a body than can be inspected."""
        if not 0 <= inspected_body <= LARGEST_INSPECTED_BODY:
            raise ValueError(f"inspected_body is 0 to {LARGEST_INSPECTED_BODY} bytes, not {inspected_body}")
        proxies = (trusted_proxies,) if isinstance(trusted_proxies, str) else tuple(trusted_proxies)
        self._trusted = Networks(proxy for proxy in proxies if proxy != UNIX)
        self._unix = UNIX in proxies
        self._inspector = inspector
        self._fail_open = fail_open
        self.inspected_body = inspected_body

    def decide(self, read: Callable[[], WebRequest]) -> Decision:
        """Decide about the request that `read` gives; never raises, and its decision can be put into HTTP."""
        try:
            return _sound(self._inspector.inspect(read(), time.time()))
        except BadMessageError as error:
            return refusal(error.status, error.defect)
        except NoPlanError as error:
            return Decision("ALLOW") if self._fail_open else refusal(503, str(error))
        except Exception:  # noqa: BLE001  # whatever it is, the request was not inspected
            _log.exception("the inspection of a request failed")
            return refusal(503, "it could not be inspected")

    def source(self, peer: str | None, headers: Iterable[Header]) -> str:
        """The client's address, behind trusted proxies; raises `BadMessageError` or `UnknownClientError`."""
        address = plain(peer) if peer else None
        if not self._trusts(peer, address):
            if address is not None:
                return address
            raise UnknownClientError(
                f"the server says that a request comes from `{peer or ''}`, which is no address: "
                f"name `{UNIX}` among the trusted proxies if a proxy comes over a Unix socket"
            )
        source = client_of(_lines(headers), address or "", self._trusted)
        if not source:
            raise BadMessageError("a proxy on a Unix socket that sends no X-Forwarded-For")
        return source

    def scheme(self, peer: str | None, headers: Iterable[Header], own: str) -> str:
        """How the client came: what a trusted proxy says, else `own`, which is what the server says."""
        trusted = self._trusts(peer, plain(peer) if peer else None)
        return scheme_of(_lines(headers), own) if trusted else own

    def _trusts(self, peer: str | None, address: str | None) -> bool:
        return address in self._trusted if address is not None else self._unix and not peer


def _lines(headers: Iterable[Header]) -> list[Line]:
    return [(FORWARDED, each, b"", b"") for each in headers]


def _sound(decision: Decision) -> Decision:
    """The decision; raises `UnsoundDecisionError` where it cannot be put into HTTP."""
    if decision.action == "ALLOW":
        for header in decision.inserted_headers:
            answers.header_line(*header)
    elif decision.response is not None:
        answers.answer(decision.response, keep=True)
    return decision


def refusal(status: int, reason: str) -> Decision:
    """A decision of ours; `reason` has no character of the request."""
    body = f"{status} {HTTPStatus(status).phrase}: {reason}.\n".encode()
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))
    return Decision("BLOCK", response=Response(status, headers, body))


def response_of(decision: Decision) -> Response:
    """What a decision other than ALLOW answers, with `Content-Length` and without other framing."""
    response = decision.response or Response(403)
    kept = [header for header in response.headers if header[0].lower() not in answers.OURS]
    if response.status in (204, 304):
        return Response(response.status, tuple(kept))
    kept.append(("Content-Length", str(len(response.body))))
    return Response(response.status, tuple(kept), response.body)


def is_inserted(name: bytes) -> bool:
    """Whether a header of this name is one that only we may write; `_` is `-` to many applications."""
    return name.lower().replace(b"_", b"-").startswith(_INSERTED)


def quoted(path: bytes) -> bytes:
    """A path that a server has decoded, so that decoding gives it again."""
    return quote_from_bytes(path, safe=_AS_IT_IS).encode()
