"""In which situations two versions of a policy are compared: who asks, and what all other policies say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from masugata.engines.policy.decision import Policies
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import compile_policy
from masugata.engines.policy.types import PRINCIPAL_TYPES, PolicyType

_OWNER: Final = "111122223333"
_STRANGER: Final = "999999999999"
_IDS: Final = ("AIDA", "AROA")
_ALL: Final = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
EVERYTHING: Final = PolicySet(PolicyType.IDENTITY, [compile_policy(_ALL, PolicyType.IDENTITY, "everything")])
NOTHING: Final = PolicySet(PolicyType.IDENTITY)


class Situation(NamedTuple):
    """Who asks, whose the resource is, and the identity policies beside a resource policy.

    `others` says in words what the other policies allow.
    """

    principal: Principal
    owner: str
    identity: PolicySet
    others: str

    def policies(self, compared: PolicySet) -> Policies:
        """All policies, with the compared ones in their place."""
        if compared.type is PolicyType.IDENTITY:
            # So that a KMS key, whose policy must do so, trusts the account.
            return Policies(compared, resource=_delegating(self.owner))
        if compared.type is PolicyType.SCP:
            return Policies(EVERYTHING, resource=_delegating(self.owner), scp=(compared,))
        if compared.type in (PolicyType.BOUNDARY, PolicyType.SESSION):
            limit: dict[str, Any] = {str(compared.type): compared}
            return Policies(EVERYTHING, resource=_delegating(self.owner), **limit)
        return Policies(self.identity, resource=compared)


def situations(compared: Sequence[PolicySet], accounts: Sequence[str]) -> Iterator[Situation]:
    """All situations that the policies can tell apart; `accounts` may own the resource, if they are known.

    Callers have neither boundary nor session policy beside what is compared.
    """
    if compared[0].type not in PRINCIPAL_TYPES:
        owner = accounts[0] if accounts else _OWNER
        user = Principal("user", f"arn:aws:iam::{owner}:user/example", owner, unique_id="AIDAEXAMPLE")
        yield Situation(user, owner, EVERYTHING, "all other policies allow everything")
        return
    named = list(dict.fromkeys(_named(compared)))
    found = [principal for kind, value in named for principal in _principals(kind, value)]
    ids = [value for kind, value in named if kind == "AWS" and value.startswith(_IDS)]
    found += [both for one in found for value in ids for both in _with_both(one, value)]
    known = list(dict.fromkeys(principal.account for principal in found if principal.account))
    owners = list(accounts) or [_OWNER, *(account for account in known if account != _OWNER)]
    for owner in owners:
        own = [*_of_account(owner), *_of_account(_STRANGER), *_outside()]
        for principal in dict.fromkeys([*found, *own]):
            yield Situation(principal, owner, EVERYTHING, "identity policies allow everything")
            if principal.account == owner:
                yield Situation(principal, owner, NOTHING, "identity policies allow nothing")


def _delegating(account: str) -> PolicySet:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    document = {**_ALL, "Statement": {**_ALL["Statement"], "Principal": principal}}  # type: ignore[dict-item]  # a dict, seen as an object
    return PolicySet(PolicyType.RESOURCE, [compile_policy(document, PolicyType.RESOURCE, "delegation")])


def _named(compared: Sequence[PolicySet]) -> Iterator[tuple[str, str]]:
    """Every type and name in a Principal or NotPrincipal element."""
    for one in compared:
        for policy in one.policies:
            for statement in policy.statements:
                element = statement.raw.principal
                if isinstance(element, str):
                    yield "AWS", element
                    continue
                for kind, values in (element or {}).items():
                    for value in values or ():
                        yield kind, value


def _principals(kind: str, value: str) -> Iterator[Principal]:
    """Callers whom an entry names, each in another way, and others near them."""
    if kind == "Service":
        yield Principal("service", value)
    elif kind == "Federated":
        yield Principal("federated", value)
    elif kind == "AWS" and value.isdigit():
        yield from _of_account(value)
    elif kind == "AWS" and value.startswith(_IDS):
        yield from _with_id(value)
    elif kind == "AWS" and value.count(":") >= 5:
        _, partition, service, _, account, resource = value.split(":", 5)
        yield from _of_account(account, partition)
        type_, _, name = resource.partition("/")
        if (service, type_) == ("iam", "user"):
            yield Principal("user", value, account, partition)
            session = f"arn:{partition}:sts::{account}:federated-user/example"
            yield Principal("federated", session, account, partition, issuer_arn=value)
        elif (service, type_) == ("iam", "role"):
            yield _session(account, partition, name.rpartition("/")[2], "example", value)
        elif (service, type_) == ("sts", "assumed-role") and "/" in name:
            role, _, session = name.partition("/")
            yield _session(account, partition, role, session, f"arn:{partition}:iam::{account}:role/{role}")
            yield _session(account, partition, role, "example", f"arn:{partition}:iam::{account}:role/{role}")
        elif type_ == "federated-user":
            yield Principal("federated", value, account, partition)


def _with_id(value: str) -> Iterator[Principal]:
    role, _, session = value.partition(":")
    for account in (_OWNER, _STRANGER):
        head = f"arn:aws:iam::{account}:"
        if value.startswith("AIDA"):
            yield Principal("user", f"{head}user/{value}", account, unique_id=value)
            continue
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{session or 'example'}"
        issuer = f"{head}role/{role}"
        unique_id = f"{role}:{session or 'example'}"
        yield Principal("role-session", arn, account, "aws", unique_id, issuer, role)


def _with_both(principal: Principal, value: str) -> Iterator[Principal]:
    """The same caller with this unique id, if it is one of its kind."""
    if principal.kind == "user" and value.startswith("AIDA"):
        yield replace(principal, unique_id=value)
    if principal.kind == "role-session" and value.startswith("AROA"):
        role, _, session = value.partition(":")
        name = principal.arn.rpartition("/")[2]
        yield replace(principal, unique_id=f"{role}:{name}", issuer_id=role)
        if session == name:
            yield replace(principal, unique_id=value, issuer_id=role)


def _of_account(account: str, partition: str = "aws") -> Iterator[Principal]:
    head = f"arn:{partition}:iam::{account}:"
    yield Principal("user", f"{head}user/example", account, partition)
    yield _session(account, partition, "example", "example", f"{head}role/example")
    yield Principal("root", f"{head}root", account, partition, unique_id=account)


def _outside() -> Iterator[Principal]:
    yield Principal("service", "example.amazonaws.com")
    yield Principal("federated", "example.com")
    yield Principal("anonymous", "")


def _session(account: str, partition: str, role: str, session: str, issuer: str) -> Principal:
    arn = f"arn:{partition}:sts::{account}:assumed-role/{role}/{session}"
    return Principal("role-session", arn, account, partition, issuer_arn=issuer)
