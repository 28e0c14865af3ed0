"""Accounts that are removed from their organization, or leave it, and what is left of that."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from masugata.records.organizations import MEMBER as MEMBERSHIP
from masugata.testing import LocalAws
from organizations import join
from unit.services.organizations.calls import (
    INVITED,
    MEMBER,
    change_organization,
    client_of,
    members,
    refused,
    service_events,
    wearing,
)

LIMIT = "ConstraintViolationException"


def remove(account: str) -> Any:
    """Remove an account."""
    return boto3.client("organizations").remove_account_from_organization(AccountId=account)


def test_created_accounts_wait(aws: LocalAws) -> None:
    """Created accounts stay for four days, invited ones may go at once; the events say how they went."""
    organizations = boto3.client("organizations")
    answer = refused(organizations.remove_account_from_organization, AccountId=MEMBER)
    assert answer == (LIMIT, "WAIT_PERIOD_ACTIVE")
    leave = wearing(service="organizations").leave_organization
    assert refused(leave) == (LIMIT, "WAIT_PERIOD_ACTIVE")
    remove(INVITED)
    assert members() == [aws.id, MEMBER]
    aws.clock.advance(days=4)
    wearing(service="organizations").leave_organization()
    assert members() == [aws.id]
    gone = service_events(aws, "AccountDepartedOrganization")
    assert [(event["accountId"], event["departureMethod"]) for event in gone] == [
        (INVITED, "REMOVED"),
        (MEMBER, "LEFT"),
    ]


def test_management_account(aws: LocalAws) -> None:
    """The management account neither leaves nor is removed."""
    organizations = boto3.client("organizations")
    code = "MasterCannotLeaveOrganizationException"
    assert refused(organizations.leave_organization)[0] == code
    assert refused(organizations.remove_account_from_organization, AccountId=aws.id)[0] == code


def test_who_is_not_there(aws: LocalAws) -> None:
    """An account of no organization, or of another one, is not removed and does not leave."""
    outside = aws.account("outside")
    remove_ = boto3.client("organizations").remove_account_from_organization
    assert refused(remove_, AccountId=outside.id)[0] == "AccountNotFoundException"
    leave = outside.client("organizations").leave_organization
    assert refused(leave)[0] == "AWSOrganizationsNotInUseException"
    outside.client("organizations").create_organization()
    assert refused(remove_, AccountId=outside.id)[0] == "AccountNotFoundException"
    member = aws.account(INVITED).client("organizations").remove_account_from_organization
    assert refused(member, AccountId=MEMBER)[0] == "AccessDeniedException"


def test_delegated_administrator(aws: LocalAws) -> None:
    """A delegated administrator is deregistered first."""
    change_organization(aws, delegated_administrators={"config.amazonaws.com": {INVITED: aws.clock()}})
    answer = (LIMIT, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    organizations = boto3.client("organizations")
    assert refused(organizations.remove_account_from_organization, AccountId=INVITED) == answer
    assert refused(aws.account(INVITED).client("organizations").leave_organization) == answer
    change_organization(aws, delegated_administrators={})
    remove(INVITED)


def test_nothing_binds_afterwards(aws: LocalAws) -> None:
    """Policies bind until the account is removed; who joins again starts without attachments and tags."""
    organizations = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    content = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}
    policy = organizations.create_policy(
        Name="no-iam", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(content)
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=INVITED)
    admin = aws.account(INVITED).client("iam")
    with pytest.raises(ClientError, match=policy["Arn"]):
        admin.list_users()
    remove(INVITED)
    assert admin.list_users()["Users"]
    records = aws._installation.store.snapshot()
    assert records.by_name(MEMBERSHIP, "account", INVITED) is None
    assert records.referring(MEMBERSHIP, aws.id, "policy", policy["Id"]) == []
    join(aws, INVITED)
    assert admin.list_users()["Users"]
    joined = aws._installation.store.snapshot().get(MEMBERSHIP, aws.id, INVITED)
    assert (joined.policies, joined.tags) == ({}, ())


def test_an_scp_against_leaving(aws: LocalAws) -> None:
    """An SCP keeps members from leaving, their root users too."""
    organizations = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    statement = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": statement})
    policy = organizations.create_policy(
        Name="stay", Description="", Type="SERVICE_CONTROL_POLICY", Content=content
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=root)
    for root_user in (False, True):
        leave = aws.account(INVITED).client("organizations", root=root_user).leave_organization
        with pytest.raises(ClientError, match=policy["Arn"]):
            leave()
    assert INVITED in members()


def test_roles_and_sessions_stay(aws: LocalAws) -> None:
    """What the account itself has is its own: the access role and its sessions go on, as in AWS."""
    aws.clock.advance(days=4)
    session = wearing()
    remove(MEMBER)
    assert session.list_users()["Users"] == []
    assert wearing().list_users()["Users"] == []
    roles = {role["RoleName"] for role in session.list_roles()["Roles"]}
    assert roles == {"OrganizationAccountAccessRole", "AWSServiceRoleForOrganizations"}


def test_root_sessions_end(aws: LocalAws) -> None:
    """A session that the organization's root access gave is over once the account left, and stays so."""
    change_organization(aws, trusted_services={"iam.amazonaws.com": aws.clock()})
    boto3.client("iam").enable_organizations_root_credentials_management()
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    answer = boto3.client("sts").assume_root(TargetPrincipal=INVITED, TaskPolicyArn=task)
    iam = client_of(answer["Credentials"], "iam")
    assert iam.get_account_summary()["SummaryMap"]
    remove(INVITED)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        iam.get_account_summary()
    aws.clock.advance(minutes=1)
    join(aws, INVITED)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        iam.get_account_summary()
