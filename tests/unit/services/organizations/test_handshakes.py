"""Handshakes in general: who sees them, who may do what with them, when they are over, and lists."""

import pytest
from msgspec.structs import replace

from masugata.records.organizations import HANDSHAKE, ORGANIZATION, organization_of
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP, failure
from unit.services.organizations.partners import STRANGER, states

NOT_FOUND = ("HandshakeNotFoundException", None)
DENIED = ("AccessDeniedException", None)
NO_WAY = ("InvalidHandshakeTransitionException", None)
ALREADY = ("HandshakeAlreadyInStateException", None)


@pytest.fixture
def handshake(partners):
    """An invitation of the shop."""
    return partners.invite(SHOP)


def test_only_the_parties_see_it(partners, handshake):
    """A third account, in the organization or not, is told that there is no such handshake."""
    partners.join(BAKERY)
    assert partners.of(SHOP).describe_handshake(HandshakeId=handshake)["Handshake"]["Id"] == handshake
    for outsider in (BAKERY, STRANGER):
        client = partners.of(outsider)
        for operation in ("describe", "accept", "decline", "cancel"):
            call = getattr(client, f"{operation}_handshake")
            assert failure(call, HandshakeId=handshake) == NOT_FOUND, (outsider, operation)
        assert handshake not in states(client.list_handshakes_for_account()["Handshakes"])
    missing = "h-0123456789abcdef"
    assert failure(partners.client.describe_handshake, HandshakeId=missing) == NOT_FOUND


def test_a_denial_tells_nothing_of_others(partners, handshake):
    """Without permission a third account does not learn from the denial whose handshake it is."""
    iam = partners.aws.account(STRANGER).client("iam")
    iam.create_user(UserName="nosy")
    nosy = partners.aws.account(STRANGER).client("organizations", user="nosy")
    with pytest.raises(nosy.exceptions.AccessDeniedException) as refused:
        nosy.describe_handshake(HandshakeId=handshake)
    assert MANAGEMENT not in str(refused.value)
    assert partners.id not in str(refused.value)


def test_each_side_has_its_part(partners, handshake):
    """The sender does not answer itself, and the recipient does not cancel."""
    assert failure(partners.client.accept_handshake, HandshakeId=handshake) == DENIED
    assert failure(partners.client.decline_handshake, HandshakeId=handshake) == DENIED
    assert failure(partners.of(SHOP).cancel_handshake, HandshakeId=handshake) == DENIED
    assert partners.state(handshake) == "OPEN"


@pytest.mark.parametrize("end", ["accept", "decline", "cancel"])
def test_what_is_over_stays_so(partners, handshake, end):
    """Doing it again is one error, doing something else another; nothing changes."""
    shop = partners.of(SHOP)
    calls = {
        "accept": shop.accept_handshake,
        "decline": shop.decline_handshake,
        "cancel": partners.client.cancel_handshake,
    }
    state = calls[end](HandshakeId=handshake)["Handshake"]["State"]
    assert state == {"accept": "ACCEPTED", "decline": "DECLINED", "cancel": "CANCELED"}[end]
    for name, call in calls.items():
        assert failure(call, HandshakeId=handshake) == (ALREADY if name == end else NO_WAY)
    assert partners.state(handshake) == state


def test_expiry(partners, handshake):
    """After 15 days an open handshake is expired for both sides, in lists too, and nobody can change it."""
    partners.aws.clock.advance(days=15)
    shop = partners.of(SHOP)
    assert partners.state(handshake) == "EXPIRED"
    assert states(shop.list_handshakes_for_account()["Handshakes"]) == {handshake: "EXPIRED"}
    assert states(partners.client.list_handshakes_for_organization()["Handshakes"]) == {handshake: "EXPIRED"}
    assert failure(shop.accept_handshake, HandshakeId=handshake) == NO_WAY
    assert failure(shop.decline_handshake, HandshakeId=handshake) == NO_WAY
    assert failure(partners.client.cancel_handshake, HandshakeId=handshake) == NO_WAY
    assert failure(shop.describe_organization)[0] == "AWSOrganizationsNotInUseException"


def test_what_is_over_is_shown_for_thirty_days(partners, handshake):
    """Then it is gone from lists and cannot be described, and the next handshake has it deleted."""
    partners.of(SHOP).decline_handshake(HandshakeId=handshake)
    lapsed = partners.invite(BAKERY)
    partners.aws.clock.advance(days=29)
    assert partners.state(handshake) == "DECLINED"
    partners.aws.clock.advance(days=1)
    assert failure(partners.client.describe_handshake, HandshakeId=handshake) == NOT_FOUND
    assert states(partners.client.list_handshakes_for_organization()["Handshakes"]) == {lapsed: "EXPIRED"}
    assert partners.of(SHOP).list_handshakes_for_account()["Handshakes"] == []
    partners.aws.clock.advance(days=15)
    assert failure(partners.client.describe_handshake, HandshakeId=lapsed) == NOT_FOUND
    latest = partners.invite(SHOP)
    stored = partners.aws._installation.store.snapshot().scan(HANDSHAKE, MANAGEMENT)
    assert [record.id for record in stored] == [latest]


def test_lists_are_filtered_and_paged(partners):
    """By action or by parent, not both; every handshake comes once, in pages of any size."""
    sent = {partners.invite(f"{number:012d}") for number in range(1, 6)}
    pages = list(
        partners.client.get_paginator("list_handshakes_for_organization").paginate(
            PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["Handshakes"]) for page in pages] == [2, 2, 1]
    assert {found["Id"] for page in pages for found in page["Handshakes"]} == sent
    for client, listing in (
        (partners.client, "list_handshakes_for_organization"),
        (partners.of("000000000001"), "list_handshakes_for_account"),
    ):
        call = getattr(client, listing)
        assert call(Filter={"ActionType": "INVITE"})["Handshakes"]
        assert call(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"] == []
        assert call(Filter={"ParentHandshakeId": "h-0123456789"})["Handshakes"] == []
        both = {"ActionType": "INVITE", "ParentHandshakeId": "h-0123456789"}
        assert failure(call, Filter=both) == ("InvalidInputException", "MAX_LIMIT_EXCEEDED_FILTER")
        assert failure(call, NextToken="x") == ("InvalidInputException", "INVALID_NEXT_TOKEN")


def test_members_do_not_list_what_the_organization_asks(partners, handshake):
    """Only the management account does; a member that is a delegated administrator sees the handshakes."""
    partners.join(BAKERY)
    baker = partners.of(BAKERY)
    assert failure(baker.list_handshakes_for_organization) == DENIED

    def delegate(transaction):
        administrators = {"sso.amazonaws.com": {BAKERY: partners.aws.clock()}}
        organization = organization_of(transaction, MANAGEMENT)
        changed = replace(organization, delegated_administrators=administrators)
        transaction.put(ORGANIZATION, MANAGEMENT, changed)

    partners.change(delegate)
    assert handshake in states(baker.list_handshakes_for_organization()["Handshakes"])
    assert baker.describe_handshake(HandshakeId=handshake)["Handshake"]["Id"] == handshake
    assert failure(baker.accept_handshake, HandshakeId=handshake) == DENIED
    assert failure(baker.cancel_handshake, HandshakeId=handshake) == DENIED
