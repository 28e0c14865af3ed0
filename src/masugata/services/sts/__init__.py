"""AWS Security Token Service."""

from masugata.call import Operation, read, write
from masugata.services.sts import assume_role, identity, tokens

OPERATIONS: dict[str, Operation] = {
    "AssumeRole": write(assume_role.assume_role, mfa=True),
    "DecodeAuthorizationMessage": read(identity.decode_authorization_message),
    "GetAccessKeyInfo": read(identity.get_access_key_info),
    "GetCallerIdentity": read(identity.get_caller_identity),
    "GetFederationToken": write(tokens.get_federation_token),
    "GetSessionToken": write(tokens.get_session_token, mfa=True),
}
