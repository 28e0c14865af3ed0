"""QueryString: what follows the `?`, as it was sent."""

from masugata.engines.waf.definitions.fields import Empty, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source, plain_source


def compile_query_string(_: Empty, _inspected: Inspected) -> Source:
    """One value, empty where there is none."""
    return plain_source("QueryString", Place.QUERY_ARGUMENT, lambda parsed: (parsed.request.query_string,))
