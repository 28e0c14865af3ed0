"""Headers: names and values of several headers, cookies among them."""

from masugata.engines.waf.definitions.fields import Headers, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source
from masugata.engines.waf.fields._pairs import compile_pairs, wanted_names
from masugata.engines.waf.parsed import ParsedRequest


def compile_headers(headers: Headers, _inspected: Inspected) -> Source:
    """Names are compared without regard to case. The first 200 headers, and of these the first 8 KiB."""
    pattern = headers.match_pattern
    included, excluded = _lower(pattern.included_headers), _lower(pattern.excluded_headers)
    values = compile_pairs(
        ParsedRequest.headers,
        ParsedRequest.headers_oversize,
        wanted_names(included, excluded),
        headers.match_scope,
        headers.oversize_handling,
    )
    key = f"Headers {headers.match_scope} {headers.oversize_handling} {included!r} {excluded!r}"
    return Source(key, Place.HEADER, values)


def _lower(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted({name.lower() for name in names}))
