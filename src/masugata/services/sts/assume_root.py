"""AssumeRoot: being the root user of a member account, for one task and a quarter of an hour.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from typing import TYPE_CHECKING

from masugata.authorization.resources.sts import root_user_arn
from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.identity.root_tasks import TASKS, allowed_actions, task_of
from masugata.records.account import ACCOUNT
from masugata.records.iam.root_access import (
    IAM_PRINCIPAL,
    ROOT_CREDENTIALS_MANAGEMENT,
    ROOT_SESSIONS,
    root_features,
)
from masugata.records.organizations import organization_of
from masugata.services.sts._credentials import issue, session_token_size

if TYPE_CHECKING:
    from masugata_types.sts import AssumeRootRequest, AssumeRootResponse

_SECONDS = 900


def assume_root(call: Call, request: "AssumeRootRequest") -> "AssumeRootResponse":
    """Credentials of a member account's root user, which can do nothing but the task.

    Raises AccessDenied, also where the organization does not let the caller, and ValidationError.
    """
    if call.caller.kind is CallerKind.ROOT:
        raise AwsError("AccessDenied", "Root user credentials cannot be used to call AssumeRoot.", 403)
    arn = request["TaskPolicyArn"].get("arn", "")
    task = task_of(arn, call.partition)
    if task is None:
        raise AwsError("ValidationError", f"TaskPolicyArn must be the ARN of one of {', '.join(TASKS)}.")
    root = root_user_arn(request["TargetPrincipal"], call.partition)
    if root is None:
        raise AwsError(
            "ValidationError",
            "TargetPrincipal must be the id of a member account, or the ARN of its root user.",
        )
    member = root.split(":")[4]
    if (reason := _missing(call, member, task)) is not None:
        raise AwsError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRoot on resource: {root}"
            f" because {reason}",
            403,
        )
    source_identity = call.caller.session.source_identity if call.caller.session else None
    session, credentials = issue(
        call,
        kind=CallerKind.ROOT,
        account=member,
        issuer_id=member,
        seconds=request.get("DurationSeconds", _SECONDS),
        minimum_size=request.get("MinimumSessionTokenSize", 0),
        source_identity=source_identity,
        policies=(allowed_actions(task),),
        policy_arns=(arn,),
        assumed_root=True,
    )
    call.touches("AWS::Organizations::Account", root)
    call.touches("AWS::IAM::AccessKey", session.access_key_id)
    response: AssumeRootResponse = {"Credentials": credentials}
    response["SessionTokenSize"], response["SessionTokenUtilization"] = session_token_size(credentials)
    if source_identity is not None:
        response["SourceIdentity"] = source_identity
    return response


def _missing(call: Call, member: str, task: str) -> str | None:
    """Why the caller's account may not do the task in the other one; None if it may."""
    organization = organization_of(call.records, call.account)
    if organization is None:
        return f"the account {call.account} is in no organization"
    if call.account != organization.management_account and not organization.delegates(
        IAM_PRINCIPAL, call.account
    ):
        return (
            f"the account {call.account} is neither the management account of the organization"
            f" {organization.id} nor its delegated administrator for IAM"
        )
    its = organization_of(call.records, member)
    if its != organization or member == organization.management_account:
        return f"the account {member} is no member account of the organization {organization.id}"
    account = call.records.get(ACCOUNT, member, member)
    if account is None or not account.active:
        return f"the account {member} is closed"
    if not organization.all_features or not organization.trusts(IAM_PRINCIPAL):
        return f"IAM has no trusted access in the organization {organization.id}"
    feature = ROOT_CREDENTIALS_MANAGEMENT if task.startswith("IAM") else ROOT_SESSIONS
    if feature not in root_features(call.records, organization):
        return f"{feature} is not enabled in the organization {organization.id}"
    return None
