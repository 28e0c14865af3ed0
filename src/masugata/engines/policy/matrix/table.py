"""Who may do what to what: every decision over callers x actions x resources at once.

Callers of whom all policies say the same are decided once. For each group the rules of a single decision
are computed on whole blocks of cells: an AND of two numbers is that rule for thousands of decisions.
Source of the rules: `masugata.engines.policy.decide`, with which a property test compares every cell.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from masugata.engines.policy.decision import Policies, Request
from masugata.engines.policy.exemptions import binding_scps
from masugata.engines.policy.matrix.columns import Columns, Resource
from masugata.engines.policy.matrix.evaluation import Evaluation, Side, standing
from masugata.engines.policy.matrix.facts import NO_FACTS, Facts
from masugata.engines.policy.matrix.key_grants import KeyGrants
from masugata.engines.policy.matrix.layers import Layers
from masugata.engines.policy.matrix.named import Grants, NamedPolicies
from masugata.engines.policy.matrix.rows import Cells, Rows
from masugata.engines.policy.matrix.rules import Rules, every_service
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PolicyType

_NOTHING = PolicySet(PolicyType.IDENTITY)


class Verdict(Enum):
    """May they? `POSSIBLE` is: if the conditions hold that nobody knows beforehand."""

    NO = "no"
    POSSIBLE = "possible"
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A caller with the policies it carries: what `Policies` says of it.

    `facts` are the condition keys that all its requests have. `any_session` says that a role's session may
    have any name, so that what policies say of sessions by name is possible and not certain. `rcp` are the
    levels of its own account, which bind what it asks of no resource (`*`).
    """

    principal: Principal
    identity: PolicySet | None = None
    boundary: PolicySet | None = None
    session: PolicySet | None = None
    scp: tuple[PolicySet, ...] = ()
    facts: Facts = NO_FACTS
    any_session: bool = False
    rcp: tuple[PolicySet, ...] = ()


class Access(NamedTuple):
    """What all of these subjects may do: cells for certain, and possible ones, the certain included."""

    subjects: tuple[Subject, ...]
    certain: Cells
    possible: Cells


class Matrix:
    """Callers x actions x resources.

    `actions` are names in any case, `resources` have distinct ARNs. `asked` are condition keys of every
    request, believed before what is known of callers and resources. `rcp_services` says of a service's prefix
    whether RCPs bind its actions. Endpoint policies take no part.
    """

    def __init__(
        self,
        subjects: Iterable[Subject],
        actions: Iterable[str],
        resources: Sequence[Resource],
        asked: Facts = NO_FACTS,
        management_account: str = "",
        rcp_services: Callable[[str], bool] = every_service,
    ) -> None:
        self.subjects = tuple(subjects)
        self.resources = tuple(resources)
        self._management = management_account
        self._columns = Columns(self.resources, asked)
        granting = any(resource.key_grants for resource in self.resources)
        apart = ("kms",) if granting else ()
        self._rows = Rows(actions, self._statements(), len(self.resources), apart)
        self._layers = Layers(self._rows, self._columns, (subject.facts for subject in self.subjects))
        self._named = self._resource_policies()
        self._rcps = self._control_policies()
        self._own_rcps = self._own_control_policies()
        rules = Rules(self._rows, self._columns, management_account, rcp_services)
        self._key_grants = KeyGrants(self._rows, self.resources, rules.keys)
        self._evaluation = Evaluation(self._rows, self._layers, rules)
        self._index = {resource.arn: column for column, resource in enumerate(self.resources)}

    def accesses(self) -> Iterator[Access]:
        """What each group of subjects may do, in the order of the first of each."""
        groups: dict[tuple[object, ...], tuple[Side, list[Subject]]] = {}
        for subject in self.subjects:
            side = self._side(subject)
            groups.setdefault(side.identities(), (side, []))[1].append(subject)
        for side, subjects in groups.values():
            certain, possible = self._evaluation.decide(side, subjects[0].principal)
            yield Access(tuple(subjects), certain, possible)

    def verdict(self, access: Access, action: str, resource: str) -> Verdict:
        """May these subjects do this? Raises KeyError for what was not asked about."""
        service, row = self._rows.place(action)
        bit = row * self._rows.width + self._index[resource]
        if access.certain.get(service, 0) >> bit & 1:
            return Verdict.CERTAIN
        return Verdict.POSSIBLE if access.possible.get(service, 0) >> bit & 1 else Verdict.NO

    def allowed(self, access: Access, action: str) -> Iterator[tuple[Resource, Verdict]]:
        """The resources on which these subjects may do this, or possibly may."""
        service, row = self._rows.place(action)
        first, every = row * self._rows.width, (1 << len(self.resources)) - 1
        certain = access.certain.get(service, 0) >> first & every
        possible = access.possible.get(service, 0) >> first & every
        while possible:
            lowest = possible & -possible
            possible ^= lowest
            verdict = Verdict.CERTAIN if certain & lowest else Verdict.POSSIBLE
            yield self.resources[lowest.bit_length() - 1], verdict

    def alike(self, actions: Iterable[str]) -> list[list[str]]:
        """The actions by row: what no policy and no rule tells apart."""
        rows: dict[tuple[str, int], list[str]] = {}
        for action in actions:
            rows.setdefault(self._rows.place(action), []).append(action)
        return list(rows.values())

    def _statements(self) -> Iterator[Statement]:
        sets: dict[int, PolicySet] = {}
        for subject in self.subjects:
            for found in (subject.identity, subject.boundary, subject.session, *subject.scp, *subject.rcp):
                if found is not None:
                    sets[id(found)] = found
        for resource in self.resources:
            for found in (resource.policy, *resource.rcp):
                if found is not None:
                    sets[id(found)] = found
        policies = {id(policy): policy for found in sets.values() for policy in found.policies}
        for policy in policies.values():
            yield from policy.statements

    def _resource_policies(self) -> NamedPolicies:
        sets: dict[int, tuple[PolicySet, int]] = {}
        for column, resource in enumerate(self.resources):
            if resource.policy is not None:
                _, bits = sets.get(id(resource.policy), (resource.policy, 0))
                sets[id(resource.policy)] = resource.policy, bits | 1 << column
        return NamedPolicies(sets.values(), self._rows, self._columns)

    def _control_policies(self) -> list[tuple[NamedPolicies, Cells]]:
        """Each RCP set, and the cells in which it must allow."""
        sets: dict[int, tuple[PolicySet, int]] = {}
        for column, resource in enumerate(self.resources):
            for level in resource.rcp:
                _, bits = sets.get(id(level), (level, 0))
                sets[id(level)] = level, bits | 1 << column
        return [self._control_policy(level, bits) for level, bits in sets.values()]

    def _own_control_policies(self) -> dict[int, tuple[NamedPolicies, Cells]]:
        """The same, by the id of the set, for what callers ask of no resource: their own accounts' sets."""
        nowhere = self._columns.where(
            resource.arn == "*" and not resource.account for resource in self.resources
        )
        levels = {id(level): level for subject in self.subjects for level in subject.rcp} if nowhere else {}
        return {key: self._control_policy(level, nowhere) for key, level in levels.items()}

    def _control_policy(self, level: PolicySet, columns: int) -> tuple[NamedPolicies, Cells]:
        policies = NamedPolicies([(level, columns)], self._rows, self._columns)
        return policies, self._rows.cells(self._rows.all, columns)

    def _own(self, subject: Subject) -> Iterator[tuple[NamedPolicies, Cells]]:
        return (self._own_rcps[id(level)] for level in subject.rcp if self._own_rcps)

    def _side(self, subject: Subject) -> Side:
        principal, facts = subject.principal, subject.facts
        bounded = subject.boundary is not None
        limits = (subject.boundary, subject.session)
        probe = Policies(None, scp=subject.scp, management_account=self._management)
        scps = binding_scps(probe, Request(principal, "", "*", None, {}))

        def said(named: NamedPolicies) -> Grants:
            return named.grants(principal, facts, bounded=bounded, any_session=subject.any_session)

        return Side(
            standing=standing(principal),
            identity=self._layers.of(subject.identity or _NOTHING, facts),
            limits=tuple(self._layers.of(limit, facts) for limit in limits if limit is not None),
            scps=tuple(self._layers.of(scp, facts) for scp in scps),
            grants=self._key_grants.added(said(self._named), principal, any_session=subject.any_session),
            rcps=tuple((cells, said(named)) for named, cells in (*self._rcps, *self._own(subject))),
        )
