"""Operations on managed policies: the account's own, and AWS's, which nobody can change."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from masugata.authorization import managed_policies
from masugata.authorization.managed_policies import ManagedPolicy as AwsManagedPolicy
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, policy_size, validate_policy
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import GROUP, MANAGED_POLICY, ROLE, USER, ManagedPolicy, PolicyVersion
from masugata.records.kind import Kind
from masugata.services.iam._common import (
    already_exists,
    check_policy_arn,
    delete_conflict,
    find_managed_policy,
    no_such_entity,
    page,
    policy_arn,
    quota_exceeded,
    requested_tags,
    tag_shapes,
    whole_seconds,
)

if TYPE_CHECKING:
    from masugata_types import iam as shapes

POLICIES_PER_ACCOUNT = 1500
POLICY_SIZE = 6144
TEXT_PER_QUOTA = 8
"""How many times its quota a policy may be long with the white space, which quotas do not count."""

AnyPolicy = ManagedPolicy | AwsManagedPolicy


class Usage(NamedTuple):
    """By how many users, groups and roles a policy is used, and how."""

    attachments: int
    boundaries: int


def create_policy(call: Call, request: "shapes.CreatePolicyRequest") -> "shapes.CreatePolicyResponse":
    """Create a customer managed policy; its document becomes version v1."""
    name, document = request["PolicyName"], request["PolicyDocument"]
    tags = requested_tags(request.get("Tags", ()))
    check_managed_document(document)
    if call.records.get(MANAGED_POLICY, call.account, name.lower()) is not None:
        raise already_exists(f"A policy called {name} already exists. Duplicate names are not allowed.")
    if call.records.count(MANAGED_POLICY, call.account) >= POLICIES_PER_ACCOUNT:
        raise quota_exceeded("PoliciesPerAccount", POLICIES_PER_ACCOUNT)
    now = whole_seconds(call)
    policy = ManagedPolicy(
        name=name,
        path=request.get("Path", "/"),
        id=unique_id("ANPA", call.random),
        description=request.get("Description"),
        create_date=now,
        update_date=now,
        versions=(PolicyVersion(number=1, document=document, create_date=now),),
        default_version=1,
        latest_version=1,
        tags=tags,
    )
    save(call, policy)
    shape = policy_shape(call, policy)
    if tags:
        shape["Tags"] = tag_shapes(tags)
    return {"Policy": shape}


def get_policy(call: Call, request: "shapes.GetPolicyRequest") -> "shapes.GetPolicyResponse":
    """A managed policy without its document."""
    policy = find_policy(call, request["PolicyArn"])
    shape = policy_shape(call, policy)
    if policy.description:
        shape["Description"] = policy.description
    shape["Tags"] = tag_shapes(policy.tags if isinstance(policy, ManagedPolicy) else ())
    return {"Policy": shape}


def list_policies(call: Call, request: "shapes.ListPoliciesRequest") -> "shapes.ListPoliciesResponse":
    """The account's and AWS's managed policies by name."""
    scope, prefix = request.get("Scope", "All"), request.get("PathPrefix", "/")
    own = list(call.records.scan(MANAGED_POLICY, call.account)) if scope != "AWS" else []
    aws = managed_policies.all_policies(call.partition) if scope != "Local" else ()
    policies: tuple[AnyPolicy, ...] = (*own, *aws)
    chosen = [
        policy for policy in policies if policy.path.startswith(prefix) and _used(call, policy, request)
    ]
    shown, end = page(sorted(chosen, key=_order), request, "Policies", _order)
    return {"Policies": [policy_shape(call, policy) for policy in shown], **end}


def delete_policy(call: Call, request: "shapes.DeletePolicyRequest") -> "shapes.DeletePolicyResponse":
    """Delete a customer managed policy that nothing uses and that has one version left."""
    arn = request["PolicyArn"]
    policy = own_policy(call, arn)
    if any(usage(call, arn)):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the "
            "policy's versions. The default version is deleted with the policy."
        )
    call.transaction.delete(MANAGED_POLICY, call.account, MANAGED_POLICY.key(policy))
    call.touches("AWS::IAM::Policy", arn)
    return {}


def check_document(document: str, policy_type: PolicyType) -> None:
    """A policy must be one before it is stored; raises MalformedPolicyDocument."""
    try:
        validate_policy(document, policy_type)
    except MalformedPolicyError as error:
        raise AwsError("MalformedPolicyDocument", error.message) from None


def check_managed_document(document: str) -> None:
    """A managed policy's document must be valid and not too long; white space does not count.

    Raises MalformedPolicyDocument, and LimitExceeded also for more white space than is stored.
    """
    check_document(document, PolicyType.IDENTITY)
    if policy_size(document) > POLICY_SIZE:
        raise quota_exceeded("PolicySize", POLICY_SIZE)
    check_stored_length([document], POLICY_SIZE)


def check_stored_length(documents: Iterable[str], quota: int) -> None:
    """Documents under one quota must not be mostly white space, which is stored; raises LimitExceeded."""
    length, limit = sum(map(len, documents)), quota * TEXT_PER_QUOTA
    if length > limit:
        raise AwsError(
            "LimitExceeded",
            f"policies of `{length}` characters with white space exceed the {limit} that are stored",
            409,
        )


def find_policy(call: Call, arn: str) -> AnyPolicy:
    """The managed policy of exactly this ARN; raises InvalidInput and NoSuchEntity."""
    check_policy_arn(arn)
    policy = managed_policies.get(arn, call.partition) or find_managed_policy(call, arn)
    if policy is None:
        raise no_such_entity(f"Policy {arn} was not found.")
    return policy


def own_policy(call: Call, arn: str) -> ManagedPolicy:
    """The policy to change, which must be the account's own.

    Raises InvalidInput, NoSuchEntity, and AccessDenied for AWS's policies: not even root may
    change these.
    """
    policy = find_policy(call, arn)
    if not isinstance(policy, ManagedPolicy):
        raise AwsError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform: iam:{call.operation} "
            f"on resource: policy {arn}",
            403,
        )
    return policy


def save(call: Call, policy: ManagedPolicy) -> None:
    """Store a customer managed policy and name it for the event."""
    call.transaction.put(MANAGED_POLICY, call.account, policy)
    call.touches("AWS::IAM::Policy", policy_arn(call, policy))


def usage(call: Call, arn: str) -> Usage:
    """How often a policy is attached, and how often it is a permissions boundary."""

    def count(label: str, *kinds: Kind[Any]) -> int:
        return sum(len(call.records.referring(kind, call.account, label, arn)) for kind in kinds)

    return Usage(count("policy", USER, GROUP, ROLE), count("boundary", USER, ROLE))


def policy_shape(call: Call, policy: AnyPolicy) -> "shapes.Policy":
    """A managed policy as listings show it: without description and tags."""
    arn, policy_id, default_version = _identity(call, policy)
    attachments, boundaries = usage(call, arn)
    return {
        "PolicyName": policy.name,
        "PolicyId": policy_id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": default_version,
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
    }


def _identity(call: Call, policy: AnyPolicy) -> tuple[str, str, str]:
    """ARN, unique id and default version of a policy, whoever's it is."""
    if isinstance(policy, ManagedPolicy):
        return policy_arn(call, policy), policy.id, f"v{policy.default_version}"
    return policy.arn, policy.policy_id, policy.default_version_id


def name_order(name: str, *, aws: bool) -> str:
    """A key that orders policies by name; where AWS has one of the same name, it comes second."""
    return f"{name.lower()} {int(aws)}"


def _order(policy: AnyPolicy) -> str:
    return name_order(policy.name, aws=not isinstance(policy, ManagedPolicy))


def _used(call: Call, policy: AnyPolicy, request: "shapes.ListPoliciesRequest") -> bool:
    only_attached, how = request.get("OnlyAttached", False), request.get("PolicyUsageFilter")
    if not only_attached and how is None:
        return True
    used = usage(call, _identity(call, policy)[0])
    if only_attached and not used.attachments:
        return False
    if how == "PermissionsPolicy":
        return used.attachments > 0
    return how is None or used.boundaries > 0
