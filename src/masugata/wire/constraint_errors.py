"""Services that answer a broken constraint of their model with an error of their own."""

from collections.abc import Callable, Mapping
from typing import Final

from masugata.errors import AwsError
from masugata.wire.constraints import Rule, Violation

_ORGANIZATIONS: Final[Mapping[Rule, tuple[str, str]]] = {
    Rule.REQUIRED: ("INPUT_REQUIRED", "You must include a value for all required parameters."),
    Rule.MAX_LENGTH: (
        "MAX_LENGTH_EXCEEDED",
        "You provided a string parameter that is longer than allowed.",
    ),
    Rule.MIN_LENGTH: (
        "MIN_LENGTH_EXCEEDED",
        "You provided a string parameter that is shorter than allowed.",
    ),
    Rule.MAX_VALUE: (
        "MAX_VALUE_EXCEEDED",
        "You provided a numeric parameter that has a larger value than allowed.",
    ),
    Rule.MIN_VALUE: (
        "MIN_VALUE_EXCEEDED",
        "You provided a numeric parameter that has a smaller value than allowed.",
    ),
    Rule.PATTERN: ("INVALID_PATTERN", "You provided a value that does not match the required pattern."),
    Rule.ENUM: ("INVALID_ENUM", "You specified an invalid value."),
    Rule.ELEMENT: (
        "INVALID_LIST_MEMBER",
        "You provided a list to a parameter that contains at least one invalid value.",
    ),
}
_ORGANIZATIONS_SHAPES: Final[Mapping[tuple[Rule, str], str]] = {
    (Rule.ENUM, "EffectivePolicyType"): "INVALID_ENUM_POLICY_TYPE",
    (Rule.ENUM, "PolicyType"): "INVALID_ENUM_POLICY_TYPE",
    (Rule.PATTERN, "CreateAccountName"): "INVALID_FULL_NAME_TARGET",
    (Rule.PATTERN, "PolicyId"): "INVALID_SYNTAX_POLICY_ID",
    (Rule.PATTERN, "PolicyTargetId"): "INVALID_PATTERN_TARGET_ID",
    (Rule.PATTERN, "RoleName"): "INVALID_ROLE_NAME",
}
"""Where the reason is a narrower one."""


def _organizations_error(violations: list[Violation]) -> AwsError:
    """InvalidInputException with the reason of the first violation; AWS's text, and then where it is."""
    first = violations[0]
    reason, text = _ORGANIZATIONS[first.rule]
    reason = _ORGANIZATIONS_SHAPES.get((first.rule, first.shape), reason)
    return AwsError("InvalidInputException", f"{text} Parameter: {first.path}.", 400, Reason=reason)


OWN_ERRORS: Final[Mapping[str, Callable[[list[Violation]], AwsError]]] = {
    "organizations": _organizations_error
}
"""By service, what becomes of violations there; everywhere else it is ValidationError."""
