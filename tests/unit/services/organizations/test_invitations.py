"""Inviting accounts: who can be invited, how often, and what joining does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.records.account import ACCOUNT
from masugata.records.organizations import MEMBER
from masugata.testing import local_aws
from policies import allow, document
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP, failure
from unit.services.organizations.partners import Partners

VIOLATION = "HandshakeConstraintViolationException"
DEPENDENCY = ("AccessDeniedForDependencyException", "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")


def account(number: int) -> dict[str, str]:
    """An account as a target."""
    return {"Type": "ACCOUNT", "Id": f"{number:012d}"}


def test_an_invitation_says_who_asks_whom(partners):
    """The handshake names both parties, the sender's address and name, the features and the notes."""
    partners.aws.clock.freeze()
    partners.of(SHOP)
    made = partners.client.invite_account_to_organization(
        Target={"Type": "ACCOUNT", "Id": SHOP}, Notes="come and sell"
    )["Handshake"]
    organization = partners.id
    assert made["Arn"].endswith(f"::{MANAGEMENT}:handshake/{organization}/invite/{made['Id']}")
    assert made["Parties"] == [
        {"Id": organization, "Type": "ORGANIZATION"},
        {"Id": SHOP, "Type": "ACCOUNT"},
    ]
    assert (made["State"], made["Action"]) == ("OPEN", "INVITE")
    assert (made["ExpirationTimestamp"] - made["RequestedTimestamp"]).days == 15
    sender, target, notes = made["Resources"]
    assert (sender["Type"], sender["Value"]) == ("ORGANIZATION", organization)
    assert {inner["Type"]: inner["Value"] for inner in sender["Resources"]} == {
        "MASTER_EMAIL": f"{MANAGEMENT}@example.com",
        "MASTER_NAME": MANAGEMENT,
        "ORGANIZATION_FEATURE_SET": "ALL",
    }
    assert (target, notes) == (
        {"Type": "ACCOUNT", "Value": SHOP},
        {"Type": "NOTES", "Value": "come and sell"},
    )


def test_joining(partners):
    """Who accepts is a member in the root, with the tags of the invitation and Organizations' role."""
    handshake = partners.invite(SHOP, Tags=[{"Key": "Team", "Value": "sales"}])
    partners.of(SHOP).accept_handshake(HandshakeId=handshake)
    member = partners.client.describe_account(AccountId=SHOP)["Account"]
    root = partners.client.list_roots()["Roots"][0]["Id"]
    assert member["JoinedMethod"] == "INVITED"
    assert member["Paths"] == [f"{partners.id}/{root}/{SHOP}/"]
    record = partners.aws._installation.store.snapshot().get(MEMBER, MANAGEMENT, SHOP)
    assert [(tag.key, tag.value) for tag in record.tags] == [("Team", "sales")]
    role = partners.aws.account(SHOP).client("iam").get_role(RoleName="AWSServiceRoleForOrganizations")
    assert role["Role"]["Path"] == "/aws-service-role/organizations.amazonaws.com/"


def test_an_address_is_whoever_has_it(partners):
    """An invitation by e-mail is for the account with that address in any case, even a later one."""
    made = partners.client.invite_account_to_organization(
        Target={"Type": "EMAIL", "Id": f"{SHOP}@Example.com"}
    )["Handshake"]
    assert made["Parties"][1] == {"Id": f"{SHOP}@Example.com", "Type": "EMAIL"}
    assert SHOP not in str(made["Resources"]).replace(f"{SHOP}@", "")
    assert failure(partners.of(BAKERY).accept_handshake, HandshakeId=made["Id"])[0] == (
        "HandshakeNotFoundException"
    )
    shop = partners.of(SHOP)
    assert [found["Id"] for found in shop.list_handshakes_for_account()["Handshakes"]] == [made["Id"]]
    assert shop.accept_handshake(HandshakeId=made["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert partners.client.describe_account(AccountId=SHOP)["Account"]["Id"] == SHOP


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Type": "ACCOUNT", "Id": "shop"}, "INVALID_PATTERN_TARGET_ID"),
        ({"Type": "ACCOUNT", "Id": "1234567890123"}, "INVALID_PATTERN_TARGET_ID"),
        ({"Type": "ACCOUNT", "Id": "123456789012"}, "INVALID_PATTERN_TARGET_ID"),
        ({"Type": "EMAIL", "Id": "shop.example.com"}, "INVALID_EMAIL_ADDRESS_TARGET"),
        ({"Type": "EMAIL", "Id": "a@b.c"}, "INVALID_EMAIL_ADDRESS_TARGET"),
        ({"Type": "ORGANIZATION", "Id": "o-exampleorgid"}, "INVALID_PARTY_TYPE_TARGET"),
    ],
    ids=["no account id", "too long", "no such account", "no address", "too short", "organization"],
)
def test_wrong_targets(partners, target, reason):
    """Who cannot be invited is named as such."""
    partners.of(SHOP)
    assert failure(partners.client.invite_account_to_organization, Target=target) == (
        "InvalidInputException",
        reason,
    )


def test_nobody_is_invited_twice(partners):
    """A second invitation of the same account by either name is a duplicate while the first is open."""
    invite = partners.client.invite_account_to_organization
    address = {"Type": "EMAIL", "Id": f"{SHOP}@example.com"}
    first = partners.invite(SHOP)
    for target in ({"Type": "ACCOUNT", "Id": SHOP}, address):
        assert failure(invite, Target=target)[0] == "DuplicateHandshakeException"
    partners.client.cancel_handshake(HandshakeId=first)
    invite(Target=address)
    assert failure(invite, Target={"Type": "ACCOUNT", "Id": SHOP})[0] == "DuplicateHandshakeException"
    partners.aws.clock.advance(days=15)
    partners.invite(SHOP)
    nobody = {"Type": "EMAIL", "Id": "nobody@example.com"}
    invite(Target=nobody)
    assert failure(invite, Target=nobody)[0] == "DuplicateHandshakeException"


def test_members_are_not_invited(partners):
    """Of an account of one's own organization, the management account included, one says that it is there."""
    partners.join(SHOP)
    for member in (SHOP, MANAGEMENT):
        request = {"Target": {"Type": "ACCOUNT", "Id": member}}
        assert failure(partners.client.invite_account_to_organization, **request) == (
            VIOLATION,
            "ALREADY_IN_AN_ORGANIZATION",
        )


def test_an_account_is_in_one_organization(partners):
    """Who accepts another organization's invitation leaves the first, and other invitations stay open."""
    baker = partners.found(BAKERY)
    target = {"Type": "ACCOUNT", "Id": SHOP}
    ours = partners.invite(SHOP)
    theirs = baker.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    shop = partners.of(SHOP)
    shop.accept_handshake(HandshakeId=ours)
    assert baker.describe_handshake(HandshakeId=theirs)["Handshake"]["State"] == "OPEN"
    shop.accept_handshake(HandshakeId=theirs)
    there = baker.describe_organization()["Organization"]["Id"]
    assert shop.describe_organization()["Organization"]["Id"] == there
    assert failure(partners.client.describe_account, AccountId=SHOP)[0] == "AccountNotFoundException"
    names = [event["eventName"] for event in partners.aws.events()]
    assert "AccountDepartedOrganization" in names


def test_moving_takes_the_permission_to_leave(partners):
    """Who may not leave its organization does not by accepting the invitation of another."""
    baker = partners.found(BAKERY)
    partners.join(SHOP)
    target = {"Type": "ACCOUNT", "Id": SHOP}
    theirs = baker.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    iam = partners.aws.account(SHOP).client("iam")
    iam.create_user(UserName="clerk")
    policy = document(allow(["organizations:AcceptHandshake", "iam:CreateServiceLinkedRole"]))
    iam.put_user_policy(UserName="clerk", PolicyName="accept", PolicyDocument=policy)
    clerk = partners.aws.account(SHOP).client("organizations", user="clerk")
    with pytest.raises(clerk.exceptions.AccessDeniedException, match="organizations:LeaveOrganization"):
        clerk.accept_handshake(HandshakeId=theirs)
    assert partners.client.describe_account(AccountId=SHOP)["Account"]["Id"] == SHOP
    assert baker.describe_handshake(HandshakeId=theirs)["Handshake"]["State"] == "OPEN"


def test_who_cannot_leave_does_not_move(partners):
    """A management account stays, and an account that was created in its organization just now."""
    baker = partners.found(BAKERY)
    handshake = partners.invite(BAKERY)
    code, _ = failure(baker.accept_handshake, HandshakeId=handshake)
    assert code == "MasterCannotLeaveOrganizationException"
    assert partners.state(handshake) == "OPEN"
    partners.create(SHOP)
    target = {"Type": "ACCOUNT", "Id": SHOP}
    theirs = baker.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=theirs) == (
        "ConstraintViolationException",
        "WAIT_PERIOD_ACTIVE",
    )


def test_racing_answers(partners):
    """Of several who accept an invitation at once one does, and of an answer and its taking back, too."""
    accepted, contested = partners.invite(SHOP), partners.invite(BAKERY)
    shop, bakery = partners.of(SHOP), partners.of(BAKERY)
    calls = [
        *[lambda: shop.accept_handshake(HandshakeId=accepted)] * 4,
        *[lambda: bakery.accept_handshake(HandshakeId=contested)] * 2,
        *[lambda: partners.client.cancel_handshake(HandshakeId=contested)] * 2,
    ]

    def outcome(call: Callable[[], Any]) -> str:
        try:
            return str(call()["Handshake"]["State"])
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(outcome, calls))
    assert sorted(answers[:4]) == ["ACCEPTED", *["HandshakeAlreadyInStateException"] * 3]
    (winner,) = [answer for answer in answers[4:] if not answer.endswith("Exception")]
    assert partners.state(contested) == winner
    members = partners.aws._installation.store.snapshot().scan(MEMBER, MANAGEMENT)
    expected = {MANAGEMENT, SHOP, BAKERY} if winner == "ACCEPTED" else {MANAGEMENT, SHOP}
    assert {member.id for member in members} == expected


def test_room(partners):
    """Members and open invitations together do not exceed the limit, at the invitation and at the answer."""
    partners.limit({"accounts": 3})
    full = (VIOLATION, "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
    shop = partners.invite(SHOP)
    bakery = partners.invite(BAKERY)
    third = {"Target": {"Type": "EMAIL", "Id": "third@example.com"}}
    assert failure(partners.client.invite_account_to_organization, **third) == full
    partners.of(SHOP).accept_handshake(HandshakeId=shop)
    partners.limit({"accounts": 2})
    assert failure(partners.of(BAKERY).accept_handshake, HandshakeId=bakery) == full
    assert partners.state(bakery) == "OPEN"


def test_room_of_what_is_on_its_way(partners):
    """Accounts that are being created take room from invitations, and open invitations from new accounts."""
    partners.limit({"accounts": 3, "account-creation-seconds": 60})
    shop = partners.invite(SHOP)
    partners.client.create_account(Email="new@example.com", AccountName="New")
    create = partners.client.create_account
    full = "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    number = ("ConstraintViolationException", full)
    assert failure(create, Email="more@example.com", AccountName="More") == number
    third = {"Target": {"Type": "EMAIL", "Id": "third@example.com"}}
    assert failure(partners.client.invite_account_to_organization, **third) == (VIOLATION, full)
    partners.limit({"accounts": 2})
    assert failure(partners.of(SHOP).accept_handshake, HandshakeId=shop) == (VIOLATION, full)


def test_invitations_a_day(partners):
    """Twenty invitations a day, answered or not; then the next day's."""
    for number in range(20):
        target = {"Type": "EMAIL", "Id": f"shop{number}@example.com"}
        made = partners.client.invite_account_to_organization(Target=target)["Handshake"]
        partners.client.cancel_handshake(HandshakeId=made["Id"])
    request = {"Target": {"Type": "EMAIL", "Id": "last@example.com"}}
    invite = partners.client.invite_account_to_organization
    assert failure(invite, **request) == (VIOLATION, "HANDSHAKE_RATE_LIMIT_EXCEEDED")
    partners.aws.clock.advance(days=1)
    assert invite(**request)["Handshake"]["State"] == "OPEN"


def test_another_partition(partners):
    """An account of another of AWS's partitions can neither be invited nor join."""
    handshake = partners.invite(SHOP)
    partners.of(BAKERY)

    def move(transaction):
        for name in (SHOP, BAKERY):
            stored = transaction.get(ACCOUNT, name, name)
            transaction.put(ACCOUNT, name, replace(stored, partition="aws-us-gov"))

    partners.change(move)
    other = (VIOLATION, "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD")
    target = {"Type": "ACCOUNT", "Id": BAKERY}
    assert failure(partners.client.invite_account_to_organization, Target=target) == other
    root = partners.aws.account(SHOP).client("organizations", root=True)
    assert failure(root.accept_handshake, HandshakeId=handshake) == other


@pytest.mark.parametrize("features", ["ALL", "CONSOLIDATED_BILLING"])
def test_joining_takes_the_permission_to_make_the_role(features):
    """With all features, who accepts must be allowed to create Organizations' role, and is told so."""
    with local_aws() as aws:
        partners = Partners(aws, features)
        handshake = partners.invite(SHOP)
        iam = aws.account(SHOP).client("iam")
        iam.create_user(UserName="clerk")
        policy = document(allow("organizations:AcceptHandshake"))
        iam.put_user_policy(UserName="clerk", PolicyName="accept", PolicyDocument=policy)
        clerk = aws.account(SHOP).client("organizations", user="clerk")
        if features == "ALL":
            with pytest.raises(clerk.exceptions.AccessDeniedForDependencyException) as refused:
                clerk.accept_handshake(HandshakeId=handshake)
            assert refused.value.response["Reason"] == DEPENDENCY[1]
            assert "iam:CreateServiceLinkedRole" in refused.value.response["Error"]["Message"]
            assert partners.state(handshake) == "OPEN"
            policy = document(
                allow("organizations:AcceptHandshake"),
                allow(
                    "iam:CreateServiceLinkedRole",
                    StringEquals={"iam:AWSServiceName": "organizations.amazonaws.com"},
                ),
            )
            iam.put_user_policy(UserName="clerk", PolicyName="accept", PolicyDocument=policy)
        assert clerk.accept_handshake(HandshakeId=handshake)["Handshake"]["State"] == "ACCEPTED"


def test_tags_take_the_permission_to_tag(partners):
    """Whoever may invite may not give tags by it."""
    partners.of(SHOP)
    iam = partners.aws.client("iam")
    iam.create_user(UserName="clerk")
    policy = document(allow("organizations:InviteAccountToOrganization"))
    iam.put_user_policy(UserName="clerk", PolicyName="invite", PolicyDocument=policy)
    clerk = partners.aws.client("organizations", user="clerk")
    request = {"Target": {"Type": "ACCOUNT", "Id": SHOP}}
    tagged = {**request, "Tags": [{"Key": "Team", "Value": "sales"}]}
    assert failure(clerk.invite_account_to_organization, **tagged)[0] == "AccessDeniedException"
    assert clerk.invite_account_to_organization(**request)["Handshake"]["State"] == "OPEN"


def test_members_do_not_invite(partners):
    """Only the management account does, and nobody without an organization."""
    partners.join(SHOP)
    request = {"Target": {"Type": "EMAIL", "Id": "third@example.com"}}
    assert failure(partners.of(SHOP).invite_account_to_organization, **request)[0] == "AccessDeniedException"
    assert failure(partners.of(BAKERY).invite_account_to_organization, **request)[0] == (
        "AWSOrganizationsNotInUseException"
    )
