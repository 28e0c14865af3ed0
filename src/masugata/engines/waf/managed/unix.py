"""AWSManagedRulesUnixRuleSet: commands of Unix.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.commands import UNIX_COMMANDS
from masugata.engines.waf.detectors.files import UNIX_FILES
from masugata.engines.waf.managed._group import ManagedGroup, Source
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesUnixRuleSet",
    version="Version_2.1",
    static_versions=("Version_1.0", "Version_1.1", "Version_2.0", "Version_2.1"),
    capacity=100,
    label_namespace=NAMESPACE + "posix-os:",
    description="Commands, variables and files of Unix shells.",
    rules=(
        detected(
            "UNIXShellCommandsVariables_QUERYSTRING", UNIX_COMMANDS, UNIX_FILES, also=(Source.URI_PATH,)
        ),
        detected("UNIXShellCommandsVariables_BODY", UNIX_COMMANDS, UNIX_FILES),
        detected("UNIXShellCommandsVariables_HEADER", UNIX_COMMANDS, UNIX_FILES),
    ),
)
