"""IAM's operations on an account as a whole, and on its organization."""

from masugata.call import Operation, read, write
from masugata.services.iam import account_properties, outbound_federation, root_access

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
