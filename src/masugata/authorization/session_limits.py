"""What temporary credentials may not do, whatever the policies say.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.wire.sigv4 import invalid_token


def check_session_limits(service: str, operation: str, caller: Caller) -> None:
    """Refuse IAM and STS to sessions of GetSessionToken and GetFederationToken as AWS does.

    GetSessionToken without MFA: no IAM; of STS only AssumeRole and GetCallerIdentity.
    GetFederationToken: no IAM; of STS only GetCallerIdentity. Who signed in with a password may use
    IAM as in AWS's console, or nobody could register a first MFA device there. AssumeRoot: of STS only
    GetCallerIdentity; of IAM what its task is. Delegated access: what its policy is, of both.
    """
    if caller.session is None:
        return
    if service == "sts" and operation in {"GetSessionToken", "GetFederationToken"}:
        raise AwsError("AccessDenied", f"Cannot call {operation} with session credentials", 403)
    if caller.kind is CallerKind.ROLE_SESSION or caller.session.delegate:
        return
    session = caller.session
    proven = session.mfa is not None or session.sign_in or session.assumed_root
    if service == "iam" and (caller.kind is CallerKind.FEDERATED or not proven):
        raise invalid_token()
    if service == "sts":
        permitted = {"GetCallerIdentity"}
        if caller.kind is not CallerKind.FEDERATED and not session.assumed_root:
            permitted.add("AssumeRole")
        if operation not in permitted:
            raise AwsError("AccessDenied", f"Cannot call {operation} with session credentials", 403)
