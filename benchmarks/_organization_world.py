"""The user and the requests of the decision benchmark, as records, in an account below five levels of units.

Each of the seven levels, from the root down to the account, has FullAWSAccess and three more SCPs, and
RCPFullAWSAccess and two more RCPs, of the sorts that are published: restrictions of Regions, networks and
root users, protection of roles, logs and services, tags that must be given, and data perimeters.
"""

import json
from datetime import UTC, datetime
from typing import Any

import _decide_workload as workload

from masugata.authorization.access import Access
from masugata.identity.caller import Caller, CallerKind
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import MANAGED_POLICY, USER, ManagedPolicy, PolicyVersion, User
from masugata.records.organizations import (
    FULL_AWS_ACCESS,
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RCP_FULL_AWS_ACCESS,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    Member,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
)
from masugata.store import Store, Transaction, open_store

ID, ROOT, MANAGEMENT = "o-exampleorgid", "r-exam", "999900001111"
UNITS = tuple(f"ou-exam-{number:08}" for number in range(1, 6))
BESIDE, DENYING = "ou-exam-beside00", "ou-exam-denying0"
DENY = "p-deny00000000"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ARN = f"arn:aws:iam::{workload.ACCOUNT}:"
ALICE = Caller(
    kind=CallerKind.USER,
    account=workload.ACCOUNT,
    arn=workload.USER,
    user_id="AIDAALICE",
    access_key_id="AKIAALICE",
    entity_name="alice",
    issuer_arn=workload.USER,
    issuer_id="AIDAALICE",
)


def open_world(made: workload.Workload, *, organized: bool, accounts: int = 0) -> Store:
    """A store in memory; `accounts` further ones are in a unit of their own beside the user's."""
    store = open_store(None, ALL_KINDS)

    def fill(transaction: Transaction) -> None:
        _put_user(transaction, made)
        if organized:
            _put_organization(transaction)
            for number in range(accounts):
                _put_member(transaction, f"{number:012}", BESIDE)

    store.submit(fill).result()
    return store


def requests(made: workload.Workload) -> list[tuple[Access, dict[str, Any]]]:
    """The requests as the authorizer takes them: what is asked for, and the keys of the call."""
    policy = json.dumps(made.resource)
    return [
        (
            Access(
                action=r.action,
                resource=r.resource,
                resource_account=workload.ACCOUNT,
                resource_policy=policy,
            ),
            r.context | _CALL,
        )
        for r in made.requests
    ]


_CALL = {
    "aws:PrincipalArn": workload.USER,
    "aws:PrincipalAccount": workload.ACCOUNT,
    "aws:PrincipalOrgID": ID,
    "aws:PrincipalOrgPaths": ["/".join((ID, ROOT, *UNITS, ""))],
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalType": "User",
    "aws:userid": "AIDAALICE",
    "aws:username": "alice",
    "aws:ViaAWSService": "false",
}


def _put_user(transaction: Transaction, made: workload.Workload) -> None:
    account = workload.ACCOUNT
    transaction.put(ACCOUNT, account, Account(id=account, root_email="a@example.com", create_date=NOW))
    documents = {f"p{n}": document for n, document in enumerate(made.identity)} | {"limit": made.boundary}
    for name, document in documents.items():
        version = PolicyVersion(number=1, document=json.dumps(document), create_date=NOW)
        policy = ManagedPolicy(
            name=name,
            id=f"ANPA{name}",
            create_date=NOW,
            update_date=NOW,
            versions=(version,),
            default_version=1,
            latest_version=1,
        )
        transaction.put(MANAGED_POLICY, account, policy)
    attached = tuple(f"{ARN}policy/p{n}" for n in range(len(made.identity)))
    user = User(
        name="alice",
        id="AIDAALICE",
        create_date=NOW,
        attached_policies=attached,
        boundary=f"{ARN}policy/limit",
    )
    transaction.put(USER, account, user)


def _put_organization(transaction: Transaction) -> None:
    attached = [_attached(transaction, level) for level in range(7)]
    organization = Organization(
        id=ID,
        root_id=ROOT,
        management_account=MANAGEMENT,
        create_date=NOW,
        policy_types=(SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY),
        policies=attached[0],
    )
    transaction.put(ORGANIZATION, MANAGEMENT, organization)
    parent = ROOT
    for number, id_ in enumerate(UNITS, 1):
        put_unit(transaction, id_, parent, attached[number])
        parent = id_
    deny = _policy(SERVICE_CONTROL_POLICY, DENY, _deny("*"))
    transaction.put(ORGANIZATION_POLICY, MANAGEMENT, deny)
    put_unit(transaction, BESIDE, ROOT, {})
    put_unit(transaction, DENYING, ROOT, {SERVICE_CONTROL_POLICY: (FULL_AWS_ACCESS, DENY)})
    _put_member(transaction, MANAGEMENT, ROOT)
    _put_member(transaction, workload.ACCOUNT, parent, attached[6])


def put_unit(transaction: Transaction, id_: str, parent: str, policies: dict[str, tuple[str, ...]]) -> None:
    """A unit in this place."""
    unit = OrganizationalUnit(id=id_, name=id_, parent=parent, policies=policies)
    transaction.put(ORGANIZATIONAL_UNIT, MANAGEMENT, unit)


def _put_member(
    transaction: Transaction, account: str, parent: str, policies: dict[str, tuple[str, ...]] | None = None
) -> None:
    member = Member(
        id=account,
        organization=ID,
        parent=parent,
        joined=NOW,
        joined_method="INVITED",
        policies=policies or {},
    )
    transaction.put(MEMBER, MANAGEMENT, member)


def _attached(transaction: Transaction, level: int) -> dict[str, tuple[str, ...]]:
    """New policies for one level, by type."""
    attached: dict[str, tuple[str, ...]] = {}
    for type_, full, found in (
        (SERVICE_CONTROL_POLICY, FULL_AWS_ACCESS, _scps(level)),
        (RESOURCE_CONTROL_POLICY, RCP_FULL_AWS_ACCESS, _rcps(level)),
    ):
        attached[type_] = (full,)
        for number, statements in enumerate(found):
            policy = _policy(type_, f"p-{type_[0].lower()}{level}{number:06}", *statements)
            transaction.put(ORGANIZATION_POLICY, MANAGEMENT, policy)
            attached[type_] += (policy.id,)
    return attached


def _policy(type_: str, id_: str, *statements: workload.Document) -> OrganizationPolicy:
    content = json.dumps(workload.document(*statements))
    return OrganizationPolicy(id=id_, organization=ID, name=id_, type=type_, content=content)


def _deny(action: Any, condition: workload.Document | None = None, **more: Any) -> workload.Document:
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"} | more
    return statement | ({"Condition": condition} if condition else {})


def _scps(level: int) -> list[tuple[workload.Document, ...]]:
    """Three SCPs of a level; what binds every service stands at the root and on two units, as in life."""
    keeper = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/keeper-{level}"}}
    roles = f"arn:aws:iam::*:role/protected-{level}-*"
    protected = (
        _deny(["iam:*Role*", "iam:PutRolePolicy"], keeper, Resource=roles),
        _deny("organizations:LeaveOrganization"),
    )
    service, other = _SERVICES[level], _SERVICES[-1 - level]
    logs = (
        _deny(["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "guardduty:Delete*"]),
        _deny([f"{service}:Delete*", f"{other}:Put*"], keeper),
    )
    tagged = _deny(f"{service}:Create*", {"Null": {"aws:RequestTag/cost-center": "true"}}, Resource=_ITEMS)
    broad = _BROAD.get(level)
    return [protected, logs, (tagged,) if broad is None else (broad, tagged)]


def _rcps(level: int) -> list[tuple[workload.Document, ...]]:
    """Two RCPs of a level; the perimeter stands at the root."""
    perimeter = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ID},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    deputy = {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": ID},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }
    services = [f"{name}:*" for name in ("s3", "sqs", "kms", "secretsmanager", "dynamodb", "ecr", "logs")]
    actions = [*services, "sts:AssumeRole"] if level == 0 else services[level - 1]
    secure = {"BoolIfExists": {"aws:SecureTransport": "false"}}
    old = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    return [
        (_deny(actions, perimeter, Principal="*"), _deny(actions, deputy, Principal="*")),
        (_deny("s3:*", secure, Principal="*"), _deny(f"s3:Put*{level}", old, Principal="*")),
    ]


_SERVICES = ("s3", "sqs", "sns", "dynamodb", "lambda", "ec2", "logs", "rds", "ecs", "glue", "ssm", "backup")
_ITEMS = f"arn:aws:*:*:{workload.ACCOUNT}:item/*"
_REGIONS = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1", "ap-northeast-1"]}}
_BROAD = {
    0: {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*"],
        "Resource": "*",
        "Condition": _REGIONS,
    },
    2: _deny("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
    4: _deny("*", {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24", "203.0.113.0/24"]}}),
}
