"""Records of IAM: one file for each noun, and the ARNs of what is in them.

Entities refer to each other by unique id (AIDA…, AGPA…, AROA…), so a rename moves nothing and a
recreated namesake inherits nothing. Keys are names in lower case, because IAM's names are unique
without regard to case.
"""

from typing import Any, Protocol

from masugata.records.iam.access_keys import ACCESS_KEY, AccessKey
from masugata.records.iam.certificates import (
    SERVER_CERTIFICATE,
    SIGNING_CERTIFICATE,
    ServerCertificate,
    SigningCertificate,
)
from masugata.records.iam.mfa_devices import MFA_DEVICE, MfaDevice, WrongCodes, mfa_device_key
from masugata.records.iam.policies import MANAGED_POLICY, ManagedPolicy, PolicyVersion
from masugata.records.iam.principals import (
    GROUP,
    INSTANCE_PROFILE,
    ROLE,
    USER,
    Group,
    InstanceProfile,
    Principal,
    Role,
    User,
)
from masugata.records.iam.service_specific_credentials import (
    SERVICE_SPECIFIC_CREDENTIAL,
    ServiceSpecificCredential,
)
from masugata.records.iam.ssh_public_keys import SSH_PUBLIC_KEY, SSHPublicKey
from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind, R

AWS_ACCOUNT = "aws"
"""What AWS managed policies have in the place of an account; no installation keeps records of it."""

IAM_KINDS: tuple[Kind[Any], ...] = (
    USER,
    GROUP,
    ROLE,
    MANAGED_POLICY,
    INSTANCE_PROFILE,
    ACCESS_KEY,
    SIGNING_CERTIFICATE,
    SERVER_CERTIFICATE,
    SSH_PUBLIC_KEY,
    SERVICE_SPECIFIC_CREDENTIAL,
    MFA_DEVICE,
)


def iam_arn(
    account: str,
    resource_type: str,
    record: Principal | ManagedPolicy | InstanceProfile | ServerCertificate | MfaDevice,
    *,
    partition: str = "aws",
) -> str:
    """The ARN of an IAM record: its type, path and name."""
    return f"arn:{partition}:iam::{account}:{resource_type}{record.path}{record.name}"


class RecordsByKey(Protocol):
    """What a look-up needs of a store's records."""

    def get(self, kind: Kind[R], account: str, key: str, /) -> R | None:
        """The record with this key, or None."""
        ...


def customer_managed_policy(
    records: RecordsByKey, account: str, arn: str, *, partition: str = "aws"
) -> ManagedPolicy | None:
    """The customer managed policy of `account` that has exactly this ARN, path and case included, or None."""
    policy = records.get(MANAGED_POLICY, account, arn.rpartition("/")[2].lower())
    if policy is None or iam_arn(account, "policy", policy, partition=partition) != arn:
        return None
    return policy


__all__ = [
    "ACCESS_KEY",
    "AWS_ACCOUNT",
    "GROUP",
    "IAM_KINDS",
    "INSTANCE_PROFILE",
    "MANAGED_POLICY",
    "MFA_DEVICE",
    "ROLE",
    "SERVER_CERTIFICATE",
    "SERVICE_SPECIFIC_CREDENTIAL",
    "SIGNING_CERTIFICATE",
    "SSH_PUBLIC_KEY",
    "USER",
    "AccessKey",
    "Group",
    "InstanceProfile",
    "ManagedPolicy",
    "MfaDevice",
    "PolicyVersion",
    "Principal",
    "Role",
    "SSHPublicKey",
    "ServerCertificate",
    "ServiceSpecificCredential",
    "SigningCertificate",
    "Tag",
    "User",
    "WrongCodes",
    "customer_managed_policy",
    "iam_arn",
    "mfa_device_key",
]
