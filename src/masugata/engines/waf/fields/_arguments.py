"""Query arguments, after what pre-parse transformations make of the query string."""

from collections.abc import Callable

from masugata.engines.waf.definitions.fields import Inspected
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.query import Pair, parse_query
from masugata.engines.waf.transformations import pre_parse_chain, unchanged


def compile_arguments(inspected: Inspected) -> tuple[Callable[[ParsedRequest], tuple[Pair, ...]], str]:
    """How to get the arguments, and what tells them from those of other transformations in a key.

    Which is marked: the same transformation may be of the values, and finds something else.
    """
    steps = sorted(inspected.pre_parse_text_transformations, key=lambda step: step.priority)
    transform = pre_parse_chain(steps)
    if transform is unchanged:
        return ParsedRequest.arguments, ""

    def arguments(parsed: ParsedRequest) -> tuple[Pair, ...]:
        sent = parsed.request.query_string
        query = transform(sent)
        return parsed.arguments() if query == sent else parse_query(query)

    return arguments, "".join(f"{step.type}> " for step in steps if step.type != "NONE")
