"""IAM's operations on an account as a whole, and on its organization."""

from masugata.call import Operation, read, write
from masugata.services.iam import account_properties, delegation_requests, outbound_federation, root_access

ACCOUNT_OPERATIONS: dict[str, Operation] = {
    "EnableOutboundWebIdentityFederation": write(
        outbound_federation.enable_outbound_web_identity_federation, outbound_federation.make_issuer_keys
    ),
    "DisableOutboundWebIdentityFederation": write(
        outbound_federation.disable_outbound_web_identity_federation
    ),
    "GetOutboundWebIdentityFederationInfo": read(
        outbound_federation.get_outbound_web_identity_federation_info
    ),
    "CreateDelegationRequest": write(delegation_requests.create_delegation_request),
    "AssociateDelegationRequest": write(delegation_requests.associate_delegation_request),
    "GetDelegationRequest": read(delegation_requests.get_delegation_request),
    "ListDelegationRequests": read(delegation_requests.list_delegation_requests),
    "UpdateDelegationRequest": write(delegation_requests.update_delegation_request),
    "AcceptDelegationRequest": write(delegation_requests.accept_delegation_request),
    "RejectDelegationRequest": write(delegation_requests.reject_delegation_request),
    "SendDelegationToken": write(delegation_requests.send_delegation_token),
    "GetHumanReadableSummary": read(delegation_requests.get_human_readable_summary),
    "GetAccountProperties": read(account_properties.get_account_properties),
    "PutAccountProperties": write(account_properties.put_account_properties),
    "SetSecurityTokenServicePreferences": write(account_properties.set_security_token_service_preferences),
    "EnableOrganizationsRootCredentialsManagement": write(
        root_access.enable_organizations_root_credentials_management
    ),
    "DisableOrganizationsRootCredentialsManagement": write(
        root_access.disable_organizations_root_credentials_management
    ),
    "EnableOrganizationsRootSessions": write(root_access.enable_organizations_root_sessions),
    "DisableOrganizationsRootSessions": write(root_access.disable_organizations_root_sessions),
    "ListOrganizationsFeatures": read(root_access.list_organizations_features),
}
