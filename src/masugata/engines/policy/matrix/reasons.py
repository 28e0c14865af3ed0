"""Why one cell of a matrix is what it is: the statements that speak of it, and what of them is open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from masugata.engines.policy.decision import Policies, Request
from masugata.engines.policy.exemptions import binding_rcps, binding_scps
from masugata.engines.policy.matrix.columns import Columns, Resource
from masugata.engines.policy.matrix.facts import Facts, condition_bounds
from masugata.engines.policy.matrix.named import callers, match_bounds, principal_values
from masugata.engines.policy.matrix.rules import every_service
from masugata.engines.policy.matrix.table import Subject
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PRINCIPAL_TYPES, PolicyType


@dataclass(frozen=True, slots=True)
class Ground:
    """A statement that matches, or that may: `open` says what nobody knows beforehand, if anything.

    `direct` is False where a policy that names principals only trusts the caller's account. Of the grant of
    a key, which has no statements, `statement` is None.
    """

    type: PolicyType
    policy: str
    statement: int | None
    sid: str | None
    open: tuple[str, ...]
    direct: bool = True


class Reasons(NamedTuple):
    """The Allows that speak of a cell, the limits that allow it only under conditions, and the Denies.

    `allows` are of identity and resource policies, those that match for certain first. `limits` are the
    Allows of boundary, session policy, SCPs and RCPs, where none of their level matches for certain.
    """

    allows: tuple[Ground, ...]
    limits: tuple[Ground, ...]
    denies: tuple[Ground, ...]


def reasons(
    subject: Subject,
    action: str,
    resource: Resource,
    asked: Facts,
    management_account: str = "",
    rcp_services: Callable[[str], bool] = every_service,
) -> Reasons:
    """What speaks of one subject, action and resource, with the arguments of `Matrix`."""
    reader = _Reader(subject, action.lower(), resource, asked)
    return reader.read(management_account, rcp_services)


class _Reader:
    __slots__ = ("_action", "_asked", "_columns", "_resource", "_subject")

    def __init__(self, subject: Subject, action: str, resource: Resource, asked: Facts) -> None:
        self._subject = subject
        self._action = action
        self._resource = resource
        self._asked = asked
        self._columns = Columns((resource,), asked)

    def read(self, management_account: str, rcp_services: Callable[[str], bool]) -> Reasons:
        subject, resource = self._subject, self._resource
        allows: list[Ground] = []
        limits: list[Ground] = []
        denies: list[Ground] = []
        supported = resource.rcp_supported and rcp_services(self._action.partition(":")[0])
        request = Request(subject.principal, self._action, resource.arn, resource.account, {}, supported)
        own = subject.rcp if resource.arn == "*" and not resource.account else ()
        policies = Policies(
            None, scp=subject.scp, rcp=(*resource.rcp, *own), resource_type=resource.type,
            management_account=management_account,
        )  # fmt: skip
        granting = [subject.identity, self._resource_policy()]
        limiting = [
            subject.boundary, subject.session, *binding_scps(policies, request),
            *binding_rcps(policies, request, self._columns.targets[0]),
        ]  # fmt: skip
        for policy_set in granting:
            allows += self._grounds(policy_set, allow=True)
        allows += self._key_grants()
        for policy_set in limiting:
            found = list(self._grounds(policy_set, allow=True))
            limits += found if all(ground.open for ground in found) else ()
        for policy_set in (*granting, *limiting):
            denies += self._grounds(policy_set, allow=False)
        return Reasons(
            tuple(sorted(allows, key=lambda ground: (bool(ground.open), not ground.direct))),
            tuple(limits),
            tuple(denies),
        )

    def _resource_policy(self) -> PolicySet | None:
        trusting = self._resource.type is PolicyType.TRUST
        return None if trusting and not self._action.startswith("sts:") else self._resource.policy

    def _key_grants(self) -> Iterator[Ground]:
        subject = self._subject
        for grant in self._resource.key_grants:
            known_as = callers(subject.principal, (grant.grantee,), any_session=subject.any_session)
            matches = [int(grant.match(caller, self._action) or 0) for caller in known_as]
            if any(matches):
                opened = () if all(matches) else ("the session has the name that the grant names",)
                name = f"grant {grant.id}"
                yield Ground(PolicyType.RESOURCE, name, None, None, opened, direct=max(matches) > 1)

    def _grounds(self, policy_set: PolicySet | None, *, allow: bool) -> Iterator[Ground]:
        for policy in () if policy_set is None else policy_set.policies:
            for statement in policy.statements:
                if statement.allow is allow and statement.actions.matches(self._action):
                    ground = self._ground(statement, policy_set.type if policy_set else policy.type)
                    if ground is not None:
                        yield ground

    def _ground(self, statement: Statement, level: PolicyType) -> Ground | None:
        if statement.problem is not None and statement.allow:
            return None
        certain, possible = self._columns.matched(statement, self._subject.facts)
        weakest, strongest = self._match(statement)
        if not possible or not strongest:
            return None
        opened = [] if certain else list(self._open(statement))
        if weakest == 0:
            opened.append("the session has the name that the policy names")
        return Ground(
            level, statement.policy, statement.index, statement.sid, tuple(opened), direct=strongest > 1
        )

    def _match(self, statement: Statement) -> tuple[int, int]:
        if statement.type not in PRINCIPAL_TYPES:
            return 5, 5
        subject = self._subject
        values = principal_values(statement)
        known_as = callers(subject.principal, values, any_session=subject.any_session)
        return match_bounds(statement, known_as, bounded=subject.boundary is not None)

    def _open(self, statement: Statement) -> Iterator[str]:
        facts = (self._asked, self._resource.facts, self._subject.facts)
        for condition in statement.conditions:
            if condition_bounds(condition, facts) == (False, True):
                values = ", ".join(condition.values)
                yield f"{condition.operator} {condition.key} {values}"
        if self._columns.listed(statement, self._subject.facts)[0] == 0:
            element = "NotResource" if statement.raw.negated_resource else "Resource"
            yield f"{element} {', '.join(statement.resource_values)} with the request's own values"
