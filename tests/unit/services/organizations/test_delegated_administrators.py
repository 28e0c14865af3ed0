"""Delegated administrators of services."""

from masugata.services.organizations._service_principals import TRUSTED_SERVICES
from unit.services.organizations.company import (
    BAKERY,
    DENIED,
    MANAGEMENT,
    SHOP,
    failure,
    invalid,
    violated,
)

CONFIG, GUARDDUTY, TRAIL = "config.amazonaws.com", "guardduty.amazonaws.com", "cloudtrail.amazonaws.com"
STRANGER = "999900001111"
NOT_REGISTERED = ("AccountNotRegisteredException", None)
NOT_FOUND = ("AccountNotFoundException", None)


def register(company, account, service=CONFIG):
    """Code and reason of a registration that must fail."""
    return company.fails("register_delegated_administrator", AccountId=account, ServicePrincipal=service)


def deregister(company, account, service=CONFIG):
    """Code and reason of the end of a delegation that must fail."""
    return company.fails("deregister_delegated_administrator", AccountId=account, ServicePrincipal=service)


def administrators(client, **request):
    """The accounts that administer something."""
    pages = client.get_paginator("list_delegated_administrators").paginate(**request)
    return [entry["Id"] for page in pages for entry in page["DelegatedAdministrators"]]


def test_they_are_listed_both_ways(company):
    """By service and by account, since when the first delegation was."""
    start = company.aws.clock.freeze()
    company.delegate(CONFIG, SHOP)
    company.aws.clock.advance(hours=1)
    company.delegate(GUARDDUTY, SHOP)
    company.delegate(TRAIL, BAKERY)
    assert administrators(company.client) == [SHOP, BAKERY]
    assert administrators(company.client, ServicePrincipal=TRAIL) == [BAKERY]
    assert administrators(company.client, ServicePrincipal="health.amazonaws.com") == []
    (shop, _) = company.client.list_delegated_administrators()["DelegatedAdministrators"]
    assert abs((shop["DelegationEnabledDate"] - start).total_seconds()) < 1
    described = company.client.describe_account(AccountId=SHOP)["Account"]
    assert shop.items() >= {key: described[key] for key in ("Id", "Arn", "Email", "Name", "Status")}.items()
    pages = company.client.get_paginator("list_delegated_services_for_account").paginate(AccountId=SHOP)
    services = [entry["ServicePrincipal"] for page in pages for entry in page["DelegatedServices"]]
    assert services == [CONFIG, GUARDDUTY]
    company.client.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal=CONFIG)
    company.client.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal=GUARDDUTY)
    assert administrators(company.client) == [BAKERY]
    assert company.fails("list_delegated_services_for_account", AccountId=SHOP) == NOT_REGISTERED


def test_who_cannot_be_one(company):
    """The management account, one that is suspended, one outside, one that is already."""
    assert register(company, SHOP) == violated("SERVICE_ACCESS_NOT_ENABLED")
    company.delegate(CONFIG, SHOP)
    assert register(company, SHOP) == ("AccountAlreadyRegisteredException", None)
    assert register(company, MANAGEMENT) == violated("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    company.of(STRANGER)
    assert register(company, STRANGER) == register(company, "000000000000") == NOT_FOUND
    company.set_state(BAKERY, "SUSPENDED")
    suspended = violated("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
    assert register(company, BAKERY) == suspended


def test_how_many_there_can_be(company):
    """One for most services, a few for some; the setting `limits` decides."""
    company.delegate(CONFIG, SHOP)
    one = violated("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
    assert register(company, BAKERY) == one
    company.limit({f"delegated-administrators-per-service.{TRAIL}": 2})
    company.delegate(TRAIL, SHOP)
    company.delegate(TRAIL, BAKERY)
    company.client.create_account(Email="third@example.com", AccountName="third")
    (third,) = [
        account["Id"] for account in company.client.list_accounts()["Accounts"] if account["Name"] == "third"
    ]
    few = violated("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")
    assert register(company, third, TRAIL) == few
    assert administrators(company.client, ServicePrincipal=TRAIL) == [SHOP, BAKERY]


def test_services_that_delegate_nothing(company):
    """Only services that AWS documents with delegated administrators have any."""
    unknown = invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
    without = [name for name, entry in TRUSTED_SERVICES.items() if not entry.delegates]
    assert without
    for service in (*without, "bakery.amazonaws.com"):
        assert register(company, SHOP, service) == deregister(company, SHOP, service) == unknown
    listed = company.fails("list_delegated_administrators", ServicePrincipal="bakery.amazonaws.com")
    assert listed == unknown


def test_who_is_none(company):
    """Nobody is deregistered who is not registered for that very service."""
    company.delegate(CONFIG, SHOP)
    company.of(STRANGER)
    assert deregister(company, SHOP, TRAIL) == deregister(company, MANAGEMENT) == NOT_REGISTERED
    assert deregister(company, STRANGER) == NOT_FOUND
    assert company.fails("list_delegated_services_for_account", AccountId=STRANGER) == NOT_FOUND
    assert administrators(company.client) == [SHOP]


def test_they_read_and_change_nothing(company):
    """A delegate of any service reads the organization by its own policies, and no other member does."""
    company.delegate(CONFIG, SHOP)
    shop, bakery = company.of(SHOP), company.of(BAKERY)
    assert [root["Id"] for root in shop.list_roots()["Roots"]] == [company.root]
    assert administrators(shop) == [SHOP]
    assert failure(bakery.list_roots) == DENIED
    for call in (
        lambda: shop.create_organizational_unit(ParentId=company.root, Name="x"),
        lambda: shop.register_delegated_administrator(AccountId=BAKERY, ServicePrincipal=CONFIG),
        lambda: shop.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal=CONFIG),
        lambda: shop.enable_aws_service_access(ServicePrincipal=TRAIL),
        lambda: shop.tag_resource(ResourceId=SHOP, Tags=[{"Key": "a", "Value": ""}]),
        lambda: shop.put_resource_policy(Content="{}"),
    ):
        assert failure(call) == DENIED
    company.aws.account(SHOP).client("iam").create_user(UserName="clerk")
    assert failure(company.of(SHOP, user="clerk").list_roots) == DENIED
    company.client.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal=CONFIG)
    assert failure(shop.list_roots) == DENIED


def test_an_account_that_is_one_stays(company):
    """Who is a delegated administrator neither leaves, is removed, nor is closed."""
    company.delegate(CONFIG, SHOP)
    stays = violated("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    assert company.fails("remove_account_from_organization", AccountId=SHOP) == stays
    assert company.fails("close_account", AccountId=SHOP) == stays
    assert failure(company.of(SHOP).leave_organization) == stays
