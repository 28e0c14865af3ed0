"""What one principal may do, service by service and in few words.

Each pattern of the policies is asked for one resource that stands for all that it matches; what a narrower
pattern takes away or adds is what its own stand-in shows.
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from masugata.authorization import catalogue
from masugata.authorization.accounts import AccountView
from masugata.authorization.reach.assuming import ACTIONS, Assumption, assumptions
from masugata.authorization.reach.deciding import matrix_of, reasons_of
from masugata.authorization.reach.keys import notes_of
from masugata.authorization.reach.people import Person, people
from masugata.authorization.reach.stand_ins import ANYTHING, patterns_of, stand_ins
from masugata.authorization.reach.things import resource, roles
from masugata.authorization.resources.organizations import delegation_needed
from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy import PolicySet
from masugata.engines.policy.matrix import NO_FACTS, Access, Facts, Matrix, Resource, Verdict
from masugata.errors import MasugataError

_BY_TRUST: Final = frozenset({*ACTIONS, "sts:TagSession", "sts:SetSourceIdentity"})


class Grant(NamedTuple):
    """Actions that are allowed alike: for certain, or if `conditions` hold."""

    actions: tuple[str, ...]
    verdict: Verdict
    conditions: tuple[str, ...]


class Reach(NamedTuple):
    """What is allowed on resources that match a pattern; `*` is whatever no other pattern of these names.

    `every` are the actions that were asked about there; those without a resource are part of `*`.
    """

    pattern: str
    grants: tuple[Grant, ...]
    every: tuple[str, ...]


class ServiceAccess(NamedTuple):
    """What may be done in one service; `every` are all actions that were asked about."""

    service: str
    every: tuple[str, ...]
    reaches: tuple[Reach, ...]


class WhatCan(NamedTuple):
    """What somebody may do, and the roles that it may assume."""

    person: Person
    services: tuple[ServiceAccess, ...]
    roles: tuple[Assumption, ...]
    notes: tuple[str, ...]


def what_can(
    view: AccountView,
    principal: str,
    *,
    action: str = ANYTHING,
    arns: Collection[str] = (),
    scp: tuple[PolicySet, ...] = (),
    asked: Facts = NO_FACTS,
) -> WhatCan:
    """All that the user, role or root user with this ARN may do; raises `MasugataError` if there is none.

    Only actions that match the pattern `action` are asked about, and only the resources `arns` if any are
    given. Resource policies are not known, but for the trust policies of roles, so what an organization has
    to delegate to the account is left out.
    """
    person = next((one for one in people(view, scp) if one.name == principal), None)
    if person is None:
        raise MasugataError(f"there is no user, role or root user `{principal}`")
    given = [resource(view, arn) for arn in arns]
    wanted = compile_glob(tokenize(action.lower()))
    services = []
    for service in _services(action):
        entries = catalogue.service(service)
        every = [name for name in (entries.actions if entries else ()) if wanted(name.lower())]
        if not given:  # which roles trust whom is asked of the roles themselves
            every = [name for name in every if name not in _BY_TRUST]
        if every:
            found = _Service(view, person, service, every, asked).access(given)
            if found.reaches:
                services.append(found)
    assumed = [] if person.root else list(assumptions([person], roles(view), asked))
    notes = [*view.notes, *([f"may do nothing: {person.note}"] if person.note else ())]
    if any(one.service == "kms" for one in services) and not given:
        notes.append("KMS keys are taken to have AWS's default key policy")
    notes.extend(note for arn in arns for note in notes_of(view, arn))
    return WhatCan(person, tuple(services), tuple(assumed), tuple(notes))


def _services(action: str) -> list[str]:
    prefix, colon, _ = action.lower().partition(":")
    if colon and not set("*?") & set(prefix):
        return [prefix]
    return sorted(catalogue.names("actions"))


class _Service:
    """The question for one service."""

    def __init__(
        self, view: AccountView, person: Person, service: str, every: list[str], asked: Facts
    ) -> None:
        self._view = view
        self._person = person
        self._service = service
        self._every = every
        self._asked = asked
        self._patterns = patterns_of([person.subject])
        account = person.subject.principal.account
        self._delegated = {name for name in every if delegation_needed(name, account, view.records)}

    def access(self, given: list[Resource]) -> ServiceAccess:
        principal = self._person.subject.principal
        patterns = {thing.arn: thing for thing in given} or dict(
            stand_ins(self._view, self._patterns, self._service, principal.account, principal.partition)
        )
        nothing = Resource(ANYTHING)
        things = {thing.arn: thing for thing in (nothing, *patterns.values())}
        matrix = matrix_of([self._person.subject], self._every, list(things.values()), self._asked)
        access = next(matrix.accesses())
        reaches = []
        base: tuple[Grant, ...] = ()  # what is allowed on whatever no pattern names
        for pattern, thing in patterns.items():
            alone = pattern == ANYTHING or bool(given)
            every = tuple(name for name in self._every if alone or self._has_resource(name))
            grants = tuple(self._grants(matrix, access, thing, alone=alone))
            if pattern == ANYTHING:
                base = tuple(self._grants(matrix, access, thing, alone=False))
            if (grants and alone) or (not alone and grants != base):
                reaches.append(Reach(pattern, grants, every))
        return ServiceAccess(self._service, tuple(self._every), tuple(reaches))

    def _grants(self, matrix: Matrix, access: Access, thing: Resource, *, alone: bool) -> Iterator[Grant]:
        """What is allowed on a resource; with `alone`, also what is asked of no resource at all."""
        found: dict[tuple[Verdict, tuple[str, ...]], list[str]] = {}
        for alike in matrix.alike(self._every):
            actions = [name for name in alike if name not in self._delegated]
            on_resource = [name for name in actions if self._has_resource(name)]
            without = [name for name in actions if not self._has_resource(name)] if alone else []
            for names, asked_of in ((on_resource, thing), (without, Resource(ANYTHING))):
                if not names:
                    continue
                verdict = matrix.verdict(access, names[0], asked_of.arn)
                if verdict is not Verdict.NO:
                    conditions = self._conditions(names[0], asked_of) if verdict is Verdict.POSSIBLE else ()
                    found.setdefault((verdict, conditions), []).extend(names)
        for (verdict, conditions), names in sorted(found.items(), key=lambda item: item[0][0].value):
            yield Grant(tuple(sorted(names)), verdict, conditions)

    def _conditions(self, action: str, thing: Resource) -> tuple[str, ...]:
        why = reasons_of(self._person.subject, action, thing, self._asked)
        certain = any(not ground.open for ground in why.allows)
        wanted = [] if certain else [" and ".join(ground.open) for ground in why.allows]
        limits = [" and ".join(ground.open) for ground in why.limits]
        unless = [" and ".join(ground.open) for ground in why.denies]
        found = [" or ".join(dict.fromkeys(wanted))] if wanted else []
        found += [f"within its limits: {' or '.join(dict.fromkeys(limits))}"] if limits else []
        return (*found, *(f"not {text}" for text in dict.fromkeys(unless)))

    def _has_resource(self, action: str) -> bool:
        entry = catalogue.action(action)
        return entry is None or bool(entry.resource_types)
