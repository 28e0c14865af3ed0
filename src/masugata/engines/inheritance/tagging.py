"""Whether tags comply with an effective tag policy where it is enforced.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies-enforcement.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from masugata.engines.inheritance.effective import EffectivePolicy


def tag_policy_violation(policy: EffectivePolicy, resource_type: str, tags: Mapping[str, str]) -> str | None:
    """How these tags violate a tag policy that is enforced for a resource type, or None.

    `resource_type` is as in `enforced_for`, such as `organizations:account`. Tags that are not there violate
    nothing.
    """
    rules: Mapping[str, Mapping[str, Any]] = json.loads(policy.content).get("tags", {})
    for key, value in tags.items():
        rule = rules.get(key.lower())
        if rule is None or not _enforced(rule.get("enforced_for", ()), resource_type):
            continue
        written = rule.get("tag_key", key.lower())
        if key != written:
            return f"the tag key `{key}` must be written `{written}`"
        allowed = rule.get("tag_value")
        if allowed is not None and not any(_matches(one, value) for one in allowed):
            return f"`{value}` is not one of the values of the tag key `{key}`"
    return None


def _enforced(types: Iterable[str], resource_type: str) -> bool:
    service = resource_type.partition(":")[0]
    return any(one in (resource_type, f"{service}:*", f"{service}:ALL_SUPPORTED") for one in types)


def _matches(allowed: str, value: str) -> bool:
    """Whether a value is one that is allowed; `*`, of which there is one at most, stands for any text."""
    before, star, after = allowed.partition("*")
    if not star:
        return value == allowed
    return len(value) >= len(before) + len(after) and value.startswith(before) and value.endswith(after)
