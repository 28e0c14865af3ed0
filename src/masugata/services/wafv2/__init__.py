"""AWS WAF, version 2."""

from masugata.call import Operation
from masugata.services.wafv2 import (
    _operations_logging,
    _operations_managed,
    _operations_rules,
    _operations_sets,
    _operations_web_acls,
)
from masugata.services.wafv2._edges import EdgeNameError, register_edge
from masugata.services.wafv2._rulesets import (
    ruleset_of,
    ruleset_of_web_acl,
    with_overrides_that_are,
)

__all__ = [
    "OPERATIONS",
    "EdgeNameError",
    "register_edge",
    "ruleset_of",
    "ruleset_of_web_acl",
    "with_overrides_that_are",
]

OPERATIONS: dict[str, Operation] = {
    **_operations_logging.OPERATIONS,
    **_operations_managed.OPERATIONS,
    **_operations_rules.OPERATIONS,
    **_operations_sets.OPERATIONS,
    **_operations_web_acls.OPERATIONS,
}
