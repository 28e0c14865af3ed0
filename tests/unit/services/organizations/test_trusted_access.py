"""Trusted access of services."""

from masugata.records.iam import LINKED_ROLES
from masugata.services.organizations._service_principals import TRUSTED_SERVICES
from masugata.testing import local_aws
from unit.services.organizations.company import SHOP, Company, failure, invalid, violated

CONFIG, GUARDDUTY, IAM = "config.amazonaws.com", "guardduty.amazonaws.com", "iam.amazonaws.com"


def trusted(client):
    """Who has trusted access, by name."""
    pages = client.get_paginator("list_aws_service_access_for_organization").paginate()
    return [entry["ServicePrincipal"] for page in pages for entry in page["EnabledServicePrincipals"]]


def test_switching_it(company):
    """What is enabled is listed, since when it first was; disabling it twice is fine."""
    assert trusted(company.client) == []
    company.trust(GUARDDUTY, CONFIG)
    (config, _) = company.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    company.aws.clock.advance(days=1)
    company.trust(CONFIG)
    assert trusted(company.client) == [CONFIG, GUARDDUTY]
    again = company.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert again[0] == config
    for _ in range(2):
        company.client.disable_aws_service_access(ServicePrincipal=CONFIG)
    assert trusted(company.client) == [GUARDDUTY]


def test_every_service_that_aws_documents(company):
    """All are accepted, come in pages, and bring the linked role that they have."""
    company.trust(*TRUSTED_SERVICES)
    assert trusted(company.client) == sorted(TRUSTED_SERVICES)
    pages = company.aws.client("iam").get_paginator("list_roles").paginate()
    found = {role["RoleName"] for page in pages for role in page["Roles"]}
    expected = {entry.linked_role for entry in TRUSTED_SERVICES.values() if entry.linked_role}
    assert {LINKED_ROLES[service].name(None) for service in expected} <= found


def test_services_that_are_none(company):
    """A principal that is no service, or one that does not integrate, is not recognized."""
    for service in ("bakery.amazonaws.com", "s3.amazonaws.com", "guardduty", "GuardDuty.amazonaws.com"):
        for operation in ("enable_aws_service_access", "disable_aws_service_access"):
            error = company.fails(operation, ServicePrincipal=service)
            assert error == invalid("UNRECOGNIZED_SERVICE_PRINCIPAL"), service


def test_it_takes_all_features():
    """An organization for consolidated billing has neither trusted services nor delegates."""
    with local_aws() as aws:
        billing = Company(aws, "CONSOLIDATED_BILLING")
        expected = violated("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
        assert billing.fails("enable_aws_service_access", ServicePrincipal=CONFIG) == expected
        register = billing.fails("register_delegated_administrator", AccountId=SHOP, ServicePrincipal=CONFIG)
        assert register == expected
        assert billing.fails("put_resource_policy", Content="{}") == expected


def test_what_needs_it_goes_first(company):
    """Trusted access stays while a delegated administrator or a policy type relies on it."""
    company.delegate(CONFIG, SHOP)
    expected = violated("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
    assert company.fails("disable_aws_service_access", ServicePrincipal=CONFIG) == expected
    company.client.deregister_delegated_administrator(AccountId=SHOP, ServicePrincipal=CONFIG)
    company.client.disable_aws_service_access(ServicePrincipal=CONFIG)
    company.trust("inspector2.amazonaws.com")
    company.client.enable_policy_type(RootId=company.root, PolicyType="INSPECTOR_POLICY")
    expected = violated("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE")
    assert (
        company.fails("disable_aws_service_access", ServicePrincipal="inspector2.amazonaws.com") == expected
    )
    company.client.disable_policy_type(RootId=company.root, PolicyType="INSPECTOR_POLICY")
    company.client.disable_aws_service_access(ServicePrincipal="inspector2.amazonaws.com")


def test_root_access_takes_it(company):
    """IAM's features of centralized root access work from when IAM is trusted until it no longer is."""
    iam = company.aws.client("iam")
    without = ("ServiceAccessNotEnabledException", None)
    assert failure(iam.enable_organizations_root_sessions) == without
    company.trust(IAM)
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    company.client.disable_aws_service_access(ServicePrincipal=IAM)
    assert failure(iam.list_organizations_features) == without
