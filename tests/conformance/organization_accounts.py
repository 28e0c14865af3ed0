"""The accounts of an organization: created, moved, removed and closed."""

from datetime import timedelta
from typing import Any

from conformance.inspector import Inspector
from organizations import open_account
from support import House

ALWAYS_REFUSED = {"CreateGovCloudAccount"}
MANAGEMENT = "888899990000"
SHOPS = ("888899990001", "888899990002", "888899990003")
ROLE = "arn:aws:iam::{}:role/OrganizationAccountAccessRole"


def accounts(inspector: Inspector) -> None:
    """An organization of its own: of three created accounts one leaves, one is removed and one is closed."""
    house, key = inspector.house, open_account(inspector.house, MANAGEMENT)
    client = inspector.client("organizations", key)
    client.create_organization()
    for account_id in SHOPS:
        _create(client, house, account_id)
    pages = client.get_paginator("list_create_account_status").paginate(
        States=["SUCCEEDED"], PaginationConfig={"PageSize": 1}
    )
    asked = [status["AccountId"] for page in pages for status in page["CreateAccountStatuses"]]
    assert sorted(asked) == list(SHOPS)
    _move(client, SHOPS[0])
    house.clock.offset += timedelta(days=5)
    given = house.client("sts", key).assume_role(RoleArn=ROLE.format(SHOPS[1]), RoleSessionName="visit")
    inspector.session(given["Credentials"], "organizations").leave_organization()
    client.remove_account_from_organization(AccountId=SHOPS[2])
    client.close_account(AccountId=SHOPS[0])
    assert client.describe_account(AccountId=SHOPS[0])["Account"]["State"] == "PENDING_CLOSURE"
    house.move_on()
    pages = client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    states = [account["State"] for page in pages for account in page["Accounts"]]
    assert states == ["ACTIVE", "CLOSED"]


def _create(client: Any, house: House, account_id: str) -> None:
    tags = [{"Key": "masugata:account-id", "Value": account_id}]
    asked = client.create_account(Email=f"{account_id}@example.com", AccountName="Shop", Tags=tags)
    asked_id = asked["CreateAccountStatus"]["Id"]
    house.move_on()
    ended = client.describe_create_account_status(CreateAccountRequestId=asked_id)["CreateAccountStatus"]
    assert (ended["State"], ended["AccountId"]) == ("SUCCEEDED", account_id)


def _move(client: Any, account_id: str) -> None:
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="shops")["OrganizationalUnit"]["Id"]
    client.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=unit)
    for parent, expected in ((unit, [account_id]), (root, [MANAGEMENT, *SHOPS[1:]])):
        pages = client.get_paginator("list_accounts_for_parent").paginate(
            ParentId=parent, PaginationConfig={"PageSize": 1}
        )
        assert [account["Id"] for page in pages for account in page["Accounts"]] == expected
