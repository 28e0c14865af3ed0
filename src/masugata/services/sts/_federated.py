"""What the two operations have in common that hand out roles on the word of an identity provider."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from masugata.authorization.resources.sts import find_role
from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind, Federation
from masugata.records.iam import Role
from masugata.services.sts._credentials import (
    issue,
    packed_size,
    session_policies,
    session_token_size,
)

if TYPE_CHECKING:
    from masugata_types.sts import AssumedRoleUser, Credentials

_SHORTEST_SECONDS = 900


class Assumed(NamedTuple):
    """The parts of the answer that both operations have."""

    credentials: "Credentials"
    user: "AssumedRoleUser"
    packed_size: int | None
    token_size: tuple[int, int]


def assume(call: Call, request: Mapping[str, Any], name: str) -> tuple[Assumed, Federation]:
    """A session of the role under `name`; its trust policy has admitted the caller already."""
    federation = call.caller.federation
    found = find_role(request["RoleArn"], call.partition, call.records)
    # The trust policy of a missing role has already denied.
    if (
        federation is None
        or found is None
        or (federation.roles is not None and request["RoleArn"] not in federation.roles)
    ):
        raise AwsError("AccessDenied", f"Not authorized to perform sts:{call.operation}", 403)
    account, role = found
    policies = session_policies(call, account, request)
    size = packed_size(policies["policies"], policies["policy_arns"], federation.tags)
    session, credentials = issue(
        call,
        kind=CallerKind.ROLE_SESSION,
        account=account,
        issuer_id=role.id,
        seconds=_seconds(call, request.get("DurationSeconds"), role, federation),
        name=name,
        minimum_size=request.get("MinimumSessionTokenSize", 0),
        source_identity=federation.source_identity,
        tags=federation.tags,
        transitive_tag_keys=federation.transitive_tag_keys,
        provider=federation.provider,
        provider_keys=federation.session_keys,
        policies=policies["policies"],
        policy_arns=policies["policy_arns"],
    )
    call.touches("AWS::IAM::Role", request["RoleArn"])
    call.touches("AWS::STS::AssumedRole", f"{role.id}:{session.name}")
    call.touches("AWS::IAM::AccessKey", session.access_key_id)
    user: AssumedRoleUser = {
        "AssumedRoleId": f"{role.id}:{session.name}",
        "Arn": f"arn:{call.partition}:sts::{account}:assumed-role/{role.name}/{session.name}",
    }
    return Assumed(credentials, user, size, session_token_size(credentials)), federation


def _seconds(call: Call, asked: int | None, role: Role, federation: Federation) -> int:
    """How long the session lasts: what is asked or the provider says, and no longer than it allows."""
    if max(asked or 0, federation.seconds or 0) > role.max_session_duration:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    seconds = min(asked or federation.seconds or 3600, federation.seconds or role.max_session_duration)
    if federation.until is not None:
        seconds = min(seconds, federation.until - int(call.now.timestamp()))
        if seconds < _SHORTEST_SECONDS:
            raise AwsError(
                "ExpiredTokenException",
                "The assertion ends the session in less than 15 minutes, which is too short for one.",
            )
    return seconds
