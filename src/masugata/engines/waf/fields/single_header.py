"""SingleHeader: the values of one header, each for itself where it came several times."""

from masugata.engines.waf.definitions.fields import Inspected, Named
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import NOTHING, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_single_header(header: Named, _inspected: Inspected) -> Source:
    """The name is compared without regard to case; a header that is absent has no value."""
    name = header.name.lower().encode()

    def values(parsed: ParsedRequest) -> Values:
        found = parsed.header_values(name)
        return Values(found) if found else NOTHING

    return Source(f"SingleHeader {header.name.lower()}", _place(name), values)


def _place(name: bytes) -> Place:
    return Place.COOKIE if name == b"cookie" else Place.HEADER
