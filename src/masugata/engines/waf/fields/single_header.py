"""SingleHeader: the values of one header, each for itself where it came several times."""

from masugata.engines.waf.definitions.fields import Inspected, Named
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import Source, plain_source
from masugata.engines.waf.parsed import TOLD


def compile_single_header(header: Named, _inspected: Inspected) -> Source:
    """The name is compared without regard to case; a header that is absent has no value."""
    name = header.name.lower().encode()
    key = f"SingleHeader {header.name.lower()}"
    return plain_source(key, _place(name), lambda parsed: parsed.header_values(name), told=name in TOLD)


def _place(name: bytes) -> Place:
    return Place.COOKIE if name == b"cookie" else Place.HEADER
