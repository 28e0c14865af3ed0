"""Small companies of chance: accounts in a tree of units, with policies at every level."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import strategies as st

from masugata.authorization.accounts import view_of_records
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE, USER, Role, User
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
from masugata.store import open_store

NOW = datetime(2026, 11, 27, tzinfo=UTC)
MANAGEMENT, *MEMBERS, STRANGER = ACCOUNTS = (
    "111122223333", "444455556666", "555566667777", "666677778888",
)  # fmt: skip
ID, ROOT = "o-exampleorgid", "r-exam"
OTHER_ID, OTHER_ROOT = "o-anotherorgid", "r-othr"
UNITS = tuple(f"ou-exam-0000000{number}" for number in range(3))
LINKED = "AWSServiceRoleForBread"
ACTIONS = (
    "s3:GetObject", "s3:ListAllMyBuckets", "iam:GetUser", "iam:ListUsers", "sts:AssumeRole", "sqs:ListQueues",
    "sts:GetCallerIdentity",
)  # fmt: skip
RESOURCES = (
    "*",
    *(f"arn:aws:iam::{account}:user/alice" for account in ACCOUNTS),
    *(f"arn:aws:iam::{account}:role/cook" for account in ACCOUNTS),
    *(f"arn:aws:sqs:us-east-1:{account}:orders" for account in ACCOUNTS),
    f"arn:aws:iam::{MEMBERS[0]}:role/aws-service-role/bread.amazonaws.com/{LINKED}",
)
KEYS = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
_ACTIONS = st.lists(
    st.sampled_from(("*", "*", "*", "s3:*", "sts:*", "iam:*", "iam:List*", "sqs:*", *ACTIONS)),
    min_size=1,
    max_size=2,
)
_RESOURCES = st.sampled_from(("*", "*", f"arn:aws:*:*:{MEMBERS[0]}:*", "arn:aws:iam::*:role/cook"))
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_PATHS = tuple(f"{ID}/{ROOT}/{end}*" for end in ("", UNITS[0]))


class Company(NamedTuple):
    """The view of a company, and whether its policies speak of what no request has said yet."""

    view: object
    open: bool


@st.composite
def conditions(draw):
    """None, or a condition on where caller and resource are, or on what nobody knows."""
    kind = draw(st.sampled_from(("none", "none", "none", "organization", "paths", "account", "unknown")))
    negated = draw(st.booleans())
    if kind == "organization":
        key = draw(st.sampled_from((KEYS[0], KEYS[2])))
        return {"StringNotEquals" if negated else "StringEquals": {key: ID}}
    if kind == "paths":
        operator = "ForAllValues:StringNotLike" if negated else "ForAnyValue:StringLike"
        return {operator: {draw(st.sampled_from((KEYS[1], KEYS[3]))): draw(st.sampled_from(_PATHS))}}
    if kind == "account":
        operator = "StringNotEquals" if negated else "StringEquals"
        return {operator: {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    return {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if kind == "unknown" else {}


@st.composite
def statements(draw, effects=("Allow", "Deny"), **elements):
    """One statement."""
    found = {"Effect": draw(st.sampled_from(effects)), "Action": draw(_ACTIONS), **elements}
    if "Resource" not in found:
        found["Resource"] = draw(_RESOURCES)
    condition = draw(conditions())
    return found | ({"Condition": condition} if condition else {})


_OWN = st.builds(
    lambda everything, some: [_EVERYTHING] * everything + some,
    st.booleans(),
    st.lists(statements(), min_size=1, max_size=2),
)


@st.composite
def trusts(draw):
    """The statement of a trust policy."""
    account = draw(st.sampled_from(ACCOUNTS))
    whom = draw(st.sampled_from(("*", account, f"arn:aws:iam::{account}:user/alice")))
    found = {"Effect": "Allow", "Principal": {"AWS": whom}, "Action": "sts:AssumeRole"}
    condition = draw(conditions())
    return found | ({"Condition": condition} if condition else {})


def document(*found):
    """The text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


@st.composite
def companies(draw):
    """An organization with three units one below another or side by side, and an account outside.

    That one may manage an organization of its own, and one of the members may be closed.
    """
    parents = [draw(st.sampled_from((ROOT, *UNITS[:number]))) for number in range(len(UNITS))]
    scps = [draw(statements()) for _ in range(2)]
    rcps = [draw(statements(effects=("Deny",), Principal="*")) for _ in range(2)]
    contents = {f"p-scp0000{n}": document(one) for n, one in enumerate(scps)}
    contents |= {f"p-rcp0000{n}": document(one) for n, one in enumerate(rcps)}

    def attached():
        some = draw(st.sets(st.sampled_from(sorted(contents)), max_size=2))
        full = {FULL_AWS_ACCESS} if draw(st.integers(0, 3)) else set()
        return {
            SERVICE_CONTROL_POLICY: tuple(sorted({p for p in some if "scp" in p} | full)),
            RESOURCE_CONTROL_POLICY: tuple(sorted({p for p in some if "rcp" in p} | {RCP_FULL_AWS_ACCESS})),
        }

    types = draw(
        st.sampled_from(((SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY), (SERVICE_CONTROL_POLICY,)))
    )
    organization = Organization(
        id=ID, root_id=ROOT, create_date=NOW, management_account=MANAGEMENT, policy_types=types,
        policies=attached(),
    )  # fmt: skip
    rows = [(ORGANIZATION, MANAGEMENT, organization)]
    rows += [
        (
            ORGANIZATIONAL_UNIT,
            MANAGEMENT,
            OrganizationalUnit(id=unit, name=unit, parent=parent, policies=attached()),
        )
        for unit, parent in zip(UNITS, parents, strict=True)
    ]
    for account in (MANAGEMENT, *MEMBERS):
        parent = draw(st.sampled_from((ROOT, *UNITS)))
        member = Member(
            id=account,
            organization=ID,
            parent=parent,
            joined=NOW,
            joined_method="INVITED",
            policies=attached(),
        )
        rows.append((MEMBER, MANAGEMENT, member))
    for id_, content in contents.items():
        type_ = SERVICE_CONTROL_POLICY if "scp" in id_ else RESOURCE_CONTROL_POLICY
        policy = OrganizationPolicy(id=id_, organization=ID, name=id_, type=type_, content=content)
        rows.append((ORGANIZATION_POLICY, MANAGEMENT, policy))
    if draw(st.booleans()):
        own = Organization(id=OTHER_ID, root_id=OTHER_ROOT, create_date=NOW, management_account=STRANGER)
        alone = Member(
            id=STRANGER, organization=OTHER_ID, parent=OTHER_ROOT, joined=NOW, joined_method="INVITED"
        )
        rows += [(ORGANIZATION, STRANGER, own), (MEMBER, STRANGER, alone)]
    closed = draw(st.sampled_from((None, None, *MEMBERS)))
    for account in ACCOUNTS:
        rows += _people(draw, account, "CLOSED" if account == closed else "ACTIVE")
    view = view_of_records(_stored(rows))
    return Company(view, "MultiFactorAuthPresent" in repr(rows))


def _people(draw, account, state):
    email = f"{account}@example.com"
    rows = [(ACCOUNT, account, Account(id=account, root_email=email, create_date=NOW, state=state))]
    for name in ("alice", "bob"):
        own = document(*draw(_OWN))
        user = User(name=name, id=f"AIDA{name}{account}", create_date=NOW, inline_policies={"own": own})
        rows.append((USER, account, user))
    roles = [("cook", "/")] + (
        [(LINKED, "/aws-service-role/bread.amazonaws.com/")] if account == MEMBERS[0] else []
    )
    for name, path in roles:
        own = document(*draw(_OWN))
        role = Role(
            name=name, path=path, id=f"AROA{name}{account}", create_date=NOW, inline_policies={"own": own},
            trust_policy=document(draw(trusts())),
        )  # fmt: skip
        rows.append((ROLE, account, role))
    return rows


def _stored(rows):
    store = open_store(None, ALL_KINDS)

    def fill(transaction):
        for kind, account, record in rows:
            transaction.put(kind, account, record)

    store.submit(fill).result()
    try:
        return store.snapshot()
    finally:
        store.close()
