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
from masugata.records.iam.delegation_requests import DELEGATION_REQUEST, DelegationRequest
from masugata.records.iam.failed_attempts import FAILED_ATTEMPTS, FailedAttempts
from masugata.records.iam.login_profiles import (
    LOGIN_PROFILE,
    PASSWORD_POLICY,
    LoginProfile,
    PasswordPolicy,
)
from masugata.records.iam.mfa_devices import MFA_DEVICE, MfaDevice, WrongCodes, mfa_device_key
from masugata.records.iam.oidc_providers import OIDC_PROVIDER, OidcProvider
from masugata.records.iam.one_per_account import ONE_PER_ACCOUNT
from masugata.records.iam.outbound_federation import (
    OUTBOUND_FEDERATION,
    IssuerKey,
    OutboundFederation,
)
from masugata.records.iam.policies import MANAGED_POLICY, ManagedPolicy, PolicyVersion
from masugata.records.iam.preferences import (
    ACCOUNT_PREFERENCES,
    AccountPreferences,
)
from masugata.records.iam.principals import (
    GROUP,
    INSTANCE_PROFILE,
    ROLE,
    SERVICE_LINKED_PATH,
    USER,
    Group,
    InstanceProfile,
    Principal,
    Role,
    User,
)
from masugata.records.iam.reports import (
    ACCESS_REPORT,
    CREDENTIAL_REPORT,
    AccessReport,
    CredentialReport,
)
from masugata.records.iam.root_access import ROOT_ACCESS, RootAccess
from masugata.records.iam.saml_providers import SAML_PROVIDER, SamlProvider
from masugata.records.iam.service_linked_roles import (
    DELETION_TASK,
    LINKED_ROLES,
    DeletionTask,
    LinkedRole,
    service_trust_policy,
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
    DELETION_TASK,
    CREDENTIAL_REPORT,
    ACCESS_REPORT,
    LOGIN_PROFILE,
    PASSWORD_POLICY,
    FAILED_ATTEMPTS,
    ACCOUNT_PREFERENCES,
    DELEGATION_REQUEST,
    OUTBOUND_FEDERATION,
    ROOT_ACCESS,
    SIGNING_CERTIFICATE,
    SERVER_CERTIFICATE,
    SSH_PUBLIC_KEY,
    SERVICE_SPECIFIC_CREDENTIAL,
    MFA_DEVICE,
    OIDC_PROVIDER,
    SAML_PROVIDER,
)


def iam_arn(
    account: str,
    resource_type: str,
    record: Principal | ManagedPolicy | InstanceProfile | MfaDevice | ServerCertificate,
    *,
    partition: str = "aws",
) -> str:
    """The ARN of an IAM record: its type, path and name."""
    return f"arn:{partition}:iam::{account}:{resource_type}{record.path}{record.name}"


def provider_arn(account: str, record: OidcProvider | SamlProvider, *, partition: str = "aws") -> str:
    """The ARN of an identity provider."""
    if isinstance(record, OidcProvider):
        return f"arn:{partition}:iam::{account}:oidc-provider/{record.url}"
    return f"arn:{partition}:iam::{account}:saml-provider/{record.name}"


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


_NAMED_BY_ARN: dict[str, Kind[Any]] = {"user": USER, "group": GROUP, "role": ROLE}


def entity_by_arn(
    records: RecordsByKey, account: str, arn: str, *, partition: str = "aws"
) -> User | Group | Role | ManagedPolicy | None:
    """The user, group, role or customer managed policy of `account` that has exactly this ARN, or None."""
    resource_type = arn.split(":", 5)[-1].partition("/")[0]
    if resource_type == "policy":
        return customer_managed_policy(records, account, arn, partition=partition)
    kind = _NAMED_BY_ARN.get(resource_type)
    if kind is None:
        return None
    entity: User | Group | Role | None = records.get(kind, account, arn.rpartition("/")[2].lower())
    if entity is None or iam_arn(account, resource_type, entity, partition=partition) != arn:
        return None
    return entity


__all__ = [
    "ACCESS_KEY",
    "ACCESS_REPORT",
    "ACCOUNT_PREFERENCES",
    "AWS_ACCOUNT",
    "CREDENTIAL_REPORT",
    "DELEGATION_REQUEST",
    "DELETION_TASK",
    "FAILED_ATTEMPTS",
    "GROUP",
    "IAM_KINDS",
    "INSTANCE_PROFILE",
    "LINKED_ROLES",
    "LOGIN_PROFILE",
    "MANAGED_POLICY",
    "MFA_DEVICE",
    "OIDC_PROVIDER",
    "ONE_PER_ACCOUNT",
    "OUTBOUND_FEDERATION",
    "PASSWORD_POLICY",
    "ROLE",
    "ROOT_ACCESS",
    "SAML_PROVIDER",
    "SERVER_CERTIFICATE",
    "SERVICE_LINKED_PATH",
    "SERVICE_SPECIFIC_CREDENTIAL",
    "SIGNING_CERTIFICATE",
    "SSH_PUBLIC_KEY",
    "USER",
    "AccessKey",
    "AccessReport",
    "AccountPreferences",
    "CredentialReport",
    "DelegationRequest",
    "DeletionTask",
    "FailedAttempts",
    "Group",
    "InstanceProfile",
    "IssuerKey",
    "LinkedRole",
    "LoginProfile",
    "ManagedPolicy",
    "MfaDevice",
    "OidcProvider",
    "OutboundFederation",
    "PasswordPolicy",
    "PolicyVersion",
    "Principal",
    "Role",
    "RootAccess",
    "SSHPublicKey",
    "SamlProvider",
    "ServerCertificate",
    "ServiceSpecificCredential",
    "SigningCertificate",
    "Tag",
    "User",
    "WrongCodes",
    "customer_managed_policy",
    "entity_by_arn",
    "iam_arn",
    "mfa_device_key",
    "provider_arn",
    "service_trust_policy",
]
