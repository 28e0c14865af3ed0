"""The permission that it takes to have Organizations' service-linked role made in one's account.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_AcceptHandshake.html
"""

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import LINKED_ROLES, SERVICE_LINKED_PATH
from masugata.services.organizations._common import ORGANIZATIONS_PRINCIPAL


def authorize_linked_role(call: Call) -> None:
    """Raise AccessDeniedForDependencyException unless the caller may make the role, and say why not."""
    name = LINKED_ROLES[ORGANIZATIONS_PRINCIPAL].name(None)
    path = f"role{SERVICE_LINKED_PATH}{ORGANIZATIONS_PRINCIPAL}/{name}"
    resource = f"arn:{call.partition}:iam::{call.account}:{path}"
    try:
        call.authorize(
            "iam:CreateServiceLinkedRole", resource, {"iam:AWSServiceName": ORGANIZATIONS_PRINCIPAL}
        )
    except AwsError as denied:
        error = AwsError(
            "AccessDeniedForDependencyException",
            denied.message,
            400,
            Reason="ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE",
        )
        error.encoded_message, error.denied_by = denied.encoded_message, denied.denied_by
        raise error from denied
