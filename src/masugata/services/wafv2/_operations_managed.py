"""Operations on managed rule groups, and on the managed rule sets of a vendor."""

from masugata.call import Operation, read, write
from masugata.services.wafv2 import managed_rule_groups, managed_rule_sets

OPERATIONS: dict[str, Operation] = {
    "DescribeAllManagedProducts": read(managed_rule_groups.describe_all_managed_products),
    "DescribeManagedProductsByVendor": read(managed_rule_groups.describe_managed_products_by_vendor),
    "DescribeManagedRuleGroup": read(managed_rule_groups.describe_managed_rule_group),
    "GetManagedRuleSet": read(managed_rule_sets.get_managed_rule_set),
    "ListAvailableManagedRuleGroupVersions": read(
        managed_rule_groups.list_available_managed_rule_group_versions
    ),
    "ListAvailableManagedRuleGroups": read(managed_rule_groups.list_available_managed_rule_groups),
    "ListManagedRuleSets": read(managed_rule_sets.list_managed_rule_sets),
    "PutManagedRuleSetVersions": write(managed_rule_sets.put_managed_rule_set_versions),
    "UpdateManagedRuleSetVersionExpiryDate": write(
        managed_rule_sets.update_managed_rule_set_version_expiry_date
    ),
}
