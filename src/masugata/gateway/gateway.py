"""The gateway: what every call goes through."""

from concurrent.futures import Future

from masugata.errors import AwsError
from masugata.gateway.exchange import Exchange, answered
from masugata.gateway.parts import Parts
from masugata.services import SERVICES
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


class Gateway(Parts):
    """Answers requests against one store."""

    def dispatch(self, http: HttpRequest) -> "Future[HttpResponse]":
        """Answer one request; the future is done once the answer may leave.

        A reading call is answered at once; a mutating one when what it changed is durable.
        """
        request_id = self.new_id()
        http = with_normal_path(http)
        try:
            found = route(http, SERVICES)
        except RoutingError as error:
            return answered(serialize_error(error, error.protocol, error.service, None, request_id))
        built = found.operation in SERVICES[found.service]
        if not built and load_service(found.service).operation(found.operation).unsigned:
            # Nobody signs it, so it would be refused for that, and never say that it is not built.
            unbuilt = not_implemented(found.service, found.operation)
            return answered(
                serialize_error(unbuilt, found.protocol, found.service, found.operation, request_id)
            )
        return Exchange(self, http, found, request_id).run()

    def refuse(self, http: HttpRequest, error: AwsError) -> HttpResponse:
        """An error for a request that may not even be dispatched, in its own protocol."""
        request_id = self.new_id()
        try:
            found = route(http, SERVICES)
        except RoutingError as unknown:
            return serialize_error(error, unknown.protocol, unknown.service, None, request_id)
        return serialize_error(error, found.protocol, found.service, found.operation, request_id)
