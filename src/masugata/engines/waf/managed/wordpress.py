"""AWSManagedRulesWordPressRuleSet: what WordPress and its plug-ins should not be asked.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.paths import WORDPRESS_COMMANDS, WORDPRESS_PATHS
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesWordPressRuleSet",
    version="Version_1.0",
    static_versions=("Version_1.0",),
    capacity=100,
    label_namespace=NAMESPACE + "wordpress-app:",
    description="Commands and files of WordPress that are known to be attacked.",
    rules=(
        detected(
            "WordPressExploitableCommands_QUERYSTRING",
            WORDPRESS_COMMANDS,
            label="WordPressExploitableCommands_QUERYSTRING",
        ),
        detected(
            "WordPressExploitablePaths_URIPATH", WORDPRESS_PATHS, label="WordPressExploitablePaths_URIPATH"
        ),
    ),
)
