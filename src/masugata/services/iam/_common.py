"""What the IAM operations share: look-ups with AWS's errors, paging, tags and shapes."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NotRequired, TypedDict, TypeVar

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import managed_policies
from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import (
    GROUP,
    INSTANCE_PROFILE,
    ROLE,
    USER,
    Group,
    InstanceProfile,
    ManagedPolicy,
    Principal,
    Role,
    Tag,
    User,
    customer_managed_policy,
    iam_arn,
)
from masugata.records.kind import Kind

if TYPE_CHECKING:
    from masugata_types import iam as shapes

Item = TypeVar("Item")
Entity = TypeVar("Entity", bound=Principal)

TAGS_PER_RESOURCE = 50
TEXT_PER_PAGE = 2**20
"""Characters of policies and tags after which a page ends, however many items were asked for."""


class PageEnd(TypedDict):
    """The members that close a page of a listing."""

    IsTruncated: bool
    Marker: NotRequired[str]


def whole_seconds(call: Call) -> datetime:
    """The time of the call as IAM writes it down: in whole seconds, UTC."""
    return call.now.replace(microsecond=0)


def no_such_entity(message: str) -> AwsError:
    """IAM's 404."""
    return AwsError("NoSuchEntity", message, 404)


def already_exists(message: str) -> AwsError:
    """IAM's conflict of names."""
    return AwsError("EntityAlreadyExists", message, 409)


def quota_exceeded(quota: str, limit: int) -> AwsError:
    """IAM's answer to one too many, with the quota's name as in GetAccountSummary."""
    return AwsError("LimitExceeded", f"Cannot exceed quota for {quota}: {limit}", 409)


def delete_conflict(message: str) -> AwsError:
    """IAM's refusal to delete what still has dependants."""
    return AwsError("DeleteConflict", message, 409)


def invalid_input(message: str) -> AwsError:
    """IAM's InvalidInput."""
    return AwsError("InvalidInput", message, 400)


def refuse_protected(entity: Principal) -> None:
    """Of service-linked roles only the service decides; raises UnmodifiableEntity."""
    if isinstance(entity, Role) and entity.linked_service is not None:
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{entity.name}' - this role is only "
            "modifiable by AWS",
        )


def forget_uses(call: Call, entity: User | Role) -> None:
    """Forget what a user or role that is deleted was last used for."""
    call.transaction.forget_uses(f"used/{entity.id}/")
    if isinstance(entity, Role):
        call.transaction.forget_uses(f"role/{entity.id}")
    else:
        call.transaction.forget_uses(f"password/{entity.id}")


def find_user(call: Call, name: str) -> User:
    """The user of exactly this name; raises NoSuchEntity."""
    user = call.records.get(USER, call.account, name.lower())
    if user is None or user.name != name:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return user


def find_group(call: Call, name: str) -> Group:
    """The group of exactly this name; raises NoSuchEntity."""
    group = call.records.get(GROUP, call.account, name.lower())
    if group is None or group.name != name:
        raise no_such_entity(f"The group with name {name} cannot be found.")
    return group


def find_role(call: Call, name: str) -> Role:
    """The role of exactly this name; raises NoSuchEntity."""
    role = call.records.get(ROLE, call.account, name.lower())
    if role is None or role.name != name:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return role


def find_instance_profile(call: Call, name: str) -> InstanceProfile:
    """The instance profile of exactly this name; raises NoSuchEntity."""
    profile = call.records.get(INSTANCE_PROFILE, call.account, name.lower())
    if profile is None or profile.name != name:
        raise no_such_entity(f"Instance Profile {name} cannot be found.")
    return profile


def find_managed_policy(call: Call, arn: str) -> ManagedPolicy | None:
    """The customer managed policy of exactly this ARN in the caller's account, or None."""
    return customer_managed_policy(call.records, call.account, arn, partition=call.partition)


@dataclass(frozen=True, slots=True)
class EntityType(Generic[Entity]):
    """Users, groups or roles: one implementation serves the three operations that AWS has for each.

    `noun` is User, Group or Role, as in the operations' names and members.
    """

    noun: str
    kind: Kind[Entity]
    find: Callable[[Call, str], Entity]

    def named(self, call: Call, request: Mapping[str, Any]) -> Entity:
        """The entity that a request names; raises NoSuchEntity."""
        return self.find(call, request[f"{self.noun}Name"])

    def to_change(self, call: Call, request: Mapping[str, Any]) -> Entity:
        """The same, to be changed; raises UnmodifiableEntity for a service-linked role, too."""
        entity = self.named(call, request)
        refuse_protected(entity)
        return entity

    def save(self, call: Call, entity: Entity) -> None:
        """Store a changed entity, whose name has not changed, and name it for the event."""
        call.transaction.put(self.kind, call.account, entity)
        call.touches(f"AWS::IAM::{self.noun}", entity.name)


USERS = EntityType("User", USER, find_user)
GROUPS = EntityType("Group", GROUP, find_group)
ROLES = EntityType("Role", ROLE, find_role)


def user_arn(call: Call, user: User) -> str:
    """The user's ARN."""
    return iam_arn(call.account, "user", user, partition=call.partition)


def group_arn(call: Call, group: Group) -> str:
    """The group's ARN."""
    return iam_arn(call.account, "group", group, partition=call.partition)


def role_arn(call: Call, role: Role) -> str:
    """The role's ARN."""
    return iam_arn(call.account, "role", role, partition=call.partition)


def policy_arn(call: Call, policy: ManagedPolicy) -> str:
    """The customer managed policy's ARN."""
    return iam_arn(call.account, "policy", policy, partition=call.partition)


def instance_profile_arn(call: Call, profile: InstanceProfile) -> str:
    """The instance profile's ARN."""
    return iam_arn(call.account, "instance-profile", profile, partition=call.partition)


def check_policy_arn(arn: str) -> None:
    """A policy's ARN must have the form of one; raises InvalidInput."""
    try:
        parsed = parse_arn(arn)
    except InvalidArnError:
        raise invalid_input(f"ARN {arn} is not valid.") from None
    if parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise invalid_input(f"ARN {arn} is not valid.")


def check_iam_arn(arn: str) -> None:
    """What is named must have the form of an ARN of IAM; raises InvalidInput."""
    try:
        service = parse_arn(arn).service
    except InvalidArnError:
        service = ""
    if service != "iam":
        raise invalid_input(f"ARN {arn} is not valid.")


def check_boundary(call: Call, arn: str) -> None:
    """A permissions boundary must be a policy that exists; raises InvalidInput or NoSuchEntity."""
    check_policy_arn(arn)
    if managed_policies.get(arn, call.partition) is None and find_managed_policy(call, arn) is None:
        raise no_such_entity(f"Scope ARN: {arn} does not exist or is not attachable.")


def boundary_shape(arn: str) -> "shapes.AttachedPermissionsBoundary":
    """A permissions boundary as AWS shows it.

    AWS answers the type `Policy`, although its model names `PermissionsBoundaryPolicy`.
    """
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def refuse_remaining_policies(principal: Principal) -> None:
    """An entity that still has policies cannot be deleted; raises DeleteConflict."""
    if principal.inline_policies:
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    if principal.attached_policies:
        raise delete_conflict("Cannot delete entity, must detach all policies first.")


def requested_tags(tags: "Sequence[shapes.Tag]") -> tuple[Tag, ...]:
    """The tags of a request; raises InvalidInput for reserved keys and for duplicates.

    Keys are compared without regard to case. How many there may be, and their characters, is
    checked against the model before.
    """
    keys: set[str] = set()
    for tag in tags:
        key = tag["Key"].lower()
        if key.startswith("aws:"):
            raise invalid_input(f"Tag keys starting with aws: are reserved for AWS use: {tag['Key']}")
        if key in keys:
            raise invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        keys.add(key)
    return tuple(Tag(tag["Key"], tag["Value"]) for tag in tags)


def tag_shapes(tags: Iterable[Tag]) -> "list[shapes.Tag]":
    """Tags as AWS lists them."""
    return [{"Key": tag.key, "Value": tag.value} for tag in tags]


def page(
    items: Sequence[Item],
    request: Mapping[str, Any],
    member: str,
    key: Callable[[Item], str],
    *,
    text_length: Callable[[Item], int] | None = None,
) -> tuple[list[Item], PageEnd]:
    """Cut one page out of `items`, which must be in the order of `key`.

    Returns the page and the members `IsTruncated` and `Marker` of the response. A marker is the key
    of the last item shown, so a page continues rightly when items come and go in between.
    `member` only names the list in the error text. With `text_length`, the characters of policies
    and tags that an item shows, the page ends early rather than grow over `TEXT_PER_PAGE`, as AWS
    reserves to itself; it has one item at least.
    """
    start = 0
    if (marker := request.get("Marker")) is not None:
        last = _read_marker(marker, member)
        start = next((i for i, item in enumerate(items) if key(item) > last), len(items))
    limit = int(request.get("MaxItems", 100))
    chosen = list(items[start : start + limit])
    if text_length is not None:
        del chosen[_fitting(chosen, text_length) :]
    more: PageEnd = {"IsTruncated": start + len(chosen) < len(items)}
    if more["IsTruncated"]:
        more["Marker"] = base64.urlsafe_b64encode(b"\x01" + key(chosen[-1]).encode()).decode()
    return chosen, more


def _fitting(items: Sequence[Item], text_length: Callable[[Item], int]) -> int:
    """How many of the first items fit on a page; the first one always does."""
    total = 0
    for number, item in enumerate(items):
        total += text_length(item)
        if total > TEXT_PER_PAGE and number > 0:
            return number
    return len(items)


def _read_marker(marker: str, member: str) -> str:
    try:
        raw = base64.b64decode(marker.encode(), altchars=b"-_", validate=True)
        last = raw[1:].decode()
    except (binascii.Error, ValueError):
        raw, last = b"", ""
    if raw[:1] != b"\x01":
        raise AwsError("ValidationError", f"Invalid Marker `{marker[:64]}` for {member}.")
    return last
