"""The values of a request that managed rules look at, each with the place where it stood."""

from collections.abc import Callable, Mapping, Sequence

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.transformations import url_decode

Placed = tuple[Place, bytes]


def _path(parsed: ParsedRequest) -> Sequence[Placed]:
    return ((Place.PATH, parsed.request.uri_path),)


def _arguments(parsed: ParsedRequest) -> Sequence[Placed]:
    """As every application has them, with the escapes of URLs read: these are no disguise."""
    query = parsed.request.query_string
    if not query:
        return ()
    found = [text for pair in parsed.arguments() for text in pair if text]
    if b"%" in query or b"+" in query:
        found = [url_decode.transform(text) for text in found]
    return [(Place.QUERY_ARGUMENT, text) for text in found]


def _cookies(parsed: ParsedRequest) -> Sequence[Placed]:
    """All, also behind what AWS looks at: there as they stand."""
    if parsed.header(b"cookie") is None:
        return ()
    found = [(Place.COOKIE, text) for pair in parsed.cookies() for text in pair if text]
    if parsed.cookies_oversize():
        found += [(Place.COOKIE, line) for line in parsed.header_values(b"cookie")]
    return found


def _headers(parsed: ParsedRequest) -> Sequence[Placed]:
    return [(Place.HEADER, value) for name, value in parsed.request.headers if value and name != b"cookie"]


def _body(parsed: ParsedRequest) -> Sequence[Placed]:
    if not parsed.request.body:
        return ()
    return [(place, text) for place, name, value in parsed.body_values() for text in (name, value) if text]


PLACES: Mapping[Source, Callable[[ParsedRequest], Sequence[Placed]]] = {
    Source.URI_PATH: _path,
    Source.QUERY_ARGUMENTS: _arguments,
    Source.COOKIES: _cookies,
    Source.HEADERS: _headers,
    Source.BODY: _body,
}
