"""COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA: `a=1&b=2&a=3` becomes `a=1,3&b=2`, as some applications read it.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-preparse-transformation.html
"""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """Where names differ, if only in case or in how they are escaped, arguments do."""
    arguments: dict[bytes, list[bytes]] = {}
    for argument in value.split(b"&"):
        name, _, text = argument.partition(b"=")
        if name in arguments:
            arguments[name].append(text)
        else:
            arguments[name] = [argument]
    return b"&".join([_combined(texts) for texts in arguments.values()])


def _combined(texts: list[bytes]) -> bytes:
    first, *others = texts
    if others and b"=" not in first:
        first += b"="
    return b",".join([first, *others])


COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA = Transformation(transform, (b"&",))
