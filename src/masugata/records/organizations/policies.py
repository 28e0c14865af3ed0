"""Policies of organizations, and where they are attached.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind

if TYPE_CHECKING:
    from masugata.records.organizations.organization import Organization

SERVICE_CONTROL_POLICY = "SERVICE_CONTROL_POLICY"
RESOURCE_CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
AUTHORIZATION_POLICY_TYPES = (SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY)
POLICY_TYPES = (
    *AUTHORIZATION_POLICY_TYPES,
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
)
FULL_AWS_ACCESS = "p-FullAWSAccess"
RCP_FULL_AWS_ACCESS = "p-RCPFullAWSAccess"


class OrganizationPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One policy of an organization, of one of `POLICY_TYPES`; `content` is JSON as it was given."""

    version: int = 1
    id: str
    organization: str
    name: str
    type: str
    description: str = ""
    content: str
    tags: tuple[Tag, ...] = ()


ORGANIZATION_POLICY = Kind(
    "organizations",
    "policy",
    OrganizationPolicy,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("name", f"{r.organization}/{r.type}/{r.name}")],
    references=lambda r: [("type", r.type)],
)

AWS_POLICIES: Mapping[str, OrganizationPolicy] = {
    policy.id: policy
    for policy in (
        OrganizationPolicy(
            id=FULL_AWS_ACCESS,
            organization="aws",
            name="FullAWSAccess",
            type=SERVICE_CONTROL_POLICY,
            description="Allows access to every operation",
            content='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        ),
        OrganizationPolicy(
            id=RCP_FULL_AWS_ACCESS,
            organization="aws",
            name="RCPFullAWSAccess",
            type=RESOURCE_CONTROL_POLICY,
            description="Allows all principals to access all resources",
            content=(
                '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*",'
                '"Resource":"*"}]}'
            ),
        ),
    )
}
"""The policies that AWS keeps in every organization; nobody can change them."""
_ATTACHED_BY_AWS: Mapping[str, tuple[str, ...]] = {
    SERVICE_CONTROL_POLICY: (FULL_AWS_ACCESS,),
    RESOURCE_CONTROL_POLICY: (RCP_FULL_AWS_ACCESS,),
}


class _Attached(Protocol):
    @property
    def policies(self) -> dict[str, tuple[str, ...]]: ...


class _RecordsByKey(Protocol):
    def get(self, kind: Kind[Any], account: str, key: str, /) -> Any: ...


def attached_policies(target: _Attached, policy_type: str) -> tuple[str, ...]:
    """The ids of the policies of one type on a root, an organizational unit or an account.

    While nothing was attached or detached that is what AWS attaches by itself, so that enabling a type
    costs the same in an organization of any size. Whether the type is enabled is not asked here.
    """
    return target.policies.get(policy_type, _ATTACHED_BY_AWS.get(policy_type, ()))


def with_attached(target: _Attached, policy_type: str, ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """A target's `policies` once these are all that is attached to it of one type."""
    others = {name: attached for name, attached in target.policies.items() if name != policy_type}
    return others if ids == _ATTACHED_BY_AWS.get(policy_type, ()) else others | {policy_type: ids}


def find_policy(
    records: _RecordsByKey, organization: "Organization", policy_id: str
) -> OrganizationPolicy | None:
    """The policy of an organization, or AWS's, with this id."""
    aws = AWS_POLICIES.get(policy_id)
    if aws is not None:
        return aws
    found: OrganizationPolicy | None = records.get(
        ORGANIZATION_POLICY, organization.management_account, policy_id
    )
    return found
