"""Who may do one action on one resource, by themselves or through roles."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import catalogue
from masugata.authorization.accounts import AccountView
from masugata.authorization.reach.assuming import Assumption, Route, assumptions, at_most, routes
from masugata.authorization.reach.deciding import matrix_of, reasons_of
from masugata.authorization.reach.keys import notes_of
from masugata.authorization.reach.people import Person, Population, outsiders
from masugata.authorization.reach.things import delegated, resource
from masugata.authorization.resources.organizations import delegation_needed
from masugata.engines.policy import PolicySet, PolicyType
from masugata.engines.policy.matrix import NO_FACTS, Facts, Reasons, Resource, Verdict
from masugata.errors import MasugataError


class Holder(NamedTuple):
    """Somebody who may, or possibly may, and because of what."""

    person: Person
    verdict: Verdict
    reasons: Reasons


class WhoCan(NamedTuple):
    """Who may by themselves, who through roles, and what the answer rests on."""

    action: str
    resource: Resource
    direct: tuple[Holder, ...]
    through_roles: tuple[Route, ...]
    notes: tuple[str, ...]
    roles: Mapping[str, Resource]
    asked: Facts

    def why(self, hop: Assumption) -> Reasons:
        """Because of what somebody may assume a role."""
        return reasons_of(hop.person.subject, hop.action, self.roles[hop.role], self.asked)


def who_can(
    population: Population,
    action: str,
    arn: str,
    *,
    account: str | None = None,
    policy: PolicySet | None = None,
    asked: Facts = NO_FACTS,
    transitive: bool = False,
) -> WhoCan:
    """Everybody who may do `action` on the resource; raises `MasugataError` for what cannot be asked.

    `policy` is the resource's own policy, `account` its owner where the ARN does not tell. With `transitive`
    roles may be assumed one after another, else one.
    """
    check_action(action)
    view, persons = population.view, population.persons
    thing = resource(view, arn, account=account, policy=policy)
    named = outsiders([] if thing.policy is None else [thing.policy], view)
    direct = _holders(view, [*persons, *named], action, thing, asked)
    targets = {
        holder.person.name: holder.verdict
        for holder in direct
        if holder.person.subject.principal.kind == "role-session" and not holder.person.outside
    }
    considered = [role for role in population.roles.values() if transitive or role.arn in targets]
    through: list[Route] = []
    if targets:
        found = assumptions([*persons, *population.trusted], considered, asked)
        through = routes(targets, found, transitive=transitive)
    certain = {holder.person.name for holder in direct if holder.verdict is Verdict.CERTAIN}
    possible = {holder.person.name for holder in direct}
    kept = [
        route
        for route in through
        if route.person.name not in (certain if route.verdict is Verdict.CERTAIN else possible)
    ]
    notes = (*view.notes, *_notes(view, action, thing, persons))
    if policy is None:
        notes = (*notes, *notes_of(view, arn))
    return WhoCan(action, thing, tuple(direct), tuple(kept), notes, population.roles, asked)


def check_action(action: str) -> None:
    """Raise `MasugataError` for what is not one action."""
    service, colon, name = action.partition(":")
    if not (service and colon and name) or any(character in action for character in "*? "):
        raise MasugataError(f"`{action}` is not an action: give one, such as s3:GetObject")


def _holders(
    view: AccountView, persons: Sequence[Person], action: str, thing: Resource, asked: Facts
) -> list[Holder]:
    found: dict[str, Holder] = {}
    for needed, some in _by_delegation(view, persons, action).items():
        its = thing if needed is None or thing.policy is not None else delegated(view, thing, *needed)
        matrix = matrix_of((person.subject for person in some), [action], [its], asked)
        by_subject = {id(person.subject): person for person in some}
        for access in matrix.accesses():
            verdict = matrix.verdict(access, action, its.arn)
            if verdict is Verdict.NO:
                continue
            why = reasons_of(access.subjects[0], action, its, asked)
            for subject in access.subjects:
                person = by_subject[id(subject)]
                found[person.name] = Holder(person, at_most(verdict, person), why)
    return [found[person.name] for person in persons if person.name in found]


def _by_delegation(
    view: AccountView, persons: Iterable[Person], action: str
) -> dict[tuple[str, str] | None, list[Person]]:
    """The persons by what their account must be delegated first; None for nothing."""
    found: dict[tuple[str, str] | None, list[Person]] = {}
    for person in persons:
        needed = delegation_needed(action, person.subject.principal.account, view.records)
        found.setdefault(needed, []).append(person)
    return found


def _notes(view: AccountView, action: str, thing: Resource, persons: Iterable[Person]) -> list[str]:
    notes = [f"{person.name} may do nothing: {person.note}" for person in persons if person.note]
    entry = catalogue.action_in_any_case(action)
    if entry is None:
        notes.append(f"`{action}` is no action that the catalogue knows")
    elif not entry.resource_types and thing.arn != "*":
        notes.append(f"`{action}` is never asked of one resource, but of `*`")
    if "*" in thing.arn[1:] or "?" in thing.arn:
        notes.append("a wildcard in the resource is an ordinary character here")
    if thing.account is not None and thing.account not in (*view.accounts, "aws"):
        notes.append(f"the account {thing.account}, which owns the resource, is not among those known")
    if thing.type is PolicyType.TRUST and thing.arn not in {person.name for person in persons}:
        notes.append(f"there is no role {thing.arn}")
    elif thing.policy is None and may_have_a_policy(thing.arn):
        notes.append("the resource is taken to have no policy of its own")
    return notes


def may_have_a_policy(arn: str) -> bool:
    """Whether a resource may have a policy that is not known here; IAM's have none but roles."""
    try:
        return parse_arn(arn).service != "iam"
    except InvalidArnError:
        return False
