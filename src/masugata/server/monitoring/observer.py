"""What becomes of each request, counted and, if it is wanted, logged."""

import logging

from masugata.gateway import Exchange, Observer
from masugata.identity.caller import CallerKind
from masugata.metrics import METRICS, Timer
from masugata.metrics.table import (
    AUTHENTICATION_FAILURES,
    DENIALS,
    REQUEST_SECONDS,
    REQUESTS,
    ROOT_CALLS,
)
from masugata.server.monitoring.root_calls import RootCalls
from masugata.settings import Settings
from masugata.wire import HttpResponse

_log = logging.getLogger("masugata.access")

_CLASSES = ("", "1xx", "2xx", "3xx", "4xx", "5xx")


class RequestObserver(Observer):
    """Counts every answer; logs those that the setting `access_log` names."""

    def __init__(self, settings: Settings) -> None:
        self._timers: dict[tuple[str, str, int], Timer] = {}
        # Apart from the log's level: who asks for these lines wants them.
        self._log_from = {"none": 1000, "errors": 400, "all": 0}[settings.access_log]
        if settings.access_log != "none":
            _log.setLevel(logging.INFO)
        self._root_calls = RootCalls()

    def answered(self, exchange: Exchange, response: HttpResponse, seconds: float) -> None:
        """An exchange has its answer."""
        status = response.status
        # One look-up for what is the same each time: this stands in the way of every request.
        timer = self._timers.get((exchange.route.service, exchange.route.operation, status))
        if timer is None:
            timer = self._timer(exchange, status)
        timer(seconds)
        error = exchange.error
        if error is not None:
            if exchange.caller is None and status < 500:
                METRICS.add(AUTHENTICATION_FAILURES, error.code)
            elif status == 403:
                METRICS.add(DENIALS, error.denied_by or "other")
        caller = exchange.caller
        if caller is not None and caller.kind is CallerKind.ROOT:
            METRICS.add(ROOT_CALLS)
            self._root_calls.warn(exchange, caller.account)
        if status >= self._log_from:
            self._log(exchange, response, seconds)

    def _timer(self, exchange: Exchange, status: int) -> Timer:
        # What is not built is counted together, for callers choose those names.
        route, built = exchange.route, exchange.operation is not None
        labels = (route.service, route.operation if built else "", _CLASSES[status // 100])
        timer = METRICS.timer(REQUESTS, labels, REQUEST_SECONDS, route.service)
        if built:
            self._timers[route.service, route.operation, status] = timer
        return timer

    def refused(self, status: int, code: str, request_id: str) -> None:
        """A request was refused before anybody knew what it asked for."""
        METRICS.add(REQUESTS, "", "", _CLASSES[status // 100])
        if status >= self._log_from:
            fields = {"request_id": request_id, "status": status, "error": code}
            _log.info("refused", extra={"fields": fields})

    def _log(self, exchange: Exchange, response: HttpResponse, seconds: float) -> None:
        route, caller = exchange.route, exchange.caller
        fields: dict[str, object] = {
            "request_id": exchange.request_id,
            "service": route.service,
            "operation": route.operation,
            "status": response.status,
            "milliseconds": round(seconds * 1000, 3),
            "source_ip": exchange.http.source_ip,
        }
        if caller is not None:
            fields |= {"account": caller.account, "principal": caller.arn}
        if exchange.error is not None:
            fields["error"] = exchange.error.code
        _log.info("answered", extra={"fields": fields})
