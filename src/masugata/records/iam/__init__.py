"""Records of IAM: one file for each noun, and the ARNs of what is in them.

Entities refer to each other by unique id (AIDA…, AGPA…, AROA…), so a rename moves nothing and a
recreated namesake inherits nothing. Keys are names in lower case, because IAM's names are unique
without regard to case.
"""

from typing import Any, Protocol

from masugata.records.iam.access_keys import ACCESS_KEY, AccessKey
from masugata.records.iam.delegation_requests import DELEGATION_REQUEST, DelegationRequest
from masugata.records.iam.outbound_federation import (
    OUTBOUND_FEDERATION,
    OUTBOUND_FEDERATION_KEY,
    IssuerKey,
    OutboundFederation,
)
from masugata.records.iam.policies import MANAGED_POLICY, ManagedPolicy, PolicyVersion
from masugata.records.iam.preferences import (
    ACCOUNT_PREFERENCES,
    ACCOUNT_PREFERENCES_KEY,
    AccountPreferences,
)
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
from masugata.records.iam.root_access import ROOT_ACCESS, RootAccess
from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind, R

IAM_KINDS: tuple[Kind[Any], ...] = (
    USER,
    GROUP,
    ROLE,
    MANAGED_POLICY,
    INSTANCE_PROFILE,
    ACCESS_KEY,
    ACCOUNT_PREFERENCES,
    DELEGATION_REQUEST,
    OUTBOUND_FEDERATION,
    ROOT_ACCESS,
)


def iam_arn(
    account: str,
    resource_type: str,
    record: Principal | ManagedPolicy | InstanceProfile,
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
    "ACCOUNT_PREFERENCES",
    "ACCOUNT_PREFERENCES_KEY",
    "DELEGATION_REQUEST",
    "GROUP",
    "IAM_KINDS",
    "INSTANCE_PROFILE",
    "MANAGED_POLICY",
    "OUTBOUND_FEDERATION",
    "OUTBOUND_FEDERATION_KEY",
    "ROLE",
    "ROOT_ACCESS",
    "USER",
    "AccessKey",
    "AccountPreferences",
    "DelegationRequest",
    "Group",
    "InstanceProfile",
    "IssuerKey",
    "ManagedPolicy",
    "OutboundFederation",
    "PolicyVersion",
    "Principal",
    "Role",
    "RootAccess",
    "Tag",
    "User",
    "customer_managed_policy",
    "iam_arn",
]
