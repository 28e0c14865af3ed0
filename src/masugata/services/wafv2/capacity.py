"""What rules cost, without making anything of them."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.services.wafv2._entities import scope_of
from masugata.services.wafv2._rules import check_rules

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def check_capacity(call: Call, request: "shapes.CheckCapacityRequest") -> "shapes.CheckCapacityResponse":
    """The web ACL capacity units of rules; raises as whatever would hold them."""
    checked = check_rules(call, request["Rules"], scope_of(call, request), None, group=False)
    return {"Capacity": checked.capacity}
