"""The beginning and the end of an organization."""

import pytest

from masugata.records import ALL_KINDS
from masugata.records.organizations import (
    HANDSHAKE,
    ORGANIZATIONS_KINDS,
    RESPONSIBILITY_TRANSFER,
    Handshake,
    ResponsibilityTransfer,
)
from masugata.testing import local_aws
from unit.services.organizations.company import (
    BAKERY,
    MANAGEMENT,
    SHOP,
    Company,
    failure,
    violated,
)

STRANGER = "999900001111"
NOT_EMPTY = ("OrganizationNotEmptyException", None)
NOT_IN_USE = ("AWSOrganizationsNotInUseException", None)
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'


def leave(company, *accounts):
    """Have accounts leave."""
    for account in accounts:
        company.of(account).leave_organization()


def put_transfer(company, asked_by, source, **fields):
    """A responsibility transfer with its handshake, straight into the store."""

    def put(transaction):
        now = company.aws.clock()
        handshake = Handshake(
            id="h-examplehandshake",
            organization=company.id,
            action="TRANSFER_RESPONSIBILITY",
            state="OPEN",
            requested=now,
            expiration=now.replace(year=now.year + 1),
        )
        transfer = ResponsibilityTransfer(
            id="rt-exampletransfer",
            name="bills",
            source=source,
            target=asked_by,
            invited_by="ACCOUNT",
            start=now,
            handshake="h-examplehandshake",
            **fields,
        )
        transaction.put(HANDSHAKE, asked_by, handshake)
        transaction.put(RESPONSIBILITY_TRANSFER, asked_by, transfer)

    company.change(put)


def test_everything_of_it_goes(company):
    """Units, policies, handshakes, delegations, root access: nothing of it is left in the store."""
    company.unit("north", company.unit("shops"))
    company.client.create_policy(Name="no", Description="", Type="SERVICE_CONTROL_POLICY", Content=DENY)
    company.of(STRANGER)
    company.client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": STRANGER})
    company.delegate("iam.amazonaws.com", SHOP)
    iam = company.aws.client("iam")
    iam.enable_organizations_root_sessions()
    company.client.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal="iam.amazonaws.com")
    leave(company, SHOP, BAKERY)
    company.client.delete_organization()
    records = company.aws._installation.store.snapshot()
    kinds = [*ORGANIZATIONS_KINDS, *(kind for kind in ALL_KINDS if kind.name == "root-access")]
    assert [kind for kind in kinds for place in records.partitions(kind) if records.count(kind, *place)] == []
    assert company.fails("describe_organization") == company.fails("delete_organization") == NOT_IN_USE
    assert failure(iam.list_organizations_features) == ("OrganizationNotFoundException", None)
    events = company.aws.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AccountDepartedOrganization"}]
    )["Events"]
    assert len(events) == 3
    again = company.client.create_organization()["Organization"]
    assert again["Id"] != company.id
    assert failure(iam.list_organizations_features) == ("ServiceAccessNotEnabledException", None)
    assert company.client.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"] != []


def test_member_accounts_go_first(company):
    """While another account is in it, closed or open, an organization stays."""
    assert company.fails("delete_organization") == NOT_EMPTY
    leave(company, SHOP)
    company.client.close_account(AccountId=BAKERY)
    assert company.fails("delete_organization") == NOT_EMPTY
    company.aws.clock.advance(days=1)
    assert company.fails("delete_organization") == NOT_EMPTY
    company.aws.clock.advance(days=91)
    company.client.delete_organization()


def test_an_account_that_is_being_created(company):
    """While an account is being created, its organization stays."""
    leave(company, SHOP, BAKERY)
    company.limit({"account-creation-seconds": 60})
    company.client.create_account(Email="new@example.com", AccountName="new")
    assert company.fails("delete_organization") == NOT_EMPTY


@pytest.mark.parametrize(("asked_by", "source"), [(MANAGEMENT, STRANGER), (STRANGER, MANAGEMENT)])
def test_responsibility_transfers_end_first(company, asked_by, source):
    """A transfer that waits or binds, from here or to here, keeps the organization."""
    leave(company, SHOP, BAKERY)
    active = violated("ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS")
    put_transfer(company, asked_by, source)
    assert company.fails("delete_organization") == active
    put_transfer(company, asked_by, source, status="ACCEPTED")
    assert company.fails("delete_organization") == active
    put_transfer(company, asked_by, source, status="WITHDRAWN", end=company.aws.clock())
    company.aws.clock.advance(days=1)
    company.client.delete_organization()


def test_an_account_has_one_organization(company):
    """Neither the management account nor a member founds another one."""
    taken = ("AlreadyInOrganizationException", None)
    assert company.fails("create_organization") == taken
    assert failure(company.of(SHOP).create_organization) == taken
    assert company.client.describe_organization()["Organization"]["Id"] == company.id


def test_both_feature_sets():
    """With all features SCPs are available, for billing nothing is; no type is enabled at first."""
    with local_aws() as aws:
        every = Company(aws).client.describe_organization()["Organization"]
        assert every["FeatureSet"] == "ALL"
        assert every["AvailablePolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    with local_aws() as aws:
        billing = Company(aws, "CONSOLIDATED_BILLING")
        described = billing.client.describe_organization()["Organization"]
        assert (described["FeatureSet"], described["AvailablePolicyTypes"]) == ("CONSOLIDATED_BILLING", [])
        assert billing.client.list_roots()["Roots"][0]["PolicyTypes"] == []


def test_an_invited_account_founds_its_own(company):
    """An open invitation keeps nobody from founding an organization, but can then not be accepted."""
    stranger = company.of(STRANGER)
    invited = company.client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": STRANGER})
    stranger.create_organization()
    accept = failure(lambda: stranger.accept_handshake(HandshakeId=invited["Handshake"]["Id"]))
    assert accept == ("MasterCannotLeaveOrganizationException", None)
