"""The gateway: what every call goes through."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter

from masugata.errors import AwsError
from masugata.gateway.by_service import ByService
from masugata.gateway.exchange import Exchange, answered
from masugata.gateway.keeper_errors import keeper_unavailable
from masugata.gateway.observer import Observer
from masugata.gateway.parts import Parts
from masugata.keeper import KeeperError, SealedError
from masugata.services import SERVICES
from masugata.store import Snapshot
from masugata.wire import (
    HttpRequest,
    HttpResponse,
    RoutingError,
    load_service,
    not_implemented,
    route,
    serialize_error,
)
from masugata.wire.sigv4 import with_normal_path

_log = logging.getLogger(__name__)


class Gateway(Parts):
    """Answers requests against one store."""

    def dispatch(
        self, http: HttpRequest, by: ByService = None, newest: Callable[[], Snapshot] | None = None
    ) -> "Future[HttpResponse]":
        """Answer one request; the future is done once the answer may leave.

        A reading call is answered at once; a mutating one when what it changed is durable. `by` is a service
        of this process that makes the call: for whoever signed it, or, as a ServicePrincipal, for itself,
        and then the signature is not looked at. Nothing in a request can say so. `newest` is
        what to read instead of `store.snapshot`, no older than the request.
        """
        request_id = self.new_id()
        http = with_normal_path(http)
        try:
            found = route(http, SERVICES)
        except RoutingError as error:
            self._tell_refused(error, request_id)
            return answered(serialize_error(error, error.protocol, error.service, None, request_id))
        if (sealed := self._sealed()) is not None:
            self._tell_refused(sealed, request_id)
            return answered(
                serialize_error(sealed, found.protocol, found.service, found.operation, request_id)
            )
        built = found.operation in SERVICES[found.service]
        if not built and load_service(found.service).operation(found.operation).unsigned:
            # Nobody signs it, so it would be refused for that, and never say that it is not built.
            unbuilt = not_implemented(found.service, found.operation)
            self._tell_refused(unbuilt, request_id)
            return answered(
                serialize_error(unbuilt, found.protocol, found.service, found.operation, request_id)
            )
        exchange, began = Exchange(self, http, found, request_id, by, newest), perf_counter()
        answer = exchange.run()
        if self.observer is not None:
            _tell_answered(self.observer, exchange, answer, began)
        return answer

    def _sealed(self) -> AwsError | None:
        """Why no call can be answered now: what is remembered of signing keys must not answer it."""
        try:
            error: KeeperError | None = SealedError() if self.keeper.sealed else None
        except KeeperError as failure:
            error = failure
        if error is None:
            return None
        _log.info("a request was refused: %s", error)
        return keeper_unavailable(error) or AwsError("InternalFailure", "The keeper does not work.", 500)

    def refuse(self, http: HttpRequest, error: AwsError) -> HttpResponse:
        """An error for a request that may not even be dispatched, in its own protocol."""
        request_id = self.new_id()
        self._tell_refused(error, request_id)
        try:
            found = route(http, SERVICES)
        except RoutingError as unknown:
            return serialize_error(error, unknown.protocol, unknown.service, None, request_id)
        return serialize_error(error, found.protocol, found.service, found.operation, request_id)

    def _tell_refused(self, error: AwsError, request_id: str) -> None:
        if self.observer is not None:
            self.observer.refused(error.status, error.code, request_id)


def _tell_answered(
    observer: Observer, exchange: Exchange, answer: "Future[HttpResponse]", began: float
) -> None:
    def tell(done: "Future[HttpResponse]") -> None:
        try:
            observer.answered(exchange, done.result(), perf_counter() - began)
        except Exception:  # noqa: BLE001  # the answer must leave all the same
            _log.exception("request %s was answered, and could not be counted", exchange.request_id)

    if answer.done():
        tell(answer)
    else:
        answer.add_done_callback(tell)
