"""What is exported describes what is there."""

import json

import pytest

from masugata.apply import parse_description, read_state, write_description
from masugata.apply.document import read_document

SCP = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}}'


def test_an_export_changes_nothing_where_it_came_from(world, example):
    """Applying an export plans nothing, not even with --prune, and exporting again is the same text."""
    world.apply(example)
    exported = world.export()
    plan = world.apply(exported, prune=True)
    assert plan.changes == []
    assert plan.leftovers == []
    assert world.export() == exported


def test_an_export_makes_the_same_elsewhere(world, example):
    """Applied to a new installation it gives the same export: ids are references, or chosen."""
    world.apply(example)
    exported = world.export()
    other = type(world)()
    other.apply(exported)
    assert other.export() == exported
    assert len(other.keys) == 2


def test_without_an_organization(world):
    """An installation without one has a management account, whose IAM is written."""
    exported = read_document(world.export().encode(), "x").plain()
    assert exported == {"management": {"iam": {"users": {"admin": {"policies": ["AdministratorAccess"]}}}}}
    assert (
        world.plan("management: {iam: {users: {admin: {policies: [AdministratorAccess]}}}}").changes[1:] == []
    )


def test_no_secret_is_written(world, example):
    """Of access keys there is only how many a user has."""
    world.apply(example)
    exported = world.export()
    for _, _, keys in world.keys:
        assert keys.secret_access_key not in exported
        assert keys.access_key_id not in exported
    assert "access_keys: 2" in exported


def test_names_that_occur_twice(world):
    """Two accounts of one name, and two policies of one name and different types, are told apart."""
    world.apply("accounts: {a: {email: a@example.com, name: Shop}, b: {email: b@example.com, name: Shop}}")
    for policy_type, content in (
        ("SERVICE_CONTROL_POLICY", SCP),
        ("TAG_POLICY", '{"tags":{"x":{"tag_key":{"@@assign":"x"}}}}'),
    ):
        world.organizations("CreatePolicy", Name="twice", Type=policy_type, Description="", Content=content)
    exported = world.export()
    described = parse_description(exported.encode(), "x")
    assert {account.name for account in described.accounts.values()} == {"Shop"}
    assert {policy.name for policy in described.policies.values()} == {"twice"}
    assert len(described.policies) == 2
    assert world.plan(exported).changes == []


@pytest.mark.parametrize(
    "text",
    [
        "${account:tokyo}",
        "$${account:x}",
        "$111122223333",
        "東京 😀",
        "${organization:id}",
        "${aws:username}",
        "$",
        "012345678901",
        "no",
    ],
)
def test_every_text_of_a_policy_survives(world, text):
    """What looks like a reference, a number or a truth value in a policy that is there is not changed."""
    world.apply("accounts: {tokyo: {email: tokyo@example.com}}")
    statement = {"Sid": "A", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/x": text}}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client.call("iam", "CreatePolicy", PolicyName="p", PolicyDocument=content)
    made = world.organizations(
        "CreatePolicy", Name="p", Type="SERVICE_CONTROL_POLICY", Description="", Content=content
    )
    exported = world.export()
    assert world.apply(exported).changes == []
    other = type(world)()
    other.apply(exported)
    assert other.export() == exported
    id_ = made["Policy"]["PolicySummary"]["Id"]
    assert json.loads(world.organizations("DescribePolicy", PolicyId=id_)["Policy"]["Content"]) == json.loads(
        content
    )


def test_an_organization_id_after_a_dollar_sign(world):
    """It is not made a reference, which the sign would make none."""
    id_ = world.organizations("CreateOrganization")["Organization"]["Id"]
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::${id_}"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client.call("iam", "CreatePolicy", PolicyName="p", PolicyDocument=content)
    assert world.plan(world.export()).changes == []


def test_account_names_that_references_cannot_have(world):
    """The file calls an account with brackets in its name by another, and keeps the name."""
    world.apply("accounts: {shop: {email: s@example.com, name: 'Shop [1] {x}'}}")
    exported = world.export()
    assert "name: Shop [1] {x}" in exported
    assert world.plan(exported).changes == []


def test_an_account_that_cannot_be_entered_is_left_out(world):
    """It is described without IAM, and named, so that the caller can say so."""
    world.apply("accounts: {tokyo: {email: tokyo@example.com, id: 444455556666}}")
    iam = world.sessions.client_of("444455556666")
    allow = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": allow})
    role = "OrganizationAccountAccessRole"
    iam.call("iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=trust)
    fresh = type(world.sessions)(world.client, clock=world.installation.clock)
    state = read_state(fresh, lambda _account: True)
    assert state.unread == ["tokyo"]
    assert "iam" not in read_document(write_description(state).encode(), "x").plain()["accounts"]["tokyo"]
