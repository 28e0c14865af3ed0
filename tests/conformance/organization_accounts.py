"""The accounts of an organization: created, moved, removed and closed."""

from typing import Any

from conformance.inspector import Inspector
from support import House

MEMBER, LEAVING = "444455556666", "555566667777"
ROLE = "arn:aws:iam::{}:role/OrganizationAccountAccessRole"


def _created(organizations: Any, house: House, account_id: str) -> None:
    """A new account with this id."""
    asked = organizations.create_account(
        Email=f"{account_id}@example.com",
        AccountName="Shop",
        Tags=[{"Key": "masugata:account-id", "Value": account_id}],
    )["CreateAccountStatus"]
    house.move_on()
    ended = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
    assert ended["CreateAccountStatus"]["AccountId"] == account_id


def accounts(inspector: Inspector, unit: str) -> None:
    """All operations on accounts but CreateGovCloudAccount, which is always refused; `unit` is where one goes."""
    house, organizations = inspector.house, inspector.client("organizations")
    for account_id in (MEMBER, LEAVING):
        _created(organizations, house, account_id)
    assert len(organizations.list_create_account_status()["CreateAccountStatuses"]) == 2
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.move_account(AccountId=MEMBER, SourceParentId=root, DestinationParentId=unit)
    assert organizations.list_accounts_for_parent(ParentId=unit)["Accounts"][0]["Id"] == MEMBER
    assert organizations.describe_account(AccountId=MEMBER)["Account"]["State"] == "ACTIVE"
    house.clock.offset += _FIVE_DAYS
    given = house.client("sts").assume_role(RoleArn=ROLE.format(LEAVING), RoleSessionName="visit")
    inspector.session(given["Credentials"], "organizations").leave_organization()
    third = "666677778888"
    _created(organizations, house, third)
    house.clock.offset += _FIVE_DAYS
    organizations.remove_account_from_organization(AccountId=third)
    organizations.close_account(AccountId=MEMBER)
    house.move_on()
    assert [account["State"] for account in organizations.list_accounts()["Accounts"]] == ["ACTIVE", "CLOSED"]
