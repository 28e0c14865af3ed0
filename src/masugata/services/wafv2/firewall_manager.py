"""The operation on the rule groups that Firewall Manager has put into a web ACL."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from masugata.call import Call
from masugata.records.wafv2 import WEB_ACL_PATH
from masugata.services.wafv2._entities import WEB_ACLS, check_lock, find_own, new_uuid, save

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def delete_firewall_manager_rule_groups(
    call: Call, request: "shapes.DeleteFirewallManagerRuleGroupsRequest"
) -> "shapes.DeleteFirewallManagerRuleGroupsResponse":
    """Take Firewall Manager's rule groups out of a web ACL, which has none here: only its lock token changes.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFInvalidParameterException.
    """
    _, web_acl = find_own(call, request["WebACLArn"], WEB_ACL_PATH)
    check_lock(web_acl, request["WebACLLockToken"])
    changed = replace(web_acl, lock_token=new_uuid(call))
    save(call, WEB_ACLS, changed)
    return {"NextWebACLLockToken": changed.lock_token}
