"""AWSManagedRulesWindowsRuleSet: commands of Windows.

Two lists of its rules are found in AWS's documentation of different times; a web ACL may name the rules of
either.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.commands import POWERSHELL, WINDOWS_COMMANDS
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesWindowsRuleSet",
    version="Version_2.3",
    static_versions=("Version_1.0", "Version_1.1", *(f"Version_2.{number}" for number in range(4))),
    capacity=200,
    label_namespace=NAMESPACE + "windows-os:",
    description="Commands of Windows and PowerShell.",
    rules=(
        detected("WindowsShellCommands_COOKIE", WINDOWS_COMMANDS),
        detected("WindowsShellCommands_HEADER", WINDOWS_COMMANDS),
        detected("WindowsShellCommands_QUERYARGUMENTS", WINDOWS_COMMANDS),
        detected("WindowsShellCommands_QUERYSTRING", WINDOWS_COMMANDS),
        detected("WindowsShellCommands_URIPATH", WINDOWS_COMMANDS, label="WindowsShellCommands_UriPath"),
        detected("WindowsShellCommands_BODY", WINDOWS_COMMANDS),
        detected("PowerShellCommands_COOKIE", POWERSHELL),
        detected("PowerShellCommands_QUERYARGUMENTS", POWERSHELL),
        detected("PowerShellCommands_BODY", POWERSHELL),
    ),
)
