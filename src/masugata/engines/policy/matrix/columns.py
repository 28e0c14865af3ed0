"""The resources as columns, and which of them an element of a statement matches, as the bits of a number.

Bit j is the j-th resource. The bits of a pattern are found once, and used by every statement that has it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from masugata.engines.policy.arns import Target
from masugata.engines.policy.grants import KeyGrant
from masugata.engines.policy.matrix.facts import (
    NO_FACTS,
    Bounds,
    Facts,
    condition_bounds,
    condition_keys,
    look_up,
    variable_keys,
)
from masugata.engines.policy.resources import Resources
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.variables import Context

FEW = 16
"""So many resources are faster asked one by one, of statements as they are compiled for single requests."""
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_SPECIAL: Final = frozenset("*?$")
_MEMO_LIMIT: Final = 1024  # values of its variables that a pattern remembers
_LITERAL_HEAD: Final = 3  # arn, partition and service


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource that is asked about: what `Request` and `Policies` say of it.

    `policy` is its resource policy. `type` is TRUST for a role, whose trust policy speaks of the actions of
    STS alone, as if it had no policy for others. `facts` are those of this resource, such as its tags.
    """

    arn: str
    account: str | None = None
    policy: PolicySet | None = None
    type: PolicyType = PolicyType.RESOURCE
    facts: Facts = NO_FACTS
    rcp: tuple[PolicySet, ...] = ()
    rcp_supported: bool = True
    key_grants: tuple[KeyGrant, ...] = ()


class Columns:
    """All resources, with what is known of every request (`asked`), which is believed first."""

    def __init__(self, resources: Sequence[Resource], asked: Facts) -> None:
        self.resources = tuple(resources)
        self.all = (1 << len(self.resources)) - 1
        self.targets = tuple(Target(resource.arn) for resource in self.resources)
        self._asked = asked
        self._by_head: dict[str, list[int]] = {}
        for index, target in enumerate(self.targets):
            head = ":".join(target.segments[:_LITERAL_HEAD])
            self._by_head.setdefault(head, []).append(index)
        self._patterns: dict[tuple[object, ...], _Pattern] = {}
        self._groups: dict[frozenset[str], list[tuple[int, Facts]]] = {}

    def where(self, holds: Iterable[bool]) -> int:
        """The columns for which it holds, given for each in turn."""
        return sum(1 << index for index, yes in enumerate(holds) if yes)

    def matched(self, statement: Statement, facts: Facts) -> Bounds:
        """The columns whose resource and conditions the statement matches; `facts` are of the caller."""
        certain, possible = self.listed(statement, facts)
        for condition in statement.conditions:
            if not possible:
                break
            holds, may_hold = 0, 0
            for columns, own in self._grouped(condition_keys(condition)):
                bounds = condition_bounds(condition, (self._asked, own, facts))
                holds |= columns * bounds[0]
                may_hold |= columns * bounds[1]
            certain &= holds
            possible &= may_hold
        return certain, possible

    def listed(self, statement: Statement, facts: Facts) -> Bounds:
        """The columns that the Resource or NotResource element covers."""
        if len(self.targets) <= FEW and (bits := self._one_by_one(statement, facts)) is not None:
            return bits, bits
        certain = possible = 0
        negated = statement.raw.negated_resource
        for value in statement.resource_values:
            key = (value, statement.type, negated, statement.allow, statement.variables)
            pattern = self._patterns.get(key)
            if pattern is None:
                pattern = self._patterns[key] = _Pattern(self, value, statement)
            listed, may_be_listed = pattern.listed(facts)
            certain |= listed
            possible |= may_be_listed
        return (self.all & ~possible, self.all & ~certain) if negated else (certain, possible)

    def _one_by_one(self, statement: Statement, facts: Facts) -> int | None:
        """What `listed` finds, by the statement itself; None where a variable's value is not known."""
        values = statement.resource_values if statement.variables else ()
        keys = frozenset[str]().union(*map(variable_keys, values))
        bits = 0
        for columns, (context, unknown) in self.known(keys, facts):
            if unknown:
                return None
            matched = self.where(statement.resources.matches(target, context) for target in self.targets)
            bits |= columns & matched
        return bits

    def near(self, pattern: str) -> Iterable[int]:
        """The columns that a readable pattern may match, by the service that it names."""
        segments = pattern.lower().split(":", _LITERAL_HEAD)
        head = ":".join(segments[:_LITERAL_HEAD])
        if len(segments) <= _LITERAL_HEAD or "*" in head or "?" in head:
            return range(len(self.resources))
        return (*self._by_head.get(head, ()), *self._by_head.get("", ()))

    def _grouped(self, keys: frozenset[str]) -> list[tuple[int, Facts]]:
        """The columns by what their own facts say of these keys."""
        found = self._groups.get(keys)
        if found is None:
            groups: dict[tuple[object, ...], tuple[int, Facts]] = {}
            ordered = sorted(keys)
            for index, resource in enumerate(self.resources):
                values = resource.facts.values(ordered)
                columns, facts = groups.get(values, (0, resource.facts))
                groups[values] = columns | 1 << index, facts
            found = self._groups[keys] = list(groups.values())
        return found

    def known(self, keys: frozenset[str], facts: Facts) -> list[tuple[int, tuple[Context, frozenset[str]]]]:
        """The columns by what is known of these keys, whoever knows it."""
        return [(columns, look_up(keys, (self._asked, own, facts))) for columns, own in self._grouped(keys)]


class _Pattern:
    """One entry of a Resource or NotResource element."""

    __slots__ = ("_columns", "_fixed", "_found", "_keys", "_near", "_statement", "_value", "_wide")

    def __init__(self, columns: Columns, value: str, statement: Statement) -> None:
        self._columns = columns
        self._value = value
        self._statement = statement
        compiled = _compile(value, statement)
        readable = compiled.problem is None and not compiled.always
        self._near: Iterable[int] = columns.near(value) if readable else range(len(columns.resources))
        self._keys = variable_keys(value) if statement.variables and readable else frozenset()
        # What a variable may stand for is any text; in the NotResource of an Allow one without value widens.
        self._wide = self._bits(_compile(self._widened(), statement) if self._keys else compiled, {})
        self._fixed = None if self._keys else (self._wide, self._wide)
        self._near = tuple(index for index in self._near if self._wide >> index & 1)
        self._found: dict[object, int] = {}

    def _widened(self) -> str:
        head, resource = _cut(self._value)
        anything = self._statement.raw.negated_resource and self._statement.allow
        return head + ("*" if anything else _VARIABLE.sub("*", resource))

    def listed(self, facts: Facts) -> Bounds:
        """The columns that the entry matches, negation left aside."""
        if self._fixed is not None:
            return self._fixed
        certain = possible = 0
        for columns, (context, unknown) in self._columns.known(self._keys, facts):
            if unknown:
                possible |= self._wide & columns
                continue
            key = frozenset(context.items())
            found = self._found.get(key)
            if found is None:
                if len(self._found) >= _MEMO_LIMIT:
                    self._found.clear()
                compiled = _compile(_with_values(self._value, context), self._statement)
                found = self._found[key] = self._bits(compiled, context)
            certain |= found & columns
            possible |= found & columns
        return certain, possible

    def _bits(self, compiled: Resources, context: Context) -> int:
        targets, negated = self._columns.targets, self._statement.raw.negated_resource
        bits = 0
        for index in self._near:
            if compiled.matches(targets[index], context) != negated:
                bits |= 1 << index
        return bits


def _with_values(pattern: str, context: Context) -> str:
    """The pattern with the variables that have a value written out, as the literal text that it is."""

    def value(variable: re.Match[str]) -> str:
        found = context.get(variable[0][2:-1].strip().lower())
        if not isinstance(found, str):
            return variable[0]  # a default, or nothing: left to the matching itself
        return "".join(f"${{{letter}}}" if letter in _SPECIAL else letter for letter in found)

    return _VARIABLE.sub(value, pattern)


def _cut(value: str) -> tuple[str, str]:
    """The first five segments with their colons, and the resource part, which holds the variables."""
    head = ":".join(value.split(":", 5)[:5])
    return f"{head}:", value[len(head) + 1 :]


def _compile(value: str, statement: Statement) -> Resources:
    return Resources(
        (value,),
        statement.type,
        negated=statement.raw.negated_resource,
        allow=statement.allow,
        variables=statement.variables,
    )
