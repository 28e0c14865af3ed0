"""AWSManagedRulesAdminProtectionRuleSet: pages for administrators.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.paths import ADMIN_PATHS
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesAdminProtectionRuleSet",
    version="Version_1.0",
    static_versions=("Version_1.0",),
    capacity=100,
    label_namespace=NAMESPACE + "admin-protection:",
    description="Paths of pages for administrators, which few should see from outside.",
    rules=(detected("AdminProtection_URIPATH", ADMIN_PATHS),),
)
