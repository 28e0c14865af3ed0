"""What And, Or and Not make of the statements in them."""

from collections.abc import Callable, Sequence

from masugata.engines.waf.context import Context
from masugata.engines.waf.statements._matcher import Details, Matcher, nothing_located


def nested_details(matchers: Sequence[Matcher]) -> Callable[[Context], Details]:
    """What was found by those that match."""
    return lambda context: tuple(
        detail for matcher in matchers if matcher.matches(context) for detail in matcher.details(context)
    )


def nested_locate(matchers: Sequence[Matcher]) -> Callable[[Context], None]:
    """The labels of all, whether they decide or not."""
    adding = [matcher.locate for matcher in matchers if matcher.locate is not nothing_located]
    if not adding:
        return nothing_located

    def locate(context: Context) -> None:
        for add in adding:
            add(context)

    return locate
