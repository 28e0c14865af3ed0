"""Checks of users' regular expressions."""

from collections.abc import Iterable
from typing import Final

from masugata.engines.waf.definitions import Rule
from masugata.engines.waf.errors import InvalidPatternError, NoEngineError
from masugata.engines.waf.matching import pattern_size
from masugata.errors import AwsError
from masugata.records.wafv2 import statements_of
from masugata.services.wafv2._errors import MALFORMED, invalid

MOST_WORK: Final = 1_000_000_000
"""The squares of the sizes of all expressions of a request, which are compiled in about a second at worst.

1,666 of them, as many as fit into 5,000 capacity units, may have 774 instructions each; 200 characters
without repetitions make up to 400.
"""


def check_regexes(expressions: Iterable[str], field: str) -> None:
    """Raise WAFInvalidParameterException for a regular expression that cannot be matched in linear time.

    So it does for one that is too large, and for all together. Each is compiled once, which others must not
    have to wait for: this belongs in no transaction. Without RE2 nothing can tell: then all are refused, with
    what there is to install.
    """
    work = 0
    for expression in dict.fromkeys(expressions):
        work += _size(expression, field) ** 2
        if work > MOST_WORK:
            reason = "The regular expressions are too large together: repeat less in them, or have fewer."
            raise invalid(field, expression, reason)


def check_regexes_of(rules: Iterable[Rule]) -> None:
    """The same for all regular expressions that rules have themselves."""
    statements = (statement.regex_match_statement for statement in statements_of(rules))
    check_regexes((one.regex_string for one in statements if one is not None), "STATEMENT")


def _size(expression: str, field: str) -> int:
    try:
        return pattern_size(expression)
    except InvalidPatternError as error:
        raise invalid(field, expression, f"{MALFORMED} ({error.problem})") from None
    except NoEngineError:
        raise AwsError(
            "WAFInternalErrorException",
            "Regular expressions can be checked only where RE2 is installed: pip install 'masugata[waf]'.",
            500,
        ) from None
