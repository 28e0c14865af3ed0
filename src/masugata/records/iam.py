"""Records of IAM: users, groups, roles, policies, instance profiles and access keys.

Entities refer to each other by unique id (AIDA…, AGPA…, AROA…), so a rename moves nothing and a
recreated namesake inherits nothing. Keys are names in lower case, because IAM's names are unique
without regard to case.
"""

from datetime import datetime
from typing import Protocol

import msgspec

from masugata.records.kind import Kind, R


class Tag(msgspec.Struct, frozen=True):
    """One tag; IAM keeps the case of keys and compares them without it."""

    key: str
    value: str


class Principal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What users, groups and roles have in common: a name, and policies that say what it may do.

    `attached_policies` are policy ARNs in the order they were attached; `inline_policies` maps
    policy names to documents as they were written.
    """

    version: int = 1
    name: str
    path: str = "/"
    id: str
    create_date: datetime
    attached_policies: tuple[str, ...] = ()
    inline_policies: dict[str, str] = {}


class User(Principal, frozen=True, kw_only=True, omit_defaults=True):
    """An IAM user; `groups` are group ids, `boundary` a policy ARN."""

    groups: tuple[str, ...] = ()
    boundary: str | None = None
    tags: tuple[Tag, ...] = ()


class Group(Principal, frozen=True, kw_only=True, omit_defaults=True):
    """An IAM group; its members are the users that refer to it."""


class Role(Principal, frozen=True, kw_only=True, omit_defaults=True):
    """An IAM role.

    `trust_policy` is stored with principals as unique ids, so a deleted and recreated user or role
    does not regain trust. `max_session_duration` is in seconds.
    """

    trust_policy: str
    description: str | None = None
    max_session_duration: int = 3600
    boundary: str | None = None
    tags: tuple[Tag, ...] = ()


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a managed policy; `number` n is shown as `vn`."""

    number: int
    document: str
    create_date: datetime


class ManagedPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer managed policy with its versions, oldest first."""

    version: int = 1
    name: str
    path: str = "/"
    id: str
    description: str | None = None
    create_date: datetime
    update_date: datetime
    versions: tuple[PolicyVersion, ...]
    default_version: int
    latest_version: int
    tags: tuple[Tag, ...] = ()

    def document(self) -> str:
        """The document of the default version."""
        return next(v.document for v in self.versions if v.number == self.default_version)


class InstanceProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instance profile; `roles` are role ids, at most one."""

    version: int = 1
    name: str
    path: str = "/"
    id: str
    create_date: datetime
    roles: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()


class AccessKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A long-term access key.

    `owner_id` is the user's unique id, or the account id for the root user's keys. `secret` is
    sealed by the keeper under the key id. A `preset` key comes from the settings and lives as long as
    they name it.
    """

    version: int = 1
    id: str
    owner_id: str
    active: bool = True
    create_date: datetime
    secret: bytes
    preset: bool = False


def _id(record: Principal | ManagedPolicy | InstanceProfile) -> list[tuple[str, str]]:
    return [("id", record.id)]


def _attached(record: Principal) -> list[tuple[str, str]]:
    return [("policy", arn) for arn in record.attached_policies]


def _user_references(user: User) -> list[tuple[str, str]]:
    found = [("policy", arn) for arn in user.attached_policies]
    found += [("group", group_id) for group_id in user.groups]
    return [*found, ("boundary", user.boundary)] if user.boundary else found


def _role_references(role: Role) -> list[tuple[str, str]]:
    found = [("policy", arn) for arn in role.attached_policies]
    return [*found, ("boundary", role.boundary)] if role.boundary else found


USER = Kind("iam", "user", User, key=lambda r: r.name.lower(), names=_id, references=_user_references)
GROUP = Kind("iam", "group", Group, key=lambda r: r.name.lower(), names=_id, references=_attached)
ROLE = Kind("iam", "role", Role, key=lambda r: r.name.lower(), names=_id, references=_role_references)
MANAGED_POLICY = Kind(
    "iam", "policy", ManagedPolicy, key=lambda r: r.name.lower(), names=_id, references=lambda _: ()
)
INSTANCE_PROFILE = Kind(
    "iam",
    "instance-profile",
    InstanceProfile,
    key=lambda r: r.name.lower(),
    names=_id,
    references=lambda r: [("role", role_id) for role_id in r.roles],
)
ACCESS_KEY = Kind(
    "iam",
    "access-key",
    AccessKey,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("owner", r.owner_id)],
)

IAM_KINDS = (USER, GROUP, ROLE, MANAGED_POLICY, INSTANCE_PROFILE, ACCESS_KEY)


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
