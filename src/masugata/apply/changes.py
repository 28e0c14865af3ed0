"""A plan: changes in the order in which they are made, each one call of the API; and what is left alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, NamedTuple


class Stage(IntEnum):
    """When a change is made. What restricts comes before what loosens, and what is used before its users."""

    ORGANIZATION = auto()
    POLICY_TYPES = auto()
    UNITS = auto()
    ACCOUNTS = auto()
    POLICIES = auto()  # which may name accounts
    ATTACH_GUARDS = auto()  # policies that deny something
    UPDATE = auto()
    ATTACH = auto()
    ROOM = auto()  # detaching what denies nothing, where a target has no room for more
    ATTACH_LATER = auto()
    MOVE = auto()
    DETACH = auto()
    ORGANIZATION_TAGS = auto()
    SERVICES = auto()
    ADMINISTRATORS = auto()
    IAM_POLICIES = auto()
    GROUPS = auto()
    USERS = auto()
    ROLES = auto()
    BOUNDARIES = auto()
    GUARDS = auto()  # again those that deny
    IAM_UPDATE = auto()  # before anybody new gets them
    PERMISSIONS = auto()
    MEMBERSHIPS = auto()
    IAM_TAGS = auto()
    RESOURCE_POLICY = auto()  # which may name users and roles
    ACCESS_KEYS = auto()
    IAM_KEYS_REMOVE = auto()
    IAM_REMOVE = auto()
    IAM_REMOVE_GUARDS = auto()
    IAM_DELETE = auto()
    IAM_DELETE_POLICIES = auto()
    REMOVE = auto()
    DELETE = auto()


class Names:
    """The ids that are known: of accounts by key, policies by key, units by path, `organization`, `root`."""

    def __init__(self, known: Mapping[tuple[str, Any], str] | None = None) -> None:
        self._known: dict[tuple[str, Any], str] = dict(known or {})

    def get(self, kind: str, key: Any = "") -> str | None:
        """An id, or None."""
        return self._known.get((kind, key))

    def id(self, kind: str, key: Any = "") -> str:
        """An id; LookupError if it is not known."""
        return self._known[kind, key]

    def learn(self, kind: str, key: Any, id_: str) -> None:
        """Note one."""
        self._known[kind, key] = id_

    def lookup(self, reference: str) -> str:
        """What `${…}` in a policy stands for; LookupError if it is not known."""
        kind, _, key = reference.partition(":")
        return self.id("organization") if kind == "organization" else self.id(kind, key)

    def lookup_or_name(self, reference: str) -> str:
        """The same, for comparing and showing: what is not known stands for itself."""
        kind, _, key = reference.partition(":")
        found = self.get("organization") if kind == "organization" else self.get(kind, key)
        return f"${{{reference}}}" if found is None else found


class Late(NamedTuple):
    """A part of a request that is known only when its turn comes; `shown` stands for it until then."""

    shown: str
    make: Callable[[Names], str]


def late_id(kind: str, key: Any = "") -> Late:
    """The id of something."""
    label = "/".join(key) if isinstance(key, tuple) else key
    return Late(f"{kind} {label}".strip(), lambda names: names.id(kind, key))


def resolved(value: Any, names: Names) -> Any:
    """A request with everything known; LookupError if something is not."""
    if isinstance(value, Late):
        return value.make(names)
    if isinstance(value, dict):
        return {key: resolved(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, names) for item in value]
    return value


def as_shown(value: Any) -> Any:
    """A request for people and programs to read."""
    if isinstance(value, Late):
        return value.shown
    if isinstance(value, dict):
        return {key: as_shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_shown(item) for item in value]
    return value


@dataclass(slots=True, kw_only=True)
class Change:
    """One call in the name of `account`; `learns` is what its answer tells: kind, key and the way to it.

    `rank` is the order among changes of one stage where it matters.
    """

    stage: Stage
    action: str
    what: str
    account: str
    service: str
    operation: str
    request: dict[str, Any]
    details: tuple[str, ...] = ()
    rank: int = 0
    learns: tuple[str, Any, tuple[str, ...]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "action": self.action,
            "what": self.what,
            "account": self.account,
            "operation": f"{self.service}:{self.operation}",
            "request": as_shown(self.request),
        }


class Leftover(NamedTuple):
    """Something that is there and not in the file; without `removal` it is never removed, for `why`."""

    what: str
    account: str
    removal: tuple[Change, ...] = ()
    why: str = ""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done, and what is left alone."""

    changes: list[Change] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """One more change."""
        self.changes.append(change)

    def leave(self, what: str, account: str, *removal: Change, why: str = "") -> None:
        """One more thing that is not in the file."""
        self.leftovers.append(Leftover(what, account, removal, why))

    def finished(self, *, prune: bool) -> "Plan":
        """In order; with `prune` what can be removed is, and is no longer left alone."""
        if prune:
            self.changes += [change for leftover in self.leftovers for change in leftover.removal]
            self.leftovers = [leftover for leftover in self.leftovers if not leftover.removal]
        self.changes.sort(key=lambda change: (change.stage, change.rank))
        return self
