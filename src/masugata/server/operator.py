"""Paths beside AWS's APIs: sign-in, health, metrics, reset of an ephemeral server, documents of issuers."""

import ipaddress
import logging
from concurrent.futures import Future
from typing import Any

import orjson

from masugata.authorization.access import Access
from masugata.authorization.context import request_context
from masugata.errors import AwsError, MasugataError
from masugata.gateway import Gateway, SignInDoor
from masugata.gateway.answered import Answered
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.issuer import ISSUERS_PATH
from masugata.metrics import Sample
from masugata.metrics.table import EVENT_LOG_BYTES, REVISION
from masugata.records.wafv2 import EDGE, Edge
from masugata.server import delegations
from masugata.server.bootstrap import bootstrap
from masugata.server.delegations import DELEGATIONS_PATH, notification
from masugata.server.issuers import issuer_document
from masugata.server.monitoring import SharedMetrics, exposition
from masugata.server.monitoring.text import CONTENT_TYPE
from masugata.settings import Settings
from masugata.store import Records, Transaction
from masugata.wire import HttpRequest, HttpResponse

SIGNING_NAME = "masugata"

_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})

_log = logging.getLogger(__name__)


class OperatorPaths:
    """Everything under `/_masugata/`."""

    def __init__(self, gateway: Gateway, settings: Settings, shared: SharedMetrics | None = None) -> None:
        self._gateway = gateway
        self._settings = settings
        self._shared = shared or SharedMetrics(None)
        self._sign_in = SignInDoor(gateway)

    def answer(self, http: HttpRequest) -> "Future[HttpResponse]":
        """Answer one request; the future is done once the answer may leave."""
        if (http.method, http.path) == ("POST", "/_masugata/sign-in"):
            return self._sign_in.answer(http)
        return Answered(self._answer(http))

    def _answer(self, http: HttpRequest) -> HttpResponse:
        match http.method, http.path:
            case (("GET" | "HEAD"), "/_masugata/health/live"):
                return _json(200, {"status": "live"})
            case (("GET" | "HEAD"), "/_masugata/health/ready"):
                return self._ready()
            case (("GET" | "HEAD"), "/_masugata/metrics"):
                return self._answer_metrics(http)
            case "POST", "/_masugata/reset":
                return self._answer_reset(http)
            case (("GET" | "HEAD"), path) if path.startswith(ISSUERS_PATH):
                return self._answer_issuer(http)
            case "GET", path if path.startswith(DELEGATIONS_PATH):
                return self._answer_delegation(http)
        return _nothing(http)

    def _answer_delegation(self, http: HttpRequest) -> HttpResponse:
        try:
            return notification(http.path, self._authorize(http, delegations.ACTION), self._gateway)
        except AwsError as error:
            return _json(error.status, {"code": error.code, "message": error.message})
        except MasugataError as error:
            _log.error("no notification: %s", error)
            return _json(503, {"code": "ServiceUnavailable", "message": "The store does not answer."})

    def _answer_issuer(self, http: HttpRequest) -> HttpResponse:
        gateway = self._gateway
        try:
            records = gateway.store.snapshot()
        except MasugataError as error:
            _log.error("no issuer's documents: %s", error)
            return _json(503, {"code": "ServiceUnavailable", "message": "The store does not answer."})
        document = issuer_document(http.path, records, gateway.public_url, gateway.clock())
        return document or _nothing(http)

    def _ready(self) -> HttpResponse:
        try:
            revision, sealed = self._gateway.store.snapshot().revision, self._gateway.keeper.sealed
        except MasugataError as error:
            # Anybody may ask, so the reason, which names files, is for the log alone.
            _log.error("not ready: %s", error)
            return _json(503, {"status": "not ready"})
        if self._gateway.store.failing is not None:  # it has told the log
            return _json(503, {"status": "not ready"})
        if sealed:
            return _json(503, {"status": "sealed", "advice": "run `masugata keys unseal`"})
        return _json(200, {"status": "ready", "revision": revision})

    def _answer_metrics(self, http: HttpRequest) -> HttpResponse:
        try:
            if not _from_here(http):
                self._authorize(http, "masugata:GetMetrics")
            return self._metrics()
        except AwsError as error:
            return _json(error.status, {"code": error.code, "message": error.message})
        except MasugataError as error:
            _log.error("no metrics: %s", error)
            return _json(503, {"code": "ServiceUnavailable", "message": "The store does not answer."})

    def _metrics(self) -> HttpResponse:
        store = self._gateway.store
        # Of the database, not of a process: what another one saw of it earlier is of no use.
        seen = ((REVISION, store.snapshot().revision), (EVENT_LOG_BYTES, store.event_bytes()))
        stored = (Sample(metric.name, (), (value,)) for metric, value in seen)
        text = exposition([*self._shared.samples(), *stored])
        return HttpResponse(status=200, headers=(("content-type", CONTENT_TYPE),), body=text.encode())

    def _authorize(self, http: HttpRequest, action: str) -> Caller:
        """The caller; raises `AwsError` unless it may do what is an action of our own, on everything."""
        gateway, records = self._gateway, self._gateway.store.snapshot()
        now = gateway.clock()
        caller, signature = gateway.authenticator.authenticate(http, SIGNING_NAME, records, now)
        context = request_context(http, caller, signature.region, now, records)
        access = Access(action=action, resource="*", resource_account=caller.account, context={})
        gateway.authorizer.authorize(access, caller, context, records)
        return caller

    def _answer_reset(self, http: HttpRequest) -> HttpResponse:
        try:
            self._reset(http)
        except AwsError as error:
            return _json(error.status, {"code": error.code, "message": error.message})
        except (MasugataError, OSError) as error:
            _log.error("cannot reset: %s", error)
            message = "The reset failed inside masugata; its log has the cause."
            return _json(500, {"code": "InternalFailure", "message": message})
        _log.info("reset")
        return _json(200, {"status": "reset"})

    def _reset(self, http: HttpRequest) -> None:
        """Forget everything and start anew: only where nothing is kept, only for the root user.

        Edges stay known, since their processes go on; they have no web ACL then.
        """
        gateway = self._gateway
        caller, _ = gateway.authenticator.authenticate(
            http, SIGNING_NAME, gateway.store.snapshot(), gateway.clock()
        )
        if caller.kind is not CallerKind.ROOT or (caller.session and caller.session.limited):
            raise AwsError("AccessDenied", f"User: {caller.arn} is not the root user", 403)
        if not gateway.store.ephemeral:
            raise AwsError("InvalidAction", "only a server started with --ephemeral can be reset", 400)
        edges = _edges(gateway.store.snapshot())
        gateway.store.reset()
        bootstrap(gateway.store, gateway.keeper, self._settings, gateway.clock(), gateway.random)
        gateway.store.submit(lambda transaction: _put_edges(transaction, edges)).result()


def _from_here(http: HttpRequest) -> bool:
    """Whether somebody on this machine asks, for themselves: a proxy here may ask for anybody."""
    if any(name in _FORWARDED for name, _ in http.headers):
        return False
    try:
        return ipaddress.ip_address(http.source_ip).is_loopback
    except ValueError:
        return False


def _nothing(http: HttpRequest) -> HttpResponse:
    return _json(404, {"code": "NotFound", "message": f"nothing is at {http.method} {http.path[:200]}"})


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("content-type", "application/json"),), body=orjson.dumps(content)
    )


def _edges(records: Records) -> list[tuple[str, str, Edge]]:
    """All edges, with their accounts and Regions."""
    return [
        (account, region, edge)
        for account, region in records.partitions(EDGE)
        for edge in records.scan(EDGE, account, region)
    ]


def _put_edges(transaction: Transaction, edges: list[tuple[str, str, Edge]]) -> None:
    for account, region, edge in edges:
        transaction.put(EDGE, account, edge, region)
