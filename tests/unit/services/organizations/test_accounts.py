"""The accounts of an organization: listed, described, moved."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from masugata.records.organizations import ORGANIZATIONAL_UNIT, OrganizationalUnit
from masugata.testing import LocalAws, local_aws
from organizations import join
from unit.services.organizations.calls import MEMBER, made, members, refused, wearing

UNIT, BELOW = "ou-exam-shops123", "ou-exam-tokyo123"
NOWHERE = "ou-exam-nowhere1"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An organization with two units, one in the other."""
    with local_aws() as entered:
        boto3.client("organizations").create_organization()
        units = (
            OrganizationalUnit(id=UNIT, name="shops", parent=root_id()),
            OrganizationalUnit(id=BELOW, name="tokyo", parent=UNIT),
        )

        def put(transaction: Any) -> None:
            for unit in units:
                transaction.put(ORGANIZATIONAL_UNIT, entered.id, unit)

        entered._installation.store.submit(put).result()
        yield entered


def root_id() -> str:
    """The root's id."""
    return str(boto3.client("organizations").list_roots()["Roots"][0]["Id"])


def move(account: str, source: str, destination: str) -> None:
    """Move an account."""
    boto3.client("organizations").move_account(
        AccountId=account, SourceParentId=source, DestinationParentId=destination
    )


def below(parent: str) -> list[str]:
    """The accounts right below a parent."""
    answer = boto3.client("organizations").list_accounts_for_parent(ParentId=parent)
    return [account["Id"] for account in answer["Accounts"]]


def test_describing(aws: LocalAws) -> None:
    """An account is answered with all members of the model, the same by each of three operations."""
    organizations = boto3.client("organizations")
    made()
    account = organizations.describe_account(AccountId=MEMBER)["Account"]
    organization = organizations.describe_organization()["Organization"]["Id"]
    assert account == {
        "Id": MEMBER,
        "Arn": f"arn:aws:organizations::{aws.id}:account/{organization}/{MEMBER}",
        "Email": "shop@example.com",
        "Name": "Shop",
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": account["JoinedTimestamp"],
        "Paths": [f"{organization}/{root_id()}/{MEMBER}/"],
    }
    assert account in organizations.list_accounts()["Accounts"]
    assert account in organizations.list_accounts_for_parent(ParentId=root_id())["Accounts"]
    for id_ in ("999988887777", aws.account("outside").id):
        assert refused(organizations.describe_account, AccountId=id_)[0] == "AccountNotFoundException"


def test_listing(aws: LocalAws) -> None:
    """All accounts are listed once, in pages; those of a parent are the ones right below it."""
    shops = [f"{number:012d}" for number in range(7)]
    join(aws, *shops)
    organizations = boto3.client("organizations")
    pages = list(organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Accounts"]) for page in pages] == [3, 3, 2]
    assert [account["Id"] for page in pages for account in page["Accounts"]] == [*shops, aws.id]
    move(shops[0], root_id(), UNIT)
    move(shops[1], root_id(), BELOW)
    assert below(root_id()) == [*shops[2:], aws.id]
    assert (below(UNIT), below(BELOW)) == (shops[:1], shops[1:2])
    single = organizations.get_paginator("list_accounts_for_parent").paginate(
        ParentId=root_id(), PaginationConfig={"PageSize": 1}
    )
    assert [account["Id"] for page in single for account in page["Accounts"]] == below(root_id())
    answer = refused(organizations.list_accounts_for_parent, ParentId=NOWHERE)
    assert answer[0] == "ParentNotFoundException"
    token = organizations.list_accounts(MaxResults=1)["NextToken"]
    answer = refused(organizations.list_accounts_for_parent, ParentId=UNIT, NextToken=token)
    assert answer == ("InvalidInputException", "INVALID_NEXT_TOKEN")


def test_moving(aws: LocalAws) -> None:
    """A move shows in the path; the management account can be moved as any."""
    organizations = boto3.client("organizations")
    organization = organizations.describe_organization()["Organization"]["Id"]
    made()
    for account in (MEMBER, aws.id):
        move(account, root_id(), BELOW)
        paths = organizations.describe_account(AccountId=account)["Account"]["Paths"]
        assert paths == [f"{organization}/{root_id()}/{UNIT}/{BELOW}/{account}/"]
    move(MEMBER, BELOW, root_id())
    assert below(BELOW) == [aws.id]


def test_refused_moves(aws: LocalAws) -> None:
    """What is named must be there, the source must be the parent, and the destination another one."""
    made()
    root, call = root_id(), boto3.client("organizations").move_account

    def code(account: str, source: str, destination: str) -> str:
        return refused(call, AccountId=account, SourceParentId=source, DestinationParentId=destination)[0]

    assert code("999988887777", root, UNIT) == "AccountNotFoundException"
    assert code(MEMBER, NOWHERE, UNIT) == "SourceParentNotFoundException"
    assert code(MEMBER, BELOW, UNIT) == "SourceParentNotFoundException"
    assert code(MEMBER, "r-zzzz", UNIT) == "SourceParentNotFoundException"
    assert code(MEMBER, root, NOWHERE) == "DestinationParentNotFoundException"
    assert code(MEMBER, root, "r-zzzz") == "DestinationParentNotFoundException"
    assert code(MEMBER, root, root) == "DuplicateAccountException"
    assert code(MEMBER, UNIT, root) == "DuplicateAccountException"
    assert below(root) == [aws.id, MEMBER]


@pytest.mark.usefixtures("aws")
def test_a_move_binds_the_next_request() -> None:
    """Policies of the new parent bind running sessions at once, and no longer once it is elsewhere."""
    organizations, root = boto3.client("organizations"), root_id()
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    content = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}
    policy = organizations.create_policy(
        Name="no-iam", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(content)
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=BELOW)
    made()
    member = wearing()
    assert member.list_users()["Users"] == []
    move(MEMBER, root, BELOW)
    with pytest.raises(ClientError, match=policy["Arn"]):
        member.list_users()
    move(MEMBER, BELOW, root)
    assert member.list_users()["Users"] == []


def test_only_the_management_account(aws: LocalAws) -> None:
    """A member neither reads nor moves the organization's accounts."""
    made()
    member = wearing(service="organizations")
    calls: list[tuple[Any, dict[str, Any]]] = [
        (member.list_accounts, {}),
        (member.describe_account, {"AccountId": MEMBER}),
        (member.list_accounts_for_parent, {"ParentId": root_id()}),
        (
            member.move_account,
            {"AccountId": MEMBER, "SourceParentId": root_id(), "DestinationParentId": UNIT},
        ),
    ]
    for call, arguments in calls:
        assert refused(call, **arguments)[0] == "AccessDeniedException"
    assert members() == [aws.id, MEMBER]
