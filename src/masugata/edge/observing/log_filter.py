"""Which requests are logged, by a LoggingFilter.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_LoggingFilter.html
"""

from collections.abc import Mapping
from typing import Any

from masugata.engines.waf.decision import Decision


def is_kept(given: Mapping[str, Any] | None, decision: Decision) -> bool:
    """The first filter that applies says; without any, the default behavior."""
    if given is None:
        return True
    actions = _actions(decision)
    labels = set(decision.labels)
    for one in given.get("Filters", ()):
        met = [_is_met(condition, actions, labels) for condition in one["Conditions"]]
        if all(met) if one["Requirement"] == "MEETS_ALL" else any(met):
            return bool(one["Behavior"] == "KEEP")
    return bool(given["DefaultBehavior"] == "KEEP")


def _actions(decision: Decision) -> set[str]:
    """Those of all rules that matched, and the one that ended it."""
    found = {match.action for match in decision.counted} | {decision.action}
    if any(match.action == "COUNT" and match.overridden for match in decision.counted):
        found.add("EXCLUDED_AS_COUNT")
    return found


def _is_met(condition: Mapping[str, Any], actions: set[str], labels: set[str]) -> bool:
    if "ActionCondition" in condition:
        return condition["ActionCondition"]["Action"] in actions
    return condition["LabelNameCondition"]["LabelName"] in labels
