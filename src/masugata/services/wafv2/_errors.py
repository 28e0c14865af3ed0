"""AWS WAF's errors, in its own words.

Sources: https://docs.aws.amazon.com/waf/latest/APIReference/API_WAFInvalidParameterException.html and the
pages of the others; the reasons as its answers have them.
"""

from typing import Final

from masugata.errors import AwsError

MALFORMED: Final = "The parameter contains formatting that is not valid."
NOT_ONE: Final = "You have used none or multiple values for a field that requires exactly one value."
INVALID_REFERENCE: Final = "A reference in your rule statement is not valid."
BELOW_MINIMUM: Final = (
    "You haven't met a minimum requirement for a threshold setting. Examples include a rule group capacity "
    "setting that's too low and an OR statement with only one nested statement."
)
_NOT: Final = "n\u2019t"
_IS: Final = "\u2019s"
INVALID_SCOPE: Final = "The scope is not valid."
NESTING: Final = "You have nested a statement in a place where it is not allowed."
RATES_ALLOW_NOTHING: Final = "A rate-based rule does not allow requests."


def invalid(field: str, parameter: str, reason: str) -> AwsError:
    """WAFInvalidParameterException, with a field of the model's list."""
    return AwsError(
        "WAFInvalidParameterException",
        f"Error reason: {reason}, field: {field}, parameter: {parameter}",
        400,
        Field=field,
        Parameter=parameter,
        Reason=reason,
    )


def nonexistent(what: str) -> AwsError:
    """WAFNonexistentItemException; `what` is not there."""
    return AwsError(
        "WAFNonexistentItemException",
        f"AWS WAF could{_NOT} perform the operation because your resource does{_NOT} exist. ({what})",
        400,
    )


def stale() -> AwsError:
    """WAFOptimisticLockException."""
    return AwsError(
        "WAFOptimisticLockException",
        f"AWS WAF could{_NOT} save your changes because someone changed the resource after you started to "
        "edit it. Reapply your changes.",
        400,
    )


def duplicate(what: str) -> AwsError:
    """WAFDuplicateItemException; `what` is there already."""
    return AwsError(
        "WAFDuplicateItemException",
        f"AWS WAF could{_NOT} perform the operation because some resource in your request is a duplicate of "
        f"an existing one. ({what})",
        400,
    )


def associated(by: str) -> AwsError:
    """WAFAssociatedItemException; `by` uses it."""
    return AwsError(
        "WAFAssociatedItemException",
        f"AWS WAF could{_NOT} perform the operation because your resource is being used by another resource "
        f"or it{_IS} associated with another resource. ({by})",
        400,
    )


def limits_exceeded(what: str, source_type: str | None = None) -> AwsError:
    """WAFLimitsExceededException; `what` says which limit."""
    fields = {} if source_type is None else {"SourceType": source_type}
    return AwsError(
        "WAFLimitsExceededException",
        f"AWS WAF could{_NOT} perform the operation because you exceeded your resource limit. ({what})",
        400,
        **fields,
    )


def invalid_operation(message: str) -> AwsError:
    """WAFInvalidOperationException."""
    return AwsError("WAFInvalidOperationException", message, 400)


def not_subscribed(what: str) -> AwsError:
    """WAFSubscriptionNotFoundException; `what` cannot be had here."""
    return AwsError(
        "WAFSubscriptionNotFoundException",
        "You tried to use a managed rule group that's available by subscription, but you aren't subscribed "
        f"to it yet. ({what})",
        400,
    )
