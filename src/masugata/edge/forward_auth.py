"""Forward authentication: answers proxies that ask whether a request may pass, and passes nothing on.

Only proxies that are trusted may ask: anybody else could ask about requests that were never made, and count
against others' rates. They ask over HTTP; `original_requests` says how.
"""

import logging
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from masugata.edge import answers, counters
from masugata.edge.client import ClientConnection
from masugata.edge.forwarding import Origin
from masugata.edge.http import BadMessageError, RequestHead
from masugata.edge.original_requests import BadQuestionError, Dialect, Original, dialect_of
from masugata.edge.sources import Networks
from masugata.engines.waf.decision import Response
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    import asyncio

    from masugata.edge.site import Site

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
"""Who may ask where no proxies are named."""
_TEXT: Final = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))

_CONSENT: Final = Response(200)
_CONSENT_KEPT: Final = answers.answer(_CONSENT, keep=True)

_log = logging.getLogger("masugata.edge")


class _Verdict(NamedTuple):
    counter: int
    action: str
    response: Response


_PASSES: Final = _Verdict(counters.ALLOWED, "ALLOW", _CONSENT)


@lru_cache(maxsize=16)
def asking(trusted_proxies: tuple[str, ...]) -> Networks:
    """Who may ask."""
    return Networks(trusted_proxies or LOOPBACK)


class ForwardAuthConnection(ClientConnection):
    """A proxy's connection: each request on it is a question about another."""

    __slots__ = ("_asking",)

    def __init__(
        self, site: "Site", origin: Origin | None = None, behind: tuple[str, int] | None = None
    ) -> None:
        super().__init__(site, origin, behind)
        self._asking = asking(site.limits.trusted_proxies)

    def connection_made(self, transport: "asyncio.BaseTransport") -> None:
        """Take a connection. What its requests say of hops before is read with the question, if at all."""
        super().connection_made(transport)
        if not self.gone:
            self.origin.trusted = None

    def _decide(self, request: RequestHead, body: bytes, size: int) -> None:
        """Answer a question."""
        if self.origin.address not in self._asking:
            self._refuse(counters.MALFORMED, 403, "only a trusted proxy may ask here")
            return
        dialect = dialect_of(request.target)
        if dialect is None:
            self._refuse(counters.MALFORMED, 404, "questions are asked at /nginx, /traefik and /caddy")
            return
        try:
            original = dialect.read(request, self._asking)
        except BadQuestionError as error:
            _log.warning("a proxy asks at %s, but %s", request.target[:20].decode(), error.defect)
            self._refuse(counters.MALFORMED, 400, error.defect)
            return
        except BadMessageError as error:
            verdict = _refusal(counters.MALFORMED, error.status, error.defect)
        else:
            self.source = original.source
            self.request = original.head
            verdict = self._judge(original, body, size)
        self._reply(dialect, verdict)

    def _judge(self, original: Original, body: bytes, size: int) -> _Verdict:
        """What becomes of the request; it can be put into HTTP."""
        inspector = self.site.plans.inspector
        if inspector is None:
            if self.site.limits.fail_open:
                return _PASSES
            return _refusal(counters.WITHOUT_PLAN, 503, self.site.plans.reason)
        try:
            decision = inspector.inspect(self._question(original, body, size), time.time())
            if decision.action == "ALLOW":
                inserted = decision.inserted_headers
                verdict = (
                    _Verdict(counters.ALLOWED, "ALLOW", Response(200, inserted)) if inserted else _PASSES
                )
            else:
                verdict = _Verdict(counters.BLOCKED, decision.action, decision.response or Response(403))
            if verdict.response is not _CONSENT:
                answers.answer(verdict.response, keep=True)
        except Exception:  # noqa: BLE001  # whatever it is, the request was not inspected
            _log.exception("the inspection of a request for %s failed", self.site.settings.name)
            return _refusal(counters.WITHOUT_PLAN, 503, "it could not be inspected")
        return verdict

    def _question(self, original: Original, body: bytes, size: int) -> WebRequest:
        head = original.head
        path, _, query = head.target.partition(b"?")
        return WebRequest(
            method=head.method,
            uri_path=path,
            query_string=query,
            headers=head.headers,
            body=body[: self.site.plans.inspected_body],
            body_size=size,
            source_ip=original.source,
            scheme=original.scheme,
        )

    def _reply(self, dialect: Dialect, verdict: _Verdict) -> None:
        response = verdict.response
        if verdict.action != "ALLOW":
            response = dialect.deny(response)
        elif not dialect.allows:
            response = Response(403)
        self.sent = self._body is None or self._body.done
        keep = self.sent and not self.closes and not self.edge.retiring
        self.edge.counters[verdict.counter] += 1
        self.closes = not keep
        self.action = verdict.action
        self.status = response.status
        if response is _CONSENT and keep:
            self.write(_CONSENT_KEPT)
        else:
            self.write(answers.answer(response, keep=keep, bodiless=self.method == b"HEAD"))
        self.exchange_done()


def connection_for(site: "Site") -> type[ClientConnection]:
    """What serves a site's connections."""
    return ForwardAuthConnection if site.settings.forward_auth else ClientConnection


def _refusal(counter: int, status: int, reason: str) -> _Verdict:
    return _Verdict(counter, "REFUSED", Response(status, _TEXT, f"{status}: {reason}.\n".encode()))
