"""Operations on an organization as a whole."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT
from masugata.records.organizations import ORGANIZATION, Organization, organization_of
from masugata.services.organizations._common import acting_organization, arn, new_id, whole_milliseconds
from masugata.services.organizations._joining import join

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def create_organization(
    call: Call, request: "shapes.CreateOrganizationRequest"
) -> "shapes.CreateOrganizationResponse":
    """Make an organization of which the caller's account is the management account.

    No policy type is enabled in its root, whichever the feature set. Raises
    AlreadyInOrganizationException.
    """
    if organization_of(call.records, call.account) is not None:
        raise AwsError(
            "AlreadyInOrganizationException", "The AWS account is already a member of an organization.", 400
        )
    organization = Organization(
        id=new_id(call, "o", 10),
        root_id=new_id(call, "r", 4),
        management_account=call.account,
        create_date=whole_milliseconds(call.now),
        all_features=request.get("FeatureSet", "ALL") == "ALL",
    )
    call.transaction.put(ORGANIZATION, call.account, organization)
    join(call.transaction, organization, call.account, "INVITED", now=call.now, random=call.random)
    call.touches("AWS::Organizations::Organization", organization.id)
    return {"Organization": organization_shape(call, organization)}


def describe_organization(call: Call, request: object) -> "shapes.DescribeOrganizationResponse":
    """The organization that the caller's account is in, for every one of its accounts."""
    del request
    return {"Organization": organization_shape(call, acting_organization(call))}


def organization_shape(call: Call, organization: Organization) -> "shapes.Organization":
    """An organization as it is answered.

    AvailablePolicyTypes says what AWS says: SCPs where all features are there, and what is enabled has to
    be asked of the root.
    """
    management = call.records.get(ACCOUNT, organization.management_account, organization.management_account)
    features: list[shapes.PolicyTypeSummary] = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    return {
        "Id": organization.id,
        "Arn": arn(call, organization, "organization"),
        "FeatureSet": "ALL" if organization.all_features else "CONSOLIDATED_BILLING",
        "MasterAccountArn": arn(call, organization, "account", organization.management_account),
        "MasterAccountId": organization.management_account,
        "MasterAccountEmail": "" if management is None else management.root_email,
        "AvailablePolicyTypes": features if organization.all_features else [],
    }
