"""The whole way: a file becomes an organization, once."""

import pytest

from masugata.apply import StoppedError
from masugata.errors import AwsError, MasugataError


def test_a_file_becomes_an_organization(world, example):
    """What the file describes is there: the tree, what is attached, who is in which account and group."""
    world.apply(example)
    root = world.organizations("ListRoots")["Roots"][0]
    assert {found["Type"] for found in root["PolicyTypes"]} == {
        "SERVICE_CONTROL_POLICY",
        "RESOURCE_CONTROL_POLICY",
        "TAG_POLICY",
    }
    units = world.organizations("ListOrganizationalUnitsForParent", ParentId=root["Id"])[
        "OrganizationalUnits"
    ]
    assert [unit["Name"] for unit in units] == ["店舗"]
    here = world.organizations("ListAccountsForParent", ParentId=units[0]["Id"])["Accounts"]
    assert [account["Id"] for account in here] == ["044455556666"]
    attached = world.organizations(
        "ListPoliciesForTarget", TargetId=units[0]["Id"], Filter="SERVICE_CONTROL_POLICY"
    )
    assert [policy["Name"] for policy in attached["Policies"]] == ["allow-iam"]
    iam = world.sessions.client_of("044455556666")
    groups = iam.call("iam", "ListGroupsForUser", UserName="hanako")["Groups"]
    assert [group["GroupName"] for group in groups] == ["cashiers"]
    boundary = iam.call("iam", "GetUser", UserName="hanako")["User"]["PermissionsBoundary"]
    assert boundary["PermissionsBoundaryArn"] == "arn:aws:iam::044455556666:policy/boundary"
    assert [(account, user) for account, user, _ in world.keys] == [("tokyo", "hanako")] * 2


def test_the_second_time_changes_nothing(world, example):
    """Applying a file twice plans nothing, and leaves nothing out."""
    world.apply(example)
    before = world.installation.store.snapshot()
    plan = world.apply(example)
    assert plan.changes == []
    assert plan.leftovers == []
    assert world.installation.store.snapshot() is before


def test_what_was_made_binds(world, example):
    """A key of the file's user is refused by the file's policies, with the SCP's name."""
    world.apply(example)
    hanako = world.client.as_other(world.keys[0][2])
    with pytest.raises(AwsError, match="explicit deny in a service control policy"):
        hanako.call("organizations", "LeaveOrganization")
    with pytest.raises(AwsError, match="iam:CreateUser"):
        hanako.call("iam", "CreateUser", UserName="friend")


def test_everything_is_done_by_calls_that_are_recorded(world, example):
    """Each change is an event of the account that it is in, by the administrator or the role for it."""
    world.apply(example)
    events = [event.name for event in world.installation.store.history("044455556666")]
    assert "CreateUser" in events
    made = [event.name for event in world.installation.store.history("111122223333")]
    assert {"CreateOrganization", "CreateAccount", "AttachPolicy", "AssumeRole"} <= set(made)


def test_a_change_that_fails_is_named_and_the_next_run_goes_on(world, example):
    """What was done before stays; when the reason is gone the same file does the rest, and no more."""
    world.client.call("organizations", "CreateOrganization")

    def full(*_):
        raise OSError(28, "No space left on device")

    with pytest.raises(StoppedError, match="access key of the user `hanako`") as stopped:
        world.apply(example, keep=full)
    assert "running it again goes on from there" in str(stopped.value)
    assert stopped.value.done > 30
    iam = world.sessions.client_of("044455556666")
    assert iam.call("iam", "ListAccessKeys", UserName="hanako")["AccessKeyMetadata"] == []
    plan = world.apply(example)
    assert {change.operation for change in plan.changes} == {"CreateAccessKey"}
    assert len(world.keys) == 2


def test_an_account_that_cannot_be_made_says_why(world):
    """The reason of CreateAccount's failure ends the run; an address that is taken is one."""
    world.installation.open_account("other")
    with pytest.raises(StoppedError, match="EMAIL_ALREADY_EXISTS"):
        world.apply("accounts: {new: {email: other@example.com}}")


def test_an_account_that_cannot_be_entered(world):
    """Where the role cannot be assumed the account is named, before anything is changed."""
    world.apply("accounts: {tokyo: {email: tokyo@example.com, id: 444455556666}}")
    iam = world.sessions.client_of("444455556666")
    role = "OrganizationAccountAccessRole"
    iam.call(
        "iam",
        "DetachRolePolicy",
        RoleName=role,
        PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess",
    )
    with pytest.raises(MasugataError, match=r"iam:ListRoles"):
        world.plan("accounts: {tokyo: {email: tokyo@example.com, id: 444455556666, iam: {users: {}}}}")


def test_without_iam_no_account_is_entered(world):
    """A file that says nothing of IAM needs no role in any account."""
    world.apply("accounts: {tokyo: {email: tokyo@example.com}}")
    world.calls.clear()
    world.plan("accounts: {tokyo: {email: tokyo@example.com}}")
    assert not [call for call in world.calls if "AssumeRole" in call or "GetAccountAuth" in call]
