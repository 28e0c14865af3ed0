"""AWS Security Token Service."""

from masugata.call import Operation, read, unsigned, write
from masugata.services.sts import (
    assume_role,
    assume_root,
    delegated_access,
    identity,
    saml,
    tokens,
    web_identity,
    web_identity_token,
)

OPERATIONS: dict[str, Operation] = {
    "AssumeRole": write(assume_role.assume_role, mfa=True),
    "AssumeRoleWithSAML": unsigned(saml.assume_role_with_saml, saml.identify),
    "AssumeRoleWithWebIdentity": unsigned(
        web_identity.assume_role_with_web_identity, web_identity.identify, waits=True
    ),
    "AssumeRoot": write(assume_root.assume_root),
    "DecodeAuthorizationMessage": read(identity.decode_authorization_message),
    "GetAccessKeyInfo": read(identity.get_access_key_info),
    "GetCallerIdentity": read(identity.get_caller_identity),
    "GetDelegatedAccessToken": write(delegated_access.get_delegated_access_token),
    "GetFederationToken": write(tokens.get_federation_token),
    "GetSessionToken": write(tokens.get_session_token, mfa=True),
    "GetWebIdentityToken": write(
        web_identity_token.get_web_identity_token, web_identity_token.open_signing_key
    ),
}
