"""Service-linked roles at the door: only their service may assume them, and permissions name them exactly."""

import pytest
from botocore.exceptions import ClientError

from policies import allow, document
from support import ACCOUNT, House

GUARDDUTY = "guardduty.amazonaws.com"
ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{GUARDDUTY}/AWSServiceRoleForAmazonGuardDuty"


@pytest.fixture
def house(tmp_path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def test_nobody_else_assumes_one(house: House) -> None:
    """An administrator may assume every role that trusts it; this one trusts its service alone."""
    iam = house.client("iam")
    role = iam.create_service_linked_role(AWSServiceName=GUARDDUTY)["Role"]
    assert role["Arn"] == ARN
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": GUARDDUTY}
    with pytest.raises(ClientError, match="AccessDenied"):
        house.client("sts").assume_role(RoleArn=ARN, RoleSessionName="me")


def test_who_may_create_one(house: House) -> None:
    """A policy on the role's ARN and iam:AWSServiceName, as AWS's guide writes it, allows just this one."""
    iam = house.client("iam")
    iam.create_user(UserName="hanako")
    statement = allow("iam:CreateServiceLinkedRole", ARN, StringLike={"iam:AWSServiceName": GUARDDUTY})
    iam.put_user_policy(UserName="hanako", PolicyName="p", PolicyDocument=document(statement))
    hanako = house.client("iam", house.client_key("hanako"))
    for service in ("shield.amazonaws.com", "bakery.amazonaws.com"):
        with pytest.raises(ClientError, match="AccessDenied"):
            hanako.create_service_linked_role(AWSServiceName=service)
    hanako.create_service_linked_role(AWSServiceName=GUARDDUTY)
    with pytest.raises(ClientError, match="AccessDenied"):
        hanako.delete_service_linked_role(RoleName="AWSServiceRoleForAmazonGuardDuty")


def test_deletion_is_told_to_whoever_may_ask(house: House) -> None:
    """The status is a permission on the role, which may be gone by then."""
    iam = house.client("iam")
    iam.create_service_linked_role(AWSServiceName=GUARDDUTY)
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForAmazonGuardDuty")["DeletionTaskId"]
    iam.create_user(UserName="hanako")
    statement = allow("iam:GetServiceLinkedRoleDeletionStatus", ARN)
    iam.put_user_policy(UserName="hanako", PolicyName="p", PolicyDocument=document(statement))
    hanako = house.client("iam", house.client_key("hanako"))
    answer = hanako.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert answer["Status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="AccessDenied"):
        hanako.get_service_linked_role_deletion_status(DeletionTaskId=task.replace("guardduty", "shield"))
