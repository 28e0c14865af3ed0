"""AllQueryArguments: the value of every argument of the query string, each for itself."""

from masugata.engines.waf.definitions.fields import Empty, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._arguments import compile_arguments
from masugata.engines.waf.fields._field import NOTHING, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_all_query_arguments(_: Empty, inspected: Inspected) -> Source:
    """Of an argument without a value, the name: it is what applications read of `?text`."""
    arguments, prefix = compile_arguments(inspected)

    def values(parsed: ParsedRequest) -> Values:
        found = arguments(parsed)
        return Values(tuple([value or name for name, value in found])) if found else NOTHING

    return Source(f"AllQueryArguments {prefix}".rstrip(), Place.QUERY_ARGUMENT, values)
