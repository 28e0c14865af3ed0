"""Responsibility transfers: what each side sees, how they end."""

from datetime import UTC, datetime

import pytest

from masugata.records.organizations import organization_of
from masugata.services.organizations._transfers import in_transfer_process
from masugata.testing import local_aws
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP, failure
from unit.services.organizations.partners import Partners
from unit.services.organizations.test_transfer_invitations import APRIL, NOW, ask

NOT_FOUND = ("ResponsibilityTransferNotFoundException", None)


@pytest.fixture
def partners():
    """Organizations of the first account and the shop, in the middle of March."""
    with local_aws() as aws:
        aws.clock.freeze(NOW)
        partners = Partners(aws)
        partners.found(SHOP)
        yield partners


@pytest.fixture
def handshake(partners):
    """The invitation of the shop to hand over its bills from April on."""
    return ask(partners.client, SHOP)["Id"]


def inbound(client, **request):
    """The inbound transfers of an account."""
    answer = client.list_inbound_responsibility_transfers(Type="BILLING", **request)
    return answer["ResponsibilityTransfers"]


def outbound(client):
    """The outbound transfers of an account."""
    return client.list_outbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]


def accepted(partners, handshake):
    """Have the shop accept; the transfer's id."""
    partners.of(SHOP).accept_handshake(HandshakeId=handshake)
    return inbound(partners.client)[0]["Id"]


def busy(partners):
    """Whether the first account's organization takes part in a transfer."""
    records = partners.aws._installation.store.snapshot()
    return in_transfer_process(records, organization_of(records, MANAGEMENT), partners.aws.clock())


def test_both_sides(partners, handshake):
    """Each side has its own ARN; who asked sees the name, and of the other no more than it knew."""
    shop = partners.of(SHOP)
    (mine,) = inbound(partners.client)
    (theirs,) = outbound(shop)
    assert (inbound(shop), outbound(partners.client)) == ([], [])
    assert mine["Id"] == theirs["Id"]
    assert (inbound(partners.client, Id=mine["Id"]), inbound(shop, Id=mine["Id"])) == ([mine], [])
    assert mine["Arn"] == (
        f"arn:aws:organizations::{MANAGEMENT}:transfer/{partners.id}/billing/inbound/{mine['Id']}"
    )
    other = shop.describe_organization()["Organization"]["Id"]
    assert theirs["Arn"] == (f"arn:aws:organizations::{SHOP}:transfer/{other}/billing/outbound/{mine['Id']}")
    assert (mine["Status"], mine["Type"], mine["StartTimestamp"]) == ("REQUESTED", "BILLING", APRIL)
    assert mine["ActiveHandshakeId"] == handshake
    assert mine["Name"] == "shop"
    assert "Name" not in theirs
    assert mine["Source"] == {"ManagementAccountId": SHOP}
    assert theirs["Target"] == mine["Target"]
    shop.accept_handshake(HandshakeId=handshake)
    seen = partners.client.describe_responsibility_transfer(Id=mine["Id"])["ResponsibilityTransfer"]
    assert seen["Status"] == "ACCEPTED"
    assert seen["Source"] == {
        "ManagementAccountId": SHOP,
        "ManagementAccountEmail": f"{SHOP}@example.com",
    }


def test_an_address_does_not_tell_the_account(partners):
    """Invited by e-mail, the source's account id is not told before it accepts."""
    handshake = ask(partners.client, SHOP, Target={"Type": "EMAIL", "Id": f"{SHOP}@example.com"})
    assert handshake["Parties"][1]["Type"] == "EMAIL"
    assert inbound(partners.client)[0]["Source"] == {"ManagementAccountEmail": f"{SHOP}@example.com"}
    partners.of(SHOP).accept_handshake(HandshakeId=handshake["Id"])
    assert inbound(partners.client)[0]["Source"]["ManagementAccountId"] == SHOP


@pytest.mark.parametrize(
    ("end", "status"), [("decline", "DECLINED"), ("cancel", "CANCELED"), ("expire", "EXPIRED")]
)
def test_what_becomes_of_an_invitation(partners, handshake, end, status):
    """The transfer has the status of its invitation, can no longer change, and vanishes after 30 days."""
    identifier = inbound(partners.client)[0]["Id"]
    assert busy(partners)
    if end == "decline":
        partners.of(SHOP).decline_handshake(HandshakeId=handshake)
    elif end == "cancel":
        partners.client.cancel_handshake(HandshakeId=handshake)
    else:
        partners.aws.clock.advance(days=15)
    (mine,) = inbound(partners.client)
    assert mine["Status"] == outbound(partners.of(SHOP))[0]["Status"] == status
    assert not busy(partners)
    assert failure(partners.client.terminate_responsibility_transfer, Id=identifier) == (
        "InvalidResponsibilityTransferTransitionException",
        None,
    )
    update = partners.client.update_responsibility_transfer
    assert failure(update, Id=identifier, Name="other") == (
        "ConstraintViolationException",
        "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED",
    )
    partners.aws.clock.advance(days=30)
    assert inbound(partners.client) == []
    assert failure(partners.client.describe_responsibility_transfer, Id=identifier) == NOT_FOUND
    ask(partners.client, SHOP, datetime(2027, 6, 1, tzinfo=UTC))
    assert len(inbound(partners.client)) == 1


def test_names(partners, handshake):
    """Who asked renames the transfer; the other side, which is not told the name, does not."""
    transfer = accepted(partners, handshake)
    renamed = partners.client.update_responsibility_transfer(Id=transfer, Name="the shop's")
    assert renamed["ResponsibilityTransfer"]["Name"] == "the shop's"
    assert inbound(partners.client)[0]["Name"] == "the shop's"
    update = partners.of(SHOP).update_responsibility_transfer
    assert failure(update, Id=transfer, Name="ours")[0] == "AccessDeniedException"


def test_events(partners, handshake):
    """That a transfer was accepted and ended is recorded for both sides, and for who inherits it."""
    baker = partners.found(BAKERY)
    above = ask(baker, MANAGEMENT)["Id"]
    partners.client.accept_handshake(HandshakeId=above)
    transfer = accepted(partners, handshake)
    partners.of(SHOP).terminate_responsibility_transfer(Id=transfer)
    for account in (SHOP, MANAGEMENT, BAKERY):
        for name in ("ResponsibilityTransferAccepted", "ResponsibilityTransferTerminated"):
            events = partners.aws.account(account).events(name)
            details = [event["serviceEventDetails"]["responsibilityTransferId"] for event in events]
            assert details.count(transfer) == 1, (account, name)


@pytest.mark.parametrize("account", [MANAGEMENT, SHOP])
def test_either_side_withdraws(partners, handshake, account):
    """A transfer that has begun ends with the month, once, and until then the organization is bound."""
    transfer = accepted(partners, handshake)
    partners.aws.clock.freeze(datetime(2027, 6, 10, tzinfo=UTC))
    client = partners.of(account)
    ended = client.terminate_responsibility_transfer(Id=transfer)["ResponsibilityTransfer"]
    assert ended["Status"] == "WITHDRAWN"
    assert ended["EndTimestamp"] == datetime(2027, 6, 30, 23, 59, 59, 999000, tzinfo=UTC)
    assert failure(client.terminate_responsibility_transfer, Id=transfer)[0] == (
        "ResponsibilityTransferAlreadyInStatusException"
    )
    assert busy(partners)
    partners.aws.clock.freeze(datetime(2027, 7, 1, tzinfo=UTC))
    assert not busy(partners)
    assert outbound(partners.of(SHOP))[0]["Status"] == "WITHDRAWN"


def test_a_transfer_lasts_a_month(partners, handshake):
    """Withdrawn before it begins, it ends with its first month."""
    transfer = accepted(partners, handshake)
    ended = partners.client.terminate_responsibility_transfer(Id=transfer)["ResponsibilityTransfer"]
    assert ended["EndTimestamp"] == datetime(2027, 4, 30, 23, 59, 59, 999000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (datetime(2027, 6, 29, 23, 59, 59, tzinfo=UTC), "END_DATE_NOT_END_OF_MONTH"),
        (datetime(2027, 6, 30, 23, 59, tzinfo=UTC), "END_DATE_NOT_END_OF_MONTH"),
        (datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC), "END_DATE_TOO_EARLY"),
        (datetime(2028, 5, 31, 23, 59, 59, tzinfo=UTC), "END_DATE_TOO_LATE"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "END_DATE_TOO_LATE"),
    ],
    ids=["last day but one", "last minute", "before it begins", "in 13 months", "at the end of time"],
)
def test_wrong_ends(partners, handshake, end, reason):
    """A transfer ends with a month, not before its first nor too late."""
    transfer = accepted(partners, handshake)
    call = partners.client.terminate_responsibility_transfer
    assert failure(call, Id=transfer, EndTimestamp=end) == ("InvalidInputException", reason)
    assert inbound(partners.client)[0]["Status"] == "ACCEPTED"


def test_others_see_nothing(partners, handshake):
    """A third organization is told that there is no such transfer, a member that it may not ask."""
    transfer = accepted(partners, handshake)
    baker = partners.found(BAKERY)
    calls = {
        "describe_responsibility_transfer": {},
        "terminate_responsibility_transfer": {},
        "update_responsibility_transfer": {"Name": "mine"},
        "list_inbound_responsibility_transfers": {"Type": "BILLING"},
    }
    for name, further in calls.items():
        assert failure(getattr(baker, name), Id=transfer, **further) == NOT_FOUND, name
    assert (inbound(baker), outbound(baker)) == ([], [])
    member = "999900001111"
    partners.join(member)
    listing = partners.of(member).list_inbound_responsibility_transfers
    assert failure(listing, Type="BILLING")[0] == "AccessDeniedException"


def test_lists(partners, handshake):
    """Inbound transfers come in pages, or the one that is named."""
    partners.found(BAKERY)
    ask(partners.client, BAKERY)
    pages = by_token(partners.client)
    found = [transfer["Id"] for page in pages for transfer in page["ResponsibilityTransfers"]]
    assert len(found) == len(set(found)) == 2
    for identifier in found:
        assert [transfer["Id"] for transfer in inbound(partners.client, Id=identifier)] == [identifier]
    assert handshake


def by_token(client):
    """Pages of one inbound transfer."""
    request = {"Type": "BILLING", "MaxResults": 1}
    while True:
        page = client.list_inbound_responsibility_transfers(**request)
        yield page
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]
