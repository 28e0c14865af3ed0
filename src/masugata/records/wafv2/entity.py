"""What web ACLs, rule groups and sets have in common."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind, Labels
from masugata.records.wafv2.naming import entity_key


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something with a name in a scope. `lock_token` changes whenever it does."""

    version: int = 1
    name: str
    id: str
    scope: str
    description: str = ""
    lock_token: str
    tags: tuple[Tag, ...] = ()


E = TypeVar("E", bound=Entity)


def entity_kind(name: str, struct: type[E], references: Callable[[E], Labels] = lambda _: []) -> Kind[E]:
    """A kind of entities, by scope and name."""
    return Kind(
        "wafv2",
        name,
        struct,
        key=lambda r: entity_key(r.scope, r.name),
        names=lambda _: [],
        references=references,
    )
