"""Whom SCPs and RCPs do not bind, what AWS keeps for itself, and what needs both sides.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html and
https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
"""

import dataclasses

import pytest
from msgspec.structs import replace

from masugata.engines.policy import Policies, PolicyType, Principal, Request, decide
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
    FEDERATED,
    LOGS,
    OBJECT,
    OTHER_ACCOUNT,
    ROOT,
    SESSION,
    ask,
    identity,
    policy_set,
    statement,
)

OPEN = identity(statement())
EVERYONE = policy_set(PolicyType.RESOURCE, statement(Principal="*"))
IDP = Principal("federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com")
LINKED = dataclasses.replace(
    SESSION,
    issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/logs.amazonaws.com/waiter",
    service_linked=True,
)
DENY_SCP = (policy_set(PolicyType.SCP, statement(), statement("Deny")),)
DENY_RCP = (policy_set(PolicyType.RCP, statement(Principal="*"), statement("Deny", Principal="*")),)
SILENT_SCP = (policy_set(PolicyType.SCP),)
SILENT_RCP = (policy_set(PolicyType.RCP),)


def outcome(decision):
    """`allow`, or how and at which level it was denied."""
    if decision.allowed:
        return "allow"
    return f"{'explicit' if decision.explicit else 'implicit'} {decision.level}"


@pytest.mark.parametrize("caller", [ALICE, ROOT, SESSION, FEDERATED], ids=lambda caller: caller.kind)
@pytest.mark.parametrize("place", range(3))
def test_scps_bind_every_principal_of_a_member_account(caller, place):
    """Users, sessions and the root user are bound by every level, a delegated administrator's too."""
    full = policy_set(PolicyType.SCP, statement())
    for level, expected in ((DENY_SCP[0], "explicit scp"), (SILENT_SCP[0], "implicit scp")):
        levels = [full, full, full]
        levels[place] = level
        bound = Policies(OPEN, resource=EVERYONE, scp=tuple(levels), management_account=OTHER_ACCOUNT)
        assert outcome(ask(bound, caller)) == expected


@pytest.mark.parametrize("scp", [DENY_SCP, SILENT_SCP], ids=["denying", "silent"])
@pytest.mark.parametrize("caller", [LINKED, LOGS, IDP, ANONYMOUS], ids=lambda caller: caller.kind)
def test_scps_do_not_bind_service_linked_roles_and_callers_without_account(caller, scp):
    """Service-linked roles, services, providers and anonymous callers are exempt."""
    assert ask(Policies(OPEN, resource=EVERYONE, scp=scp), caller).allowed


@pytest.mark.parametrize("scp", [DENY_SCP, SILENT_SCP], ids=["denying", "silent"])
@pytest.mark.parametrize("caller", [ALICE, ROOT, SESSION], ids=lambda caller: caller.kind)
def test_scps_do_not_bind_the_management_account(caller, scp):
    """The management account's principals are exempt once it is known which account that is."""
    policies = Policies(OPEN, scp=scp)
    assert not ask(policies, caller).allowed
    assert ask(replace(policies, management_account=ACCOUNT), caller).allowed
    assert not ask(replace(policies, management_account=OTHER_ACCOUNT), caller).allowed


def test_a_path_alone_makes_no_role_service_linked():
    """The exemption is said by who keeps the roles, never read from an ARN that a caller could choose."""
    assert (
        outcome(ask(Policies(OPEN, scp=DENY_SCP), dataclasses.replace(LINKED, service_linked=False)))
        == "explicit scp"
    )


@pytest.mark.parametrize(
    "caller", [ALICE, ROOT, SESSION, LOGS, IDP, ANONYMOUS], ids=lambda caller: caller.kind
)
@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
def test_rcps_bind_whoever_asks(caller, account):
    """RCPs bind principals of other accounts, services and anonymous callers as well."""
    policies = Policies(OPEN, resource=EVERYONE, rcp=DENY_RCP)
    assert outcome(ask(policies, caller, account=account)) == "explicit rcp"
    silent = replace(policies, rcp=SILENT_RCP)
    assert outcome(ask(silent, caller, account=account)) == "implicit rcp"


@pytest.mark.parametrize("rcp", [DENY_RCP, SILENT_RCP], ids=["denying", "silent"])
def test_rcps_follow_the_resource(rcp):
    """The management account's resources are exempt, whoever asks; its principals elsewhere are not."""
    policies = Policies(OPEN, resource=EVERYONE, rcp=rcp, management_account=OTHER_ACCOUNT)
    assert ask(policies, ALICE, account=OTHER_ACCOUNT).allowed
    assert ask(policies, ANONYMOUS, account=OTHER_ACCOUNT).allowed
    assert not ask(policies, ALICE, account=ACCOUNT).allowed
    manager = dataclasses.replace(ALICE, arn=ALICE.arn.replace(ACCOUNT, OTHER_ACCOUNT), account=OTHER_ACCOUNT)
    assert not ask(policies, manager, account=ACCOUNT).allowed


def test_rcps_of_the_caller_bind_actions_without_resource():
    """Where there is no resource, the caller's account counts as its owner."""
    policies = Policies(OPEN, rcp=DENY_RCP, management_account=ACCOUNT)
    assert ask(policies, action="s3:ListAllMyBuckets", resource="*", account=None).allowed
    member = replace(policies, management_account=OTHER_ACCOUNT)
    assert not ask(member, action="s3:ListAllMyBuckets", resource="*", account=None).allowed


def test_rcps_do_not_bind_service_linked_roles():
    """Neither what they do, nor a service that takes on one."""
    assert ask(Policies(OPEN, rcp=DENY_RCP), LINKED).allowed
    trust = policy_set(PolicyType.TRUST, statement(resource=None, Principal={"Service": LOGS.arn}))
    policies = Policies(None, resource=trust, rcp=DENY_RCP)
    linked = LINKED.issuer_arn
    assert ask(policies, LOGS, "sts:AssumeRole", linked).allowed
    usual = f"arn:aws:iam::{ACCOUNT}:role/cook"
    assert outcome(ask(policies, LOGS, "sts:AssumeRole", usual)) == "explicit rcp"
    assert outcome(ask(replace(policies, identity=OPEN), ALICE, "sts:AssumeRole", linked)) == "explicit rcp"


def test_rcps_and_keys():
    """RetireGrant cannot be restricted by an RCP; an AWS managed key by none, which its owner must say."""
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    trusting = policy_set(PolicyType.RESOURCE, statement(Principal={"AWS": ACCOUNT}))
    policies = Policies(OPEN, resource=trusting, rcp=DENY_RCP)
    assert ask(policies, action="kms:RetireGrant", resource=key).allowed
    assert outcome(ask(policies, action="kms:Decrypt", resource=key)) == "explicit rcp"
    request = Request(ALICE, "kms:Decrypt", key, ACCOUNT, {}, rcp_supported=False)
    assert decide(policies, request).allowed


def test_services_without_rcps():
    """A service that does not support RCPs is not bound, and every service is taken to support them."""
    request = Request(ALICE, "s3:GetObject", OBJECT, ACCOUNT, {})
    assert outcome(decide(Policies(OPEN, rcp=DENY_RCP), request)) == "explicit rcp"
    assert decide(Policies(OPEN, rcp=DENY_RCP), replace(request, rcp_supported=False)).allowed


def test_nothing_is_added_to_a_level():
    """RCPFullAWSAccess is a policy like any other: a level without it allows nothing."""
    assert outcome(ask(Policies(OPEN, rcp=SILENT_RCP))) == "implicit rcp"
    full = policy_set(PolicyType.RCP, statement(Principal="*"))
    assert ask(Policies(OPEN, rcp=(full, full))).allowed


RESERVED = [
    ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ("IAM:deletepolicy", "arn:aws-cn:iam::aws:policy/service-role/X"),
    ("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/X"),
    ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/X"),
    ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/s3"),
]


@pytest.mark.parametrize(("action", "resource"), RESERVED)
@pytest.mark.parametrize("caller", [ALICE, ROOT], ids=lambda caller: caller.kind)
def test_what_aws_keeps_for_itself(caller, action, resource):
    """No policy lets anybody change AWS's own policies, roles and aliases; a Deny is still named as one."""
    decision = ask(OPEN, caller, action, resource)
    assert (decision.allowed, decision.explicit, decision.level) == (False, False, None)
    assert decision.reserved
    denying = identity(statement(), statement("Deny"))
    assert outcome(ask(denying, caller, action, resource)) == "explicit identity"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:ListEntitiesForPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:DeletePolicy", f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess"),
        ("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/mine/aws-reserved/x"),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws-mine"),
        ("s3:DeleteObject", "arn:aws:s3:::role/aws-reserved/x"),
    ],
)
def test_what_aws_does_not_keep(action, resource):
    """Reading AWS's own, and what only looks like it, follows the usual rules."""
    assert ask(OPEN, action=action, resource=resource).allowed


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity"])
def test_session_tags_and_source_identity_need_both_sides(action):
    """They must be in the trust policy and in the caller's own, even if trust names the caller."""
    role = f"arn:aws:iam::{ACCOUNT}:role/cook"
    named = policy_set(PolicyType.TRUST, statement(resource=None, Principal={"AWS": ALICE.arn}))
    stranger = policy_set(PolicyType.TRUST, statement(resource=None, Principal={"AWS": SESSION.arn}))
    for account in (ACCOUNT, OTHER_ACCOUNT):
        asked = {"action": action, "resource": role, "account": account}
        assert outcome(ask(Policies(identity(), resource=named), **asked)) == "implicit identity"
        assert ask(Policies(OPEN, resource=named), **asked).allowed
        assert outcome(ask(Policies(OPEN, resource=stranger), **asked)) == "implicit trust"
        limited = Policies(OPEN, boundary=policy_set(PolicyType.BOUNDARY), resource=named)
        assert outcome(ask(limited, **asked)) == "implicit boundary"
    assert ask(Policies(identity(), resource=named), action="sts:AssumeRole", resource=role).allowed
    service = policy_set(PolicyType.TRUST, statement(resource=None, Principal={"Service": LOGS.arn}))
    assert ask(Policies(None, resource=service), LOGS, action, role).allowed
