"""A request as it is asked about: parsed part by part when somebody asks, once."""

from typing import TYPE_CHECKING

from masugata.engines.waf.parsing.query import Pair, parse_query
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    from masugata.engines.waf.fields import Values


class ParsedRequest:
    """One request for one evaluation; `body_limit` is how many bytes of the body are looked at.

    `memo` holds what fields have found, by their keys.
    """

    __slots__ = ("_arguments", "_headers", "body_limit", "memo", "request")

    def __init__(self, request: WebRequest, body_limit: int) -> None:
        """Nothing is parsed yet."""
        self.request = request
        self.body_limit = body_limit
        self.memo: dict[str, Values] = {}
        self._arguments: tuple[Pair, ...] | None = None
        self._headers: dict[bytes, tuple[bytes, ...]] | None = None

    def arguments(self) -> tuple[Pair, ...]:
        """Names and values of the query string, as they were sent."""
        if self._arguments is None:
            self._arguments = parse_query(self.request.query_string)
        return self._arguments

    def header(self, name: bytes) -> bytes | None:
        """The first value of the header of this lower-case name."""
        values = self.header_values(name)
        return values[0] if values else None

    def header_values(self, name: bytes) -> tuple[bytes, ...]:
        """All values of the header of this lower-case name."""
        if self._headers is None:
            headers: dict[bytes, tuple[bytes, ...]] = {}
            for key, value in self.request.headers:
                headers[key] = (*headers[key], value) if key in headers else (value,)
            self._headers = headers
        return self._headers.get(name, ())

    def body(self) -> bytes:
        """The beginning of the body as it was sent, up to the limit."""
        body = self.request.body
        return body if len(body) <= self.body_limit else body[: self.body_limit]

    def body_oversize(self) -> bool:
        """Whether there is more of the body than is looked at."""
        size = self.request.body_size
        return max(len(self.request.body), size or 0) > min(self.body_limit, len(self.request.body))
