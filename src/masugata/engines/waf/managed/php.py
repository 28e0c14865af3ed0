"""AWSManagedRulesPHPRuleSet: PHP that a request brings along.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.php import PHP
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesPHPRuleSet",
    version="Version_2.1",
    static_versions=("Version_1.0", "Version_1.1", "Version_2.0", "Version_2.1"),
    capacity=100,
    label_namespace=NAMESPACE + "php-app:",
    description="Functions, streams, variables and serialized objects of PHP.",
    rules=tuple(
        detected(f"PHPHighRiskMethodsVariables_{part}", PHP)
        for part in ("HEADER", "QUERYSTRING", "BODY", "URIPATH")
    ),
)
