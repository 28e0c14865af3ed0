"""Between botocore and the gateway: requests as botocore hands them over, answers as it reads them."""

import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse

from masugata.gateway import ByService, Gateway
from masugata.services import SERVICES
from masugata.testing.acting import ActingCredentials
from masugata.testing.errors import EndedError
from masugata.wire import HttpRequest, HttpResponse, load_service

HOME = "masugata-local-aws"
"""An event that only the sessions made inside a `local_aws` answer, with its transport."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class TransportState:
    """Where calls seem to come from, and whether it is over."""

    def __init__(self) -> None:
        self.source_ip = "127.0.0.1"
        self.ended = False


class Transport:
    """Carries the requests of botocore's clients to one gateway.

    `administrator` gives the credentials of clients that have none of their own; `state` is what several
    transports to the same gateway share. `by` is the service that makes the calls, if one does.
    """

    def __init__(
        self,
        gateway: Gateway,
        administrator: Callable[[], ActingCredentials],
        state: TransportState | None = None,
        by: ByService = None,
    ) -> None:
        self.administrator = administrator
        self.state = state or TransportState()
        self._gateway = gateway
        self._by = by

    def by_service(self, by: ByService) -> "Transport":
        """The same for calls that a service makes."""
        return Transport(self._gateway, self.administrator, self.state, by)

    @property
    def ended(self) -> bool:
        """Whether the `local_aws` is over."""
        return self.state.ended

    def before_send(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        """Answer a request of a session that was made inside: a handler of botocore's event of this name.

        None for a service that is not served: another library may stand in for it, and if none does,
        botocore's sender asks `answer`. Raises `EndedError` after the end: the client would go on to
        the network.
        """
        if self.ended:
            raise EndedError(
                f"this client was made inside a local_aws that has ended; `{request.url}` was not called"
            )
        return self.answer(request) if event_name.split(".")[1] in _served() else None

    def answer(self, request: Any) -> AWSResponse:
        """Answer one AWSPreparedRequest."""
        response = self._gateway.dispatch(http_request(request, self.state.source_ip), self._by).result()
        return aws_response(request.url, response)

    def home(self, **_: Any) -> "Transport":
        """Itself: the answer to the event `HOME`."""
        return self


@lru_cache(maxsize=1)
def _served() -> frozenset[str]:
    """The services that are served, as botocore's events name them."""
    return frozenset(load_service(name).service_id.lower().replace(" ", "-") for name in SERVICES)


def http_request(request: Any, source_ip: str) -> HttpRequest:
    """An AWSPreparedRequest as a server would have received it."""
    parts = urlsplit(request.url)
    return HttpRequest(
        method=request.method,
        path=parts.path or "/",
        query=parts.query,
        headers=(("host", _host(parts)), *_headers(request.headers)),
        body=_body(request.body),
        source_ip=source_ip,
        secure=parts.scheme == "https",
    )


def aws_response(url: str, response: HttpResponse) -> AWSResponse:
    """An answer as botocore reads it, from a body that can be read once, whole or in pieces."""
    headers = {**dict(response.headers), "content-length": str(len(response.body))}
    return AWSResponse(url, response.status, headers, _Body(response.body))


class _Body(io.BytesIO):
    """A body to read, of which botocore asks no more than this; urllib3's own response costs 80 us."""

    def stream(self, size: int = 65_536) -> Iterator[bytes]:
        """The body in pieces."""
        while piece := self.read(size):
            yield piece


def _host(parts: Any) -> str:
    """The Host header that an HTTP client makes, and botocore signs, for a URL."""
    host = parts.netloc.rpartition("@")[2]
    if parts.port == _DEFAULT_PORTS.get(parts.scheme):
        host = host.rpartition(":")[0]
    return str(host)


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if name.lower() != "host":
            yield name.lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    """The body, which botocore has as text, as bytes, as a file to read, or not at all."""
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body)
