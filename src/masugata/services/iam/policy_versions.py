"""Operations on the versions of managed policies."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import ManagedPolicy, PolicyVersion
from masugata.services.iam._common import delete_conflict, no_such_entity, page, whole_seconds
from masugata.services.iam.policies import AnyPolicy, check_managed_document, find_policy, own_policy, save

if TYPE_CHECKING:
    from masugata_types import iam as shapes

VERSIONS_PER_POLICY = 5


def create_policy_version(
    call: Call, request: "shapes.CreatePolicyVersionRequest"
) -> "shapes.CreatePolicyVersionResponse":
    """Add a version to a customer managed policy; numbers are never used again."""
    policy = own_policy(call, request["PolicyArn"])
    check_managed_document(request["PolicyDocument"])
    if len(policy.versions) >= VERSIONS_PER_POLICY:
        raise AwsError(
            "LimitExceeded",
            f"A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new "
            "version, you must delete an existing version.",
            409,
        )
    now = whole_seconds(call)
    number = policy.latest_version + 1
    version = PolicyVersion(number=number, document=request["PolicyDocument"], create_date=now)
    policy = msgspec.structs.replace(
        policy,
        versions=(*policy.versions, version),
        latest_version=number,
        default_version=number if request.get("SetAsDefault", False) else policy.default_version,
        update_date=now,
    )
    save(call, policy)
    return {"PolicyVersion": _own_shape(policy, version)}


def get_policy_version(
    call: Call, request: "shapes.GetPolicyVersionRequest"
) -> "shapes.GetPolicyVersionResponse":
    """One version with its document; of AWS's policies only the default one is known."""
    policy = _found(call, request["PolicyArn"], request["VersionId"])
    for version in version_shapes(policy):
        if version["VersionId"] == request["VersionId"]:
            return {"PolicyVersion": version}
    raise _no_such_version(request["PolicyArn"], request["VersionId"])


def list_policy_versions(
    call: Call, request: "shapes.ListPolicyVersionsRequest"
) -> "shapes.ListPolicyVersionsResponse":
    """The versions of a managed policy, newest first, without their documents."""
    versions = version_shapes(find_policy(call, request["PolicyArn"]))
    for version in versions:
        del version["Document"]
    chosen, end = page(versions, request, "Versions", _newest_first)
    return {"Versions": chosen, **end}


def set_default_policy_version(
    call: Call, request: "shapes.SetDefaultPolicyVersionRequest"
) -> "shapes.SetDefaultPolicyVersionResponse":
    """Make another version the one that is in force."""
    policy, version = _own_version(call, request["PolicyArn"], request["VersionId"])
    save(call, msgspec.structs.replace(policy, default_version=version.number))
    return {}


def delete_policy_version(
    call: Call, request: "shapes.DeletePolicyVersionRequest"
) -> "shapes.DeletePolicyVersionResponse":
    """Delete a version that is not the default one."""
    policy, version = _own_version(call, request["PolicyArn"], request["VersionId"])
    if version.number == policy.default_version:
        raise delete_conflict("Cannot delete the default version of a policy.")
    left = tuple(other for other in policy.versions if other.number != version.number)
    save(call, msgspec.structs.replace(policy, versions=left))
    return {}


def version_shapes(policy: AnyPolicy) -> "list[shapes.PolicyVersion]":
    """The versions of a managed policy, newest first, with their documents."""
    if isinstance(policy, ManagedPolicy):
        newest_first = sorted(policy.versions, key=lambda version: version.number, reverse=True)
        return [{"Document": version.document, **_own_shape(policy, version)} for version in newest_first]
    return [
        {
            "Document": policy.document(),
            "VersionId": policy.default_version_id,
            "IsDefaultVersion": True,
            "CreateDate": policy.update_date,
        }
    ]


def _own_shape(policy: ManagedPolicy, version: PolicyVersion) -> "shapes.PolicyVersion":
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.default_version,
        "CreateDate": version.create_date,
    }


def _newest_first(version: "shapes.PolicyVersion") -> str:
    """A key that falls while the version's number rises."""
    return f"{10**12 - int(version['VersionId'].removeprefix('v')):013d}"


def _found(call: Call, arn: str, version_id: str) -> AnyPolicy:
    """A missing policy is reported as a missing version."""
    try:
        return find_policy(call, arn)
    except AwsError as error:
        if error.code == "NoSuchEntity":
            raise _no_such_version(arn, version_id) from None
        raise


def _own_version(call: Call, arn: str, version_id: str) -> tuple[ManagedPolicy, PolicyVersion]:
    _found(call, arn, version_id)
    policy = own_policy(call, arn)
    for version in policy.versions:
        if f"v{version.number}" == version_id:
            return policy, version
    raise _no_such_version(arn, version_id)


def _no_such_version(arn: str, version_id: str) -> AwsError:
    return no_such_entity(f"Policy {arn} version {version_id} does not exist or is not attachable.")
