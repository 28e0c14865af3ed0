"""The steps that everybody can take to rights that it was not given, each decided by the policy engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from masugata.authorization import catalogue
from masugata.authorization.accounts import AccountView
from masugata.authorization.authorizer import TRUSTS_EVERYBODY
from masugata.authorization.policies import trust_policy_set
from masugata.authorization.reach.assuming import assumptions
from masugata.authorization.reach.deciding import matrix_of
from masugata.authorization.reach.escalation_table import (
    ADMINISTRATOR_ACCESS,
    SERVICES,
    WAYS,
    Gives,
    Service,
    Way,
)
from masugata.authorization.reach.people import Context, Person, service_person
from masugata.authorization.reach.stand_ins import patterns_of, stand_ins
from masugata.authorization.reach.things import entities, partition_of, roles
from masugata.engines.policy.matrix import Facts, Matrix, Resource, Verdict
from masugata.records.iam import GROUP, MANAGED_POLICY, ROLE, USER, Role, User, iam_arn

_ASSUME: Final = "sts:AssumeRole"
_PASSING: Final = "iam:PassRole"
_ASSUMING: Final = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
_TRUST: Final = "iam:UpdateAssumeRolePolicy"


class Step(NamedTuple):
    """Somebody acts: with these permissions on the target, and gets to be, or changes, `whom`."""

    actor: str
    permissions: tuple[str, ...]
    target: str
    whom: str
    gives: Gives
    verdict: Verdict
    source: str
    note: str = ""


Steps = dict[str, dict[str, Step]]
"""Actor → whom it gets to be or to change → how; a certain step if there is any."""


@dataclass(frozen=True, slots=True)
class Graph:
    """All steps: to act as somebody, to give somebody a policy, to free somebody of its boundary, to join."""

    acting: Steps = field(default_factory=dict)
    changing: Steps = field(default_factory=dict)
    unbinding: Steps = field(default_factory=dict)
    joining: Steps = field(default_factory=dict)

    def add(self, steps: Steps, step: Step) -> None:
        """Keep a step, unless a surer one leads to the same."""
        kept = steps.setdefault(step.actor, {})
        before = kept.get(step.whom)
        if before is None or (before.verdict is not Verdict.CERTAIN and step.verdict is Verdict.CERTAIN):
            kept[step.whom] = step


def graph_of(view: AccountView, persons: Sequence[Person], context: Context) -> Graph:
    """Every step that one of these persons can take."""
    graph = Graph()
    for assumption in assumptions(persons, roles(view), Facts(context)):
        graph.add(
            graph.acting,
            Step(
                assumption.person.name, (assumption.action,), assumption.role, assumption.role, Gives.ROLE,
                assumption.verdict, _ASSUMING,
            ),
        )  # fmt: skip
    for account in view.accounts:
        _Account(view, account, persons, context, graph).add_steps()
    return graph


class _Account:
    """The steps to the users and roles of one account."""

    def __init__(
        self, view: AccountView, account: str, persons: Sequence[Person], context: Context, graph: Graph
    ) -> None:
        self._view = view
        self._account = account
        self._partition = partition_of(view, account)
        self._persons = [person for person in persons if person.subject.principal.account == account]
        self._names = {id(person.subject): person.name for person in self._persons}
        self._context = context
        self._graph = graph
        self._roles = self._own("role")
        self._members, self._holders = self._memberships()

    def add_steps(self) -> None:
        self._add_ways()
        self._add_services()

    def _own(self, kind: str) -> list[Resource]:
        return [thing for thing in entities(self._view, kind) if thing.account == self._account]

    def _memberships(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The users of each group, and the users and roles that have each managed policy, all by ARN."""
        members: dict[str, list[str]] = {}
        holders: dict[str, list[str]] = {}
        for user in self._view.records.scan(USER, self._account):
            arn = self._arn("user", user)
            attached = set(user.attached_policies)
            for group_id in user.groups:
                found = self._view.records.by_name(GROUP, "id", group_id)
                if found is not None:
                    members.setdefault(self._arn("group", found[2]), []).append(arn)
                    attached.update(found[2].attached_policies)
            for policy in attached:
                holders.setdefault(policy, []).append(arn)
        for role in self._view.records.scan(ROLE, self._account):
            for policy in role.attached_policies:
                holders.setdefault(policy, []).append(self._arn("role", role))
        return members, holders

    def _arn(self, kind: str, record: "User | Role | object") -> str:
        return iam_arn(self._account, kind, record, partition=self._partition)  # type: ignore[arg-type]

    def _matrix(self, actions: Iterable[str], things: Sequence[Resource], **known: str) -> Matrix:
        asked = Facts({key.replace("_", ":"): value for key, value in known.items()} | dict(self._context))
        return matrix_of((person.subject for person in self._persons), actions, things, asked)

    def _allowed(
        self, matrix: Matrix, actions: Iterable[str]
    ) -> Iterator[tuple[str, str, Resource, Verdict]]:
        """Person, action, resource and verdict, for all that is possible."""
        listed = tuple(actions)
        for access in matrix.accesses():
            for action in listed if access.possible else ():
                for thing, verdict in matrix.allowed(access, action):
                    for subject in access.subjects:
                        yield self._names[id(subject)], action, thing, verdict

    def _add_ways(self) -> None:
        administrator = f"arn:{self._partition}:iam::aws:{ADMINISTRATOR_ACCESS}"
        trusted = self._assumable()
        versions = {
            self._arn("policy", policy): len(policy.versions)
            for policy in self._view.records.scan(MANAGED_POLICY, self._account)
        }
        for kind in ("user", "group", "role", "policy"):
            ways = {way.action: way for way in WAYS if way.target == kind}
            matrix = self._matrix(ways, self._own(kind), iam_PolicyARN=administrator)
            for name, action, thing, verdict in self._allowed(matrix, ways):
                way = ways[action]
                if action == _TRUST:
                    verdict = _weaker(verdict, trusted.get((name, thing.arn), Verdict.NO))  # noqa: PLW2901
                if way.gives is Gives.VERSION:
                    verdict = Verdict.POSSIBLE if versions.get(thing.arn, 0) > 1 else Verdict.NO  # noqa: PLW2901
                if verdict is not Verdict.NO:
                    self._add_way(name, way, thing.arn, verdict)

    def _assumable(self) -> dict[tuple[str, str], Verdict]:
        """Which roles everybody may assume once the role trusts it."""
        trusting = trust_policy_set("a role that trusts everybody", TRUSTS_EVERYBODY)
        things = [replace(role, policy=trusting) for role in self._roles]
        matrix = self._matrix((_ASSUME,), things)
        return {(name, thing.arn): verdict for name, _, thing, verdict in self._allowed(matrix, (_ASSUME,))}

    def _add_way(self, name: str, way: Way, target: str, verdict: Verdict) -> None:
        whom = {"group": self._members, "policy": self._holders}.get(way.target, {target: [target]})
        permissions = (way.action, _ASSUME) if way.action == _TRUST else (way.action,)
        steps, persons = self._graph.changing, whom.get(target, [])
        if way.gives in (Gives.USER, Gives.ROLE):
            steps = self._graph.acting
        elif way.gives is Gives.NO_BOUNDARY:
            steps = self._graph.unbinding
        elif way.gives is Gives.MEMBERSHIP:
            steps, persons = self._graph.joining, [target]
        for person in persons:
            if person != name or steps is not self._graph.acting:
                step = Step(name, permissions, target, person, way.gives, verdict, way.source)
                self._graph.add(steps, step)

    def _add_services(self) -> None:
        running = self._running()
        services = [service_person(service.principal) for service in SERVICES]
        trusting: dict[str, list[tuple[Resource, Verdict]]] = {}
        by_arn = {role.arn: role for role in self._roles}
        for one in assumptions(services, self._roles, Facts(self._context)):
            trusting.setdefault(one.person.name, []).append((by_arn[one.role], one.verdict))
        for service in SERVICES:
            if service.principal in trusting:
                self._add_service(service, trusting[service.principal], running)

    def _add_service(
        self,
        service: Service,
        trusting: Sequence[tuple[Resource, Verdict]],
        running: Mapping[str, Mapping[str, Verdict]],
    ) -> None:
        trust = {role.arn: verdict for role, verdict in trusting}
        for name, done in running.items():
            permissions, verdict = _best(service.existing, done)
            verdict = _weaker(verdict, Verdict.POSSIBLE)
            for role, trusted in trust.items():
                note = f"if there is something that {service.principal} runs with this role"
                self._add_passed(name, permissions, role, _weaker(verdict, trusted), service, note)
        matrix = self._matrix(
            (_PASSING,), [role for role, _ in trusting], iam_PassedToService=service.principal
        )
        for name, _, passed, verdict in self._allowed(matrix, (_PASSING,)):
            permissions, run = _best(service.actions, running.get(name, {}))
            sure = _weaker(_weaker(verdict, run), trust[passed.arn])
            self._add_passed(
                name, (_PASSING, *permissions), passed.arn, sure, service, f"by {service.principal}"
            )

    def _add_passed(
        self,
        name: str,
        permissions: tuple[str, ...],
        role: str,
        verdict: Verdict,
        service: Service,
        note: str,
    ) -> None:
        if verdict is not Verdict.NO and name != role:
            step = Step(name, permissions, role, role, Gives.ROLE, verdict, service.source, note)
            self._graph.add(self._graph.acting, step)

    def _running(self) -> dict[str, dict[str, Verdict]]:
        """Person → action → whether it may do this on anything at all, for all that services need."""
        found: dict[str, dict[str, Verdict]] = {}
        patterns = patterns_of(person.subject for person in self._persons)
        prefixes: dict[str, set[str]] = {}
        for service in SERVICES:
            for alternative in (*service.actions, *service.existing):
                for action in alternative:
                    prefixes.setdefault(action.partition(":")[0], set()).add(action)
        for prefix, actions in prefixes.items():
            some = dict(stand_ins(self._view, patterns, prefix, self._account, self._partition))
            things = {thing.arn: thing for thing in (Resource("*"), *some.values())}
            matrix = self._matrix(actions, list(things.values()))
            for name, action, thing, verdict in self._allowed(matrix, actions):
                entry = catalogue.action(action)
                if (thing.arn == "*") == (entry is not None and not entry.resource_types):
                    best = found.setdefault(name, {})
                    if best.get(action) is not Verdict.CERTAIN:
                        best[action] = verdict
        return found


def _weaker(one: Verdict, other: Verdict) -> Verdict:
    order = (Verdict.NO, Verdict.POSSIBLE, Verdict.CERTAIN)
    return min(one, other, key=order.index)


def _best(
    alternatives: Iterable[tuple[str, ...]], done: Mapping[str, Verdict]
) -> tuple[tuple[str, ...], Verdict]:
    """The surest of several ways, each of which needs all of its actions."""
    best: tuple[tuple[str, ...], Verdict] = (), Verdict.NO
    for actions in alternatives:
        verdict = Verdict.CERTAIN
        for action in actions:
            verdict = _weaker(verdict, done.get(action, Verdict.NO))
        if verdict is Verdict.CERTAIN:
            return actions, verdict
        if verdict is Verdict.POSSIBLE and best[1] is Verdict.NO:
            best = actions, verdict
    return best
