"""Fuzz target: a delegation policy is refused with a reason, or delegates what can be, to members."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from masugata.authorization.policies import resource_policy_set
from masugata.authorization.resources.organizations import _denials
from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
)
from masugata.errors import AwsError
from masugata.records import ALL_KINDS
from masugata.records.iam import USER, User
from masugata.records.organizations import MEMBER, Member, Organization
from masugata.services.organizations._delegation_policies import shown_resource_policy, stored_resource_policy
from masugata.store import Transaction, open_store

MANAGEMENT, SHOP, STRANGER = "111122223333", "444455556666", "999900001111"
SEEDS = (
    (
        b'{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":["444455556666",'
        b'"arn:aws:iam::444455556666:user/clerk"]},"Action":["organizations:ListPolic*",'
        b'"organizations:AttachPolicy"],"Resource":["arn:aws:organizations::111122223333:policy/o-x/*"],'
        b'"Condition":{"StringLikeIfExists":{"organizations:PolicyType":["TAG_POLICY"]}}}]}'
    ),
    (
        b'{"Statement":{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":'
        b'"organizations:describeorganization","Resource":"*","Condition":{"NumericEquals":'
        b'{"aws:ResourceTag/a":[1e999,3]}}}}'
    ),
    (
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLEEXAMPLE234"},'
        b'"Action":["organizations:*tachPolicy","organizations:ListRoots"],"Resource":"*"},{"Effect":"Deny",'
        b'"Principal":{"AWS":"444455556666"},"Action":"organizations:ListRoots","Resource":"*"}]}'
    ),
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b":", b",", b"*", b"?", b"${", b"null", b"NaN", b"1e999", b"9" * 5000,
    b"[" * 2000, b"Not", b"arn:", b"organizations:", b"CreateAccount", b"MoveAccount", b"ListRoots",
    b"111122223333", b"444455556666", b"999900001111", b"user/clerk", b"AIDAEXAMPLEEXAMPLE234", b"root",
    b"\\ud800", b"\xff", b"Allow", b"Deny", b'"Action":', b'"Principal":', b'"Federated":', b"aws:SourceIp",
    b"aws:TagKeys",
)  # fmt: skip
EVERYTHING = compile_policy(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    PolicyType.IDENTITY,
    "everything",
)


def _world() -> tuple[Any, Organization]:
    store, now = open_store(None, ALL_KINDS), datetime(2026, 11, 1, tzinfo=UTC)

    def fill(transaction: Transaction) -> None:
        for account in (MANAGEMENT, SHOP):
            member = Member(id=account, organization="o-x", parent="r-x", joined=now, joined_method="INVITED")
            transaction.put(MEMBER, MANAGEMENT, member)
        clerk = User(name="clerk", path="/", id="AIDAEXAMPLEEXAMPLE234", create_date=now)
        transaction.put(USER, SHOP, clerk)

    store.submit(fill).result()
    organization = Organization(id="o-x", root_id="r-x", management_account=MANAGEMENT, create_date=now)
    return SimpleNamespace(records=store.snapshot(), partition="aws"), organization


CALL, ORGANIZATION = _world()


def fuzz_one(data: bytes) -> None:
    """One document."""
    content = data.decode("latin-1")
    try:
        stored = stored_resource_policy(CALL, ORGANIZATION, content)
    except AwsError as error:
        if error.code != "InvalidInputException" or "Reason" not in error.fields:
            raise AssertionError("refused without a reason") from error
        return
    shown = shown_resource_policy(CALL, stored)
    if stored_resource_policy(CALL, ORGANIZATION, shown) != stored:
        raise AssertionError("what is shown cannot be put back")
    for document in (stored, _denials(stored)):
        if document is not None:
            _decide(resource_policy_set("the organization", document))


def _decide(delegation: PolicySet) -> None:
    """Nobody but members is delegated anything, and nobody what cannot be delegated."""
    policies = Policies(PolicySet(PolicyType.IDENTITY, [EVERYTHING]), resource=delegation)
    for account, action in (
        (STRANGER, "organizations:ListRoots"),
        (STRANGER, "organizations:AttachPolicy"),
        (SHOP, "organizations:CreateAccount"),
        (SHOP, "organizations:MoveAccount"),
        (SHOP, "organizations:PutResourcePolicy"),
        (SHOP, "iam:CreateUser"),
    ):
        clerk = Principal("user", f"arn:aws:iam::{account}:user/clerk", account, unique_id="AIDAX")
        request = Request(clerk, action, "*", MANAGEMENT, {})
        if decide(policies, request).allowed:
            raise AssertionError(f"{account} may {action}")
