"""Accounts that are asked for: what is refused at once, what becomes of the rest, and what is there then."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from masugata.limits import LIMITS
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT
from masugata.records.iam import ROLE
from masugata.records.organizations import CREATE_ACCOUNT_REQUEST
from masugata.services.organizations import _creating
from masugata.store import open_store
from masugata.testing import LocalAws, local_aws
from organizations import join
from policies import allow, document
from unit.services.organizations.calls import (
    ACCESS_ROLE,
    ID_TAG,
    MEMBER,
    ask,
    client_of,
    made,
    members,
    outcome,
    refused,
    service_events,
    wearing,
)

LIMIT = "ConstraintViolationException"
INPUT = "InvalidInputException"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An organization of one account, in which creating another takes a minute."""
    with local_aws(limits={"organizations.account-creation-seconds": 60}) as entered:
        boto3.client("organizations").create_organization()
        entered.clock.freeze()
        yield entered


@pytest.fixture
def quick() -> Iterator[LocalAws]:
    """An organization in which an account is there at the next call."""
    with local_aws() as entered:
        boto3.client("organizations").create_organization()
        yield entered


def test_creation_takes_its_time(aws: LocalAws) -> None:
    """A request is in progress until it is due, and nothing is there before; then the account is."""
    asked = ask(Tags=[{"Key": "Team", "Value": "red"}])
    assert asked == {
        "Id": asked["Id"],
        "AccountName": "Shop",
        "State": "IN_PROGRESS",
        "RequestedTimestamp": asked["RequestedTimestamp"],
    }
    aws.clock.advance(seconds=59)
    assert outcome(asked) == asked
    assert members() == [aws.id]
    with pytest.raises(ClientError, match="AccessDenied"):
        wearing()
    aws.clock.advance(seconds=1)
    done = outcome(asked)
    assert done["CompletedTimestamp"] - asked["RequestedTimestamp"] == timedelta(minutes=1)
    assert done == asked | {
        "State": "SUCCEEDED",
        "AccountId": MEMBER,
        "CompletedTimestamp": done["CompletedTimestamp"],
    }
    account = boto3.client("organizations").describe_account(AccountId=MEMBER)["Account"]
    assert (account["Name"], account["Email"], account["JoinedMethod"]) == (
        "Shop",
        "shop@example.com",
        "CREATED",
    )
    (event,) = service_events(aws, "CreateAccountResult")
    assert event["createAccountStatus"]["accountId"] == MEMBER
    assert (event["createAccountStatus"]["state"], event["createAccountStatus"]["accountName"]) == (
        "SUCCEEDED",
        "****",
    )
    (joined,) = service_events(aws, "AccountJoinedOrganization")
    assert (joined["accountId"], joined["joinedMethod"]) == (MEMBER, "Created")


def test_access_role(quick: LocalAws) -> None:
    """The new account has its role, which principals of the management account, and no others, can assume."""
    made()
    iam = wearing()
    iam.create_user(UserName="admin")
    role = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "AWS": f"arn:aws:iam::{quick.id}:root"
    }
    roles = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert roles == {"OrganizationAccountAccessRole", "AWSServiceRoleForOrganizations"}
    stranger = quick.account("stranger").client("sts")
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.assume_role(RoleArn=ACCESS_ROLE, RoleSessionName="visit")
    alice = boto3.client("iam")
    alice.create_user(UserName="alice")
    with pytest.raises(ClientError, match="no identity-based policy allows the sts:AssumeRole"):
        quick.client("sts", user="alice").assume_role(RoleArn=ACCESS_ROLE, RoleSessionName="visit")


def test_root_user(quick: LocalAws) -> None:
    """The new account's root user has neither password nor keys."""
    made()
    summary = quick.account(MEMBER).client("iam", root=True).get_account_summary()["SummaryMap"]
    assert (summary["AccountAccessKeysPresent"], summary["AccountPasswordPresent"]) == (0, 0)


@pytest.mark.usefixtures("quick")
def test_role_of_another_name() -> None:
    """RoleName names the role; IAM's reserved prefix is refused, in whatever case."""
    made(RoleName="Keys")
    assert wearing(ACCESS_ROLE.replace("OrganizationAccountAccessRole", "Keys"), "sts").get_caller_identity()
    create = boto3.client("organizations").create_account
    for name in ("AWSServiceRoleForOrganizations", "awsserviceroleforme"):
        answer = refused(create, Email="b@example.com", AccountName="B", RoleName=name)
        assert answer == (INPUT, "INVALID_ROLE_NAME")


def test_chosen_and_drawn_ids(quick: LocalAws) -> None:
    """A tag chooses the id, and stays a tag; it must be free and have 12 digits. Other ids are drawn."""
    create = boto3.client("organizations").create_account
    for value in ("4444", "x" * 12, quick.id, "٣" * 12):
        tags = [{"Key": ID_TAG, "Value": value}]
        assert refused(create, Email="b@example.com", AccountName="B", Tags=tags)[0] == INPUT, value
    made()
    again = [{"Key": ID_TAG, "Value": MEMBER}]
    assert refused(create, Email="b@example.com", AccountName="B", Tags=again)[0] == INPUT
    drawn = made("b@example.com", None)
    assert len(drawn) == 12
    assert drawn.isdigit()
    assert set(members()) == {quick.id, MEMBER, drawn}


def test_id_of_a_request_in_progress(aws: LocalAws) -> None:
    """Two requests cannot choose the same id; one that is taken meanwhile makes the request fail."""
    first = ask()
    create = boto3.client("organizations").create_account
    tags = [{"Key": ID_TAG, "Value": MEMBER}]
    assert refused(create, Email="b@example.com", AccountName="B", Tags=tags)[0] == INPUT
    aws.account(MEMBER)
    aws.clock.advance(minutes=1)
    failed = outcome(first)
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "CONCURRENT_ACCOUNT_MODIFICATION")
    assert "AccountId" not in failed
    assert members() == [aws.id]


def test_drawn_id_that_is_taken_meanwhile(aws: LocalAws) -> None:
    """An id that was drawn is drawn again if it became somebody else's, whose account stays as it is."""
    asked = ask("shop@example.com", None)
    store = aws._installation.store
    request = store.snapshot().get(CREATE_ACCOUNT_REQUEST, aws.id, asked["Id"])
    assert request is not None
    aws.account(request.account_id)
    taken = store.snapshot().get(ACCOUNT, request.account_id, request.account_id)
    aws.clock.advance(minutes=1)
    created = outcome(asked)
    assert created["State"] == "SUCCEEDED"
    assert members() == sorted([aws.id, created["AccountId"]])
    assert created["AccountId"] != request.account_id
    assert store.snapshot().get(ACCOUNT, request.account_id, request.account_id) == taken


@pytest.mark.parametrize(
    "address",
    ["SHOP@example.com", "shop@EXAMPLE.com"],
)
def test_email_of_another_account(quick: LocalAws, address: str) -> None:
    """An e-mail address is of one account of the installation, in any case."""
    made()
    with local_aws():  # another installation knows nothing of it
        boto3.client("organizations").create_organization()
        made(address)
    failed = outcome(ask(address, None))
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert members() == [quick.id, MEMBER]
    events = service_events(quick, "CreateAccountResult")
    assert [event["createAccountStatus"].get("failureReason") for event in events] == [
        None,
        "EMAIL_ALREADY_EXISTS",
    ]


def test_same_email_at_once(aws: LocalAws) -> None:
    """Of two requests with one address the earlier gets it."""
    first = ask()
    aws.clock.advance(seconds=1)
    second = ask(account_id=None)
    aws.clock.advance(minutes=5)
    assert outcome(first)["State"] == "SUCCEEDED"
    assert outcome(second)["FailureReason"] == "EMAIL_ALREADY_EXISTS"


@pytest.mark.parametrize(
    "address",
    [
        ".shop@example.com",
        "sh(op@example.com",
        'sh"op@example.com',
        "sh,op@example.com",
        "shop@-example.com",
        "shop@example.com-",
        "shop@exam_ple.com",
        "shöp@example.com",
    ],
)
def test_invalid_email(quick: LocalAws, address: str) -> None:
    """An address that breaks a rule of CreateAccount's page makes the request fail."""
    failed = outcome(ask(address))
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "INVALID_EMAIL")
    assert members() == [quick.id]


def test_number_of_accounts() -> None:
    """The management account and requests in progress count; at completion the members that are there do."""
    limits = {"organizations.accounts": 3, "organizations.account-creation-seconds": 60}
    with local_aws(limits=limits) as aws:
        boto3.client("organizations").create_organization()
        first = ask("a@example.com", None)
        aws.clock.advance(seconds=1)
        second = ask("b@example.com", None)
        create = boto3.client("organizations").create_account
        full = (LIMIT, "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
        assert refused(create, Email="c@example.com", AccountName="C") == full
        join(aws, MEMBER)
        aws.clock.advance(minutes=1)
        assert [outcome(asked)["State"] for asked in (first, second)] == ["SUCCEEDED", "FAILED"]
        assert outcome(second)["FailureReason"] == "ACCOUNT_LIMIT_EXCEEDED"
        assert refused(create, Email="c@example.com", AccountName="C") == full


@pytest.mark.usefixtures("quick")
def test_default_number_of_accounts() -> None:
    """Ten accounts are what AWS allows at first."""
    for number in range(LIMITS["organizations.accounts"] - 1):
        made(f"shop-{number}@example.com", None)
    assert len(members()) == 10
    create = boto3.client("organizations").create_account
    answer = refused(create, Email="more@example.com", AccountName="More")
    assert answer == (LIMIT, "ACCOUNT_NUMBER_LIMIT_EXCEEDED")


def test_requests_at_once(aws: LocalAws) -> None:
    """Five requests may be in progress; the sixth waits for one of them."""
    for number in range(5):
        ask(f"shop-{number}@example.com", None)
    create = boto3.client("organizations").create_account
    answer = refused(create, Email="more@example.com", AccountName="More")
    assert answer == (LIMIT, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
    aws.clock.advance(minutes=1)
    ask("more@example.com", None)


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ([("a", "1"), ("a", "2")], (INPUT, "DUPLICATE_TAG_KEY")),
        ([("aws:a", "1")], (INPUT, "INVALID_SYSTEM_TAGS_PARAMETER")),
        ([(f"k{number}", "") for number in range(51)], (LIMIT, "MAX_TAG_LIMIT_EXCEEDED")),
    ],
    ids=["twice", "reserved", "too many"],
)
def test_wrong_tags(quick: LocalAws, tags: list[tuple[str, str]], answer: tuple[str, str]) -> None:
    """Where one tag is wrong, no account is asked for."""
    create = boto3.client("organizations").create_account
    given = [{"Key": key, "Value": value} for key, value in tags]
    assert refused(create, Email="b@example.com", AccountName="B", Tags=given) == answer
    assert boto3.client("organizations").list_create_account_status()["CreateAccountStatuses"] == []
    assert members() == [quick.id]


def test_tags_need_their_permission(quick: LocalAws) -> None:
    """Who may create accounts, and not tag them, can create them without tags."""
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    may = document(allow("organizations:CreateAccount"))
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=may)
    create = quick.client("organizations", user="alice").create_account
    with pytest.raises(ClientError, match="organizations:TagResource"):
        create(Email="b@example.com", AccountName="B", Tags=[{"Key": "a", "Value": "b"}])
    create(Email="b@example.com", AccountName="B")
    assert len(members()) == 2


def test_gov_cloud(quick: LocalAws) -> None:
    """No account here is paired with one of GovCloud, so none can be created there."""
    create = boto3.client("organizations").create_gov_cloud_account
    answer = refused(create, Email="b@example.com", AccountName="B")
    assert answer == (LIMIT, "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED")
    assert members() == [quick.id]


def test_listing(aws: LocalAws) -> None:
    """Requests are listed by state and in pages; of an unknown id there is nothing."""
    organizations = boto3.client("organizations")
    ended = [ask("a@example.com", None)]
    aws.clock.advance(seconds=1)
    ended.append(ask("A@example.com", None))
    aws.clock.advance(minutes=1)
    running = [ask(f"shop-{number}@example.com", None) for number in range(3)]

    def listed(*states: str) -> set[str]:
        pages = organizations.get_paginator("list_create_account_status").paginate(
            **({"States": list(states)} if states else {}), PaginationConfig={"PageSize": 2}
        )
        return {status["Id"] for page in pages for status in page["CreateAccountStatuses"]}

    everything = [status["Id"] for status in (*ended, *running)]
    assert listed() == set(everything)
    assert listed("IN_PROGRESS") == set(everything[2:])
    assert listed("SUCCEEDED") == {everything[0]}
    assert listed("FAILED") == {everything[1]}
    assert listed("SUCCEEDED", "FAILED") == set(everything[:2])
    answer = refused(organizations.describe_create_account_status, CreateAccountRequestId="car-" + "x" * 32)
    assert answer[0] == "CreateAccountStatusNotFoundException"


def test_only_the_management_account(quick: LocalAws) -> None:
    """Members, and accounts in no organization, create nothing."""
    made()
    member = wearing(service="organizations").create_account
    assert refused(member, Email="b@example.com", AccountName="B")[0] == "AccessDeniedException"
    outside = quick.account("outside").client("organizations").create_account
    assert refused(outside, Email="b@example.com", AccountName="B")[0] == "AWSOrganizationsNotInUseException"


def test_what_fails_inside(
    quick: LocalAws, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours makes one request fail, leaves nothing half made, and is in the log."""

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(_creating, "join", broken)
        failed = outcome(ask())
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "INTERNAL_FAILURE")
    assert "ZeroDivisionError" in caplog.text
    records = quick._installation.store.snapshot()
    assert records.get(ACCOUNT, MEMBER, MEMBER) is None
    assert records.count(ROLE, MEMBER) == 0
    assert made() == MEMBER


def test_ids_run_out() -> None:
    """Randomness that always says the same is given up, instead of being asked for ever."""
    store = open_store(None, ALL_KINDS)
    assert _creating.draw_account_id(store.snapshot(), bytes) == "0" * 12
    with local_aws(account="000000000000") as aws:
        records = aws._installation.store.snapshot()
        with pytest.raises(RuntimeError, match="no account id is free"):
            _creating.draw_account_id(records, bytes)
    store.close()


def test_scp_binds_the_new_account(quick: LocalAws) -> None:
    """A created account is bound by the policies of its root as any member: its administrators, root too."""
    organizations = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    content = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}
    policy = organizations.create_policy(
        Name="no-iam", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(content)
    )["Policy"]["PolicySummary"]
    made()
    assert wearing().list_users()["Users"] == []
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=MEMBER)
    for client in (wearing(), quick.account(MEMBER).client("iam", root=True)):
        with pytest.raises(ClientError, match=policy["Arn"]):
            client.list_users()
    assert boto3.client("iam").list_users()["Users"]
    session = boto3.client("sts").get_session_token()["Credentials"]
    assert client_of(session, "sts").get_caller_identity()["Account"] == quick.id
