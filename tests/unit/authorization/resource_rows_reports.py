"""What operations on service-linked roles and reports act on, by AWS's authorization reference."""

from collections.abc import Mapping
from typing import Any

from unit.authorization.world import IAM

GROUP = f"{IAM}group/kitchen/bakers"
LINKED = f"{IAM}role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
GUARDDUTY = {"AWSServiceName": "guardduty.amazonaws.com"}
BAKERY = {"AWSServiceName": "bakery.amazonaws.com"}
ORGANIZATION = "o-a1b2c3d4e5/r-f6g7h8i9j0"
ON_LINKED_ROLES_AND_REPORTS: list[tuple[str, Mapping[str, Any], str, Mapping[str, Any]]] = [
    ("CreateServiceLinkedRole", GUARDDUTY, LINKED, {"iam:AWSServiceName": "guardduty.amazonaws.com"}),
    (
        "CreateServiceLinkedRole",
        BAKERY,
        f"{IAM}role/aws-service-role/bakery.amazonaws.com/*",
        {"iam:AWSServiceName": "bakery.amazonaws.com"},
    ),
    (
        "GetServiceLinkedRoleDeletionStatus",
        {"DeletionTaskId": f"task/{LINKED.split('role/', 1)[1]}/u"},
        LINKED,
        {},
    ),
    ("GenerateServiceLastAccessedDetails", {"Arn": GROUP}, GROUP, {}),
    ("GenerateServiceLastAccessedDetails", {"Arn": f"{IAM}user/nobody"}, f"{IAM}user/nobody", {}),
    (
        "GenerateServiceLastAccessedDetails",
        {"Arn": "arn:aws:iam::444455556666:user/alice"},
        f"{IAM}user/alice",
        {},
    ),
    ("ListPoliciesGrantingServiceAccess", {"Arn": GROUP, "ServiceNamespaces": ["s3"]}, GROUP, {}),
    (
        "GenerateOrganizationsAccessReport",
        {"EntityPath": ORGANIZATION, "OrganizationsPolicyId": "p-12345678"},
        f"{IAM}access-report/{ORGANIZATION}",
        {"iam:OrganizationsPolicyId": "p-12345678"},
    ),
]
