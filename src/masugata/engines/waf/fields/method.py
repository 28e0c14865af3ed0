"""Method: what the request wants done."""

from masugata.engines.waf.definitions.fields import Empty, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source, plain_source


def compile_method(_: Empty, _inspected: Inspected) -> Source:
    """One value."""
    return plain_source("Method", Place.HEADER, lambda parsed: (parsed.request.method,), told=True)
