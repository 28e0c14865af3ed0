"""Principal and NotPrincipal."""

import pytest

from masugata.engines.policy import Policies, PolicyType, Principal
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
    FEDERATED,
    LOGS,
    OTHER_ACCOUNT,
    ROOT,
    SESSION,
    ask,
    identity,
    policy_set,
    statement,
)

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
IDP = Principal("federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", ACCOUNT)


def named(element, principal, **elements):
    """Whether a resource policy that denies `element` denies `principal`, who is allowed otherwise."""
    resource = policy_set(PolicyType.RESOURCE, statement("Deny", Principal=element, **elements))
    return ask(Policies(identity(statement()), resource=resource), principal).explicit


TABLE = [
    ("*", ALICE, True),
    ({"AWS": "*"}, ANONYMOUS, True),
    ("*", LOGS, True),
    ({"AWS": ALICE.arn}, ALICE, True),
    ({"AWS": [SESSION.arn, ALICE.arn]}, ALICE, True),
    ({"AWS": ALICE.arn.replace("alice", "Alice")}, ALICE, False),
    ({"AWS": "AIDAALICE"}, ALICE, True),
    ({"AWS": "AIDAOTHER"}, ALICE, False),
    ({"AWS": ACCOUNT}, ALICE, True),
    ({"AWS": ROOT_ARN}, ALICE, True),
    ({"AWS": ROOT_ARN}, ROOT, True),
    ({"AWS": ROOT_ARN.replace("aws:iam", "aws-cn:iam")}, ALICE, False),
    ({"AWS": OTHER_ACCOUNT}, ALICE, False),
    ({"AWS": ACCOUNT}, ANONYMOUS, False),
    ({"AWS": ACCOUNT}, LOGS, False),
    ({"AWS": SESSION.issuer_arn}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/waiter"}, SESSION, False),
    ({"AWS": "AROAWAITER"}, SESSION, True),
    ({"AWS": "AROAWAITER:monday"}, SESSION, True),
    ({"AWS": "AROAWAITER:sunday"}, SESSION, False),
    ({"AWS": SESSION.arn}, SESSION, True),
    ({"AWS": ALICE.arn}, FEDERATED, True),
    ({"AWS": "AIDAALICE"}, FEDERATED, True),
    ({"AWS": FEDERATED.arn}, FEDERATED, True),
    ({"AWS": FEDERATED.arn}, ALICE, False),
    ({"Service": "logs.amazonaws.com"}, LOGS, True),
    ({"Service": ["s3.amazonaws.com"]}, LOGS, False),
    ({"Federated": IDP.arn}, IDP, True),
    ({"AWS": IDP.arn}, IDP, False),
    ({"Service": IDP.arn}, IDP, False),
]


@pytest.mark.parametrize(("element", "principal", "expected"), TABLE)
def test_principal(element, principal, expected):
    """A Principal element names callers by ARN, unique id, account, service or provider, exactly."""
    assert named(element, principal) is expected


@pytest.mark.parametrize(
    "element",
    [
        {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"},
        {"AWS": "alice"},
        {"Service": "*"},
        {"CanonicalUser": "79a5"},
        {"Martian": "zork"},
    ],
)
def test_unreadable_principal(element):
    """An entry that cannot be read denies everyone and grants nobody."""
    assert named(element, ALICE)
    granting = policy_set(PolicyType.RESOURCE, statement(Principal=element))
    assert not ask(Policies(None, resource=granting), ALICE).allowed


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_statement_without_principal_matches_nobody(effect):
    """A resource policy's statement that names nobody neither allows nor denies."""
    resource = policy_set(PolicyType.RESOURCE, statement(effect))
    assert ask(Policies(identity(statement()), resource=resource)).allowed
    assert not ask(Policies(identity(), resource=resource)).allowed


def denied_but(element, principal, boundary=None):
    """Whether a Deny with NotPrincipal `element` denies `principal`."""
    resource = policy_set(PolicyType.RESOURCE, statement("Deny", NotPrincipal=element))
    policies = Policies(identity(statement()), boundary=boundary, resource=resource)
    return ask(policies, principal).explicit


def test_not_principal_spares_only_who_is_listed_with_account():
    """NotPrincipal in a Deny must list the caller, the role behind a session, and the account."""
    assert denied_but({"AWS": ALICE.arn}, ALICE)
    assert denied_but({"AWS": ROOT_ARN}, ALICE)
    assert not denied_but({"AWS": [ALICE.arn, ROOT_ARN]}, ALICE)
    assert not denied_but({"AWS": ["AIDAALICE", ACCOUNT]}, ALICE)
    assert denied_but({"AWS": [SESSION.arn, ROOT_ARN]}, SESSION)
    assert denied_but({"AWS": [SESSION.issuer_arn, ROOT_ARN]}, SESSION)
    assert not denied_but({"AWS": [SESSION.arn, SESSION.issuer_arn, ROOT_ARN]}, SESSION)
    assert not denied_but({"AWS": ROOT_ARN}, ROOT)
    assert not denied_but({"Service": LOGS.arn}, LOGS)
    assert denied_but({"AWS": [ALICE.arn, ROOT_ARN]}, ANONYMOUS)


def test_not_principal_denies_every_caller_with_a_boundary():
    """A caller with a permissions boundary is denied even if listed."""
    boundary = policy_set(PolicyType.BOUNDARY, statement())
    assert denied_but({"AWS": [ALICE.arn, ROOT_ARN]}, ALICE, boundary)


def test_not_principal_in_an_allow():
    """An Allow with NotPrincipal grants whoever is not named in any way."""
    granting = policy_set(PolicyType.RESOURCE, statement(NotPrincipal={"AWS": ALICE.arn}))
    assert not ask(Policies(None, resource=granting), ALICE).allowed
    assert not ask(Policies(None, resource=granting), FEDERATED).allowed
    assert ask(Policies(None, resource=granting), SESSION).allowed
    unreadable = policy_set(PolicyType.RESOURCE, statement(NotPrincipal={"AWS": "alice"}))
    assert not ask(Policies(None, resource=unreadable), SESSION).allowed


def test_recreated_role_does_not_regain_trust():
    """A stored role id does not match a new role of the same name."""
    recreated = Principal(
        "role-session", SESSION.arn, ACCOUNT, unique_id="AROANEW:monday", issuer_arn=SESSION.issuer_arn,
        issuer_id="AROANEW",
    )  # fmt: skip
    assert not named({"AWS": "AROAWAITER"}, recreated)


def test_identity_policy_that_names_a_principal():
    """An identity policy must not name principals: such an Allow grants nothing, such a Deny denies."""
    assert not ask(identity(statement(Principal="*"))).allowed
    assert ask(identity(statement(), statement("Deny", Principal={"AWS": SESSION.arn}))).explicit
