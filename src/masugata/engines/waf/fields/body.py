"""Body: the beginning of the body, up to the limit, as plain text."""

from masugata.engines.waf.definitions.fields import Body, Inspected
from masugata.engines.waf.definitions.statements import SizeConstraintStatement
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import BEHAVIORS, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_body(body: Body, inspected: Inspected) -> Source:
    """The body as it was sent, empty where there is none, then inflated or in UTF-8 where it has to be.

    Its size is that of what was sent alone.
    """
    fallback = BEHAVIORS[body.oversize_handling]
    sent_only = isinstance(inspected, SizeConstraintStatement)

    def values(parsed: ParsedRequest) -> Values:
        oversize = parsed.body_oversize()
        if oversize and fallback is not None:
            return Values((), fallback, oversize=True)
        return Values((parsed.body(),) if sent_only else parsed.body_readings(), None, oversize)

    key = f"Body {body.oversize_handling} {'sent' if sent_only else 'read'}"
    return Source(key, Place.RAW_BODY, values)
