"""The values of a request that managed rules look at, each with the place where it stood."""

from collections.abc import Callable, Mapping, Sequence

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest

Placed = tuple[Place, bytes]


def _path(parsed: ParsedRequest) -> Sequence[Placed]:
    return ((Place.PATH, parsed.request.uri_path),)


def _arguments(parsed: ParsedRequest) -> Sequence[Placed]:
    if not parsed.request.query_string:
        return ()
    return [(Place.QUERY_ARGUMENT, text) for pair in parsed.arguments() for text in pair if text]


def _cookies(parsed: ParsedRequest) -> Sequence[Placed]:
    found = []
    for line in parsed.header_values(b"cookie"):
        for pair in line.split(b";"):
            name, _, value = pair.strip(b" ").partition(b"=")
            found += [(Place.COOKIE, text) for text in (name, value) if text]
    return found


def _headers(parsed: ParsedRequest) -> Sequence[Placed]:
    return [(Place.HEADER, value) for name, value in parsed.request.headers if name != b"cookie" and value]


def _body(parsed: ParsedRequest) -> Sequence[Placed]:
    body = parsed.body()
    return ((Place.RAW_BODY, body),) if body else ()


PLACES: Mapping[Source, Callable[[ParsedRequest], Sequence[Placed]]] = {
    Source.URI_PATH: _path,
    Source.QUERY_ARGUMENTS: _arguments,
    Source.COOKIES: _cookies,
    Source.HEADERS: _headers,
    Source.BODY: _body,
}
