"""Combinations of condition values under which new policies allow, and old ones may not.

Without regard to what other policies say: an Allow that is new, a Deny that is gone.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import Condition
from masugata.engines.policy.key_values import KeyTest, KeyValues, Value, key_values
from masugata.engines.policy.pattern_texts import widened
from masugata.engines.policy.principals import Match, Principal
from masugata.engines.policy.resources import Resources
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PRINCIPAL_TYPES
from masugata.engines.policy.variables import Context, has_variable, parse_template

_MOST: Final = 50_000

Dimension = str | tuple[object, ...]
"""A condition key, or something that is taken to hold or not at will."""


class TooManyError(Exception):
    """There are more combinations than can be tried."""


class _Rule(NamedTuple):
    """A statement of the old or new policies, and for each dimension the values that it holds for."""

    statement: Statement
    new: bool
    tests: tuple[tuple[Dimension, frozenset[int]], ...]


class Combinations:
    """The combinations for two sets of policies; with `at_will` variables and mixed keys hold or not at will.

    `values` are those of policy variables; a key that has one there has no other.
    """

    def __init__(
        self,
        old: PolicySet,
        new: PolicySet,
        values: Context,
        single_valued: Callable[[str], bool],
        *,
        at_will: bool = False,
    ) -> None:
        self._context = values
        self._named = new.type in PRINCIPAL_TYPES
        self._at_will = at_will
        self.at_will_reasons: dict[str, None] = {}
        statements = [
            (statement, side)
            for side, policies in ((False, old), (True, new))
            for policy in policies.policies
            for statement in policy.statements
        ]
        self._keys = self._values([statement for statement, _ in statements], single_valued)
        self._spelled = {
            condition.key.lower(): condition.key
            for statement, _ in statements
            for condition in statement.conditions
        }
        self._rules = [_Rule(one, side, tuple(self._tests(one))) for one, side in statements]
        self._widened = [
            _widened(rule.statement) if self._is_opaque(rule.statement) else None for rule in self._rules
        ]
        self._nothing: set[tuple[object, ...]] = set()

    def contexts(
        self, action: str, resource: str, principal: Principal
    ) -> Iterator[dict[str, str | tuple[str, ...]]]:
        """Contexts that may show a difference; raises TooManyError.

        All that none of the statements tells apart are asked about but once.
        """
        active = list(self._active(action.lower(), Target(resource), principal))
        signature = tuple((number, match) for number, match in active)
        if signature in self._nothing:
            return
        rules = [(self._rules[number], match) for number, match in active]
        found = False
        for chosen in self._choices(rules):
            if self._differs(rules, chosen):
                found = True
                yield self._as_context(chosen)
        if not found:
            self._nothing.add(signature)

    def _active(
        self, action: str, target: Target, principal: Principal
    ) -> Iterator[tuple[int, Match | None]]:
        """The statements about this action and resource, and how they name the caller."""
        for number, rule in enumerate(self._rules):
            statement = rule.statement
            if not statement.actions.matches(action) or (statement.problem is not None and statement.allow):
                continue
            match = statement.match_principal(principal, bounded=False) if self._named else None
            if self._named and match is None:
                continue
            resources = self._widened[number] or statement.resources
            # What may match or not is asked about; what a NotResource may list, too.
            if resources.matches(target, self._context) or (
                resources is not statement.resources and statement.raw.negated_resource
            ):
                yield number, match

    def _choices(self, rules: Sequence[tuple[_Rule, Match | None]]) -> Iterator[dict[Dimension, int]]:
        if not any(rule.new and rule.statement.allow for rule, _ in rules) and not self._named:
            return
        dimensions = list(dict.fromkeys(dimension for rule, _ in rules for dimension, _ in rule.tests))
        sizes = [len(self._keys[d].values) if isinstance(d, str) else 2 for d in dimensions]
        total = 1
        for size in sizes:
            total *= size
        if total > _MOST:
            keys = ", ".join(f"`{d}`" for d in dimensions if isinstance(d, str))
            raise TooManyError(f"too many combinations of values of the condition keys {keys}")
        for numbers in product(*map(range, sizes)):
            yield dict(zip(dimensions, numbers, strict=True))

    def _differs(self, rules: Sequence[tuple[_Rule, Match | None]], chosen: dict[Dimension, int]) -> bool:
        denied, direct, account = [False, False], [False, False], [False, False]
        for rule, match in rules:
            if any(chosen[dimension] not in holding for dimension, holding in rule.tests):
                continue
            if not rule.statement.allow:
                denied[rule.new] = True
            elif match is Match.ACCOUNT:
                account[rule.new] = True
            else:
                direct[rule.new] = True
        if denied[True]:
            return False
        if not self._named:
            return direct[True] and (denied[False] or not direct[False])
        return denied[False] or direct[True] > direct[False] or account[True] > account[False]

    def _as_context(self, chosen: dict[Dimension, int]) -> dict[str, str | tuple[str, ...]]:
        context = {key: value for key, value in self._context.items() if key not in chosen}
        for dimension, number in chosen.items():
            if isinstance(dimension, str):
                value = self._keys[dimension].values[number]
                if value is not None:
                    context[self._spelled[dimension]] = value
        return context

    def _values(
        self, statements: Sequence[Statement], single_valued: Callable[[str], bool]
    ) -> dict[str, KeyValues]:
        tests: dict[str, list[KeyTest]] = {}
        for statement in statements:
            for condition in statement.conditions:
                if not (self._at_will and _has_variables(condition, variables=statement.variables)):
                    tests.setdefault(condition.key.lower(), []).append(
                        KeyTest(condition, statement.variables)
                    )
        return {
            key: KeyValues((self._context[key],), complete=True)
            if key in self._context
            else key_values(found, single=single_valued(key), context=self._context)
            for key, found in tests.items()
        }

    def _tests(self, statement: Statement) -> Iterator[tuple[Dimension, frozenset[int]]]:
        if self._is_opaque(statement):
            raw = statement.raw
            self.at_will_reasons["policy variables in Resource"] = None
            yield (raw.resources, raw.negated_resource, raw.allow), frozenset({1})
        for condition in statement.conditions:
            key = condition.key.lower()
            if self._at_will and _has_variables(condition, variables=statement.variables):
                self.at_will_reasons[f"policy variables in a condition on `{condition.key}`"] = None
                yield (condition.operator, key, condition.values, statement.allow), frozenset({1})
            elif self._at_will and not self._keys[key].complete:
                self.at_will_reasons[f"`{condition.key}` is tested in too many ways"] = None
                yield (condition.operator, key, condition.values, statement.allow), frozenset({1})
            else:
                values = self._keys[key].values
                yield (
                    key,
                    frozenset(n for n, value in enumerate(values) if self._holds(condition, key, value)),
                )

    def _holds(self, condition: Condition, key: str, value: Value) -> bool:
        context = {name: known for name, known in self._context.items() if name != key}
        if value is not None:
            context[key] = value
        return condition.matches(context)

    def _is_opaque(self, statement: Statement) -> bool:
        """Whether the resources depend on variables, and hold or not at will."""
        return (
            self._at_will
            and statement.variables
            and any(
                has_variable(parse_template(text, variables=True, wildcards=False))
                for text in statement.raw.resources or ()
            )
        )


def _widened(statement: Statement) -> Resources:
    """All that the resources of a statement can match, whatever the values of its variables are."""
    raw = statement.raw
    return Resources(
        [widened(value) for value in raw.resources or ()],
        statement.type,
        negated=raw.negated_resource,
        allow=raw.allow,
        variables=True,
    )


def _has_variables(condition: Condition, *, variables: bool) -> bool:
    return variables and any(
        has_variable(parse_template(text, variables=True, wildcards=False)) for text in condition.values
    )
