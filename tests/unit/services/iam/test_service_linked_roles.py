"""Roles that belong to a service: made from a table, changed by nobody, deleted by a task."""

import json
import re
from typing import Any

import pytest

from masugata.authorization import managed_policies
from masugata.records.iam import DELETION_TASK, LINKED_ROLES, ROLE
from masugata.services.iam import service_linked_roles

GUARDDUTY = "guardduty.amazonaws.com"
NAME = "AWSServiceRoleForAmazonGuardDuty"
POLICY = "arn:aws:iam::aws:policy/aws-service-role/AmazonGuardDutyServiceRolePolicy"
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}]}'
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
R = {"RoleName": NAME}
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("DeleteRole", R),
    ("UpdateAssumeRolePolicy", R | {"PolicyDocument": TRUST}),
    ("AttachRolePolicy", R | {"PolicyArn": ADMIN}),
    ("DetachRolePolicy", R | {"PolicyArn": POLICY}),
    ("PutRolePolicy", R | {"PolicyName": "more", "PolicyDocument": DOCUMENT}),
    ("DeleteRolePolicy", R | {"PolicyName": "more"}),
    ("PutRolePermissionsBoundary", R | {"PermissionsBoundary": ADMIN}),
    ("DeleteRolePermissionsBoundary", R),
    ("AddRoleToInstanceProfile", R | {"InstanceProfileName": "box"}),
]


@pytest.fixture
def house(iam) -> Any:
    """An account in which GuardDuty has its role."""
    iam("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY, Description="finds threats")
    return iam


def test_create(house):
    """The role has the service's path, name, trust and policy, and the description that was given."""
    role = house("GetRole", RoleName=NAME)["Role"]
    assert role["Arn"] == f"arn:aws:iam::111122223333:role/aws-service-role/{GUARDDUTY}/{NAME}"
    assert role["Path"] == f"/aws-service-role/{GUARDDUTY}/"
    assert role["Description"] == "finds threats"
    assert json.loads(role["AssumeRolePolicyDocument"]) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": GUARDDUTY}, "Action": "sts:AssumeRole"}],
    }
    attached = house("ListAttachedRolePolicies", RoleName=NAME)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AmazonGuardDutyServiceRolePolicy", "PolicyArn": POLICY}]


def test_the_answer_has_identity_and_trust_alone(iam):
    """As AWS's answer, it shows neither description nor duration."""
    role = iam("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY, Description="d")["Role"]
    assert set(role) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert iam.touched == [("AWS::IAM::Role", NAME)]


@pytest.mark.parametrize("service", sorted(LINKED_ROLES))
def test_every_role_of_the_table_can_be_made(iam, service):
    """Its name fits, its policy is one of AWS's, and its trust policy passes the grammar."""
    template = LINKED_ROLES[service]
    assert managed_policies.get(template.policy_arn("aws")) is not None
    role = iam("CreateServiceLinkedRole", AWSServiceName=service)["Role"]
    assert len(role["RoleName"]) <= 64
    trust = role["AssumeRolePolicyDocument"]
    iam("CreateRole", RoleName="twin", AssumeRolePolicyDocument=trust)


def test_a_suffix_where_the_service_takes_one(iam):
    """Auto Scaling has as many roles as one likes, each with its suffix; GuardDuty has one."""
    iam("CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com")
    second = iam("CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="blue")
    assert second["Role"]["RoleName"] == "AWSServiceRoleForAutoScaling_blue"
    assert iam.fails("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY, CustomSuffix="blue") == (
        "InvalidInput",
        f"Custom suffix is not allowed for {GUARDDUTY}",
        400,
    )
    too_long = iam.fails(
        "CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="x" * 60
    )
    assert too_long[0] == "InvalidInput"


def test_one_role_for_each_name(house):
    """A second one is refused in AWS's words, and so is one whose name somebody took before."""
    expected = (
        "InvalidInput",
        f"Service role name {NAME} has been taken in this account, please try a different suffix.",
        400,
    )
    assert house.fails("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY) == expected
    house.add_role("AWSServiceRoleForAWSShield")
    assert house.fails("CreateServiceLinkedRole", AWSServiceName="shield.amazonaws.com")[0] == "InvalidInput"


@pytest.mark.parametrize("service", ["bakery.amazonaws.com", "GuardDuty.amazonaws.com", "guardduty", "../x"])
def test_an_unknown_service_gets_no_role(iam, service):
    """Names are exact, and what is not in the table would have to be guessed."""
    code, message, status = iam.fails("CreateServiceLinkedRole", AWSServiceName=service)
    assert (code, status) == ("InvalidInput", 400)
    assert service in message


@pytest.mark.parametrize(("operation", "request_"), CHANGES, ids=[row[0] for row in CHANGES])
def test_nobody_changes_it(house, operation, request_):
    """Not even the root user: only AWS modifies it."""
    house("CreateInstanceProfile", InstanceProfileName="box")
    assert house.fails(operation, **request_) == (
        "UnmodifiableEntity",
        f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS",
        400,
    )


def test_description_and_tags_may_change(house):
    """What grants nothing remains the account's."""
    house("UpdateRole", RoleName=NAME, Description="new")
    house("UpdateRoleDescription", RoleName=NAME, Description="newer")
    house("TagRole", RoleName=NAME, Tags=[{"Key": "Team", "Value": "red"}])
    assert house("GetRole", RoleName=NAME)["Role"]["Description"] == "newer"
    assert house.fails("UpdateRole", RoleName=NAME, MaxSessionDuration=7200) == (
        "UnmodifiableEntity",
        f"{NAME} is an AWS service linked role, max session duration cannot be changed.",
        400,
    )


def test_delete(house):
    """The role is gone with its policies, and its task says so; the name is free again."""
    task = house("DeleteServiceLinkedRole", RoleName=NAME)["DeletionTaskId"]
    assert re.fullmatch(rf"task/aws-service-role/{GUARDDUTY}/{NAME}/[0-9a-f-]{{36}}", task)
    assert house.get(ROLE, NAME.lower()) is None
    status = house("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)
    assert status == {"Status": "SUCCEEDED"}
    house("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY)


def test_tasks_do_not_gather(house, monkeypatch):
    """One more than there may be takes the place of the oldest."""
    monkeypatch.setattr(service_linked_roles, "TASKS_PER_ACCOUNT", 2)
    tasks = []
    for _ in range(3):
        tasks.append(house("DeleteServiceLinkedRole", RoleName=NAME)["DeletionTaskId"])
        house("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY)
        house.later(seconds=1)
    assert [house.get(DELETION_TASK, task) is not None for task in tasks] == [False, True, True]


def test_tasks_are_forgotten_after_a_week(house):
    """The next deletion takes them along, so that they do not gather."""
    old = house("DeleteServiceLinkedRole", RoleName=NAME)["DeletionTaskId"]
    house.later(days=8)
    house("CreateServiceLinkedRole", AWSServiceName=GUARDDUTY)
    house("DeleteServiceLinkedRole", RoleName=NAME)
    assert house.get(DELETION_TASK, old) is None
    assert house.fails("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=old)[0] == "NoSuchEntity"


def test_only_service_linked_roles_are_deleted_so(house):
    """An ordinary role has DeleteRole; one that is not there has nothing."""
    house.add_role("Cook")
    assert house.fails("DeleteServiceLinkedRole", RoleName="Cook")[0] == "NoSuchEntity"
    assert house.fails("DeleteServiceLinkedRole", RoleName="Nobody")[0] == "NoSuchEntity"
    assert house.get(ROLE, "cook") is not None


@pytest.mark.parametrize("task", ["x", "task/a/b", f"task/aws-service-role/{GUARDDUTY}/{NAME}/1", "task/*"])
def test_what_is_no_task_id(iam, task):
    """A malformed id is said to be one."""
    expected = ("InvalidInput", "Invalid task id", 400)
    assert iam.fails("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task) == expected


def test_a_path_that_only_looks_like_it_protects_nothing(iam):
    """Paths may hold colons and these very words: only where the path begins do they count."""
    role = iam.add_role("Cook", path="/x:role/aws-service-role/guardduty.amazonaws.com/")
    assert role.linked_service is None
    iam("DeleteRole", RoleName="Cook")
