"""Enabling all features: who has to agree, and when it is done."""

import pytest

from masugata.records.iam import ROLE
from masugata.testing import local_aws
from policies import allow, document
from unit.services.organizations.company import BAKERY, SHOP, failure
from unit.services.organizations.partners import STRANGER, Partners, states

VIOLATION = "HandshakeConstraintViolationException"
NO_WAY = ("InvalidHandshakeTransitionException", None)
ROLE_NAME = "awsservicerolefororganizations"


@pytest.fixture
def partners():
    """An organization for consolidated billing only."""
    with local_aws() as aws:
        yield Partners(aws, "CONSOLIDATED_BILLING")


def begin(partners):
    """Begin enabling all features; the management account's handshake."""
    return partners.client.enable_all_features()["Handshake"]["Id"]


def asked(partners, account, action="APPROVE_ALL_FEATURES"):
    """The handshake by which a member is asked."""
    found = partners.of(account).list_handshakes_for_account(Filter={"ActionType": action})
    (handshake,) = found["Handshakes"]
    return handshake["Id"]


def features(partners):
    """The feature set of the organization."""
    return partners.client.describe_organization()["Organization"]["FeatureSet"]


def test_invited_members_agree_first(partners):
    """Each invited member is asked, no created one; once all agreed the management account finishes."""
    partners.join(SHOP, BAKERY)
    partners.create(STRANGER)
    parent = begin(partners)
    sent = partners.client.list_handshakes_for_organization(Filter={"ParentHandshakeId": parent})
    assert sorted(found["Parties"][1]["Id"] for found in sent["Handshakes"]) == [SHOP, BAKERY]
    for found in sent["Handshakes"]:
        assert (found["Action"], found["State"]) == ("APPROVE_ALL_FEATURES", "OPEN")
        assert {"Type": "PARENT_HANDSHAKE", "Value": parent} in found["Resources"]
        assert (found["ExpirationTimestamp"] - found["RequestedTimestamp"]).days == 90
    assert partners.state(parent) == "REQUESTED"
    assert failure(partners.client.accept_handshake, HandshakeId=parent) == NO_WAY
    partners.of(SHOP).accept_handshake(HandshakeId=asked(partners, SHOP))
    assert partners.state(parent) == "REQUESTED"
    partners.of(BAKERY).accept_handshake(HandshakeId=asked(partners, BAKERY))
    assert partners.state(parent) == "OPEN"
    assert features(partners) == "CONSOLIDATED_BILLING"
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=parent)[0] == (
        "HandshakeNotFoundException"
    )
    policies = {"RootId": partners.client.list_roots()["Roots"][0]["Id"], "PolicyType": "TAG_POLICY"}
    assert failure(partners.client.enable_policy_type, **policies)[0] == (
        "PolicyTypeNotAvailableForOrganizationException"
    )
    partners.client.accept_handshake(HandshakeId=parent)
    assert features(partners) == "ALL"
    partners.client.enable_policy_type(**policies)


def test_nobody_to_ask(partners):
    """Without invited members the management account finishes at once, and only once."""
    partners.create(SHOP)
    parent = begin(partners)
    assert partners.state(parent) == "OPEN"
    assert failure(partners.client.decline_handshake, HandshakeId=parent) == NO_WAY
    partners.client.accept_handshake(HandshakeId=parent)
    assert features(partners) == "ALL"
    assert failure(partners.client.enable_all_features) == (
        VIOLATION,
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
    )


def test_one_process_at_a_time(partners):
    """While it lasts it is not begun again and nobody is invited; cancelling it takes all questions back."""
    partners.join(SHOP)
    parent = begin(partners)
    assert failure(partners.client.enable_all_features) == (
        VIOLATION,
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
    )
    partners.of(BAKERY)
    target = {"Type": "ACCOUNT", "Id": BAKERY}
    assert failure(partners.client.invite_account_to_organization, Target=target) == (
        VIOLATION,
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
    )
    question = asked(partners, SHOP)
    assert failure(partners.client.cancel_handshake, HandshakeId=question) == NO_WAY
    partners.client.cancel_handshake(HandshakeId=parent)
    assert partners.state(question) == "CANCELED"
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=question) == NO_WAY
    partners.join(BAKERY)
    assert begin(partners) != parent


def test_open_invitations_are_cancelled(partners):
    """Whom they ask was told of consolidated billing only."""
    invitation = partners.invite(SHOP)
    begin(partners)
    assert partners.state(invitation) == "CANCELED"
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=invitation) == NO_WAY


def test_a_member_that_refuses_stops_it(partners):
    """The management account cannot finish, unless that member leaves."""
    partners.join(SHOP, BAKERY)
    parent = begin(partners)
    partners.of(SHOP).decline_handshake(HandshakeId=asked(partners, SHOP))
    partners.of(BAKERY).accept_handshake(HandshakeId=asked(partners, BAKERY))
    assert partners.state(parent) == "REQUESTED"
    assert failure(partners.client.accept_handshake, HandshakeId=parent) == NO_WAY
    leave(partners, SHOP)
    assert partners.state(parent) == "OPEN"


def test_a_refusal_is_not_forgotten(partners):
    """It is shown for 30 days, and stops the process until that ends."""
    partners.join(SHOP)
    parent = begin(partners)
    partners.of(SHOP).decline_handshake(HandshakeId=asked(partners, SHOP))
    partners.aws.clock.advance(days=31)
    assert partners.of(SHOP).list_handshakes_for_account()["Handshakes"] == []
    assert partners.state(parent) == "REQUESTED"
    assert failure(partners.client.accept_handshake, HandshakeId=parent) == NO_WAY


def test_nobody_waits_for_who_left(partners):
    """The question is cancelled with the membership."""
    partners.join(SHOP)
    parent = begin(partners)
    question = asked(partners, SHOP)
    leave(partners, SHOP)
    assert states(partners.of(SHOP).list_handshakes_for_account()["Handshakes"])[question] == "CANCELED"
    assert partners.state(parent) == "OPEN"


def leave(partners, account):
    """Take an account out of the organization."""
    partners.client.remove_account_from_organization(AccountId=account)


def test_it_takes_ninety_days_at_most(partners):
    """Then all of it is expired and can be begun again."""
    partners.join(SHOP)
    parent = begin(partners)
    question = asked(partners, SHOP)
    partners.aws.clock.advance(days=90)
    assert (partners.state(parent), partners.state(question)) == ("EXPIRED", "EXPIRED")
    assert failure(partners.client.accept_handshake, HandshakeId=parent) == NO_WAY
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=question) == NO_WAY
    assert begin(partners) != parent


def test_members_without_the_role(partners):
    """A created member that lost Organizations' role is asked for it, and needs the permission to make it."""
    partners.create(SHOP)
    partners.change(lambda transaction: transaction.delete(ROLE, SHOP, ROLE_NAME))
    parent = begin(partners)
    question = asked(partners, SHOP, "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE")
    shop = partners.aws.account(SHOP)
    iam = shop.client("iam")
    iam.create_user(UserName="clerk")
    policy = document(allow("organizations:AcceptHandshake"))
    iam.put_user_policy(UserName="clerk", PolicyName="accept", PolicyDocument=policy)
    clerk = shop.client("organizations", user="clerk")
    assert failure(clerk.accept_handshake, HandshakeId=question) == (
        "AccessDeniedForDependencyException",
        "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE",
    )
    assert partners.state(parent) == "REQUESTED"
    partners.of(SHOP).accept_handshake(HandshakeId=question)
    assert iam.get_role(RoleName="AWSServiceRoleForOrganizations")
    assert partners.state(parent) == "OPEN"


def test_who_may_begin(partners):
    """The management account, of an organization that is not too large to ask all at once."""
    partners.join(SHOP)
    assert failure(partners.of(SHOP).enable_all_features)[0] == "AccessDeniedException"
    assert failure(partners.of(BAKERY).enable_all_features)[0] == "AWSOrganizationsNotInUseException"
    partners.limit({"enable-all-features-accounts": 1})
    assert failure(partners.client.enable_all_features) == (
        "ConstraintViolationException",
        "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED",
    )
