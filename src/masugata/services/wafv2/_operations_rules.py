"""Operations on rule groups, their policies, and what rules cost."""

from masugata.call import Operation, read, slow_read, write
from masugata.services.wafv2 import capacity, permission_policies, rule_groups

OPERATIONS: dict[str, Operation] = {
    "CheckCapacity": slow_read(capacity.check_capacity),
    "CreateRuleGroup": write(rule_groups.create_rule_group, rule_groups.prepare_creation),
    "DeletePermissionPolicy": write(permission_policies.delete_permission_policy),
    "DeleteRuleGroup": write(rule_groups.delete_rule_group),
    "GetPermissionPolicy": read(permission_policies.get_permission_policy),
    "GetRuleGroup": read(rule_groups.get_rule_group),
    "ListRuleGroups": read(rule_groups.list_rule_groups),
    "PutPermissionPolicy": write(permission_policies.put_permission_policy),
    "UpdateRuleGroup": write(rule_groups.update_rule_group, rule_groups.prepare_update),
}
