"""Paths of the operator beside AWS's APIs: health, and the reset of an ephemeral server."""

from typing import Any

import orjson

from masugata.errors import AwsError, MasugataError
from masugata.gateway import Gateway
from masugata.identity.caller import CallerKind
from masugata.server.bootstrap import bootstrap
from masugata.settings import Settings
from masugata.wire import HttpRequest, HttpResponse

SIGNING_NAME = "masugata"


class OperatorPaths:
    """Everything under `/_masugata/`."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._settings = settings

    async def answer(self, http: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if http.path == "/_masugata/health/live" and http.method == "GET":
            return _json(200, {"status": "live"})
        if http.path == "/_masugata/health/ready" and http.method == "GET":
            return self._ready()
        if http.path == "/_masugata/reset" and http.method == "POST":
            try:
                return self._reset(http)
            except AwsError as error:
                return _json(error.status, {"code": error.code, "message": error.message})
        return _json(404, {"code": "NotFound", "message": f"nothing is at {http.method} {http.path[:200]}"})

    def _ready(self) -> HttpResponse:
        try:
            revision = self._gateway.store.snapshot().revision
        except MasugataError as error:
            return _json(503, {"status": "not ready", "message": str(error)})
        return _json(200, {"status": "ready", "revision": revision})

    def _reset(self, http: HttpRequest) -> HttpResponse:
        """Forget everything and start anew: only where nothing is kept, only for the root user."""
        gateway = self._gateway
        caller, _ = gateway.authenticator.authenticate(
            http, SIGNING_NAME, gateway.store.snapshot(), gateway.clock()
        )
        if caller.kind is not CallerKind.ROOT:
            raise AwsError("AccessDenied", f"User: {caller.arn} is not the root user", 403)
        if not gateway.store.ephemeral:
            raise AwsError("InvalidAction", "only a server started with --ephemeral can be reset", 400)
        gateway.store.reset()
        bootstrap(gateway.store, gateway.keeper, self._settings, gateway.clock(), gateway.random)
        return _json(200, {"status": "reset"})


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("content-type", "application/json"),), body=orjson.dumps(content)
    )
