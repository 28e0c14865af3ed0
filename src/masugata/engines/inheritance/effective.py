"""The effective policy of an account, and what is wrong with it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from masugata.engines.inheritance.checking import read_policy
from masugata.engines.inheritance.documents import MalformedDeclarativePolicyError, Tree
from masugata.engines.inheritance.merging import NOTHING, Conflict, Fragment, Merged, merge_level
from masugata.engines.inheritance.paths import TOP, Path, path_text
from masugata.engines.inheritance.schema import Entries, Node, Section, Setting
from masugata.engines.inheritance.schemas import SCHEMAS

ELEMENTS_TOO_MANY = "ELEMENTS_TOO_MANY"
ELEMENT_MISSING = "REQUIRED_ELEMENT_MISSING"
VALUES_CONFLICT = "VALUES_CONFLICT"
MALFORMED = "MALFORMED_POLICY"


class SourcePolicy(NamedTuple):
    """A policy that is attached to a target."""

    id: str
    content: str


@dataclass(frozen=True, slots=True)
class ValidationError:
    """What is wrong with an effective policy: `path` is a JSONPath, `policies` are ids of those to blame."""

    code: str
    message: str
    path: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectivePolicy:
    """What the policies of one type add up to: `content` is JSON."""

    content: str
    errors: tuple[ValidationError, ...]


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What is inherited at one place of the tree, of one policy type."""

    policy_type: str
    merged: Merged = NOTHING
    found: tuple[ValidationError, ...] = ()

    def below(self, level: Sequence[SourcePolicy]) -> "Inheritance":
        """With the policies of the next target down, in the order in which they were attached."""
        if not level:
            return self
        errors: list[ValidationError] = []
        conflicts: list[Conflict] = []
        fragments = list(_readable(self.policy_type, level, errors))
        merged = merge_level(self.merged, SCHEMAS[self.policy_type].root, fragments, conflicts)
        errors += [
            ValidationError(
                VALUES_CONFLICT,
                "Policies that are attached to the same target contradict each other.",
                path_text(conflict.path),
                conflict.policies,
            )
            for conflict in conflicts
        ]
        return Inheritance(self.policy_type, merged, (*self.found, *errors))

    def errors(self) -> tuple[ValidationError, ...]:
        """What is wrong with the effective policy of an account here."""
        return (*self.found, *_defects(SCHEMAS[self.policy_type].root, self.merged, TOP))

    def effective(self) -> EffectivePolicy:
        """The effective policy of an account here."""
        plain = _plain(self.merged) or {}
        content = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return EffectivePolicy(content, self.errors())


def effective_policy(policy_type: str, levels: Iterable[Sequence[SourcePolicy]]) -> EffectivePolicy:
    """Add up the policies of a type: `levels` from the root down to the account.

    The policies of one level come in the order in which they were attached. One that is malformed is left
    out and named among the errors. Raises KeyError for a type that is not declarative.
    """
    inherited = Inheritance(policy_type)
    for level in levels:
        inherited = inherited.below(level)
    return inherited.effective()


def _readable(
    policy_type: str, level: Sequence[SourcePolicy], errors: list[ValidationError]
) -> Iterator[Fragment]:
    for policy in level:
        try:
            yield Fragment(policy.id, _read(policy_type, policy.content))
        except MalformedDeclarativePolicyError as error:
            errors.append(ValidationError(MALFORMED, error.message, error.path, (policy.id,)))


@lru_cache(maxsize=256)
def _read(policy_type: str, content: str) -> Tree:
    return read_policy(policy_type, content)


def _plain(merged: Merged) -> Any:
    """The effective policy as JSON values; None where nothing is set."""
    if merged.value is not None:
        return list(merged.value) if isinstance(merged.value, tuple) else merged.value
    below = {key: _plain(child) for key, child in merged.children.items()}
    return {key: value for key, value in below.items() if value is not None} or None


def _exists(merged: Merged) -> bool:
    return merged.value is not None or any(map(_exists, merged.children.values()))


def _defects(node: Node, merged: Merged, path: Path) -> Iterator[ValidationError]:
    """What the finished policy lacks or has too much of."""
    if not node.demands:
        return
    if isinstance(node, Setting):
        if node.most is not None and isinstance(merged.value, tuple) and len(merged.value) > node.most:
            yield _too_many(merged, len(merged.value), node.most, path)
        return
    present = {key: child for key, child in merged.children.items() if _exists(child)}
    if isinstance(node, Section):
        for key in sorted(node.needed - present.keys()):
            yield ValidationError(
                ELEMENT_MISSING,
                f"The element {key} is required.",
                path_text((*path, key)),
                merged.policies,
            )
    if isinstance(node, Entries) and node.most is not None and len(present) > node.most:
        yield _too_many(merged, len(present), node.most, path)
    for key, child in present.items():
        below = node.of if isinstance(node, Entries) else None
        if isinstance(node, Section):
            below = node.members[key]
        if below is not None:
            yield from _defects(below, child, (*path, key))


def _too_many(merged: Merged, count: int, most: int, path: Path) -> ValidationError:
    return ValidationError(
        ELEMENTS_TOO_MANY,
        f"There are {count} elements where at most {most} are allowed.",
        path_text(path),
        merged.policies,
    )
