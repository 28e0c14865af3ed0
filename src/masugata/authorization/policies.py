"""Which policies apply to a caller."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from masugata.arn import parse_arn
from masugata.authorization import managed_policies
from masugata.engines.policy import Policy, PolicySet, PolicyType, compile_policy
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Session
from masugata.records.iam import (
    AWS_ACCOUNT,
    GROUP,
    ONE_PER_ACCOUNT,
    PASSWORD_POLICY,
    ROLE,
    USER,
    Group,
    Principal,
    customer_managed_policy,
    iam_arn,
)
from masugata.store import Records

Source = tuple[str, str]
"""The name under which a policy is shown (its ARN, or whose inline policy it is) and its document."""

_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
_ALLOWED_ONESELF = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword",'
    '"Resource":["USER/${aws:username}","USER/*/${aws:username}"]},'
    '{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]}'
)
_EMPTY_POLICY = '{"Version":"2012-10-17","Statement":[]}'


class CallerPolicies(tuple[PolicySet | None, PolicySet | None, PolicySet | None]):
    """The identity, boundary and session policies of a caller; None where there is no such limit."""

    __slots__ = ()


class CallerSources(NamedTuple):
    """The texts of the identity, boundary and session policies of a caller; None where there is no limit."""

    identity: tuple[Source, ...]
    boundary: tuple[Source, ...] | None
    session: tuple[Source, ...] | None


def caller_policies(caller: Caller, records: Records) -> CallerPolicies:
    """The identity, boundary and session policies that apply to `caller` in this state.

    A policy or group that cannot be read denies everything: raises AccessDenied naming it.
    """
    identity, boundary, session = caller_sources(caller, records)
    return CallerPolicies(
        (
            _policy_set(PolicyType.IDENTITY, identity),
            None if boundary is None else _policy_set(PolicyType.BOUNDARY, boundary),
            None if session is None else _policy_set(PolicyType.SESSION, session),
        )
    )


def caller_sources(caller: Caller, records: Records) -> CallerSources:
    """What `caller_policies` compiles, as it is written; raises what that raises."""
    identity: list[Source] = []
    boundary: str | None = None
    if caller.kind is CallerKind.ROLE_SESSION:
        role = records.get(ROLE, caller.account, caller.entity_name.lower())
        if role is not None:
            identity += _own_policies("role", role, caller, records)
            boundary = role.boundary
    elif caller.entity_name:
        user = records.get(USER, caller.account, caller.entity_name.lower())
        if user is not None:
            identity += _own_policies("user", user, caller, records)
            for group_id in user.groups:
                identity += _own_policies("group", _group(group_id, caller, records), caller, records)
            boundary = user.boundary
            if caller.kind is CallerKind.USER:
                identity += _by_password_policy(caller, records)
    elif caller.kind is CallerKind.FEDERATED:
        # The root user stands behind this session: its session policies alone limit it.
        identity.append(("root user", _EVERYTHING))
    return CallerSources(
        tuple(identity),
        None if boundary is None else ((boundary, _document(boundary, caller, records)),),
        _session_sources(caller, records),
    )


def group_policies(arn: str, records: Records) -> PolicySet:
    """The policies of the group with this ARN; raises what `caller_policies` raises."""
    parts = parse_arn(arn)
    group = records.get(GROUP, parts.account, parts.resource.rpartition("/")[2].lower())
    joining = Caller(
        kind=CallerKind.USER, account=parts.account, partition=parts.partition, arn=arn, user_id="",
        access_key_id="",
    )  # fmt: skip
    sources = () if group is None else tuple(_own_policies("group", group, joining, records))
    return _policy_set(PolicyType.IDENTITY, sources)


def trust_policy_set(role_arn: str, document: str) -> PolicySet:
    """The trust policy of a role as a set; the empty text allows nobody."""
    return _policy_set(PolicyType.TRUST, ((f"trust policy of {role_arn}", document or _EMPTY_POLICY),))


def resource_policy_set(resource: str, document: str) -> PolicySet:
    """The policy of a resource as a set; the empty text allows nobody."""
    return _policy_set(PolicyType.RESOURCE, ((f"policy of {resource}", document or _EMPTY_POLICY),))


def nameless_policy_set(document: str) -> PolicySet:
    """As `resource_policy_set`, one for all resources that have the same policy.

    A key has mostly AWS's default one, and of keys there are more than could be remembered each by its name.
    """
    return _policy_set(PolicyType.RESOURCE, (("the resource's policy", document or _EMPTY_POLICY),))


def _session_sources(caller: Caller, records: Records) -> tuple[Source, ...] | None:
    session: Session | None = caller.session
    if session is None:
        return None
    if not session.limited and not session.delegate and caller.kind is not CallerKind.FEDERATED:
        return None
    sources = [("session policy", document) for document in session.policies]
    sources += [(arn, _document(arn, caller, records)) for arn in session.policy_arns]
    return tuple(sources)


def _own_policies(kind: str, entity: Principal, caller: Caller, records: Records) -> Iterable[Source]:
    arn = iam_arn(caller.account, kind, entity, partition=caller.partition)
    for name, document in entity.inline_policies.items():
        yield (f"inline policy {name} of {arn}", document)
    for attached in entity.attached_policies:
        yield (attached, _document(attached, caller, records))


def _by_password_policy(caller: Caller, records: Records) -> Iterable[Source]:
    """What AllowUsersToChangePassword grants every user of the account, as if by a policy of its own.

    So an explicit Deny, a boundary or a control policy takes it away again. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    """
    policy = records.get(PASSWORD_POLICY, caller.account, ONE_PER_ACCOUNT)
    if policy is not None and policy.allow_users_to_change:
        user = f"arn:{caller.partition}:iam::{caller.account}:user"
        yield ("the account's password policy", _ALLOWED_ONESELF.replace("USER", user))


def _group(group_id: str, caller: Caller, records: Records) -> Group:
    """A group of the caller; without it nobody knows what it denied."""
    found = records.by_name(GROUP, "id", group_id)
    if found is None or found[0] != caller.account:
        raise AwsError(
            "AccessDenied", f"User: {caller.arn} is denied: its group {group_id} does not exist any more", 403
        )
    return found[2]


def _document(arn: str, caller: Caller, records: Records) -> str:
    """The document of a managed policy's default version."""
    if arn.startswith(f"arn:{caller.partition}:iam::aws:"):
        # Only the records of an exported account hold such a policy: as it was there.
        exported = customer_managed_policy(records, AWS_ACCOUNT, arn, partition=caller.partition)
        if exported is not None:
            return exported.document()
    aws_managed = managed_policies.get(arn, caller.partition)
    if aws_managed is not None:
        return aws_managed.document()
    policy = customer_managed_policy(records, caller.account, arn, partition=caller.partition)
    if policy is None:
        raise AwsError(
            "AccessDenied", f"User: {caller.arn} is denied: its policy {arn} does not exist any more", 403
        )
    return policy.document()


@lru_cache(maxsize=1024)
def _policy_set(kind: PolicyType, sources: tuple[Source, ...]) -> PolicySet:
    return PolicySet(kind, [_compiled(kind, source, document) for source, document in sources])


@lru_cache(maxsize=2048)
def _compiled(kind: PolicyType, source: str, document: str) -> Policy:
    return compile_policy(document, kind, source)
