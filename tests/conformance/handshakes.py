"""Handshakes between accounts: invitations, all features, and who manages whose bills."""

from datetime import datetime
from typing import Any

from conformance.inspector import Inspector
from organizations import open_account

SHOP, BAKERY = "222233334444", "333344445555"
BILLING = {"Type": "BILLING"}
NEW_TAGS = [{"Key": "Team", "Value": "red"}]


def handshakes(inspector: Inspector) -> None:
    """The organization invites, and transfers are asked for by another one, which enables all features."""
    organizations = inspector.client("organizations")
    shop = inspector.client("organizations", open_account(inspector.house, SHOP))
    bakery = inspector.client("organizations", open_account(inspector.house, BAKERY))
    _invitations(organizations, shop)
    shop.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    _all_features(shop, bakery)
    now = inspector.house.clock()
    start = datetime(now.year + (now.month > 10), (now.month + 1) % 12 + 1, 1, tzinfo=now.tzinfo)
    _transfers(shop, organizations, start)


def _invitations(organizations: Any, invited: Any) -> None:
    """One that is cancelled and one that is declined."""
    target = {"Type": "ACCOUNT", "Id": SHOP}
    for end in (organizations.cancel_handshake, invited.decline_handshake):
        made = organizations.invite_account_to_organization(Target=target, Notes="come", Tags=NEW_TAGS)
        identifier = made["Handshake"]["Id"]
        assert invited.describe_handshake(HandshakeId=identifier)["Handshake"] == made["Handshake"]
        end(HandshakeId=identifier)
    for client, listing in (
        (organizations, "list_handshakes_for_organization"),
        (invited, "list_handshakes_for_account"),
    ):
        pages = client.get_paginator(listing).paginate(PaginationConfig={"PageSize": 1})
        states = sorted(found["State"] for page in pages for found in page["Handshakes"])
        assert states == ["CANCELED", "DECLINED"]


def _all_features(organizations: Any, member: Any) -> None:
    """A member that joined agrees."""
    target = {"Type": "EMAIL", "Id": f"{BAKERY}@example.com"}
    made = organizations.invite_account_to_organization(Target=target)
    member.accept_handshake(HandshakeId=made["Handshake"]["Id"])
    whole = organizations.enable_all_features()["Handshake"]["Id"]
    (asked,) = member.list_handshakes_for_account(Filter={"ParentHandshakeId": whole})["Handshakes"]
    member.accept_handshake(HandshakeId=asked["Id"])
    organizations.accept_handshake(HandshakeId=whole)
    assert organizations.describe_organization()["Organization"]["FeatureSet"] == "ALL"


def _transfers(organizations: Any, source: Any, start: datetime) -> None:
    """One that is accepted, renamed, looked at from both sides and withdrawn."""
    made = organizations.invite_organization_to_transfer_responsibility(
        **BILLING,
        Target={"Type": "EMAIL", "Id": _email(source)},
        SourceName="bills",
        StartTimestamp=start,
        Notes="we pay",
        Tags=NEW_TAGS,
    )
    source.accept_handshake(HandshakeId=made["Handshake"]["Id"])
    (seen,) = source.list_outbound_responsibility_transfers(**BILLING)["ResponsibilityTransfers"]
    (own,) = organizations.list_inbound_responsibility_transfers(**BILLING)["ResponsibilityTransfers"]
    assert seen["Id"] == own["Id"]
    organizations.update_responsibility_transfer(Id=own["Id"], Name="other bills")
    source.terminate_responsibility_transfer(Id=own["Id"])
    ended = organizations.describe_responsibility_transfer(Id=own["Id"])["ResponsibilityTransfer"]
    assert ended["Status"] == "WITHDRAWN"


def _email(organizations: Any) -> str:
    return str(organizations.describe_organization()["Organization"]["MasterAccountEmail"])
