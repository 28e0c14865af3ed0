"""What new policies allow that old ones do not, each with a request that shows it.

Actions fall into classes that no statement tells apart, resources and the values of each condition key
into those that no pattern and no test tell apart. All combinations of one of each are therefore all that can
happen, and both policies are asked about every one. What is found is judged once more by the engine itself.

Policy variables, and keys that are tested in more than one way, tie these together. There the statements are
first tried with some values. If that shows nothing, whatever depends on them is taken to hold or not at will:
if even so nothing new is allowed, nothing is; if not, the answer is that it is not known.

A condition key is taken to be independent of the others and of the caller, so a request that shows a new
permission may be one that AWS would never make. That errs on the safe side.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from masugata.engines.policy.combinations import Combinations, TooManyError
from masugata.engines.policy.decide import decide
from masugata.engines.policy.decision import Decision, Request
from masugata.engines.policy.languages import distinguished
from masugata.engines.policy.pattern_texts import ARNS, resource_patterns, special_patterns, widened
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.situations import Situation, situations
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.variables import Context, Variable, parse_template

_ALWAYS_ALLOWED: Final = "sts:getcalleridentity"
_EXAMPLE: Final = "example"
_ROLE: Final = "arn:aws:iam::{}:role/example"
# Where the engine has rules of its own about an action.
_RULED: Final = ("iam:get", "iam:list", "iam:generate", "iam:simulate", "iam:", "kms:")
_ALONE: Final = (
    "kms:createalias",
    "kms:updatealias",
    "kms:deletealias",
    "sts:setsourceidentity",
    "sts:tagsession",
)


@dataclass(frozen=True)
class Universe:
    """What can be asked at all.

    `actions` are all that exist, as AWS spells them; `examples` gives resources that look real for an
    action, `single_valued` says of a key (in lower case) that AWS never gives it several values.
    `accounts` may own the resources of a compared resource policy; without any, every account may.
    """

    actions: Sequence[str]
    examples: Callable[[str], Sequence[str]] = lambda _: ()
    single_valued: Callable[[str], bool] = lambda _: False
    accounts: Sequence[str] = ()


@dataclass(frozen=True)
class NewPermission:
    """A request that the new policies allow and the old ones deny, as the engine decided.

    `actions` are all that are new in this way, `others` says what all other policies allow.
    """

    actions: tuple[str, ...]
    request: Request
    old: Decision
    new: Decision
    others: str


@dataclass(frozen=True)
class Comparison:
    """All that is newly allowed, one example for each class of actions; `unknown` says what is not known."""

    permissions: tuple[NewPermission, ...]
    unknown: tuple[str, ...]


@dataclass
class _Search:
    """One comparison under way."""

    old: PolicySet
    new: PolicySet
    universe: Universe
    permissions: list[NewPermission] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)

    def run(self) -> Comparison:
        statements = [s for one in (self.old, self.new) for policy in one.policies for s in policy.statements]
        places = list(situations((self.old, self.new), self.universe.accounts))
        classes = [
            actions for actions in _classes(statements, self.universe.actions) if self._may_grant(actions)
        ]
        variables = sorted({key for statement in statements for key in _variables(statement)})
        for values in _assignments(variables):
            combinations = Combinations(self.old, self.new, values, self.universe.single_valued)
            classes = [
                actions
                for actions in classes
                if not self._shown(actions, self._resources(actions, places, values), places, combinations)
            ]
        opaque = Combinations(self.old, self.new, {}, self.universe.single_valued, at_will=True)
        if opaque.at_will_reasons:
            for actions in classes:
                self._doubt(actions, self._resources(actions, places, None), places, opaque)
        return Comparison(tuple(self.permissions), tuple(self.unknown))

    def _may_grant(self, actions: Sequence[str]) -> bool:
        """Whether the new policies have an Allow that the old ones lack, or lack a Deny that they have."""
        old, new = (_about(actions[0], one) for one in (self.old, self.new))
        allowed = all(_rest(one) in map(_rest, old) for one in new if one.allow)
        denied = all(_rest(one) in map(_rest, new) for one in old if not one.allow)
        return not (allowed and denied)

    def _resources(
        self, actions: Sequence[str], places: Sequence[Situation], values: Context | None
    ) -> Sequence[str]:
        """The resources that the statements about these actions tell apart; what is missing is not known."""
        about = [*_about(actions[0], self.old), *_about(actions[0], self.new)]
        found, complete = _resources(about, places, values, trust=self.new.type is PolicyType.TRUST)
        if not complete:
            service = actions[0].partition(":")[0]
            self.unknown[f"too many resource patterns overlap in statements about {service}"] = None
        return found

    def _shown(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        places: Sequence[Situation],
        combinations: Combinations,
    ) -> bool:
        """Find and keep a request that shows that the actions of a class are newly allowed."""
        action = actions[0]
        own = [resource for resource in resources if _service(resource) == action.partition(":")[0].lower()]
        ordered = dict.fromkeys([*self._examples(action), *own, *resources])
        for resource in ordered:
            for place in places:
                try:
                    contexts = combinations.contexts(action, resource, place.principal)
                    for context in contexts:
                        request = Request(place.principal, action, resource, place.owner, context)
                        if self._confirmed(actions, request, place):
                            return True
                except TooManyError as error:
                    self.unknown[str(error)] = None
        return False

    def _confirmed(self, actions: Sequence[str], request: Request, place: Situation) -> bool:
        new = decide(place.policies(self.new), request)
        if not new.allowed:
            return False
        old = decide(place.policies(self.old), request)
        if old.allowed:
            return False
        self.permissions.append(NewPermission(tuple(actions), request, old, new, place.others))
        return True

    def _doubt(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        places: Sequence[Situation],
        opaque: Combinations,
    ) -> None:
        for resource in resources:
            for place in places:
                try:
                    if any(True for _ in opaque.contexts(actions[0], resource, place.principal)):
                        self.unknown.update(dict.fromkeys(opaque.at_will_reasons))
                        return
                except TooManyError as error:
                    self.unknown[str(error)] = None

    def _examples(self, action: str) -> Sequence[str]:
        return () if self.new.type is PolicyType.TRUST else self.universe.examples(action)


def compare(old: PolicySet, new: PolicySet, universe: Universe) -> Comparison:
    """What `new` allows and `old` does not; both must be of one type.

    Without permissions and with nothing unknown, there is no such request within the universe.
    Raises ValueError for types that cannot be compared.
    """
    if old.type is not new.type or new.type in (PolicyType.RCP, PolicyType.VPCE):
        raise ValueError(f"policies of types `{old.type}` and `{new.type}` cannot be compared")
    return _Search(old, new, universe).run()


def _classes(statements: Sequence[Statement], actions: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Actions that neither a statement nor the engine tells apart, those that only policies know included."""
    named = {name for statement in statements for name in statement.actions.exact}
    known = {action.lower() for action in actions}
    classes: dict[tuple[object, ...], list[str]] = {}
    for action in (*actions, *sorted(named - known)):
        lower = action.lower()
        if lower == _ALWAYS_ALLOWED:
            continue
        ruled = next((rule for rule in _RULED if lower.startswith(rule)), "")
        alone = lower if lower in _ALONE else ""
        signature = (ruled, alone, *(statement.actions.matches(lower) for statement in statements))
        classes.setdefault(signature, []).append(action)
    return map(tuple, classes.values())


def _about(action: str, policies: PolicySet) -> list[Statement]:
    """The statements that cover an action."""
    lower = action.lower()
    return [s for policy in policies.policies for s in policy.statements if s.actions.matches(lower)]


def _rest(statement: Statement) -> tuple[object, ...]:
    """All that decides about a statement but its actions."""
    raw = statement.raw
    return (
        raw.allow, raw.principal, raw.negated_principal, raw.resources, raw.negated_resource, raw.conditions,
        statement.variables,
    )  # fmt: skip


def _resources(
    statements: Sequence[Statement], places: Sequence[Situation], values: Context | None, *, trust: bool
) -> tuple[list[str], bool]:
    """Resources for every way in which all patterns can match, the one without an ARN last.

    `values` are those of policy variables; None has them match everything.
    """
    if trust:
        return list(dict.fromkeys(_ROLE.format(place.owner) for place in places)), True
    patterns = list(special_patterns())
    for statement in statements:
        running = statement.raw.negated_resource == statement.allow
        given: Sequence[str] = statement.raw.resources or ()
        if values is None and statement.variables:
            given = [widened(value) for value in given]
        patterns += resource_patterns(
            given, running=running, variables=statement.variables, context=values or {}
        )
    found = distinguished(patterns, within=ARNS)
    return [*found.texts, "*"], found.complete


def _variables(statement: Statement) -> Iterator[str]:
    """Keys of policy variables, in lower case."""
    if not statement.variables:
        return
    texts = [
        *(statement.raw.resources or ()),
        *(v for _, _, values in statement.raw.conditions for v in values),
    ]
    for text in texts:
        for part in parse_template(text, variables=True, wildcards=False):
            if isinstance(part, Variable):
                yield part.key


def _assignments(keys: Sequence[str]) -> list[Context]:
    """Values to try for policy variables: another for each, the same for all, and none at all."""
    if not keys:
        return [{}]
    several = {key: f"{_EXAMPLE}-{number}" for number, key in enumerate(keys, 1)}
    return [several, dict.fromkeys(keys, _EXAMPLE), {}]


def _service(resource: str) -> str:
    return resource.split(":", 3)[2] if resource.count(":") > 2 else ""
