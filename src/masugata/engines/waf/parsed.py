"""A request as it is asked about: parsed part by part when somebody asks, once."""

from typing import TYPE_CHECKING

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsing.body import (
    MAX_VALUES,
    BodyValue,
    body_readings,
    read_escapes,
    read_values,
)
from masugata.engines.waf.parsing.content_types import first_and_last, parameters, split_parameters
from masugata.engines.waf.parsing.cookies import parse_cookies
from masugata.engines.waf.parsing.json_body import JsonContent
from masugata.engines.waf.parsing.json_reader import parse_json
from masugata.engines.waf.parsing.query import Pair, parse_query
from masugata.engines.waf.parsing.recoding import is_unlike_ascii
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    from masugata.engines.waf.fields import Values

MAX_HEADERS = 200
MAX_HEADERS_SIZE = 8_192
TOLD = frozenset(
    b"accept accept-charset accept-encoding accept-language cache-control connection content-length "
    b"content-type device-memory dnt host if-modified-since keep-alive origin pragma "
    b"priority range save-data sec-ch-ua sec-ch-ua-arch sec-ch-ua-bitness sec-ch-ua-full-version "
    b"sec-ch-ua-full-version-list sec-ch-ua-mobile sec-ch-ua-model sec-ch-ua-platform "
    b"sec-ch-ua-platform-version sec-ch-ua-wow64 sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user "
    b"sec-gpc te upgrade upgrade-insecure-requests user-agent x-forwarded-host x-forwarded-port "
    b"x-forwarded-proto x-requested-with".split()
)
"""Headers that say what the client is and wants, and nothing that is to be kept secret."""


class ParsedRequest:
    """One request for one evaluation; `body_limit` is how many bytes of the body are looked at.

    `memo` holds what fields have found, by their keys. Work and memory are linear in the request's size.
    """

    __slots__ = (
        "_arguments", "_body_values", "_charsets", "_cookies", "_first", "_json", "_limited_headers",
        "_readings", "_several", "body_limit", "memo", "request",
    )  # fmt: skip

    def __init__(self, request: WebRequest, body_limit: int) -> None:
        """Nothing is parsed yet."""
        self.request = request
        self.body_limit = body_limit
        self.memo: dict[str, Values] = {}
        self._arguments: tuple[Pair, ...] | None = None
        self._first: dict[bytes, bytes] | None = None
        self._several: dict[bytes, list[bytes]] = {}
        self._limited_headers: tuple[tuple[Pair, ...], bool] | None = None
        self._cookies: tuple[tuple[Pair, ...], bool] | None = None
        self._charsets: tuple[bytes, ...] | None = None
        self._readings: tuple[tuple[bytes, ...], bool] | None = None
        self._json: dict[bytes, JsonContent] = {}
        self._body_values: tuple[BodyValue, ...] | None = None

    def arguments(self) -> tuple[Pair, ...]:
        """Names and values of the query string, as they were sent."""
        if self._arguments is None:
            self._arguments = parse_query(self.request.query_string)
        return self._arguments

    def header(self, name: bytes) -> bytes | None:
        """The first value of the header of this lower-case name."""
        first = self._first if self._first is not None else self._by_name()
        return first.get(name)

    def header_values(self, name: bytes) -> tuple[bytes, ...]:
        """All values of the header of this lower-case name, wherever it stands."""
        value = self.header(name)
        if value is None:
            return ()
        return (value,) if name not in self._several else tuple(self._several[name])

    def _by_name(self) -> dict[bytes, bytes]:
        """The first header of each name; of names that come again all are put into `_several`."""
        headers = self.request.headers
        first = self._first = dict(reversed(headers))
        if len(first) < len(headers):
            for name, value in headers:
                self._several.setdefault(name, []).append(value)
        return first

    def headers(self) -> tuple[Pair, ...]:
        """The headers that AWS looks at: the first 200, and of these the first 8 KiB."""
        return self._first_headers()[0]

    def headers_oversize(self) -> bool:
        """Whether there are more headers than these."""
        return self._first_headers()[1]

    def _first_headers(self) -> tuple[tuple[Pair, ...], bool]:
        if self._limited_headers is None:
            self._limited_headers = _limit_headers(self.request.headers)
        return self._limited_headers

    def cookies(self) -> tuple[Pair, ...]:
        """Names and values of the cookies that AWS looks at: the first 200, and of these the first 8 KiB."""
        return self._parsed_cookies()[0]

    def cookies_oversize(self) -> bool:
        """Whether there are more cookies than these."""
        return self._parsed_cookies()[1]

    def _parsed_cookies(self) -> tuple[tuple[Pair, ...], bool]:
        if self._cookies is None:
            self._cookies = parse_cookies(self.header_values(b"cookie"))
        return self._cookies

    def body(self) -> bytes:
        """The beginning of the body as it was sent, up to the limit."""
        body = self.request.body
        return body if len(body) <= self.body_limit else body[: self.body_limit]

    def body_oversize(self) -> bool:
        """Whether there is more of the body, as it was sent or inflated, than is looked at."""
        length = len(self.request.body)
        if max(length, self.request.body_size or 0) > min(self.body_limit, length):
            return True
        return self.header(b"content-encoding") is not None and self._read()[1]

    def body_readings(self) -> tuple[bytes, ...]:
        """The body as it was sent, then inflated, then in UTF-8, where it says or shows that it is not."""
        return self._read()[0]

    def _read(self) -> tuple[tuple[bytes, ...], bool]:
        if self._readings is None:
            encodings = b",".join(self.header_values(b"content-encoding"))
            self._readings = body_readings(self.body(), encodings, self._named_charsets(), self.body_limit)
        return self._readings

    def charsets(self) -> tuple[bytes, ...]:
        """Those that the body says it has and whose bytes are not ASCII's: of several the first and last."""
        return tuple([name for name in self._named_charsets() if is_unlike_ascii(name)])

    def _content_types(self) -> tuple[bytes, ...]:
        return first_and_last(self.header_values(b"content-type"))

    def _named_charsets(self) -> tuple[bytes, ...]:
        if self._charsets is None:
            found = [split_parameters(header)[1] for header in self._content_types()]
            named = tuple([name for each in found for name in parameters(each, b"charset")])
            self._charsets = first_and_last(named)
        return self._charsets

    def json(self) -> tuple[JsonContent, ...]:
        """The body as JSON, as far as it is, in every reading: parsers need not believe what it says."""
        return tuple([self._json_of(reading) for reading in self.body_readings()])

    def _json_of(self, reading: bytes) -> JsonContent:
        content = self._json.get(reading)
        if content is None:
            content = self._json[reading] = parse_json(reading)
        return content

    def body_values(self) -> tuple[BodyValue, ...]:
        """What applications could read from the body: place, name and value, at most 1,000 of them.

        Where there are more, the readings of the body as they stand come last.
        """
        if self._body_values is None:
            self._body_values = self._read_body() if self.request.body else ()
        return self._body_values

    def _read_body(self) -> tuple[BodyValue, ...]:
        cut = self.body_oversize()
        readings = self.body_readings()
        charsets = self.charsets()
        values: dict[BodyValue, None] = {}
        for reading in readings:
            for content_type in self._content_types() or (b"",):
                for value in read_values(reading, content_type, self._json_of, charsets, cut=cut):
                    values[value] = None
                    if len(values) >= MAX_VALUES:
                        texts = [text for each in charsets for text in read_escapes(readings, each)]
                        return (*values, *[(Place.RAW_BODY, b"", text) for text in (*readings, *texts)])
        return tuple(values)

    def oversize(self) -> tuple[str, ...]:
        """What of the request is larger than is looked at, under the names of AWS's log."""
        found = (
            ("REQUEST_BODY", self.body_oversize()),
            ("REQUEST_HEADERS", self.headers_oversize()),
            ("REQUEST_COOKIES", self.cookies_oversize()),
        )
        return tuple([name for name, oversize in found if oversize])


def _limit_headers(headers: tuple[Pair, ...]) -> tuple[tuple[Pair, ...], bool]:
    """Names and values count, without what stands between them; the last value may be cut."""
    if (
        len(headers) <= MAX_HEADERS
        and sum([len(name) + len(value) for name, value in headers]) <= MAX_HEADERS_SIZE
    ):
        return headers, False
    left = MAX_HEADERS_SIZE
    kept: list[Pair] = []
    for name, value in headers[:MAX_HEADERS]:
        size = len(name) + len(value)
        if size > left:
            if len(name) < left:
                kept.append((name, value[: left - len(name)]))
            return tuple(kept), True
        left -= size
        kept.append((name, value))
    return tuple(kept), len(headers) > MAX_HEADERS
