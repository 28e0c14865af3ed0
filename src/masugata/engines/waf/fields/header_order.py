"""HeaderOrder: the names of the headers in the order in which they came, joined by colons."""

from masugata.engines.waf.definitions.fields import HeaderOrder, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import BEHAVIORS, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_header_order(order: HeaderOrder, _inspected: Inspected) -> Source:
    """One value, in lower case, as `host:user-agent:accept`."""
    fallback = BEHAVIORS[order.oversize_handling]

    def values(parsed: ParsedRequest) -> Values:
        oversize = parsed.headers_oversize()
        if oversize and fallback is not None:
            return Values((), fallback, oversize=True)
        return Values((b":".join([name for name, _ in parsed.headers()]),), None, oversize)

    return Source(f"HeaderOrder {order.oversize_handling}", Place.HEADER, values)
