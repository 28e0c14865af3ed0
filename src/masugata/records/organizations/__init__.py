"""Records of Organizations: one file for each noun, the tree that they make, and the ARNs of what is in it.

Everything of an organization is kept in its management account. The root is part of the organization's
own record; organizational units and members name their parent, so a move changes one record. Policies are
listed where they are attached.
"""

from typing import Any

from masugata.records.kind import Kind
from masugata.records.organizations.account_requests import (
    ACCESS_ROLE,
    CREATE_ACCOUNT_REQUEST,
    CreateAccountRequest,
)
from masugata.records.organizations.arns import organization_arn, policy_arn, policy_path_segment
from masugata.records.organizations.handshakes import (
    HANDSHAKE,
    OPEN_STATES,
    Handshake,
    HandshakeParty,
    HandshakeResource,
    account_with_email,
    recipient_of,
)
from masugata.records.organizations.members import CLOSED, MEMBER, Member
from masugata.records.organizations.organization import (
    ORGANIZATION,
    Organization,
    RecordsByName,
    ResourcePolicy,
    organization_of,
)
from masugata.records.organizations.policies import (
    AUTHORIZATION_POLICY_TYPES,
    AWS_POLICIES,
    FULL_AWS_ACCESS,
    ORGANIZATION_POLICY,
    POLICY_TYPES,
    RCP_FULL_AWS_ACCESS,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    OrganizationPolicy,
    attached_policies,
    find_policy,
    with_attached,
)
from masugata.records.organizations.transfers import RESPONSIBILITY_TRANSFER, ResponsibilityTransfer
from masugata.records.organizations.tree import (
    BrokenTreeError,
    Target,
    find_target,
    levels,
    path_of,
    target_id,
)
from masugata.records.organizations.units import ORGANIZATIONAL_UNIT, OrganizationalUnit

ORGANIZATIONS_KINDS: tuple[Kind[Any], ...] = (
    CREATE_ACCOUNT_REQUEST,
    HANDSHAKE,
    MEMBER,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    ORGANIZATION_POLICY,
    RESPONSIBILITY_TRANSFER,
)

__all__ = [
    "ACCESS_ROLE",
    "AUTHORIZATION_POLICY_TYPES",
    "AWS_POLICIES",
    "CLOSED",
    "CREATE_ACCOUNT_REQUEST",
    "FULL_AWS_ACCESS",
    "HANDSHAKE",
    "MEMBER",
    "OPEN_STATES",
    "ORGANIZATION",
    "ORGANIZATIONAL_UNIT",
    "ORGANIZATIONS_KINDS",
    "ORGANIZATION_POLICY",
    "POLICY_TYPES",
    "RCP_FULL_AWS_ACCESS",
    "RESOURCE_CONTROL_POLICY",
    "RESPONSIBILITY_TRANSFER",
    "SERVICE_CONTROL_POLICY",
    "BrokenTreeError",
    "CreateAccountRequest",
    "Handshake",
    "HandshakeParty",
    "HandshakeResource",
    "Member",
    "Organization",
    "OrganizationPolicy",
    "OrganizationalUnit",
    "RecordsByName",
    "ResourcePolicy",
    "ResponsibilityTransfer",
    "Target",
    "account_with_email",
    "attached_policies",
    "find_policy",
    "find_target",
    "levels",
    "organization_arn",
    "organization_of",
    "path_of",
    "policy_arn",
    "policy_path_segment",
    "recipient_of",
    "target_id",
    "with_attached",
]
