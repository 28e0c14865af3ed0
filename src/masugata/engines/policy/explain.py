"""Why a request is decided as it is: every statement of every policy, and where each one fails.

A second and slow pass over the same compiled statements, so it cannot disagree with the decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import msgspec

from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import Condition, normalize_context
from masugata.engines.policy.decide import decide
from masugata.engines.policy.decision import Decision, Policies, Request
from masugata.engines.policy.exemptions import binding_rcps, binding_scps
from masugata.engines.policy.principals import Match
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PRINCIPAL_TYPES, PolicyType
from masugata.engines.policy.variables import Context

Element = Literal["Action", "Principal", "Resource", "Condition"]


class LevelTarget(NamedTuple):
    """What the policies of a level are attached to: a root, an organizational unit or an account."""

    id: str
    name: str


_UNNAMED = LevelTarget("", "")
_NO_TARGETS: Mapping[PolicyType, Sequence[LevelTarget]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ConditionReport:
    """One test: `request_values` is None if the request has no such key; `problem` if it is unreadable."""

    operator: str
    key: str
    policy_values: tuple[str, ...]
    request_values: tuple[str, ...] | None
    matched: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class StatementReport:
    """One statement: whether it matched and, if not, the first element that failed.

    `principal` says how the caller is named (`CALLER`, `ISSUER`, `ANYONE`, `ACCOUNT`, `OTHERS`), in
    policies that name principals. `conditions` are reported once action, principal and resource match.
    `problems` name what could not be understood: that never lets an Allow match, nor spares from a Deny.
    """

    policy: str
    statement: int
    sid: str | None
    effect: Literal["Allow", "Deny"]
    matched: bool
    failing: Element | None
    principal: str | None
    conditions: tuple[ConditionReport, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelReport:
    """One policy set; `depth` counts the levels of SCPs and RCPs from the root, and is 0 elsewhere.

    `target` and `name` say what the level's policies are attached to, and are empty where nobody said.
    """

    type: PolicyType
    depth: int
    target: str
    name: str
    denied: bool
    allowed: bool
    statements: tuple[StatementReport, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision and every level that took part in it; levels that do not bind the caller are left out."""

    decision: Decision
    levels: tuple[LevelReport, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, texts, numbers and booleans."""
        decision: dict[str, Any] = _plain(msgspec.structs.asdict(self.decision))
        return {"decision": decision, "levels": [_plain(asdict(level)) for level in self.levels]}


def explain(
    policies: Policies, request: Request, targets: Mapping[PolicyType, Sequence[LevelTarget]] = _NO_TARGETS
) -> Explanation:
    """Decide, and report on each statement of each policy; raises what `decide` raises.

    `targets` says what each level of SCPs and of RCPs is attached to, from the root down.
    """
    explainer = _Explainer(policies, request)
    levels = tuple(
        explainer.level(type_, depth, _target(targets.get(type_, ()), depth), found)
        for type_, depth, found in _levels(policies, request)
    )
    return Explanation(decide(policies, request), levels)


def _target(targets: Sequence[LevelTarget], depth: int) -> LevelTarget:
    return targets[depth] if depth < len(targets) else _UNNAMED


def _levels(policies: Policies, request: Request) -> Iterator[tuple[PolicyType, int, PolicySet]]:
    """Every set that binds the request."""
    for depth, scp in enumerate(binding_scps(policies, request)):
        yield PolicyType.SCP, depth, scp
    for depth, rcp in enumerate(binding_rcps(policies, request, Target(request.resource))):
        yield PolicyType.RCP, depth, rcp
    for type_, found in (
        (PolicyType.VPCE, policies.vpce),
        (PolicyType.RESOURCE, policies.resource),
        (PolicyType.IDENTITY, policies.identity),
        (PolicyType.BOUNDARY, policies.boundary),
        (PolicyType.SESSION, policies.session),
    ):
        if found is not None:
            yield found.type if type_ is PolicyType.RESOURCE else type_, 0, found


class _Explainer:
    __slots__ = ("_action", "_bounded", "_context", "_principal", "_target")

    def __init__(self, policies: Policies, request: Request) -> None:
        self._action = request.action.lower()
        self._bounded = policies.boundary is not None
        self._context: Context = normalize_context(request.context)
        self._principal = request.principal
        self._target = Target(request.resource)

    def level(self, type_: PolicyType, depth: int, target: LevelTarget, policy_set: PolicySet) -> LevelReport:
        reports = tuple(
            self._statement(statement, named=type_ in PRINCIPAL_TYPES)
            for policy in policy_set.policies
            for statement in policy.statements
        )
        return LevelReport(
            type=type_,
            depth=depth,
            target=target.id,
            name=target.name,
            denied=any(report.matched and report.effect == "Deny" for report in reports),
            allowed=any(report.matched and report.effect == "Allow" for report in reports),
            statements=reports,
        )

    def _statement(self, statement: Statement, *, named: bool) -> StatementReport:
        bounded = self._bounded and not statement.allow
        match = statement.match_principal(self._principal, bounded=bounded) if named else None
        failing = self._failing(statement, match, named=named)
        reached = failing in (None, "Condition")
        return StatementReport(
            policy=statement.policy,
            statement=statement.index,
            sid=statement.sid,
            effect="Allow" if statement.allow else "Deny",
            matched=failing is None,
            failing=failing,
            principal=match.name if match is not None else None,
            conditions=tuple(self._condition(c) for c in statement.conditions) if reached else (),
            problems=tuple(_problems(statement)),
        )

    def _failing(self, statement: Statement, match: Match | None, *, named: bool) -> Element | None:
        if not statement.actions.matches(self._action):
            return "Action"
        if (named and match is None) or (statement.problem is not None and statement.allow):
            return "Principal"
        if not statement.resources.matches(self._target, self._context):
            return "Resource"
        if not all(condition.matches(self._context) for condition in statement.conditions):
            return "Condition"
        return None

    def _condition(self, condition: Condition) -> ConditionReport:
        value = self._context.get(condition.key.lower())
        return ConditionReport(
            operator=condition.operator,
            key=condition.key,
            policy_values=condition.values,
            request_values=(value,) if isinstance(value, str) else value,
            matched=condition.matches(self._context),
            problem=condition.problem,
        )


def _problems(statement: Statement) -> Iterator[str]:
    parts = (
        statement, statement.actions, statement.principals, statement.resources, *statement.conditions
    )  # fmt: skip
    for part in parts:
        if part is not None and part.problem is not None:
            yield part.problem


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
