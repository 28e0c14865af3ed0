"""AWS WAF, version 2."""

from masugata.call import Operation
from masugata.services.wafv2 import _operations_web_acls

OPERATIONS: dict[str, Operation] = {
    **_operations_web_acls.OPERATIONS,
}
