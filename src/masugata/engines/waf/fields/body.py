"""Body: the beginning of the body as it was sent, up to the limit."""

from masugata.engines.waf.definitions.fields import Body, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source, Values
from masugata.engines.waf.fields._oversize import OVERSIZE
from masugata.engines.waf.parsed import ParsedRequest


def compile_body(body: Body, _inspected: Inspected) -> Source:
    """One value, empty where there is no body."""
    fallback = OVERSIZE[body.oversize_handling]

    def values(parsed: ParsedRequest) -> Values:
        oversize = parsed.body_oversize()
        if oversize and fallback is not None:
            return Values((), fallback, oversize=True)
        return Values((parsed.body(),), None, oversize)

    return Source(f"Body {body.oversize_handling}", Place.RAW_BODY, values)
