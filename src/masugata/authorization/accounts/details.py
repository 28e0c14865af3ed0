"""What `get-account-authorization-details` exports, read strictly.

The form is the answer of GetAccountAuthorizationDetails as the AWS CLI writes it: policies as JSON
objects, or as texts that may be URL-encoded. A member that is not known is refused, because it may
restrict what the others grant.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from masugata.engines.policy import PolicyType, compile_policy
from masugata.engines.policy.grammar import MalformedPolicyError
from masugata.errors import MasugataError

Document = dict[str, Any] | str
Moment = datetime | int | float


class AccountExportError(MasugataError):
    """The export cannot be relied on; the message says where and why."""


class _Shape(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """A structure of AWS's model."""


class ExportedTag(_Shape, frozen=True, kw_only=True):
    """A tag."""

    key: str
    value: str


class InlinePolicy(_Shape, frozen=True, kw_only=True):
    """A policy that is written into a user, group or role."""

    policy_name: str
    policy_document: Document


class AttachedPolicy(_Shape, frozen=True, kw_only=True):
    """A managed policy, as it is attached."""

    policy_name: str = ""
    policy_arn: str


class Boundary(_Shape, frozen=True, kw_only=True):
    """A permissions boundary."""

    permissions_boundary_type: str = ""
    permissions_boundary_arn: str


class UserDetail(_Shape, frozen=True, kw_only=True):
    """A user."""

    path: str
    user_name: str
    user_id: str
    arn: str
    create_date: Moment
    user_policy_list: tuple[InlinePolicy, ...] = ()
    group_list: tuple[str, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[ExportedTag, ...] = ()


class GroupDetail(_Shape, frozen=True, kw_only=True):
    """A group."""

    path: str
    group_name: str
    group_id: str
    arn: str
    create_date: Moment
    group_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()


class InstanceProfileDetail(_Shape, frozen=True, kw_only=True):
    """An instance profile; its roles are those under which it is listed."""

    path: str
    instance_profile_name: str
    instance_profile_id: str
    arn: str
    create_date: Moment
    roles: tuple[dict[str, Any], ...] = ()
    tags: tuple[ExportedTag, ...] = ()


class RoleDetail(_Shape, frozen=True, kw_only=True):
    """A role."""

    path: str
    role_name: str
    role_id: str
    arn: str
    create_date: Moment
    assume_role_policy_document: Document
    instance_profile_list: tuple[InstanceProfileDetail, ...] = ()
    role_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[ExportedTag, ...] = ()
    role_last_used: dict[str, Any] = {}


class PolicyVersionDetail(_Shape, frozen=True, kw_only=True):
    """A version of a managed policy."""

    document: Document
    version_id: str
    is_default_version: bool
    create_date: Moment


class PolicyDetail(_Shape, frozen=True, kw_only=True):
    """A managed policy, AWS's own included."""

    policy_name: str
    policy_id: str
    arn: str
    path: str
    default_version_id: str
    attachment_count: int = 0
    permissions_boundary_usage_count: int = 0
    is_attachable: bool = True
    description: str | None = None
    create_date: Moment
    update_date: Moment
    policy_version_list: tuple[PolicyVersionDetail, ...]


class AuthorizationDetails(_Shape, frozen=True, kw_only=True):
    """One answer of GetAccountAuthorizationDetails: all of an account, or one page of it."""

    user_detail_list: tuple[UserDetail, ...] = ()
    group_detail_list: tuple[GroupDetail, ...] = ()
    role_detail_list: tuple[RoleDetail, ...] = ()
    policies: tuple[PolicyDetail, ...] = ()
    is_truncated: bool = False
    marker: str | None = None
    next_token: str | None = None
    response_metadata: dict[str, Any] = {}


def read_details(value: Any, where: str) -> AuthorizationDetails:
    """One answer from parsed JSON; raises `AccountExportError`, which begins with `where`."""
    if not isinstance(value, dict) or "UserDetailList" not in value or "RoleDetailList" not in value:
        raise AccountExportError(
            f"{where}: not what `aws iam get-account-authorization-details` writes: "
            "an object with `UserDetailList`, `GroupDetailList`, `RoleDetailList` and `Policies`"
        )
    try:
        return msgspec.convert(value, AuthorizationDetails)
    except msgspec.ValidationError as error:
        raise AccountExportError(f"{where}: {error}") from None


def document_text(document: Document, policy_type: PolicyType, where: str) -> str:
    """The JSON text of a policy document, whose structure is sound; raises `AccountExportError`."""
    try:
        if isinstance(document, dict):
            text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        else:
            text = document if document.lstrip().startswith("{") else unquote(document, errors="strict")
        compile_policy(text, policy_type, where)
    except (MalformedPolicyError, UnicodeDecodeError) as error:
        raise AccountExportError(f"{where}: not a policy: {error}") from None
    return text
