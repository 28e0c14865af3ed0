"""Accounts that are closed: what is refused, the states they go through, and that nobody is of them."""

from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError

from masugata.records.account import ACCOUNT
from masugata.testing import LocalAws, local_aws
from organizations import join
from policies import allow, document
from unit.services.organizations.calls import (
    ACCESS_ROLE,
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


def close(account: str = MEMBER) -> None:
    """Close an account."""
    boto3.client("organizations").close_account(AccountId=account)


def states(account: str = MEMBER) -> tuple[str, str]:
    """The account's State and Status."""
    found = boto3.client("organizations").describe_account(AccountId=account)["Account"]
    return found["State"], found["Status"]


def set_account(aws: LocalAws, account: str, **fields: Any) -> None:
    """Change the record of an account."""

    def change(transaction: Any) -> None:
        record = transaction.get(ACCOUNT, account, account)
        transaction.put(ACCOUNT, account, msgspec.structs.replace(record, **fields))

    aws._installation.store.submit(change).result()


def test_states(aws: LocalAws) -> None:
    """A closed account is SUSPENDED by its old Status, stays for 90 days, and is gone then, with an event."""
    close()
    assert states() == ("CLOSED", "SUSPENDED")
    (event,) = service_events(aws, "CloseAccountResult")
    assert event["closeAccountStatus"]["accountId"] == MEMBER
    assert event["closeAccountStatus"]["state"] == "SUCCEEDED"
    aws.clock.advance(days=89, hours=23)
    assert MEMBER in members()
    aws.clock.advance(hours=2)
    assert MEMBER not in members()
    (gone,) = service_events(aws, "AccountDepartedOrganization")
    assert (gone["accountId"], gone["departureMethod"]) == (MEMBER, "CLEANED")
    describe = boto3.client("organizations").describe_account
    assert refused(describe, AccountId=MEMBER)[0] == "AccountNotFoundException"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        aws.account(MEMBER).client("iam", root=True).list_users()


def test_being_closed(aws: LocalAws) -> None:
    """While it is being closed it cannot be closed again, and later neither."""
    call = boto3.client("organizations").close_account
    set_account(aws, MEMBER, state="PENDING_CLOSURE", closed=aws.clock().replace(year=2200))
    assert states() == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    assert refused(call, AccountId=MEMBER)[0] == "ConflictException"
    set_account(aws, MEMBER, state="CLOSED", closed=aws.clock())
    assert refused(call, AccountId=MEMBER)[0] == "AccountAlreadyClosedException"


def test_refused_closures(aws: LocalAws) -> None:
    """Only the management account closes, only members, with all features, no delegated administrators."""
    call = boto3.client("organizations").close_account
    assert refused(call, AccountId=aws.id) == (LIMIT, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    assert refused(call, AccountId=aws.account("x").id)[0] == "AccountNotFoundException"
    member = aws.account(INVITED).client("organizations").close_account
    assert refused(member, AccountId=INVITED)[0] == "AccessDeniedException"
    change_organization(aws, delegated_administrators={"config.amazonaws.com": {INVITED: aws.clock()}})
    answer = (LIMIT, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    assert refused(call, AccountId=INVITED) == answer
    change_organization(aws, delegated_administrators={}, all_features=False)
    assert refused(call, AccountId=INVITED) == (LIMIT, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
    assert states(INVITED) == ("ACTIVE", "ACTIVE")


def test_closures_at_once(aws: LocalAws) -> None:
    """Three accounts may be on their way at a time."""
    waiting = ["000000000001", "000000000002", "000000000003"]
    join(aws, *waiting)
    for account in waiting:
        set_account(aws, account, state="PENDING_CLOSURE", closed=aws.clock().replace(year=2200))
    call = boto3.client("organizations").close_account
    assert refused(call, AccountId=MEMBER) == (LIMIT, "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")
    set_account(aws, waiting[0], state="CLOSED", closed=aws.clock())
    close()


@pytest.mark.parametrize(
    ("quota", "allowed"),
    [
        ({"percent": 0, "at-least": 0}, 0),
        ({"percent": 50, "at-least": 1}, 2),
        ({"percent": 10, "at-least": 3}, 3),
        ({"percent": 100, "at-least": 1, "at-most": 1}, 1),
    ],
    ids=["none", "a part", "at least", "at most"],
)
def test_quota_of_closures(quota: dict[str, int], allowed: int) -> None:
    """In thirty days a part of the members may be closed, but at least so many, and at most."""
    limits = {f"organizations.accounts-closed-{name}": value for name, value in quota.items()}
    with local_aws(limits=limits) as aws:
        boto3.client("organizations").create_organization()
        shops = [f"{number:012d}" for number in range(4)]
        join(aws, *shops)
        call = boto3.client("organizations").close_account
        for account in shops[:allowed]:
            close(account)
        assert refused(call, AccountId=shops[3]) == (LIMIT, "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
        aws.clock.advance(days=31)
        if allowed:
            close(shops[3])


def test_closed_accounts_stay_where_they_are(aws: LocalAws) -> None:
    """A closed account cannot be removed, counts toward the quota, and keeps its e-mail address."""
    close()
    organizations = boto3.client("organizations")
    answer = refused(organizations.remove_account_from_organization, AccountId=MEMBER)
    assert answer == ("InvalidInputException", "TARGET_NOT_SUPPORTED")
    aws.clock.advance(days=91)
    asked = organizations.create_account(Email="shop@example.com", AccountName="B")["CreateAccountStatus"]
    ended = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
    assert ended["CreateAccountStatus"]["FailureReason"] == "EMAIL_ALREADY_EXISTS"
    tags = [{"Key": "masugata:account-id", "Value": MEMBER}]
    create = organizations.create_account
    assert refused(create, Email="b@example.com", AccountName="B", Tags=tags)[0] == "InvalidInputException"


@pytest.mark.parametrize("state", ["PENDING_CLOSURE", "CLOSED", "SUSPENDED"])
def test_nobody_is_of_a_closed_account(aws: LocalAws, state: str) -> None:
    """Keys and sessions of every kind end with the next request, whatever the state is that is not ACTIVE."""
    member = aws.account(MEMBER)
    role, root = wearing(), member.client("iam", root=True)
    root.create_user(UserName="alice")
    everything = document(allow(["iam:ListUsers", "sts:GetFederationToken"]))
    root.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=everything)
    key = root.create_access_key(UserName="alice")["AccessKey"]
    alice = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    sts = alice.client("sts")
    session = client_of(sts.get_session_token()["Credentials"], "sts")
    federated = client_of(sts.get_federation_token(Name="guest", Policy=everything)["Credentials"], "sts")
    root_session = client_of(member.client("sts", root=True).get_session_token()["Credentials"], "sts")
    calls = [
        role.list_users,
        root.list_users,
        alice.client("iam").list_users,
        root.delete_account_alias,  # a change, decided in the writer
        sts.get_caller_identity,
        session.get_caller_identity,
        federated.get_caller_identity,
        root_session.get_caller_identity,
    ]
    assert {call()["Account"] for call in calls[4:]} == {MEMBER}
    set_account(aws, MEMBER, state=state)
    for call in calls:
        arguments = {"AccountAlias": "shop"} if call == root.delete_account_alias else {}
        assert refused(call, **arguments)[0] == "InvalidClientTokenId"


def test_nobody_gets_into_a_closed_account(aws: LocalAws) -> None:
    """Its roles are as if they were not there, and its root user is assumed by nobody."""
    change_organization(aws, trusted_services={"iam.amazonaws.com": aws.clock()})
    boto3.client("iam").enable_organizations_root_credentials_management()
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    sts = boto3.client("sts")
    sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=task)

    def denial(role: str) -> str:
        with pytest.raises(ClientError, match="AccessDenied") as caught:
            sts.assume_role(RoleArn=role, RoleSessionName="visit")
        return str(caught.value.response["Error"]["Message"])

    unknown = denial(ACCESS_ROLE.replace("Access", "Xccess"))
    close()
    assert denial(ACCESS_ROLE) == unknown.replace("Xccess", "Access")
    with pytest.raises(ClientError, match=f"the account {MEMBER} is closed"):
        sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=task)


def test_the_rest_goes_on(aws: LocalAws) -> None:
    """Other accounts of the organization, the management account among them, are not touched."""
    close()
    assert aws.account(INVITED).client("iam").list_users()["Users"]
    assert boto3.client("iam").list_users()["Users"]
    assert members() == [aws.id, MEMBER, INVITED]
