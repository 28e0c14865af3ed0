"""The services that work with Organizations, as far as an organization has to know them.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html and the
page of each service there.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from masugata.errors import AwsError
from masugata.services.organizations._common import invalid_input


class Integration(NamedTuple):
    """What a service that can have trusted access does.

    `delegates`: a member account can be its delegated administrator. `linked_role` is the service whose
    linked role appears in the management account when trusted access is enabled.
    """

    delegates: bool = False
    linked_role: str = ""


def _with_role(service: str, *, delegates: bool = True) -> Integration:
    return Integration(delegates, service)


_PLAIN: Final = Integration()
_DELEGATES: Final = Integration(delegates=True)

TRUSTED_SERVICES: Final[Mapping[str, Integration]] = {
    "access-analyzer.amazonaws.com": _with_role("access-analyzer.amazonaws.com"),
    "account.amazonaws.com": _DELEGATES,
    "agentless.inspector2.amazonaws.com": _with_role("agentless.inspector2.amazonaws.com", delegates=False),
    "artifact.amazonaws.com": _with_role("artifact.amazonaws.com", delegates=False),
    "auditmanager.amazonaws.com": _with_role("auditmanager.amazonaws.com"),
    "aws-artifact-account-sync.amazonaws.com": _PLAIN,
    "backup.amazonaws.com": _with_role("backup.amazonaws.com"),
    "billing-cost-management.amazonaws.com": _PLAIN,
    "chatbot.amazonaws.com": _PLAIN,
    "cloudtrail.amazonaws.com": _with_role("cloudtrail.amazonaws.com"),
    "compute-optimizer.amazonaws.com": _DELEGATES,
    "config-multiaccountsetup.amazonaws.com": _with_role("config-multiaccountsetup.amazonaws.com"),
    "config.amazonaws.com": _DELEGATES,
    "controltower.amazonaws.com": _PLAIN,
    "cost-optimization-hub.bcm.amazonaws.com": _DELEGATES,
    "detective.amazonaws.com": _with_role("detective.amazonaws.com"),
    "devops-guru.amazonaws.com": _DELEGATES,
    "ds.amazonaws.com": _PLAIN,
    "ec2.amazonaws.com": _PLAIN,
    "fms.amazonaws.com": _with_role("fms.amazonaws.com"),
    "guardduty.amazonaws.com": _with_role("guardduty.amazonaws.com"),
    "health.amazonaws.com": _DELEGATES,
    "iam.amazonaws.com": _DELEGATES,
    "inspector2.amazonaws.com": _with_role("inspector2.amazonaws.com"),
    "ipam.amazonaws.com": _with_role("ipam.amazonaws.com"),
    "license-management.marketplace.amazonaws.com": _PLAIN,
    "license-manager-linux-subscriptions.amazonaws.com": _DELEGATES,
    "license-manager.amazonaws.com": _with_role("license-manager.amazonaws.com"),
    "license-manager.member-account.amazonaws.com": _PLAIN,
    "macie.amazonaws.com": _with_role("macie.amazonaws.com"),
    "malware-protection.guardduty.amazonaws.com": _with_role(
        "malware-protection.guardduty.amazonaws.com", delegates=False
    ),
    "member.org.stacksets.cloudformation.amazonaws.com": _DELEGATES,
    "networkmanager.amazonaws.com": _DELEGATES,
    "notifications.amazonaws.com": _with_role("notifications.amazonaws.com"),
    "observabilityadmin.amazonaws.com": _DELEGATES,
    "opsdatasync.ssm.amazonaws.com": _PLAIN,
    "private-marketplace.marketplace.amazonaws.com": _DELEGATES,
    "ram.amazonaws.com": _with_role("ram.amazonaws.com", delegates=False),
    "reachabilityanalyzer.networkinsights.amazonaws.com": _DELEGATES,
    "reporting.trustedadvisor.amazonaws.com": _DELEGATES,
    "resource-explorer-2.amazonaws.com": _with_role("resource-explorer-2.amazonaws.com"),
    "security-ir.amazonaws.com": _DELEGATES,
    "securityhub.amazonaws.com": _with_role("securityhub.amazonaws.com"),
    "securitylake.amazonaws.com": _DELEGATES,
    "selfservicereporting.managedservices.amazonaws.com": _DELEGATES,
    "servicecatalog.amazonaws.com": _DELEGATES,
    "servicequotas.amazonaws.com": _with_role("servicequotas.amazonaws.com", delegates=False),
    "ssm-quicksetup.amazonaws.com": _DELEGATES,
    "ssm.amazonaws.com": _with_role("accountdiscovery.ssm.amazonaws.com"),
    "sso.amazonaws.com": _with_role("sso.amazonaws.com"),
    "stacksets.cloudformation.amazonaws.com": _PLAIN,
    "storage-lens.s3.amazonaws.com": _DELEGATES,
    "tagpolicies.tag.amazonaws.com": _PLAIN,
    "wellarchitected.amazonaws.com": _PLAIN,
}
"""Every service principal that can have trusted access."""


def integration(service: str) -> Integration:
    """What a service principal does; raises InvalidInputException, UNRECOGNIZED_SERVICE_PRINCIPAL."""
    found = TRUSTED_SERVICES.get(service)
    if found is None:
        raise unrecognized()
    return found


def delegating(service: str) -> None:
    """Check that a service can have delegated administrators; raises as `integration`."""
    if not integration(service).delegates:
        raise unrecognized()


def unrecognized() -> AwsError:
    """AWS's answer to a service principal that is none, or cannot do what was asked."""
    return invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
