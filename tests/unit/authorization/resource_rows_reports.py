"""What operations on service-linked roles and reports act on, by AWS's authorization reference."""

from collections.abc import Mapping
from typing import Any

from unit.authorization.world import IAM, OTHER_ID

USER = f"{IAM}user/staff/alice"
GROUP = f"{IAM}group/kitchen/bakers"
ROLE = f"{IAM}role/kitchen/Cook"
LINKED = f"{IAM}role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
GUARDDUTY = {"AWSServiceName": "guardduty.amazonaws.com"}
BAKERY = {"AWSServiceName": "bakery.amazonaws.com"}
TASK = {"DeletionTaskId": f"task/{LINKED.split('role/', 1)[1]}/uuid"}
ORGANIZATION = "o-a1b2c3d4e5/r-f6g7h8i9j0"
LAST_ACCESSED, GRANTING = "GenerateServiceLastAccessedDetails", "ListPoliciesGrantingServiceAccess"

Row = tuple[str, Mapping[str, Any], str, Mapping[str, Any]]
ON_LINKED_ROLES_AND_REPORTS: list[Row] = [
    ("CreateServiceLinkedRole", GUARDDUTY, LINKED, {"iam:AWSServiceName": "guardduty.amazonaws.com"}),
    ("GetServiceLinkedRoleDeletionStatus", TASK, LINKED, {}),
    (LAST_ACCESSED, {"Arn": GROUP}, GROUP, {}),
    (GRANTING, {"Arn": GROUP, "ServiceNamespaces": ["s3"]}, GROUP, {}),
    (
        "GenerateOrganizationsAccessReport",
        {"EntityPath": ORGANIZATION, "OrganizationsPolicyId": "p-12345678"},
        f"{IAM}access-report/{ORGANIZATION}",
        {"iam:OrganizationsPolicyId": "p-12345678"},
    ),
]
# What is not there, or not the caller's, is judged as if it were the caller's: the operation refuses it.
FURTHER: list[tuple[str, Mapping[str, Any], str]] = [
    ("CreateServiceLinkedRole", BAKERY, f"{IAM}role/aws-service-role/bakery.amazonaws.com/*"),
    (
        "CreateServiceLinkedRole",
        {"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": "blue"},
        f"{IAM}role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_blue",
    ),
    ("GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": "nothing"}, f"{IAM}role/"),
    (LAST_ACCESSED, {"Arn": USER}, USER),
    (LAST_ACCESSED, {"Arn": ROLE}, ROLE),
    (
        LAST_ACCESSED,
        {"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    (LAST_ACCESSED, {"Arn": f"{IAM}user/nobody"}, f"{IAM}user/nobody"),
    (LAST_ACCESSED, {"Arn": f"arn:aws:iam::{OTHER_ID}:user/alice"}, f"{IAM}user/alice"),
    (LAST_ACCESSED, {"Arn": "nonsense"}, f"{IAM}nonsense"),
]
