"""AssumeRoleWithSAML: a role for whom a SAML identity provider vouches for. Nobody signs it."""

from datetime import datetime
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.identity.caller import Caller
from masugata.identity.federation import Verifier
from masugata.services.sts._federated import assume
from masugata.store import Records

if TYPE_CHECKING:
    from masugata_types.sts import AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse


def identify(
    verifier: Verifier, request: "AssumeRoleWithSAMLRequest", records: Records, now: datetime
) -> Caller:
    """Whom the assertion of a request stands for.

    Raises InvalidIdentityToken, ExpiredTokenException and ValidationError.
    """
    return verifier.saml(request["SAMLAssertion"], request["PrincipalArn"], request["RoleArn"], records, now)


def assume_role_with_saml(call: Call, request: "AssumeRoleWithSAMLRequest") -> "AssumeRoleWithSAMLResponse":
    """Temporary credentials of a role that the assertion offers and whose trust policy admits its subject.

    Raises AccessDenied, ValidationError, MalformedPolicyDocument and PackedPolicyTooLarge.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    """
    name = call.caller.federation.name if call.caller.federation is not None else ""
    assumed, federation = assume(call, request, name)
    response: AssumeRoleWithSAMLResponse = {
        "Credentials": assumed.credentials,
        "AssumedRoleUser": assumed.user,
        "Subject": federation.subject,
        "SubjectType": federation.subject_type,
        "Issuer": federation.issuer,
        "Audience": federation.audience,
        "NameQualifier": federation.name_qualifier,
    }
    response["SessionTokenSize"], response["SessionTokenUtilization"] = assumed.token_size
    if assumed.packed_size is not None:
        response["PackedPolicySize"] = assumed.packed_size
    if federation.source_identity is not None:
        response["SourceIdentity"] = federation.source_identity
    return response
