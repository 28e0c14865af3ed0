from masugata.call import Operation, read, write
from masugata.services.iam import outbound_federation

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
}
