"""`aws:ResourceTag` with actions whose requests never have it: the statement then says nothing of them."""

from typing import Final

from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement

_TAG: Final = "aws:resourcetag/"


def _tags(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if not test.needs_key or report.knowledge.key_shape(test.key.value) != _TAG:
            continue
        effect = "ALLOW" if statement.allows else "DENY"
        if statement.negated_action:
            message = (
                f"with NotAction, this reaches only those actions that know {show(test.key.value)};"
                " name them in"
                " Action"
            )
            code = f"{effect}_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
            report.add(code, message, test.key)
            continue
        services = _services_without(statement, report)
        if services:
            does = "allowed" if statement.allows else "denied"
            message = (
                f"some of these actions do not know {show(test.key.value)} and are never {does} by this"
                " statement:"
                f" those of {', '.join(services)}"
            )
            report.add(f"{effect}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", message, test.key)


def _services_without(statement: Statement, report: Report) -> list[str]:
    """Services of actions that lack the key; a pattern counts if all that it reaches lacks it."""
    found: set[str] = set()
    if not report.spend(len(statement.actions)):
        return []
    for action in statement.actions:
        reached = report.knowledge.actions_like(action.value.lower(), report.spend)
        if reached and not any(_TAG in service.keys_of(name) for service, name in reached):
            found.add(reached[0][0].prefix)
    return sorted(found)


CHECKS = (_tags,)
