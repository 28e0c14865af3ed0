"""The global condition keys of a call.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from datetime import UTC, datetime
from functools import lru_cache

from masugata.authorization.access import Context, ContextValue
from masugata.authorization.guardrails import GUARDRAIL_KINDS, NO_GUARDRAILS, guardrails
from masugata.errors import AwsError
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller, CallerKind
from masugata.identity.services import ServicePrincipal
from masugata.records.iam import ROLE, USER
from masugata.store import Records
from masugata.store.remembered import Remembered
from masugata.wire.message import HttpRequest

HEADER_LIMIT = 1024
"""Characters of a header that is a condition key; a policy may compare it with thousands of patterns."""

_HEADERS = {"aws:UserAgent": "User-Agent", "aws:Referer": "Referer"}
_PRINCIPAL_TYPES = {
    CallerKind.ROOT: "Account",
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}


def request_context(
    request: HttpRequest, caller: Caller, region: str, now: datetime, records: Records
) -> dict[str, ContextValue]:
    """The global condition keys that describe the request and its caller.

    Raises ValidationError for a header that is longer than `HEADER_LIMIT`: cut, it might escape a Deny.
    """
    time, epoch_time = _of_second(int(now.timestamp()))
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": time,
        "aws:EpochTime": epoch_time,
        "aws:SourceIp": request.source_ip,
        "aws:SecureTransport": _truth(request.secure),
        "aws:RequestedRegion": region,
        "aws:ViaAWSService": "false",
    }
    for key, name in _HEADERS.items():
        if (value := request.header(name.lower())) is not None:
            if len(value) > HEADER_LIMIT:
                raise AwsError(
                    "ValidationError", f"The {name} header must not be longer than {HEADER_LIMIT} characters."
                )
            context[key] = value
    if caller.via or caller.is_service:
        _add_service(context, caller)
    if caller.session is not None or caller.code_time is not None:
        _add_session(context, caller, now)
    context |= _of_principal(caller, records)
    return context


@lru_cache(maxsize=16)  # to write a time takes longer than to decide on most requests' conditions
def _of_second(epoch: int) -> tuple[str, str]:
    """A time as `aws:CurrentTime` and `aws:EpochTime` have it."""
    return f"{datetime.fromtimestamp(epoch, UTC).isoformat()[:19]}Z", str(epoch)


# What describes a caller, but for its session and the time, follows from these records.
_described: Remembered[Caller, Context] = Remembered((*GUARDRAIL_KINDS, ROLE, USER), limit=4096)


def _of_principal(caller: Caller, records: Records) -> Context:
    """The keys of the principal that calls, tags included."""
    if not caller.hashable:
        return _find_principal(caller, records)
    known = _described.of(records)
    found = known.get(caller)
    return _described.keep(known, caller, _find_principal(caller, records)) if found is None else found


def _find_principal(caller: Caller, records: Records) -> Context:
    context: dict[str, ContextValue] = {"aws:PrincipalIsAWSService": "false"}
    if caller.service is not None:
        context |= _of_service(caller.service, records)
    elif caller.kind not in IDENTITY_PROVIDERS:
        # whom a provider vouches for is no principal of an account yet
        context |= {
            "aws:PrincipalAccount": caller.account,
            "aws:PrincipalArn": principal_arn(caller),
            "aws:PrincipalType": _PRINCIPAL_TYPES[caller.kind],
            "aws:userid": caller.user_id,
        }
        own = guardrails(caller.account, records)
        if own is not NO_GUARDRAILS:
            context["aws:PrincipalOrgID"] = own.organization
            context["aws:PrincipalOrgPaths"] = [own.path]
    if caller.kind is CallerKind.USER:
        context["aws:username"] = caller.entity_name
    for key, value in _principal_tags(caller, records).items():
        context[f"aws:PrincipalTag/{key}"] = value
    return context


def _add_service(context: dict[str, ContextValue], caller: Caller) -> None:
    """Keys of a call that a service makes; its address is not known, so that no policy can rely on it."""
    del context["aws:SourceIp"]
    if caller.via:
        names = [service.principal for service in caller.via]
        context |= {
            "aws:ViaAWSService": "true",
            "aws:CalledVia": names,
            "aws:CalledViaFirst": names[0],
            "aws:CalledViaLast": names[-1],
        }


def _of_service(service: ServicePrincipal, records: Records) -> dict[str, ContextValue]:
    """The keys of a service that calls for itself, and of the resource for which it does."""
    context: dict[str, ContextValue] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": service.name,
        "aws:PrincipalServiceNamesList": [service.name],
        "aws:SourceAccount": service.account,
    }
    if service.source_arn:
        context["aws:SourceArn"] = service.source_arn
    source = guardrails(service.account, records)
    if source is not NO_GUARDRAILS:
        context["aws:SourceOrgID"] = source.organization
        context["aws:SourceOrgPaths"] = [source.path]
    return context


def principal_arn(caller: Caller) -> str:
    """`aws:PrincipalArn`: the role's ARN for a role session, else the caller's own."""
    return caller.issuer_arn if caller.kind is CallerKind.ROLE_SESSION else caller.arn


def _add_session(context: dict[str, ContextValue], caller: Caller, now: datetime) -> None:
    """Keys that exist only with temporary credentials, or with an MFA code in the call itself."""
    session = caller.session
    if session is not None or caller.mfa is not None:
        context["aws:MultiFactorAuthPresent"] = _truth(caller.mfa is not None)
    if caller.mfa is not None:
        context["aws:MultiFactorAuthAge"] = str(int(now.timestamp()) - caller.mfa)
    if session is None:
        return
    issued = datetime.fromtimestamp(session.issued, UTC)
    context["aws:TokenIssueTime"] = issued.strftime("%Y-%m-%dT%H:%M:%SZ")
    if session.assumed_root:
        context["aws:AssumedRoot"] = "true"
    if session.source_identity is not None:
        context["aws:SourceIdentity"] = session.source_identity
    if session.provider is not None:
        context["aws:FederatedProvider"] = session.provider
        context.update(session.provider_keys)


def _principal_tags(caller: Caller, records: Records) -> dict[str, str]:
    """The tags of the user or role; a session's own tags go over them."""
    tags: dict[str, str] = {}
    if caller.kind is CallerKind.ROLE_SESSION:
        role = records.get(ROLE, caller.account, caller.entity_name.lower())
        tags = {tag.key: tag.value for tag in role.tags} if role else {}
    elif caller.entity_name:  # a user, or the user behind a federated one
        user = records.get(USER, caller.account, caller.entity_name.lower())
        tags = {tag.key: tag.value for tag in user.tags} if user else {}
    if caller.session is not None and caller.session.tags:
        names = {key.lower() for key in caller.session.tags}
        tags = {key: value for key, value in tags.items() if key.lower() not in names}
        tags.update(caller.session.tags)
    return tags


def _truth(value: bool) -> str:
    return "true" if value else "false"
