"""Who is an administrator, or would be with other policies."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from masugata.authorization.accounts import AccountView
from masugata.authorization.policies import group_policies
from masugata.authorization.reach.deciding import matrix_of
from masugata.authorization.reach.escalation_table import ADMINISTRATION, WAYS
from masugata.authorization.reach.people import EVERYTHING, Context, Person
from masugata.engines.policy import Policy, PolicySet, PolicyType, Principal
from masugata.engines.policy.matrix import NO_FACTS, Access, Facts, Matrix, Resource, Subject, Verdict
from masugata.engines.policy.matrix.columns import Columns

# Only `*` and what is left by NotAction cover an action that does not exist.
_UNNAMED: Final = "any-service-that-no-policy-names:AnyAction"
_TARGETS: Final = {way.action: way.target for way in WAYS} | {
    "iam:PassRole": "role",
    "iam:CreateUser": "user",
    "iam:CreateRole": "role",
}


class Administrators:
    """Decides who is an administrator, each case once.

    An administrator may do what no policy names, and everything by which rights are given, on resources
    that no policy names.
    """

    def __init__(self, view: AccountView, persons: Iterable[Person], context: Context) -> None:
        self._view = view
        self._asked = Facts(context)
        self._persons = {person.name: person for person in persons}
        self._found: dict[tuple[str, bool, str], Verdict] = {}
        self._reaching: dict[tuple[str, str], _Reaching] = {}
        by_account: dict[tuple[str, str], list[Person]] = {}
        for person in self._persons.values():
            principal = person.subject.principal
            by_account.setdefault((principal.account, principal.partition), []).append(person)
        for of_account in by_account.values():
            names = {id(person.subject): person.name for person in of_account}
            for subject, verdict in self._decide([person.subject for person in of_account]):
                self._found[names[id(subject)], False, ""] = verdict

    def verdict(self, name: str, *, unbound: bool = False, gain: str = "") -> Verdict:
        """Whether somebody is one: without its boundary if `unbound`, and with more policies.

        `gain` is `*` for a policy that allows everything, or the ARN of a group that it joins.
        """
        known = name, unbound, gain
        found = self._found.get(known)
        if found is None:
            subject = self._persons[name].subject
            if unbound:
                subject = replace(subject, boundary=None)
            if gain:
                subject = replace(subject, identity=self._with(subject, gain))
            decided = self._decide([subject]) if self._reaches_everything(subject) else ()
            found = self._found[known] = next((verdict for _, verdict in decided), Verdict.NO)
        return found

    def _with(self, subject: Subject, gain: str) -> PolicySet:
        own = () if subject.identity is None else subject.identity.policies
        more = (EVERYTHING,) if gain == "*" else group_policies(gain, self._view.records).policies
        return PolicySet(PolicyType.IDENTITY, (*own, *more))

    def _reaches_everything(self, subject: Subject) -> bool:
        """Whether any Allow may cover what no policy names, without which nobody is an administrator.

        Asked before the whole question, which costs a hundred times as much.
        """
        place = subject.principal.account, subject.principal.partition
        reaching = self._reaching.get(place)
        if reaching is None:
            reaching = self._reaching[place] = _Reaching(_unnamed(subject.principal))
        return any(map(reaching.allows, () if subject.identity is None else subject.identity.policies))

    def _decide(self, subjects: list[Subject]) -> Iterator[tuple[Subject, Verdict]]:
        principal = subjects[0].principal
        account, partition = principal.account, principal.partition
        things = {
            kind: Resource(f"arn:{partition}:iam::{account}:{kind}/~other~", account)
            for kind in ("user", "group", "role", "policy")
        }
        unnamed = _unnamed(principal)
        matrix = matrix_of(subjects, (*ADMINISTRATION, _UNNAMED), [*things.values(), unnamed], self._asked)
        needed = [(action, things[_TARGETS[action]].arn) for action in ADMINISTRATION]
        for access in matrix.accesses():
            verdict = _least(matrix, access, [*needed, (_UNNAMED, unnamed.arn)])
            for subject in access.subjects:
                yield subject, verdict


def _unnamed(principal: Principal) -> Resource:
    """A resource of the caller's account that no policy names."""
    service = _UNNAMED.partition(":")[0]
    return Resource(f"arn:{principal.partition}:{service}::{principal.account}:~other~", principal.account)


class _Reaching:
    """Which policies may allow what no policy names, whoever has them, each found once."""

    def __init__(self, unnamed: Resource) -> None:
        self._columns = Columns((unnamed,), NO_FACTS)
        self._found: dict[int, tuple[Policy, bool]] = {}  # a policy that is kept keeps its id

    def allows(self, policy: Policy) -> bool:
        """Whether an Allow of the policy may cover it."""
        found = self._found.get(id(policy))
        if found is None:
            may = any(
                statement.allow
                and statement.actions.matches(_UNNAMED.lower())
                and self._columns.listed(statement, NO_FACTS)[1]
                for statement in policy.statements
            )
            found = self._found[id(policy)] = policy, may
        return found[1]


def _least(matrix: Matrix, access: Access, needed: Iterable[tuple[str, str]]) -> Verdict:
    least = Verdict.CERTAIN
    for action, arn in needed:
        verdict = matrix.verdict(access, action, arn)
        if verdict is Verdict.NO:
            return verdict
        if verdict is Verdict.POSSIBLE:
            least = verdict
    return least
