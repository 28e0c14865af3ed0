"""What rules cost, without making anything of them."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.services.wafv2._entities import scope_of
from masugata.services.wafv2._regexes import check_regexes_of
from masugata.services.wafv2._rules import capacity_of, check_rules

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def check_capacity(call: Call, request: "shapes.CheckCapacityRequest") -> "shapes.CheckCapacityResponse":
    """The web ACL capacity units of rules; raises as whatever would hold them."""
    scope = scope_of(call, request)
    rules = check_rules(call, request["Rules"], None, group=False)
    cost = capacity_of(call, rules, scope)
    check_regexes_of(rules)
    return {"Capacity": cost}
