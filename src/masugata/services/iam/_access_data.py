"""What a report of last access holds: collected at once, so that later uses do not change it."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from masugata.authorization import catalogue, managed_policies
from masugata.call import Call
from masugata.records.iam import (
    GROUP,
    ROLE,
    USER,
    Group,
    ManagedPolicy,
    Principal,
    Role,
    User,
    customer_managed_policy,
    entity_by_arn,
    iam_arn,
)
from masugata.services.iam._common import check_iam_arn, no_such_entity
from masugata.services.iam.granted_services import granted_services
from masugata.services.iam.last_use import LastUse, used_operations

TRACKED = timedelta(days=400)


class Entity(msgspec.Struct, frozen=True, array_like=True):
    """A user or role that could have accessed something; `type` is USER or ROLE."""

    type: str
    arn: str
    name: str
    id: str
    path: str


class Access(msgspec.Struct, frozen=True, array_like=True):
    """The last access of the entity of this number, in seconds since the epoch."""

    date: int
    entity: int
    region: str


class ServiceAccess(msgspec.Struct, frozen=True, array_like=True):
    """The last access to a service by each entity, newest first, and to each action that was used."""

    entities: tuple[Access, ...] = ()
    actions: dict[str, Access] = {}


class AccessData(msgspec.Struct, frozen=True):
    """The entities of a report, and by prefix the services that its policies allow."""

    entities: tuple[Entity, ...]
    services: dict[str, ServiceAccess]

    def packed(self) -> bytes:
        """The same as bytes."""
        return zlib.compress(msgspec.json.encode(self))


def unpacked(content: bytes) -> AccessData:
    """What `packed` made."""
    return _decoder.decode(zlib.decompress(content))


_decoder = msgspec.json.Decoder(AccessData)

Subject = User | Group | Role | ManagedPolicy | managed_policies.ManagedPolicy


def find_subject(call: Call, arn: str) -> Subject:
    """The user, group, role or policy that has this ARN; raises InvalidInput or NoSuchEntity."""
    check_iam_arn(arn)
    subject: Subject | None = managed_policies.get(arn, call.partition)
    subject = subject or entity_by_arn(call.records, call.account, arn, partition=call.partition)
    if subject is None:
        raise no_such_entity(f"ARN {arn} cannot be found.")
    return subject


def policies_of(call: Call, entity: Principal) -> list[tuple[Principal, str, str | None, str]]:
    """Owner, name, ARN (None for inline policies) and document of all policies, a user's groups' included."""
    found: list[tuple[Principal, str, str | None, str]] = []
    for owner in (entity, *_groups(call, entity)):
        found += [(owner, name, None, document) for name, document in sorted(owner.inline_policies.items())]
        for arn in sorted(owner.attached_policies):
            policy = managed_policies.get(arn, call.partition) or customer_managed_policy(
                call.records, call.account, arn, partition=call.partition
            )
            if policy is not None:
                found.append((owner, policy.name, arn, policy.document()))
    return found


def collect(call: Call, arn: str, subject: Subject) -> AccessData:
    """What the policies of `subject` allow, and when who accessed it last."""
    documents: Sequence[str]
    if isinstance(subject, User | Group | Role):
        documents = [document for *_, document in policies_of(call, subject)]
    else:
        documents = [subject.document()]
    entities = _entities(call, arn, subject)
    oldest = int((call.now - TRACKED).timestamp())
    services: dict[str, list[Access]] = defaultdict(list)
    actions: dict[str, dict[str, Access]] = defaultdict(dict)
    for number, entity in enumerate(entities):
        for prefix, used in _used_actions(call, entity.id).items():
            tracked = {
                name: Access(use.date, number, use.region) for name, use in used.items() if use.date >= oldest
            }
            if tracked:
                services[prefix].append(max(tracked.values(), key=_date))
            for name, access in tracked.items():
                actions[prefix][name] = max(access, actions[prefix].get(name, access), key=_date)
    return AccessData(
        entities=tuple(_shown(call, entity) for entity in entities),
        services={
            prefix: ServiceAccess(tuple(sorted(services[prefix], key=_date, reverse=True)), actions[prefix])
            for prefix in sorted(granted_services(documents))
        },
    )


def _date(access: Access) -> int:
    return access.date


def _groups(call: Call, entity: Principal) -> list[Group]:
    if not isinstance(entity, User):
        return []
    found = (call.records.by_name(GROUP, "id", group_id) for group_id in entity.groups)
    return sorted((group[2] for group in found if group is not None), key=GROUP.key)


def _entities(call: Call, arn: str, subject: Subject) -> list[User | Role]:
    """The users and roles that have the policies of `subject`, by type and name, each once."""
    if isinstance(subject, User | Role):
        return [subject]
    records, account = call.records, call.account
    groups = [subject] if isinstance(subject, Group) else records.referring(GROUP, account, "policy", arn)
    users = [user for group in groups for user in records.referring(USER, account, "group", group.id)]
    roles: list[Role] = []
    if not isinstance(subject, Group):
        users += records.referring(USER, account, "policy", arn)
        roles += records.referring(ROLE, account, "policy", arn)
    return [*sorted({user.id: user for user in users}.values(), key=USER.key), *roles]


def _shown(call: Call, entity: User | Role) -> Entity:
    kind = type(entity).__name__
    arn = iam_arn(call.account, kind.lower(), entity, partition=call.partition)
    return Entity(kind.upper(), arn, entity.name, entity.id, entity.path)


def _used_actions(call: Call, principal_id: str) -> dict[str, dict[str, LastUse]]:
    """By prefix and name the last use of each action that the operations which were called stand for."""
    found: dict[str, dict[str, LastUse]] = defaultdict(dict)
    for (service, operation), use in used_operations(call, principal_id).items():
        entry = catalogue.operation(service, operation)
        for action in entry.actions if entry is not None else ():
            prefix, _, name = action.partition(":")
            before = found[prefix].get(name)
            if before is None or use.date > before.date:
                found[prefix][name] = use
    return found
