"""An organization as a file describes it; and as it is, once read by the API.

What the file does not say is None, and is left alone. Names are `Text`: they know where they stand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from masugata.apply.document import Node, Text
from masugata.apply.problems import Place
from masugata.limits import LIMITS

MANAGEMENT = "management"
"""What the file calls the management account wherever an account is named."""
NOWHERE = Place("", 0, 0)
"""The place of what is in no file."""

Tags = dict[str, str]


@dataclass(slots=True, kw_only=True)
class Document:
    """A policy: `content` is JSON; `node` is where it was read."""

    content: Any
    node: Node | None = None


@dataclass(slots=True, kw_only=True)
class OrganizationPolicy:
    """A policy of the organization."""

    place: Place = NOWHERE
    key: str
    name: str
    type: str
    description: str | None = None
    document: Document
    tags: Tags | None = None


@dataclass(slots=True, kw_only=True)
class Target:
    """Where policies are attached; `detached` must not be."""

    place: Place = NOWHERE
    policies: list[Text] | None = None
    detached: list[Text] | None = None
    tags: Tags | None = None


@dataclass(slots=True, kw_only=True)
class Unit(Target):
    """The root, whose name is empty, or an organizational unit; `path` is `A/B`, from below the root."""

    path: tuple[str, ...] = ()
    units: "dict[str, Unit] | None" = None
    accounts: list[Text] | None = None

    def walk(self) -> "Iterator[Unit]":
        """Itself and all units below, parents before children."""
        yield self
        for unit in (self.units or {}).values():
            yield from unit.walk()


@dataclass(slots=True, kw_only=True)
class ManagedPolicy:
    """A customer managed policy of IAM."""

    place: Place = NOWHERE
    name: str
    path: str | None = None
    description: str | None = None
    document: Document
    tags: Tags | None = None


@dataclass(slots=True, kw_only=True)
class Principal:
    """A user, group or role, which `kind` says; only some have some of the members."""

    place: Place = NOWHERE
    kind: str
    name: str
    path: str | None = None
    policies: list[Text] | None = None
    inline_policies: dict[str, Document] | None = None
    tags: Tags | None = None
    permissions_boundary: Text | None = None
    groups: list[Text] | None = None
    access_keys: int | None = None
    access_key_ids: tuple[str, ...] = ()
    trust_policy: Document | None = None
    description: str | None = None
    max_session_duration: int | None = None


@dataclass(slots=True, kw_only=True)
class Iam:
    """What is in IAM in one account."""

    place: Place = NOWHERE
    policies: dict[str, ManagedPolicy] | None = None
    groups: dict[str, Principal] | None = None
    users: dict[str, Principal] | None = None
    roles: dict[str, Principal] | None = None

    def principals(self) -> Iterator[Principal]:
        """Groups, users and roles."""
        for section in (self.groups, self.users, self.roles):
            yield from (section or {}).values()


@dataclass(slots=True, kw_only=True)
class Account(Target):
    """An account; the management account has neither e-mail address nor id in a file."""

    key: str
    name: str
    email: str = ""
    id: str | None = None
    iam: Iam | None = None


@dataclass(slots=True, kw_only=True)
class Description:
    """All of it."""

    place: Place = NOWHERE
    features: str | None = None
    policy_types: list[Text] | None = None
    policies: dict[str, OrganizationPolicy] | None = None
    root: Unit | None = None
    accounts: dict[str, Account] | None = None
    management: Account = field(default_factory=lambda: Account(key=MANAGEMENT, name=MANAGEMENT))
    trusted_services: list[Text] | None = None
    delegated_administrators: dict[str, list[Text]] | None = None
    resource_policy: Document | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)
    """The quotas by which it was checked."""

    def all_accounts(self) -> Iterator[Account]:
        """Every account, the management account first."""
        yield self.management
        yield from (self.accounts or {}).values()

    def account(self, key: str) -> Account | None:
        """The account that the file calls so."""
        return self.management if key == MANAGEMENT else (self.accounts or {}).get(key)
