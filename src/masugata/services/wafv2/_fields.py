"""Checks of what statements look at: the part of the request, and the transformations."""

from masugata.call import Call
from masugata.engines.waf.definitions import FieldToMatch, Inspected, TextTransformation
from masugata.services.wafv2._checks import check_count, check_distinct, check_one
from masugata.services.wafv2._errors import BELOW_MINIMUM, invalid

_PATTERNS = {"Headers": "HEADER_MATCH_PATTERN", "Cookies": "COOKIE_MATCH_PATTERN"}
_UNIQUE = "Priorities of text transformations must be unique within a statement: {} is there twice."


def check_inspected(call: Call, statement: Inspected) -> None:
    """Raise WAFInvalidParameterException or WAFLimitsExceededException."""
    check_field(statement.field_to_match)
    check_transformations(call, statement.text_transformations)
    steps = statement.pre_parse_text_transformations
    check_count(call, "wafv2.text-transformations-per-statement", len(steps))
    check_distinct(
        (step.priority for step in steps),
        "PRE_PARSE_TEXT_TRANSFORMATION",
        "PreParseTextTransformations",
        _UNIQUE,
    )


def check_transformations(call: Call, steps: tuple[TextTransformation, ...]) -> None:
    """Raise unless there are some, not too many, in an order."""
    if not steps:
        raise invalid("TEXT_TRANSFORMATION", "TextTransformations", BELOW_MINIMUM)
    check_count(call, "wafv2.text-transformations-per-statement", len(steps))
    priorities = (step.priority for step in steps)
    check_distinct(priorities, "TEXT_TRANSFORMATION", "TextTransformations", _UNIQUE)


def check_field(field: FieldToMatch) -> None:
    """Raise WAFInvalidParameterException unless it is one part of the request, said in full."""
    name = check_one(field, "FIELD_TO_MATCH", "FieldToMatch")
    for several in (field.headers, field.cookies):
        if several is not None:
            check_one(several.match_pattern, _PATTERNS[name], "MatchPattern")
    if field.json_body is not None:
        check_one(field.json_body.match_pattern, "JSON_MATCH_PATTERN", "MatchPattern")
