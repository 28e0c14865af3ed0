"""AssumeRoleWithWebIdentity: a role for whom an OpenID Connect issuer vouches for. Nobody signs it."""

from datetime import datetime
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.identity.federation import Verifier
from masugata.services.sts._federated import assume
from masugata.store import Records

if TYPE_CHECKING:
    from masugata_types.sts import AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse


def identify(
    verifier: Verifier, request: "AssumeRoleWithWebIdentityRequest", records: Records, now: datetime
) -> Caller:
    """Whom the token of a request stands for.

    Raises InvalidIdentityToken, ExpiredTokenException, IDPCommunicationError and ValidationError.
    """
    if request.get("ProviderId") is not None:
        # It names an OAuth 2.0 provider whose access tokens only it can read.
        raise AwsError(
            "ValidationError", "ProviderId is not supported: only tokens of OpenID Connect providers are."
        )
    return verifier.web_identity(request["WebIdentityToken"], request["RoleArn"], records, now)


def assume_role_with_web_identity(
    call: Call, request: "AssumeRoleWithWebIdentityRequest"
) -> "AssumeRoleWithWebIdentityResponse":
    """Temporary credentials of a role whose trust policy admits whom the token stands for.

    Raises AccessDenied, ValidationError, MalformedPolicyDocument and PackedPolicyTooLarge.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """
    assumed, federation = assume(call, request, request["RoleSessionName"])
    response: AssumeRoleWithWebIdentityResponse = {
        "Credentials": assumed.credentials,
        "AssumedRoleUser": assumed.user,
        "SubjectFromWebIdentityToken": federation.subject,
        "Audience": federation.audience,
        "Provider": federation.provider,
    }
    response["SessionTokenSize"], response["SessionTokenUtilization"] = assumed.token_size
    if assumed.packed_size is not None:
        response["PackedPolicySize"] = assumed.packed_size
    if federation.source_identity is not None:
        response["SourceIdentity"] = federation.source_identity
    return response
