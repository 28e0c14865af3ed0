"""Who can give itself more rights than it has: the shortest ways to an administrator, and to others."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from masugata.authorization.accounts import AccountView
from masugata.authorization.reach.administrators import Administrators
from masugata.authorization.reach.escalation_steps import Graph, Step, Steps, graph_of
from masugata.authorization.reach.people import Context, Person, people
from masugata.engines.policy import PolicySet
from masugata.engines.policy.matrix import Verdict

ADMINISTRATOR = "administrator"
_DESIGNED = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


class Path(NamedTuple):
    """The steps by which somebody becomes an administrator, or gets to act as somebody (`goal`, an ARN).

    Without steps it is an administrator under conditions.
    """

    start: str
    goal: str
    steps: tuple[Step, ...]
    verdict: Verdict


class Escalations(NamedTuple):
    """Who is an administrator, who becomes one, and who gets to act as somebody that does not trust it."""

    administrators: tuple[str, ...]
    paths: tuple[Path, ...]
    others: tuple[Path, ...]
    notes: tuple[str, ...]


def escalations(
    view: AccountView, context: Context | None = None, scp: tuple[PolicySet, ...] = ()
) -> Escalations:
    """All users and roles of the accounts; root users are administrators and not looked at.

    `context` are condition keys of every request. A path is certain if all of its steps are.
    """
    known = context or {}
    persons = [person for person in people(view, scp) if not person.root]
    graph = graph_of(view, persons, known)
    administrators = Administrators(view, persons, known)
    search = _Search(graph, administrators, {person.name for person in persons})
    paths: list[Path] = []
    others: list[Path] = []
    for person in persons:
        if administrators.verdict(person.name) is Verdict.CERTAIN:
            continue
        found = search.path(person.name, sure=True)
        if found is None and administrators.verdict(person.name) is Verdict.POSSIBLE:
            found = Path(person.name, ADMINISTRATOR, (), Verdict.POSSIBLE)
        if found is None:
            found = search.path(person.name, sure=False)
        if found is not None:
            paths.append(found)
        shown = () if found is None else found.steps
        others += (path for path in _others(person, graph) if path.steps != shown)
    sure = tuple(p.name for p in persons if administrators.verdict(p.name) is Verdict.CERTAIN)
    return Escalations(sure, tuple(paths), tuple(others), view.notes)


def _others(person: Person, graph: Graph) -> Iterator[Path]:
    for whom, step in graph.acting.get(person.name, {}).items():
        if step.permissions[0] not in _DESIGNED:
            yield Path(person.name, whom, (step,), step.verdict)


class _Search:
    """Breadth first from one person over all that it gets to act as, and what it can change of them."""

    def __init__(self, graph: Graph, administrators: Administrators, names: set[str]) -> None:
        self._graph = graph
        self._administrators = administrators
        self._names = names

    def path(self, start: str, *, sure: bool) -> Path | None:
        """The shortest way to an administrator; over certain steps only if `sure`."""
        ways: dict[str, tuple[Step, ...]] = {start: ()}
        queue = [start]
        changes = _Changes()
        best: tuple[Step, ...] | None = None
        for name in queue:  # grows
            if best is not None and len(ways[name]) + 1 > len(best):
                break
            if name != start and self._is(name, sure=sure):
                best = _shorter(best, ways[name])
            changes.learn(self._graph, name, sure=sure)
            for candidate in self._outcomes(ways, changes, name, sure=sure):
                best = _shorter(best, candidate)
            for whom, step in self._graph.acting.get(name, {}).items():
                if whom not in ways and whom in self._names and _fits(step, sure=sure):
                    ways[whom] = (*ways[name], step)
                    queue.append(whom)
        if best is None:
            return None
        return Path(start, ADMINISTRATOR, best, Verdict.CERTAIN if sure else Verdict.POSSIBLE)

    def _is(self, name: str, *, sure: bool, unbound: bool = False, gain: str = "") -> bool:
        verdict = self._administrators.verdict(name, unbound=unbound, gain=gain)
        return verdict is Verdict.CERTAIN or (verdict is Verdict.POSSIBLE and not sure)

    def _outcomes(
        self, ways: dict[str, tuple[Step, ...]], changes: "_Changes", name: str, *, sure: bool
    ) -> Iterator[tuple[Step, ...]]:
        """The ways to make somebody that is reached an administrator, by what `name` brought along."""
        touched = {name, *self._graph.changing.get(name, ()), *self._graph.unbinding.get(name, ())}
        if name in self._graph.joining:
            touched.update(ways)
        for whom in touched & ways.keys():
            freeing = changes.unbinding.get(whom)
            for free in ((), (freeing,)) if freeing else ((),):
                given = changes.changing.get(whom)
                gains: list[tuple[str, Step | None]] = [("", None)] if free else []
                gains += [("*", given)] if given else []
                if ":user/" in whom:
                    gains += changes.joining.items()
                for gain, step in gains:
                    if self._is(whom, sure=sure, unbound=bool(free), gain=gain):
                        last = (*free, step) if step else free
                        yield _joined(ways, last, whom)


class _Changes:
    """What those who are reached can change, as a first step of each kind for each person or group."""

    __slots__ = ("changing", "joining", "unbinding")

    def __init__(self) -> None:
        self.changing: dict[str, Step] = {}
        self.unbinding: dict[str, Step] = {}
        self.joining: dict[str, Step] = {}

    def learn(self, graph: Graph, name: str, *, sure: bool) -> None:
        """Add what `name` can change."""
        pairs: list[tuple[Steps, dict[str, Step]]] = [
            (graph.changing, self.changing),
            (graph.unbinding, self.unbinding),
            (graph.joining, self.joining),
        ]
        for steps, known in pairs:
            for whom, step in steps.get(name, {}).items():
                if _fits(step, sure=sure):
                    known.setdefault(whom, step)


def _fits(step: Step, *, sure: bool) -> bool:
    return step.verdict is Verdict.CERTAIN or not sure


def _shorter(best: tuple[Step, ...] | None, other: tuple[Step, ...]) -> tuple[Step, ...]:
    return other if best is None or len(other) < len(best) else best


def _joined(ways: dict[str, tuple[Step, ...]], last: Sequence[Step], whom: str) -> tuple[Step, ...]:
    """To everybody who acts in the last steps, then these, and to whom they serve."""
    found: dict[Step, None] = {}
    for step in last:
        found.update(dict.fromkeys(ways[step.actor]))
    found.update(dict.fromkeys(last))
    found.update(dict.fromkeys(ways[whom]))
    return tuple(found)
