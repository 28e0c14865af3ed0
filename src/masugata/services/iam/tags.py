"""Tags of users, roles, customer managed policies, instance profiles, MFA devices, server certificates."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.records.iam import (
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    MFA_DEVICE,
    ROLE,
    SERVER_CERTIFICATE,
    USER,
    ManagedPolicy,
)
from masugata.services.iam._common import find_instance_profile, find_role, find_user
from masugata.services.iam._tagging import page_of_tags, tag, untag
from masugata.services.iam.mfa_devices import find_virtual_device
from masugata.services.iam.policies import find_policy, own_policy
from masugata.services.iam.server_certificates import find_server_certificate

if TYPE_CHECKING:
    from masugata_types import iam as shapes


def tag_user(call: Call, request: "shapes.TagUserRequest") -> "shapes.TagUserResponse":
    """Add tags to a user, or change their values."""
    tag(call, USER, find_user(call, request["UserName"]), request["Tags"])
    return {}


def untag_user(call: Call, request: "shapes.UntagUserRequest") -> "shapes.UntagUserResponse":
    """Remove tags from a user."""
    untag(call, USER, find_user(call, request["UserName"]), request["TagKeys"])
    return {}


def list_user_tags(call: Call, request: "shapes.ListUserTagsRequest") -> "shapes.ListUserTagsResponse":
    """The tags of a user, by key."""
    tags, end = page_of_tags(find_user(call, request["UserName"]).tags, request)
    return {"Tags": tags, **end}


def tag_role(call: Call, request: "shapes.TagRoleRequest") -> "shapes.TagRoleResponse":
    """Add tags to a role, or change their values."""
    tag(call, ROLE, find_role(call, request["RoleName"]), request["Tags"])
    return {}


def untag_role(call: Call, request: "shapes.UntagRoleRequest") -> "shapes.UntagRoleResponse":
    """Remove tags from a role."""
    untag(call, ROLE, find_role(call, request["RoleName"]), request["TagKeys"])
    return {}


def list_role_tags(call: Call, request: "shapes.ListRoleTagsRequest") -> "shapes.ListRoleTagsResponse":
    """The tags of a role, by key."""
    tags, end = page_of_tags(find_role(call, request["RoleName"]).tags, request)
    return {"Tags": tags, **end}


def tag_policy(call: Call, request: "shapes.TagPolicyRequest") -> "shapes.TagPolicyResponse":
    """Add tags to a customer managed policy, or change their values."""
    tag(call, MANAGED_POLICY, own_policy(call, request["PolicyArn"]), request["Tags"])
    return {}


def untag_policy(call: Call, request: "shapes.UntagPolicyRequest") -> "shapes.UntagPolicyResponse":
    """Remove tags from a customer managed policy."""
    untag(call, MANAGED_POLICY, own_policy(call, request["PolicyArn"]), request["TagKeys"])
    return {}


def list_policy_tags(call: Call, request: "shapes.ListPolicyTagsRequest") -> "shapes.ListPolicyTagsResponse":
    """The tags of a managed policy, by key; AWS's own policies have none."""
    policy = find_policy(call, request["PolicyArn"])
    tags = policy.tags if isinstance(policy, ManagedPolicy) else ()
    shown, end = page_of_tags(tags, request)
    return {"Tags": shown, **end}


def tag_instance_profile(
    call: Call, request: "shapes.TagInstanceProfileRequest"
) -> "shapes.TagInstanceProfileResponse":
    """Add tags to an instance profile, or change their values."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    tag(call, INSTANCE_PROFILE, profile, request["Tags"])
    return {}


def untag_instance_profile(
    call: Call, request: "shapes.UntagInstanceProfileRequest"
) -> "shapes.UntagInstanceProfileResponse":
    """Remove tags from an instance profile."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    untag(call, INSTANCE_PROFILE, profile, request["TagKeys"])
    return {}


def list_instance_profile_tags(
    call: Call, request: "shapes.ListInstanceProfileTagsRequest"
) -> "shapes.ListInstanceProfileTagsResponse":
    """The tags of an instance profile, by key."""
    tags, end = page_of_tags(find_instance_profile(call, request["InstanceProfileName"]).tags, request)
    return {"Tags": tags, **end}


def tag_mfa_device(call: Call, request: "shapes.TagMFADeviceRequest") -> "shapes.TagMFADeviceResponse":
    """Add tags to a virtual MFA device, or change their values."""
    tag(call, MFA_DEVICE, find_virtual_device(call, request["SerialNumber"]), request["Tags"])
    return {}


def untag_mfa_device(call: Call, request: "shapes.UntagMFADeviceRequest") -> "shapes.UntagMFADeviceResponse":
    """Remove tags from a virtual MFA device."""
    untag(call, MFA_DEVICE, find_virtual_device(call, request["SerialNumber"]), request["TagKeys"])
    return {}


def list_mfa_device_tags(
    call: Call, request: "shapes.ListMFADeviceTagsRequest"
) -> "shapes.ListMFADeviceTagsResponse":
    """The tags of a virtual MFA device, by key."""
    tags, end = page_of_tags(find_virtual_device(call, request["SerialNumber"]).tags, request)
    return {"Tags": tags, **end}


def tag_server_certificate(call: Call, request: "shapes.TagServerCertificateRequest") -> dict[str, object]:
    """Add tags to a server certificate, or change their values."""
    record = find_server_certificate(call, request["ServerCertificateName"])
    tag(call, SERVER_CERTIFICATE, record, request["Tags"])
    return {}


def untag_server_certificate(
    call: Call, request: "shapes.UntagServerCertificateRequest"
) -> dict[str, object]:
    """Remove tags from a server certificate."""
    record = find_server_certificate(call, request["ServerCertificateName"])
    untag(call, SERVER_CERTIFICATE, record, request["TagKeys"])
    return {}


def list_server_certificate_tags(
    call: Call, request: "shapes.ListServerCertificateTagsRequest"
) -> "shapes.ListServerCertificateTagsResponse":
    """The tags of a server certificate, by key."""
    tags, end = page_of_tags(find_server_certificate(call, request["ServerCertificateName"]).tags, request)
    return {"Tags": tags, **end}
