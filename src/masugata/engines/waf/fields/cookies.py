"""Cookies: names and values of several cookies."""

from masugata.engines.waf.definitions.fields import Cookies, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source
from masugata.engines.waf.fields._pairs import compile_pairs, wanted_names
from masugata.engines.waf.parsed import ParsedRequest


def compile_cookies(cookies: Cookies, _inspected: Inspected) -> Source:
    """Names are case-sensitive. The first 200 cookies within the first 8 KiB."""
    pattern = cookies.match_pattern
    values = compile_pairs(
        ParsedRequest.cookies,
        ParsedRequest.cookies_oversize,
        wanted_names(pattern.included_cookies, pattern.excluded_cookies),
        cookies.match_scope,
        cookies.oversize_handling,
    )
    names = f"{pattern.included_cookies!r} {pattern.excluded_cookies!r}"
    return Source(f"Cookies {cookies.match_scope} {cookies.oversize_handling} {names}", Place.COOKIE, values)
