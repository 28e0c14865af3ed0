"""The values of a request that managed rules look at, and the places where they stood."""

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat

import msgspec

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.transformations import url_decode


class Part(msgspec.Struct, frozen=True):
    """A part of requests: its values, none of them empty, and the place of each, which few ask for."""

    values: Callable[[ParsedRequest], list[bytes]]
    places: Callable[[ParsedRequest], Iterable[Place]]

    def placed(self, parsed: ParsedRequest) -> list[tuple[Place, bytes]]:
        """Both together."""
        return list(zip(self.places(parsed), self.values(parsed), strict=False))


def _path(parsed: ParsedRequest) -> list[bytes]:
    path = parsed.request.uri_path
    return [path] if path else []


def _arguments(parsed: ParsedRequest) -> list[bytes]:
    """As every application has them, with the escapes of URLs read: these are no disguise."""
    query = parsed.request.query_string
    if not query:
        return []
    found = [text for pair in parsed.arguments() for text in pair if text]
    if b"%" in query or b"+" in query:
        return [url_decode.transform(text) for text in found]
    return found


def _cookies(parsed: ParsedRequest) -> list[bytes]:
    """All, also behind what AWS looks at: there as they stand."""
    if parsed.header(b"cookie") is None:
        return []
    found = [text for pair in parsed.cookies() for text in pair if text]
    if parsed.cookies_oversize():
        found += parsed.header_values(b"cookie")
    return found


def _headers(parsed: ParsedRequest) -> list[bytes]:
    return [value for name, value in parsed.request.headers if value and name != b"cookie"]


def _body(parsed: ParsedRequest) -> list[bytes]:
    if not parsed.request.body:
        return []
    return [text for _, name, value in parsed.body_values() for text in (name, value) if text]


def _body_places(parsed: ParsedRequest) -> Iterable[Place]:
    return [place for place, name, value in parsed.body_values() for text in (name, value) if text]


def _all(place: Place) -> Callable[[ParsedRequest], Iterable[Place]]:
    return lambda _: repeat(place)


PARTS: Mapping[Source, Part] = {
    Source.URI_PATH: Part(_path, _all(Place.PATH)),
    Source.QUERY_ARGUMENTS: Part(_arguments, _all(Place.QUERY_ARGUMENT)),
    Source.COOKIES: Part(_cookies, _all(Place.COOKIE)),
    Source.HEADERS: Part(_headers, _all(Place.HEADER)),
    Source.BODY: Part(_body, _body_places),
}
