"""Calling operations as somebody."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from masugata.client.answers import decoded
from masugata.client.requests import encoded
from masugata.client.signing import Keys, signed
from masugata.errors import MasugataError
from masugata.wire import HttpRequest, HttpResponse, load_service

Send: TypeAlias = Callable[[HttpRequest], HttpResponse]
"""Carries a signed request to whoever answers, and the answer back."""

# How a listing goes on: the member of the answer, and that of the next request.
_MARKERS = (("NextToken", "NextToken"), ("Marker", "Marker"))


class Client:
    """Calls as the owner of some keys. `clock` gives aware UTC times, `region` is what is signed for."""

    def __init__(
        self, send: Send, keys: Keys, *, clock: Callable[[], datetime], host: str, region: str = "us-east-1"
    ) -> None:
        self._send = send
        self._keys = keys
        self._clock = clock
        self._host = host
        self._region = region

    def as_other(self, keys: Keys) -> "Client":
        """The same way to the same server, with other keys."""
        return Client(self._send, keys, clock=self._clock, host=self._host, region=self._region)

    def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        """The answer to one call; raises `AwsError`, and `MasugataError` where nothing sensible answers."""
        model = load_service(service)
        http = signed(
            encoded(model, operation, request, self._host),
            self._keys,
            service=model.signing_name,
            region=self._region,
            now=self._clock(),
        )
        return decoded(model, operation, self._send(http))

    def listed(self, service: str, operation: str, member: str, /, **request: Any) -> Iterator[Any]:
        """All elements of a listing, page by page; they are in the answers' `member`."""
        for answer in self.pages(service, operation, **request):
            yield from answer.get(member, ())

    def pages(self, service: str, operation: str, /, **request: Any) -> Iterator[dict[str, Any]]:
        """All answers of a listing; raises as `call`."""
        before = None
        while True:
            answer = self.call(service, operation, **request)
            yield answer
            marker = next(((ours, answer[its]) for its, ours in _MARKERS if answer.get(its)), None)
            if marker is None:
                return
            if marker == before:
                raise MasugataError(f"{operation} gave the same page twice")
            before = marker
            request[marker[0]] = marker[1]
