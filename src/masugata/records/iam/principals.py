"""Users, groups and roles, and the instance profiles that hold roles."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


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


SERVICE_LINKED_PATH = "/aws-service-role/"


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

    @property
    def linked_service(self) -> str | None:
        """The service whose service-linked role this is, or None; nobody else can make one on that path."""
        if not self.path.startswith(SERVICE_LINKED_PATH):
            return None
        return self.path.removeprefix(SERVICE_LINKED_PATH).rstrip("/")


class InstanceProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instance profile; `roles` are role ids, at most one."""

    version: int = 1
    name: str
    path: str = "/"
    id: str
    create_date: datetime
    roles: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()


def _id(record: Principal | InstanceProfile) -> list[tuple[str, str]]:
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
INSTANCE_PROFILE = Kind(
    "iam",
    "instance-profile",
    InstanceProfile,
    key=lambda r: r.name.lower(),
    names=_id,
    references=lambda r: [("role", role_id) for role_id in r.roles],
)
