"""The values of a request that managed rules look at, and the places where they stood."""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, repeat

import msgspec

from masugata.engines.waf.decoding import layers
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.body import read_escapes
from masugata.engines.waf.parsing.cookies import quoted_texts
from masugata.engines.waf.parsing.query import combined
from masugata.engines.waf.transformations import normalize_path_win, url_decode


class Part(msgspec.Struct, frozen=True):
    """A part of requests: its values, none of them empty, and the place of each, which few ask for.

    The values are None where there are more than are looked at.
    """

    values: Callable[[ParsedRequest], list[bytes] | None]
    places: Callable[[ParsedRequest], Iterable[Place]]

    def placed(self, parsed: ParsedRequest) -> list[tuple[Place, bytes]]:
        """Both together."""
        return list(zip(self.places(parsed), self.values(parsed) or (), strict=False))


_DETOUR = re.compile(rb"//|/\.|[;%\\]|\.\Z|::\$")
_IGNORED = b". "
_STREAM = b"::$data"
_PARAMETERS = re.compile(rb";[^/]*+")
_AUTHORIZATIONS = (b"authorization", b"proxy-authorization")


def _path(parsed: ParsedRequest) -> list[bytes]:
    """As it was sent, and as servers look it up: without parameters, empty segments and detours.

    And, for servers on Windows, without dots, spaces and the name of the main stream at its end.
    """
    sent = parsed.request.uri_path
    if _DETOUR.search(sent) is None:
        return [sent] if sent else []
    straight = normalize_path_win.transform(_PARAMETERS.sub(b"", layers(sent)[-1])).rstrip(_IGNORED)
    if straight.lower().endswith(_STREAM):
        straight = straight[: -len(_STREAM)]
    return [sent, straight] if straight and straight != sent else [sent]


MOST_ARGUMENTS = 2_048
"""Of a query string; what applications run on reads a thousand of them, as a rule."""


def _arguments(parsed: ParsedRequest) -> list[bytes] | None:
    """As every application has them, with the escapes of URLs read: these are no disguise.

    Some combine those of one name, and some read escapes as bytes of the charset that the body says it has.
    """
    query = parsed.request.query_string
    if not query:
        return []
    if query.count(b"&") >= MOST_ARGUMENTS and len(parsed.arguments()) > MOST_ARGUMENTS:
        return None
    pairs = parsed.arguments()
    found = [*filter(None, chain.from_iterable(pairs)), *combined(pairs)]
    if b"%" in query or b"+" in query:
        sent, found = found, [url_decode.transform(text) for text in found]
        for charset in parsed.charsets():
            found += read_escapes(sent, charset)
    return found


def _cookies(parsed: ParsedRequest) -> list[bytes]:
    """All, also behind what AWS looks at: there as they stand. Quoted ones also without their quotes."""
    lines = parsed.header_values(b"cookie")
    if not lines:
        return []
    found = list(filter(None, chain.from_iterable(parsed.cookies())))
    if parsed.cookies_oversize():
        found += lines
    if len(lines) > 1:
        found.append(b", ".join(lines))
    for line in lines:
        if b'"' in line:
            found += quoted_texts(line)
    return found


def _headers(parsed: ParsedRequest) -> list[bytes]:
    return [value for name, value in parsed.request.headers if value and name != b"cookie"] + credentials(
        parsed
    )


def credentials(parsed: ParsedRequest) -> list[bytes]:
    """Without their scheme, for those of Basic (RFC 7617) are in Base64."""
    found: list[bytes] = []
    for name in _AUTHORIZATIONS:
        if parsed.header(name) is not None:
            found += [value.partition(b" ")[2] for value in parsed.header_values(name) if b" " in value]
    return found


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
