"""Checks of users' regular expressions."""

from masugata.call import Call
from masugata.engines.waf.errors import InvalidPatternError, NoEngineError
from masugata.engines.waf.matching import check_pattern, choose_engine
from masugata.errors import AwsError
from masugata.services.wafv2._checks import check_count
from masugata.services.wafv2._errors import MALFORMED, invalid


def check_regex(call: Call, expression: str, field: str) -> None:
    """Raise WAFInvalidParameterException for a regular expression that cannot be matched in linear time.

    Without RE2 nothing can tell: then all are refused, with what there is to install.
    """
    check_count(call, "wafv2.regex-size", len(expression))
    try:
        check_pattern(expression, choose_engine("re2"))
    except InvalidPatternError as error:
        raise invalid(field, expression, f"{MALFORMED} ({error.problem})") from None
    except NoEngineError:
        raise AwsError(
            "WAFInternalErrorException",
            "Regular expressions can be checked only where RE2 is installed: pip install 'masugata[waf]'.",
            500,
        ) from None
