"""AssumeRole: putting on the role of another post, and taking off one's own permissions."""

from typing import TYPE_CHECKING

from masugata.authorization.resources.sts import find_role
from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.iam import Role
from masugata.services.sts._credentials import (
    issue,
    packed_size,
    session_policies,
    session_tags,
)

if TYPE_CHECKING:
    from masugata_types.sts import AssumeRoleRequest, AssumeRoleResponse

_CHAINED_SECONDS = 3600
_MOST_TAGS = 50


def assume_role(call: Call, request: "AssumeRoleRequest") -> "AssumeRoleResponse":
    """Temporary credentials of a role whose trust policy admits the caller.

    An MFA code counts when the trust policy is judged and not in the session that follows: AWS's do not
    carry it either ("Secure API access with MFA").

    Raises AccessDenied, ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge and
    InvalidParameterValue. Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    if call.caller.kind is CallerKind.ROOT:
        raise AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403)
    found = find_role(request["RoleArn"], call.partition, call.records)
    if found is None:  # the trust policy of a missing role has already denied
        raise AwsError("AccessDenied", f"User: {call.caller.arn} cannot assume {request['RoleArn']}", 403)
    account, role = found
    if request.get("ProvidedContexts"):
        raise AwsError("ValidationError", "ProvidedContexts are not supported: no context provider is known.")
    seconds = _seconds(request.get("DurationSeconds"), role, call.caller)
    policies = session_policies(call, account, request)
    tags, transitive = _tags(request, call.caller)
    source_identity = _source_identity(request.get("SourceIdentity"), call.caller)
    size = packed_size(policies["policies"], policies["policy_arns"], tags)
    session, credentials = issue(
        call,
        kind=CallerKind.ROLE_SESSION,
        account=account,
        issuer_id=role.id,
        seconds=seconds,
        name=request["RoleSessionName"],
        source_identity=source_identity,
        tags=tags,
        transitive_tag_keys=transitive,
        **policies,
    )
    call.touches("AWS::IAM::Role", request["RoleArn"])
    call.touches("AWS::STS::AssumedRole", f"{role.id}:{session.name}")
    call.touches("AWS::IAM::AccessKey", session.access_key_id)
    response: AssumeRoleResponse = {
        "Credentials": credentials,
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{session.name}",
            "Arn": f"arn:{call.partition}:sts::{account}:assumed-role/{role.name}/{session.name}",
        },
    }
    if size is not None:
        response["PackedPolicySize"] = size
    if source_identity is not None:
        response["SourceIdentity"] = source_identity
    return response


def _seconds(asked: int | None, role: Role, caller: Caller) -> int:
    """How long the session lasts; a chained role lasts an hour at most."""
    if caller.kind is CallerKind.ROLE_SESSION:
        if asked is not None and asked > _CHAINED_SECONDS:
            raise AwsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
                "role chaining.",
            )
        return asked or _CHAINED_SECONDS
    if asked is not None and asked > role.max_session_duration:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return asked or 3600


def _tags(request: "AssumeRoleRequest", caller: Caller) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session's tags and transitive keys: those passed on by the chain, and the new ones."""
    tags = session_tags(request.get("Tags"))
    asked = tuple(request.get("TransitiveTagKeys") or ())
    names = {key.lower() for key in tags}
    if missing := [key for key in asked if key.lower() not in names]:
        raise AwsError(
            "InvalidParameterValue",
            f"The transitive tag key {missing[0]} was not passed as a session tag.",
        )
    session = caller.session
    inherited = session.transitive_tag_keys if session else ()
    for key in inherited:
        if key.lower() in names:
            raise AwsError(
                "InvalidParameterValue",
                "One of the specified transitive tag keys can't be set because it conflicts with a "
                "transitive tag key from the calling session.",
            )
        if session is not None:
            tags[key] = session.tags[key]
    if len(tags) > _MOST_TAGS:
        raise AwsError("InvalidParameterValue", f"A session can have at most {_MOST_TAGS} tags.")
    spelled = {key.lower(): key for key in tags}
    return tags, (*inherited, *(spelled[key.lower()] for key in asked))


def _source_identity(asked: str | None, caller: Caller) -> str | None:
    """A source identity stays for the whole chain once it is set."""
    kept = caller.session.source_identity if caller.session else None
    if kept is not None and asked is not None and asked != kept:
        raise AwsError(
            "AccessDenied",
            f"The source identity `{kept}` of the calling session cannot be changed to `{asked}`.",
            403,
        )
    return kept or asked
