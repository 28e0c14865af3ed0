"""Inviting an organization to hand over its bills: dates, quotas, and who can be asked."""

from datetime import UTC, datetime

import pytest

from masugata.testing import local_aws
from policies import allow, document
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP, failure
from unit.services.organizations.partners import STRANGER, Partners

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)
MAY = datetime(2027, 5, 1, tzinfo=UTC)
VIOLATION = "HandshakeConstraintViolationException"
QUOTA = "ConstraintViolationException"


@pytest.fixture
def partners():
    """Three organizations in the middle of a month: of the first account, the shop and the bakery."""
    with local_aws() as aws:
        aws.clock.freeze(NOW)
        partners = Partners(aws)
        partners.found(SHOP)
        partners.found(BAKERY)
        yield partners


def ask(client, account, start=APRIL, **further):
    """Invite an account to hand over its bills; the handshake."""
    target = {"Type": "ACCOUNT", "Id": account}
    request = {"Type": "BILLING", "Target": target, "SourceName": "shop", "StartTimestamp": start}
    answer = client.invite_organization_to_transfer_responsibility(**(request | further))
    return answer["Handshake"]


def refused(client, account, start=APRIL, **further):
    """Code and reason with which an invitation is refused."""
    return failure(lambda: ask(client, account, start, **further))


def hand_over(partners, source, target, start=APRIL):
    """Have `target` ask `source`, which accepts."""
    handshake = ask(partners.of(target), source, start)["Id"]
    partners.of(source).accept_handshake(HandshakeId=handshake)


def test_an_invitation_says_what_is_asked(partners):
    """The handshake names the sender, the transfer, its type and its start."""
    made = ask(partners.client, SHOP, Notes="we pay")
    assert (made["Action"], made["State"]) == ("TRANSFER_RESPONSIBILITY", "REQUESTED")
    assert (made["ExpirationTimestamp"] - made["RequestedTimestamp"]).days == 15
    assert made["Parties"] == [
        {"Id": partners.id, "Type": "ORGANIZATION"},
        {"Id": SHOP, "Type": "ACCOUNT"},
    ]
    organization, target, transfer, notes = made["Resources"]
    assert {inner["Type"]: inner["Value"] for inner in organization["Resources"]} == {
        "MANAGEMENT_ACCOUNT": MANAGEMENT,
        "MANAGEMENT_EMAIL": f"{MANAGEMENT}@example.com",
        "MANAGEMENT_NAME": MANAGEMENT,
    }
    assert (target["Value"], notes["Value"]) == (SHOP, "we pay")
    assert transfer["Value"].startswith("rt-")
    assert {inner["Type"]: inner["Value"] for inner in transfer["Resources"]} == {
        "TRANSFER_TYPE": "BILLING",
        "TRANSFER_START_TIMESTAMP": "2027-04-01T00:00:00Z",
    }
    assert partners.of(SHOP).describe_handshake(HandshakeId=made["Id"])["Handshake"] == made


def test_it_is_answered_before_it_begins(partners):
    """An invitation expires at the latest when the transfer would begin."""
    partners.aws.clock.freeze(datetime(2027, 3, 31, 12, tzinfo=UTC))
    made = ask(partners.client, SHOP)
    assert made["ExpirationTimestamp"] == APRIL
    partners.aws.clock.freeze(APRIL)
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=made["Id"])[0] == (
        "InvalidHandshakeTransitionException"
    )


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (datetime(2027, 4, 2, tzinfo=UTC), "START_DATE_NOT_BEGINNING_OF_MONTH"),
        (datetime(2027, 4, 1, 1, tzinfo=UTC), "START_DATE_NOT_BEGINNING_OF_DAY"),
        (datetime(2027, 3, 1, tzinfo=UTC), "START_DATE_TOO_EARLY"),
        (datetime(2028, 4, 1, tzinfo=UTC), "START_DATE_TOO_LATE"),
    ],
    ids=["second day", "one o'clock", "this month", "in 13 months"],
)
def test_wrong_starts(partners, start, reason):
    """A transfer begins with one of the next twelve months."""
    assert refused(partners.client, SHOP, start) == ("InvalidInputException", reason)


def test_only_management_accounts_are_asked(partners):
    """Not oneself, no member, nobody without an organization, no unknown address."""
    partners.join(STRANGER)
    target = {"Target": {"Type": "EMAIL", "Id": "nobody@example.com"}}
    unfit = (VIOLATION, "TARGET_ACCOUNT_VALIDATION_FAILURE")
    assert refused(partners.client, MANAGEMENT) == (VIOLATION, "SOURCE_AND_TARGET_CANNOT_MATCH")
    assert refused(partners.of(SHOP), STRANGER) == unfit
    assert refused(partners.client, SHOP, **target) == unfit
    assert refused(partners.of(STRANGER), SHOP)[0] == "AccessDeniedException"


def test_nobody_is_asked_twice(partners):
    """A second invitation is a duplicate, and is one of what exists once the first is accepted."""
    handshake = ask(partners.client, SHOP)["Id"]
    assert refused(partners.client, SHOP)[0] == "DuplicateHandshakeException"
    address = {"Type": "EMAIL", "Id": f"{SHOP}@example.com"}
    assert refused(partners.client, SHOP, Target=address)[0] == "DuplicateHandshakeException"
    partners.of(SHOP).accept_handshake(HandshakeId=handshake)
    assert refused(partners.client, SHOP, MAY) == (VIOLATION, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS")


def test_one_pays_the_bills_of_an_organization(partners):
    """A second outbound transfer is refused unless the first has ended before it begins."""
    transfer = inbound(partners.client, ask(partners.client, SHOP)["Id"], partners.of(SHOP))
    late = ask(partners.of(BAKERY), SHOP, MAY)["Id"]
    shop = partners.of(SHOP)
    assert failure(shop.accept_handshake, HandshakeId=late) == (
        QUOTA,
        "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION",
    )
    april = datetime(2027, 4, 30, 23, 59, 59, tzinfo=UTC)
    shop.terminate_responsibility_transfer(Id=transfer, EndTimestamp=april)
    partners.aws.clock.advance(days=1)
    assert shop.accept_handshake(HandshakeId=late)["Handshake"]["State"] == "ACCEPTED"


def inbound(client, handshake, source):
    """Have `source` accept; the transfer's id."""
    source.accept_handshake(HandshakeId=handshake)
    (found,) = client.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]
    return found["Id"]


def test_inbound_quota(partners):
    """What is accepted and what is asked for counts together, and is counted again at the answer."""
    partners.limit({"responsibility-transfers-inbound": 1})
    full = (QUOTA, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION")
    ask(partners.client, SHOP)
    assert refused(partners.client, BAKERY) == full
    partners.limit({"responsibility-transfers-inbound": 2})
    bakery = ask(partners.client, BAKERY)["Id"]
    hand = partners.of(SHOP).list_handshakes_for_account()["Handshakes"][0]["Id"]
    partners.of(SHOP).accept_handshake(HandshakeId=hand)
    partners.limit({"responsibility-transfers-inbound": 1})
    assert failure(partners.of(BAKERY).accept_handshake, HandshakeId=bakery) == full


def test_chains(partners):
    """Two transfers make a chain, a third makes it too long, and a ring is never closed."""
    partners.found(STRANGER)
    hand_over(partners, SHOP, BAKERY)
    ring = ask(partners.of(SHOP), BAKERY)["Id"]
    too_long = (QUOTA, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
    partners.limit({"responsibility-transfer-levels": 9})
    assert failure(partners.of(BAKERY).accept_handshake, HandshakeId=ring) == too_long
    partners.limit({})
    hand_over(partners, BAKERY, MANAGEMENT)
    above = ask(partners.of(STRANGER), MANAGEMENT)["Id"]
    assert failure(partners.client.accept_handshake, HandshakeId=above) == too_long
    below = ask(partners.of(SHOP), STRANGER)["Id"]
    assert failure(partners.of(STRANGER).accept_handshake, HandshakeId=below) == too_long
    partners.limit({"responsibility-transfer-levels": 3, "responsibility-transfers-in-chain": 2})
    for account, handshake in ((MANAGEMENT, above), (STRANGER, below)):
        assert failure(partners.of(account).accept_handshake, HandshakeId=handshake) == (
            QUOTA,
            "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION",
        )


def test_all_features_on_both_sides(partners):
    """An organization for consolidated billing only neither asks nor hands over."""
    other = partners.of(STRANGER)
    other.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    handshake = ask(partners.client, STRANGER)["Id"]
    missing = (QUOTA, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
    assert refused(other, SHOP) == missing
    assert failure(other.accept_handshake, HandshakeId=handshake) == missing


def test_invitations_a_day_are_counted_together(partners):
    """Those to join and those to hand over bills."""
    partners.limit({"handshakes-per-day": 1})
    partners.invite(STRANGER)
    assert refused(partners.client, SHOP) == (VIOLATION, "HANDSHAKE_RATE_LIMIT_EXCEEDED")


def test_tags_take_the_permission_to_tag(partners):
    """Whoever may invite may not give tags by it."""
    iam = partners.aws.client("iam")
    iam.create_user(UserName="clerk")
    policy = document(allow("organizations:InviteOrganizationToTransferResponsibility"))
    iam.put_user_policy(UserName="clerk", PolicyName="invite", PolicyDocument=policy)
    clerk = partners.aws.client("organizations", user="clerk")
    tags = [{"Key": "Team", "Value": "sales"}]
    assert refused(clerk, SHOP, Tags=tags)[0] == "AccessDeniedException"
    assert ask(clerk, SHOP)["State"] == "REQUESTED"
