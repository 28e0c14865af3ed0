"""AllQueryArguments: the value of every argument of the query string, each for itself."""

from masugata.engines.waf.definitions.fields import Empty, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import NOTHING, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_all_query_arguments(_: Empty, _inspected: Inspected) -> Source:
    """Of an argument that is but a name, the name: it is what applications read of `?text`."""

    def values(parsed: ParsedRequest) -> Values:
        arguments = parsed.arguments()
        return Values(tuple([value or name for name, value in arguments])) if arguments else NOTHING

    return Source("AllQueryArguments", Place.QUERY_ARGUMENT, values)
