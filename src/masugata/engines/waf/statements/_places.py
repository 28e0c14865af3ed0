"""The values of a request that managed rules look at, each with the place where it stood."""

import re
from collections.abc import Callable, Mapping, Sequence

from masugata.engines.waf.decoding import layers
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.body import read_escapes
from masugata.engines.waf.parsing.cookies import quoted_texts
from masugata.engines.waf.parsing.query import combined
from masugata.engines.waf.transformations import normalize_path_win, url_decode

Placed = tuple[Place, bytes]

_DETOUR = re.compile(rb"//|/\.|[;%\\]|\.\Z|::\$")
_IGNORED = b". "
_STREAM = b"::$data"
_PARAMETERS = re.compile(rb";[^/]*+")
_AUTHORIZATIONS = frozenset({b"authorization", b"proxy-authorization"})


def _path(parsed: ParsedRequest) -> Sequence[Placed]:
    """As it was sent, and as servers look it up: without parameters, empty segments and detours.

    And, for servers on Windows, without dots, spaces and the name of the main stream at its end.
    """
    sent = parsed.request.uri_path
    if _DETOUR.search(sent) is None:
        return ((Place.PATH, sent),)
    straight = normalize_path_win.transform(_PARAMETERS.sub(b"", layers(sent)[-1])).rstrip(_IGNORED)
    if straight.lower().endswith(_STREAM):
        straight = straight[: -len(_STREAM)]
    return ((Place.PATH, sent), (Place.PATH, straight)) if straight != sent else ((Place.PATH, sent),)


def _arguments(parsed: ParsedRequest) -> Sequence[Placed]:
    """As every application has them, with the escapes of URLs read: these are no disguise.

    Some combine those of one name, and some read escapes as bytes of the charset that the body says it has.
    """
    query = parsed.request.query_string
    if not query:
        return ()
    pairs = parsed.arguments()
    found = [text for pair in pairs for text in pair if text]
    found += combined(pairs)
    if b"%" in query or b"+" in query:
        sent, found = found, [url_decode.transform(text) for text in found]
        for charset in parsed.charsets():
            found += read_escapes(sent, charset)
    return [(Place.QUERY_ARGUMENT, text) for text in found]


def _cookies(parsed: ParsedRequest) -> Sequence[Placed]:
    """All, also behind what AWS looks at: there as they stand. Quoted ones also without their quotes."""
    lines = parsed.header_values(b"cookie")
    if not lines:
        return ()
    found = [text for pair in parsed.cookies() for text in pair if text]
    if parsed.cookies_oversize():
        found += lines
    if len(lines) > 1:
        found.append(b", ".join(lines))
    for line in lines:
        if b'"' in line:
            found += quoted_texts(line)
    return [(Place.COOKIE, text) for text in found]


def _headers(parsed: ParsedRequest) -> Sequence[Placed]:
    """Credentials also without their scheme, for those of Basic (RFC 7617) are in Base64."""
    found = []
    for name, value in parsed.request.headers:
        if value and name != b"cookie":
            found.append((Place.HEADER, value))
            if name in _AUTHORIZATIONS:
                found.append((Place.HEADER, value.partition(b" ")[2]))
    return found


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
