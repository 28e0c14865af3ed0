"""Who can give itself more rights."""

import copy

import pytest

from masugata.authorization.catalogue import action as catalogued
from masugata.authorization.reach.escalation_table import SERVICES, WAYS
from masugata.authorization.reach.escalations import escalations
from masugata.engines.policy.matrix import Verdict
from unit.authorization.reach.account import (
    ADMINISTRATOR,
    ARN,
    ID,
    LAMBDA,
    allow,
    deny,
    group,
    policy,
    role,
    trust,
    user,
    view,
)

ROOM = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
ADMIN_USER = user("chief", attached=[ADMINISTRATOR])
ADMIN_ROLE = role("chief", [trust(LAMBDA)], attached=[ADMINISTRATOR])
CHIEFS = group("chiefs", attached=[ADMINISTRATOR])
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def paths(*entities, **options):
    """Name → (permissions of each step, verdict) of who becomes an administrator."""
    found = escalations(view(*entities), **options)
    return {
        path.start.removeprefix(f"{ARN}:"): ([step.permissions for step in path.steps], path.verdict)
        for path in found.paths
    }


OWN = f"{ARN}:user/alice"
WAYS_OF_ALICE = {
    "iam:CreateAccessKey": [ADMIN_USER, user("alice", allow("iam:CreateAccessKey", f"{ARN}:user/chief"))],
    "iam:CreateLoginProfile": [ADMIN_USER, user("alice", allow("iam:CreateLoginProfile"))],
    "iam:UpdateLoginProfile": [ADMIN_USER, user("alice", allow("iam:UpdateLoginProfile"))],
    "iam:UpdateAssumeRolePolicy": [ADMIN_ROLE, user("alice", allow("iam:UpdateAssumeRolePolicy"))],
    "iam:AttachUserPolicy": [user("alice", allow("iam:AttachUserPolicy", OWN))],
    "iam:PutUserPolicy": [user("alice", allow("iam:PutUserPolicy", OWN))],
    "iam:AttachGroupPolicy": [group("crew", allow("iam:AttachGroupPolicy")), user("alice", groups=["crew"])],
    "iam:PutGroupPolicy": [group("crew", allow("iam:PutGroupPolicy")), user("alice", groups=["crew"])],
    "iam:CreatePolicyVersion": [
        policy("own", [allow("iam:CreatePolicyVersion", f"{ARN}:policy/own")]),
        user("alice", attached=[f"{ARN}:policy/own"]),
    ],
    "iam:AddUserToGroup": [CHIEFS, user("alice", allow("iam:AddUserToGroup"))],
    "iam:DeleteUserPermissionsBoundary": [user("alice", allow("*"), boundary=f"{ARN}:policy/b"),
        policy("b", [allow("iam:DeleteUserPermissionsBoundary")])],
    "iam:PutUserPermissionsBoundary": [user("alice", allow("*"), boundary=f"{ARN}:policy/b"),
        policy("b", [allow("iam:PutUserPermissionsBoundary")])],
    "iam:PassRole": [ADMIN_ROLE,
        user("alice", allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]))],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_OF_ALICE)
def test_each_way_to_an_administrator(way):
    """Each known way is found in one certain step, and nobody else is said to have one."""
    found = paths(*WAYS_OF_ALICE[way])
    assert list(found) == ["user/alice"]
    (permissions,), verdict = found["user/alice"]
    assert permissions[0] == way
    assert verdict is Verdict.CERTAIN


@pytest.mark.parametrize(
    "way", [way for way in WAYS_OF_ALICE if "Boundary" not in way and "Group" not in way]
)
def test_a_deny_closes_the_way(way):
    """The engine decides every permission: a Deny of it, and there is no way."""
    *others, alice = copy.deepcopy(WAYS_OF_ALICE[way])
    denied = user("alice", deny(way))["UserPolicyList"][0] | {"PolicyName": "denied"}
    alice["UserPolicyList"] = [*alice.get("UserPolicyList", ()), denied]
    assert paths(*others, alice) == {}


def test_the_roles_of_a_role():
    """A role changes its own policies, and who may assume it does so in one step more."""
    put = allow("iam:PutRolePolicy", f"{ARN}:role/worker")
    found = paths(role("worker", [trust({"AWS": f"{ARN}:user/alice"})], put), user("alice"))
    assert found["role/worker"] == ([("iam:PutRolePolicy",)], Verdict.CERTAIN)
    assert found["user/alice"] == ([("sts:AssumeRole",), ("iam:PutRolePolicy",)], Verdict.CERTAIN)


def test_policies_of_somebody_whom_one_cannot_be():
    """To make another an administrator gives nothing, unless one gets to act as it."""
    other = user("bob")
    attach = allow("iam:AttachUserPolicy", f"{ARN}:user/bob")
    assert paths(other, user("alice", attach)) == {}
    found = paths(other, user("alice", attach, allow("iam:CreateAccessKey", f"{ARN}:user/bob")))
    assert found["user/alice"] == ([("iam:AttachUserPolicy",), ("iam:CreateAccessKey",)], Verdict.CERTAIN)


def test_a_boundary_holds():
    """A boundary limits what a new policy gives, so nobody becomes an administrator by it alone."""
    bounded = user("alice", allow("*"), boundary=f"{ARN}:policy/b")
    assert paths(bounded, policy("b", [allow(["iam:PutUserPolicy", "s3:*"])])) == {}


def test_a_role_is_passed_only_where_the_condition_allows():
    """iam:PassedToService is the service's own name, and the service must be trusted by the role."""
    run = allow(["lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances"])

    def passing(service):
        condition = {"StringEquals": {"iam:PassedToService": service}}
        return paths(ADMIN_ROLE, user("alice", run, allow("iam:PassRole", Condition=condition)))

    assert passing("ec2.amazonaws.com") == {}
    assert passing("lambda.amazonaws.com")["user/alice"][1] is Verdict.CERTAIN


def test_running_is_allowed_on_narrow_resources():
    """A function may be made under one name only: that is enough."""
    run = allow(["lambda:CreateFunction", "lambda:InvokeFunction"], f"arn:aws:lambda:*:{ID}:function:team-*")
    assert "user/alice" in paths(ADMIN_ROLE, user("alice", run, allow("iam:PassRole")))


def test_what_nobody_can_see_is_possible():
    """Code of a function that may exist, an older version of a policy, and a condition are possible steps."""
    assert paths(ADMIN_ROLE, user("alice", allow("lambda:UpdateFunctionCode"))) == {
        "user/alice": ([("lambda:UpdateFunctionCode",)], Verdict.POSSIBLE)
    }
    older = policy("own", [allow("*")], [allow("iam:SetDefaultPolicyVersion")])
    assert paths(older, user("alice", attached=[f"{ARN}:policy/own"])) == {
        "user/alice": ([("iam:SetDefaultPolicyVersion",)], Verdict.POSSIBLE)
    }
    alice = user("alice", allow("iam:PutUserPolicy", Condition=MFA))
    assert paths(alice)["user/alice"][1] is Verdict.POSSIBLE
    known = {"aws:MultiFactorAuthPresent": "true"}
    assert paths(alice, context=known)["user/alice"][1] is Verdict.CERTAIN
    assert paths(alice, context={"aws:MultiFactorAuthPresent": "false"}) == {}


def test_an_administrator_under_conditions():
    """Who is one with MFA only is said to be one under conditions, without a step."""
    assert paths(user("alice", allow("*", Condition=MFA))) == {"user/alice": ([], Verdict.POSSIBLE)}


def test_others_are_shown_too():
    """To act as somebody who is no administrator is found, where nobody was trusted."""
    found = escalations(view(user("alice", allow("iam:CreateAccessKey", f"{ARN}:user/bob")), user("bob")))
    assert [(path.start, path.goal) for path in found.others] == [(OWN, f"{ARN}:user/bob")]
    assert found.paths == ()


def test_administrators_are_listed_and_have_no_way():
    """Administrators are named once; read-only and power users are none."""
    found = escalations(
        view(
            ADMIN_USER,
            user("reader", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
            user("power", attached=["arn:aws:iam::aws:policy/PowerUserAccess"]),
        )
    )
    assert found.administrators == (f"{ARN}:user/chief",)
    assert found.paths == ()


def test_every_action_of_the_table_exists():
    """The catalogue knows each permission of each way, and each has a source."""
    actions = [way.action for way in WAYS]
    for service in SERVICES:
        actions += [action for group in (*service.actions, *service.existing) for action in group]
        assert service.source.startswith("https://docs.aws.amazon.com/")
    assert [action for action in actions if catalogued(action) is None] == []
