"""Operations on service-specific credentials: names and passwords, or API keys, that one service takes."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import (
    SERVICE_SPECIFIC_CREDENTIAL,
    USER,
    ServiceSpecificCredential,
    User,
)
from masugata.services.iam._common import (
    find_user,
    page,
    quota_exceeded,
    whole_seconds,
)
from masugata.services.iam._owned import find_owned, is_active, owned, user_or_caller

if TYPE_CHECKING:
    from masugata_types import iam as shapes

CREDENTIALS_PER_SERVICE = 2
PURPOSE = "service-specific-credential"
_PASSWORD_SERVICES = frozenset({"cassandra.amazonaws.com", "codecommit.amazonaws.com"})
# API keys begin so that whoever finds one knows what it is.
_API_KEY_SERVICES = {"bedrock.amazonaws.com": "ABSK", "logs.amazonaws.com": "ACWL"}


def create_service_specific_credential(
    call: Call, request: "shapes.CreateServiceSpecificCredentialRequest"
) -> "shapes.CreateServiceSpecificCredentialResponse":
    """Make a name and a secret for one service; the secret is shown in this answer and never again."""
    user = find_user(call, request["UserName"])
    service = request["ServiceName"]
    _check_service(service)
    days = request.get("CredentialAgeDays")
    if days is not None and service not in _API_KEY_SERVICES:
        message = f"CredentialAgeDays is for API keys only, not for the service {service}."
        raise AwsError("ValidationError", message, 400)
    others = [
        credential
        for credential in owned(call, SERVICE_SPECIFIC_CREDENTIAL, user.id)
        if credential.service == service
    ]
    if len(others) >= CREDENTIALS_PER_SERVICE:
        raise quota_exceeded("ServiceSpecificCredentialsPerUser", CREDENTIALS_PER_SERVICE)
    created = whole_seconds(call)
    credential = ServiceSpecificCredential(
        id=unique_id("ACCA", call.random),
        owner_id=user.id,
        service=service,
        service_name=_service_name(call, user, service),
        secret=b"",
        create_date=created,
        expiration=None if days is None else created + timedelta(days=days),
    )
    return {"ServiceSpecificCredential": _put_with_new_secret(call, user, credential)}


def list_service_specific_credentials(
    call: Call, request: "shapes.ListServiceSpecificCredentialsRequest"
) -> "shapes.ListServiceSpecificCredentialsResponse":
    """The credentials of a user, of the caller, or of all users for one service; without secrets."""
    name, service = request.get("UserName"), request.get("ServiceName")
    if service is not None:
        _check_service(service)
    if request.get("AllUsers"):
        if name is not None or service is None:
            raise AwsError("ValidationError", "AllUsers needs a ServiceName and takes no UserName.", 400)
        found: Sequence[ServiceSpecificCredential] = list(
            call.records.scan(SERVICE_SPECIFIC_CREDENTIAL, call.account)
        )
    else:
        found = owned(call, SERVICE_SPECIFIC_CREDENTIAL, user_or_caller(call, name).id)
    wanted = [credential for credential in found if service in (None, credential.service)]
    chosen, end = page(wanted, request, "ServiceSpecificCredentials", SERVICE_SPECIFIC_CREDENTIAL.key)
    owners = {r.owner_id: call.records.by_name(USER, "id", r.owner_id) for r in chosen}
    return {
        "ServiceSpecificCredentials": [
            _metadata(call, owner[2], credential)
            for credential in chosen
            # INVARIANT: a user with credentials cannot be deleted
            if (owner := owners[credential.owner_id]) is not None
        ],
        **end,
    }


def update_service_specific_credential(
    call: Call, request: "shapes.UpdateServiceSpecificCredentialRequest"
) -> dict[str, object]:
    """Switch a credential on or off."""
    user, credential = _named(call, request)
    active = is_active(request["Status"], "a credential")
    _put(call, user, msgspec.structs.replace(credential, active=active))
    return {}


def reset_service_specific_credential(
    call: Call, request: "shapes.ResetServiceSpecificCredentialRequest"
) -> "shapes.ResetServiceSpecificCredentialResponse":
    """Give a credential a new secret; the one before is worth nothing from then on."""
    user, credential = _named(call, request)
    return {"ServiceSpecificCredential": _put_with_new_secret(call, user, credential)}


def delete_service_specific_credential(
    call: Call, request: "shapes.DeleteServiceSpecificCredentialRequest"
) -> dict[str, object]:
    """Delete a credential."""
    user, credential = _named(call, request)
    call.transaction.delete(SERVICE_SPECIFIC_CREDENTIAL, call.account, credential.id)
    call.touches("AWS::IAM::User", user.name)
    return {}


def _check_service(service: str) -> None:
    if service not in _PASSWORD_SERVICES and service not in _API_KEY_SERVICES:
        raise AwsError("NotSupportedService", f"The service {service} is not supported.", 404)


def _service_name(call: Call, user: User, service: str) -> str:
    """`jane-at-111122223333`; one that somebody has already, who may have been called so, counts up."""
    everybody = call.records.scan(SERVICE_SPECIFIC_CREDENTIAL, call.account)
    taken = {credential.service_name for credential in everybody if credential.service == service}
    names = (f"{user.name}{f'+{n}' if n else ''}-at-{call.account}" for n in count())
    return next(name for name in names if name not in taken)


def _named(call: Call, request: Mapping[str, Any]) -> tuple[User, ServiceSpecificCredential]:
    """A user, or the caller, and one of its credentials."""
    user = user_or_caller(call, request.get("UserName"))
    identity = request["ServiceSpecificCredentialId"]
    noun = "service specific credential"
    return user, find_owned(call, SERVICE_SPECIFIC_CREDENTIAL, user.id, identity, noun)


def _put(call: Call, user: User, credential: ServiceSpecificCredential) -> None:
    call.transaction.put(SERVICE_SPECIFIC_CREDENTIAL, call.account, credential)
    call.touches("AWS::IAM::User", user.name)


def _put_with_new_secret(
    call: Call, user: User, credential: ServiceSpecificCredential
) -> "shapes.ServiceSpecificCredential":
    """Store the credential with a new secret, and show both, this one time."""
    prefix = _API_KEY_SERVICES.get(credential.service)
    secret = b64encode(call.random(33)).decode()
    if prefix is not None:
        secret = prefix + b64encode(f"{credential.service_name}:{secret}".encode()).decode()
    sealed = call.keeper.seal(PURPOSE, secret.encode(), credential.id.encode())
    _put(call, user, msgspec.structs.replace(credential, secret=sealed))
    metadata = _metadata(call, user, credential)
    shown = {"ServicePassword": secret} if prefix is None else {"ServiceCredentialSecret": secret}
    # mypy knows no TypedDict that has all members of another and one more.
    return {**metadata, **shown}  # type: ignore[typeddict-item]


def _metadata(
    call: Call, user: User, credential: ServiceSpecificCredential
) -> "shapes.ServiceSpecificCredentialMetadata":
    shape: shapes.ServiceSpecificCredentialMetadata = {
        "UserName": user.name,
        "Status": credential.status(call.now),
        "CreateDate": credential.create_date,
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service,
    }
    if credential.service in _API_KEY_SERVICES:
        shape["ServiceCredentialAlias"] = credential.service_name
    else:
        shape["ServiceUserName"] = credential.service_name
    if credential.expiration is not None:
        shape["ExpirationDate"] = credential.expiration
    return shape
