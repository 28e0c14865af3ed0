"""AWSManagedRulesLinuxRuleSet: files of Linux.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.files import APPLICATION_FILES, UNIX_FILES, WINDOWS_FILES
from masugata.engines.waf.detectors.traversal import TRAVERSAL
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesLinuxRuleSet",
    version="Version_2.6",
    static_versions=("Version_1.0", "Version_1.1", *(f"Version_2.{number}" for number in range(7))),
    capacity=200,
    label_namespace=NAMESPACE + "linux-os:",
    description="Files of Linux that no visitor has business with.",
    rules=(
        detected("LFI_URIPATH", UNIX_FILES),
        detected("LFI_QUERYSTRING", UNIX_FILES),
        detected("LFI_HEADER", UNIX_FILES, WINDOWS_FILES, APPLICATION_FILES, TRAVERSAL),
    ),
)
