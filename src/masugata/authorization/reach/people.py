"""Everybody who may act in some accounts, as subjects of a matrix."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.accounts import AccountView
from masugata.authorization.authorizer import engine_principal
from masugata.authorization.policies import caller_policies, trust_policy_set
from masugata.authorization.reach.organizations import Bonds, bonds, is_management
from masugata.authorization.reach.things import is_active, partition_of, roles
from masugata.engines.policy import Policy, PolicySet, PolicyType, Principal, compile_policy
from masugata.engines.policy.matrix import Facts, Subject
from masugata.engines.policy.matrix.named import principal_values
from masugata.engines.policy.principals import account_of
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.iam import ROLE, USER, Role, Tag, User, iam_arn
from masugata.store import Records

_TAGS = "aws:PrincipalTag/"
_SESSION = "session"
_TAGGING = "sts:tagsession"
EVERYTHING = compile_policy(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    PolicyType.IDENTITY,
    "the policies of its own account",
)


Context = Mapping[str, str | Sequence[str]]
"""Condition keys and their values."""


class Person(NamedTuple):
    """Somebody who may act: its ARN, or the name of a service or identity provider; a role for its sessions.

    `outside` is True for somebody of whom only a policy that names it is known: what its own account
    allows it is taken to be everything. `note` says what cannot be known of it.
    """

    name: str
    subject: Subject
    outside: bool = False
    note: str = ""

    @property
    def root(self) -> bool:
        """Whether it is the root user of an account that is known."""
        return self.subject.principal.kind == "root" and not self.outside


class Population:
    """Everybody and every role of some accounts, found once for any number of questions.

    `scp` are levels of service control policies in the place of those that the view tells.
    """

    def __init__(self, view: AccountView, scp: tuple[PolicySet, ...] = ()) -> None:
        self.view = view
        self.persons = people(view, scp)
        self.roles = {role.arn: role for role in roles(view)}
        trusts = (role.policy for role in self.roles.values() if role.policy is not None)
        self.trusted = outsiders(trusts, view)


def people(view: AccountView, scp: tuple[PolicySet, ...] = ()) -> list[Person]:
    """The root users, users and roles of the accounts that are active, each below the SCPs of its account.

    `scp` are levels in the place of those, for all accounts but one that manages its organization.
    """
    found: list[Person] = []
    for account in view.accounts:
        if not is_active(view, account):
            continue
        bound = bonds(view, account)
        if scp and not is_management(view, account):
            bound = bound._replace(scp=scp)
        home = _Home(view.records, account, partition_of(view, account), bound)
        found.append(home.root())
        found += map(home.user, view.records.scan(USER, account))
        found += map(home.role, view.records.scan(ROLE, account))
    return found


def outsiders(sets: Iterable[PolicySet], view: AccountView) -> list[Person]:
    """Services, identity providers, and those of other accounts, as far as policies name them."""
    named: dict[str, Person] = {}
    for policy_set in sets:
        for policy in policy_set.policies:
            for person in _named(policy, view.accounts):
                named.setdefault(person.name, person)
    return list(named.values())


def service_person(name: str) -> Person:
    """A service of AWS, such as `lambda.amazonaws.com`."""
    return _outsider("service", name, note="a service of AWS")


class _Home(NamedTuple):
    """An account, and what binds everybody in it."""

    records: Records
    account: str
    partition: str
    bound: Bonds

    def root(self) -> Person:
        """Its root user."""
        arn = f"arn:{self.partition}:iam::{self.account}:root"
        principal = Principal("root", arn, self.account, self.partition, unique_id=self.account)
        known = _known(self.account, arn, "Account") | {"aws:userid": self.account}
        subject = Subject(principal, facts=self._facts(known, "aws:username", _TAGS))
        return Person(arn, self._bind(subject), note=self.bound.problem)

    def user(self, user: User) -> Person:
        """One of its users."""
        arn = iam_arn(self.account, "user", user, partition=self.partition)
        caller = Caller(
            kind=CallerKind.USER,
            account=self.account,
            partition=self.partition,
            arn=arn,
            user_id=user.id,
            access_key_id="",
            entity_name=user.name,
            issuer_arn=arn,
            issuer_id=user.id,
        )
        known = _known(self.account, arn, "User") | {"aws:username": user.name, "aws:userid": user.id}
        return self._person(arn, caller, self._facts(known | _tags(user.tags), _TAGS))

    def role(self, role: Role) -> Person:
        """The sessions of one of its roles."""
        arn = iam_arn(self.account, "role", role, partition=self.partition)
        caller = Caller(
            kind=CallerKind.ROLE_SESSION,
            account=self.account,
            partition=self.partition,
            arn=f"arn:{self.partition}:sts::{self.account}:assumed-role/{role.name}/{_SESSION}",
            user_id=f"{role.id}:{_SESSION}",
            access_key_id="",
            entity_name=role.name,
            issuer_arn=arn,
            issuer_id=role.id,
        )
        known, absent = _known(self.account, arn, "AssumedRole"), ["aws:username"]
        if not _may_be_tagged(role, arn):  # a session's own tags would go over the role's
            known, absent = known | _tags(role.tags), [*absent, _TAGS]
        return self._person(arn, caller, self._facts(known, *absent), any_session=True)

    def _facts(self, known: Mapping[str, str], *absent: str) -> Facts:
        """With where the account is, and that it owns what is asked of no resource."""
        bound = self.bound
        own = {**bound.principal, **bound.resource, "aws:ResourceAccount": self.account}
        return Facts({**known, **own}, (*absent, *bound.no_principal, *bound.no_resource))

    def _person(self, arn: str, caller: Caller, facts: Facts, *, any_session: bool = False) -> Person:
        subject = self._bind(Subject(engine_principal(caller), facts=facts, any_session=any_session))
        if self.bound.problem:
            return Person(arn, subject, note=self.bound.problem)
        try:
            identity, boundary, _ = caller_policies(caller, self.records)
        except AwsError as error:  # whose policies cannot be read may do nothing, as at the gate
            return Person(arn, subject, note=error.message)
        return Person(arn, replace(subject, identity=identity, boundary=boundary))

    def _bind(self, subject: Subject) -> Subject:
        return replace(subject, scp=self.bound.scp, rcp=self.bound.rcp)


def _known(account: str, arn: str, kind: str) -> dict[str, str]:
    return {
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": arn,
        "aws:PrincipalType": kind,
        "aws:PrincipalIsAWSService": "false",
    }


def _tags(tags: Iterable[Tag]) -> dict[str, str]:
    return {f"{_TAGS}{tag.key}": tag.value for tag in tags}


def _may_be_tagged(role: Role, arn: str) -> bool:
    trust = trust_policy_set(arn, role.trust_policy)
    return any(
        statement.allow and statement.actions.matches(_TAGGING)
        for policy in trust.policies
        for statement in policy.statements
    )


def _named(policy: Policy, accounts: Iterable[str]) -> Iterator[Person]:
    for statement in policy.statements:
        element = statement.raw.principal
        if not statement.allow or element is None:
            continue
        if statement.raw.negated_principal:
            yield _outsider("anonymous", "*", note="anyone but those whom a NotPrincipal lists")
            continue
        federated = () if isinstance(element, str) else element.get("Federated", ())
        for value in principal_values(statement):
            person = _outside(value, federated=value in federated)
            if person is not None and person.subject.principal.account not in accounts:
                yield person


def _outside(value: str, *, federated: bool) -> Person | None:
    if value == "*":
        return _outsider("anonymous", "*", note="anyone at all")
    if federated:
        return _outsider("federated", value, note="whom this identity provider vouches for")
    if value.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return service_person(value)
    own = "as far as its own account allows it"
    if named := account_of(value):
        partition, account = named[0] or "aws", named[1]
        root = f"arn:{partition}:iam::{account}:root"
        return _outsider("user", root, account=account, partition=partition, note=own)
    try:
        arn = parse_arn(value)
    except InvalidArnError:
        return None  # the unique id of somebody who is gone, or nothing that can be read
    kind = arn.resource.partition("/")[0]
    if kind in ("user", "federated-user"):
        return _outsider("user", value, account=arn.account, partition=arn.partition, note=own, arn=value)
    if kind == "role":
        name = arn.resource.rpartition("/")[2]
        session = f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{_SESSION}"
        principal = Principal("role-session", session, arn.account, arn.partition, issuer_arn=value)
        facts = Facts(_known(arn.account, value, "AssumedRole"))
        return Person(value, _unlimited(principal, facts, any_session=True), outside=True, note=own)
    if kind == "assumed-role":
        principal = Principal("role-session", value, arn.account, arn.partition)
        return Person(value, _unlimited(principal, Facts({"aws:PrincipalAccount": arn.account})), True, own)
    return None


def _outsider(
    kind: str, name: str, *, note: str, account: str = "", partition: str = "aws", arn: str = ""
) -> Person:
    principal = Principal(kind, name if kind != "anonymous" else "", account, partition)  # type: ignore[arg-type]
    known = {"aws:PrincipalAccount": account} if account else {}
    return Person(
        name, _unlimited(principal, Facts(known | ({"aws:PrincipalArn": arn} if arn else {}))), True, note
    )


def _unlimited(principal: Principal, facts: Facts, *, any_session: bool = False) -> Subject:
    identity = None if principal.external else PolicySet(PolicyType.IDENTITY, [EVERYTHING])
    return Subject(principal, identity, facts=facts, any_session=any_session)
