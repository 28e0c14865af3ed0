"""UriPath: the path as it was sent, without the query string."""

from masugata.engines.waf.definitions.fields import Empty, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source, plain_source


def compile_uri_path(_: Empty, _inspected: Inspected) -> Source:
    """One value."""
    return plain_source("UriPath", Place.PATH, lambda parsed: (parsed.request.uri_path,))
