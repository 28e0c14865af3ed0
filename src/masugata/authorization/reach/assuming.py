"""Who may assume which roles, and who reaches a role through others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from masugata.authorization.reach.deciding import matrix_of
from masugata.authorization.reach.people import Person
from masugata.engines.policy.matrix import NO_FACTS, Facts, Resource, Verdict

ACTIONS: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


class Assumption(NamedTuple):
    """Somebody may assume a role by an action."""

    person: Person
    action: str
    role: str
    verdict: Verdict


class Route(NamedTuple):
    """How somebody reaches something: the roles that are assumed one after another."""

    person: Person
    hops: tuple[Assumption, ...]
    verdict: Verdict


def assumptions(
    persons: Sequence[Person], roles: Sequence[Resource], asked: Facts = NO_FACTS
) -> Iterator[Assumption]:
    """Everybody and every role that it may assume, other than itself."""
    matrix = matrix_of((person.subject for person in persons), ACTIONS, roles, asked)
    by_subject = {id(person.subject): person for person in persons}
    for access in matrix.accesses():
        if not access.possible:
            continue
        for role in roles:
            verdicts = [(matrix.verdict(access, action, role.arn), action) for action in ACTIONS]
            found = [(verdict, action) for verdict, action in verdicts if verdict is not Verdict.NO]
            if not found:
                continue
            verdict, action = min(found, key=lambda one: one[0] is not Verdict.CERTAIN)
            for subject in access.subjects:
                person = by_subject[id(subject)]
                if person.name != role.arn and not person.root:
                    yield Assumption(person, action, role.arn, at_most(verdict, person))


def at_most(verdict: Verdict, person: Person) -> Verdict:
    """A verdict on somebody of whom nobody knows what its own account allows is at most possible."""
    unknown = person.outside and not person.subject.principal.external
    return Verdict.POSSIBLE if unknown and verdict is Verdict.CERTAIN else verdict


def routes(targets: Mapping[str, Verdict], found: Iterable[Assumption], *, transitive: bool) -> list[Route]:
    """The shortest way of each person to one of the roles in `targets`; a certain one if there is any."""
    by_role: dict[str, list[Assumption]] = {}
    for assumption in found:
        by_role.setdefault(assumption.role, []).append(assumption)
    certain = {role for role, verdict in targets.items() if verdict is Verdict.CERTAIN}
    best: dict[str, Route] = {}
    for goal, verdict in ((certain, Verdict.CERTAIN), (set(targets), Verdict.POSSIBLE)):
        for name, route in _search(goal, by_role, verdict, transitive=transitive).items():
            best.setdefault(name, route)
    return list(best.values())


def _search(
    goal: set[str], by_role: Mapping[str, list[Assumption]], verdict: Verdict, *, transitive: bool
) -> dict[str, Route]:
    """Backwards from the goal, breadth first, over ways that are at least as sure as `verdict`."""
    reached: dict[str, Route] = {}
    frontier: list[tuple[str, tuple[Assumption, ...]]] = [(role, ()) for role in sorted(goal)]
    while frontier:
        following: list[tuple[str, tuple[Assumption, ...]]] = []
        for role, rest in frontier:
            for assumption in by_role.get(role, ()):
                name = assumption.person.name
                sure = assumption.verdict is Verdict.CERTAIN or verdict is Verdict.POSSIBLE
                if not sure or name in reached or name in goal:
                    continue
                hops = (assumption, *rest)
                reached[name] = Route(assumption.person, hops, verdict)
                following.append((name, hops))
        frontier = following if transitive else []
    return reached
