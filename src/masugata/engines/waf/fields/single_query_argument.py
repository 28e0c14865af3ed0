"""SingleQueryArgument: the values of one argument of the query string, each for itself."""

from masugata.engines.waf.definitions.fields import Inspected, Named
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._arguments import compile_arguments
from masugata.engines.waf.fields._field import NOTHING, Source, Values
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.transformations import TRANSFORMATIONS

_decoded = TRANSFORMATIONS["URL_DECODE"].transform


def compile_single_query_argument(argument: Named, inspected: Inspected) -> Source:
    """The name is compared without regard to case of ASCII, as it was sent and percent-decoded."""
    wanted = argument.name.encode().lower()
    arguments, prefix = compile_arguments(inspected)

    def values(parsed: ParsedRequest) -> Values:
        found = [
            value for name, value in arguments(parsed) if wanted in {name.lower(), _decoded(name).lower()}
        ]
        return Values(tuple(found)) if found else NOTHING

    return Source(f"SingleQueryArgument {prefix}{wanted.decode()}", Place.QUERY_ARGUMENT, values)
