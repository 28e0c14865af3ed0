"""Centralized root access: who enables what in which organization."""

import pytest

from organizations import organization_record, put_organization

ID = "o-exampleorgid"
MEMBER = "444455556666"
CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"
OPERATIONS = (
    "EnableOrganizationsRootCredentialsManagement",
    "DisableOrganizationsRootCredentialsManagement",
    "EnableOrganizationsRootSessions",
    "DisableOrganizationsRootSessions",
    "ListOrganizationsFeatures",
)


@pytest.fixture
def organize(iam):
    """Put an organization of the account and a member into the store."""

    def put(**fields):
        record = organization_record(iam.now, id=ID, management_account=iam.account, **fields)
        iam.store.submit(lambda transaction: put_organization(transaction, record, MEMBER)).result()

    return put


def features(answer):
    """The features of an answer, which must name the organization."""
    assert answer["OrganizationId"] == ID
    return answer["EnabledFeatures"]


def test_features_are_switched_one_by_one(iam, organize):
    """Each answer lists what is enabled afterwards; doing it again changes nothing."""
    organize()
    assert features(iam("ListOrganizationsFeatures")) == []
    assert features(iam("EnableOrganizationsRootSessions")) == [SESSIONS]
    for _ in range(2):
        assert features(iam("EnableOrganizationsRootCredentialsManagement")) == [CREDENTIALS, SESSIONS]
    assert features(iam("ListOrganizationsFeatures")) == [CREDENTIALS, SESSIONS]
    for _ in range(2):
        assert features(iam("DisableOrganizationsRootSessions")) == [CREDENTIALS]
    assert features(iam("DisableOrganizationsRootCredentialsManagement")) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_every_operation_needs(iam, organize, operation):
    """An organization, an account that may act for it, all features, and trusted access for IAM."""
    assert iam.fails(operation)[::2] == ("OrganizationNotFoundException", 400)
    organize(all_features=False)
    assert iam.fails(operation)[::2] == ("OrganizationNotInAllFeaturesModeException", 400)
    organize(trusted_services=("sso.amazonaws.com",))
    assert iam.fails(operation)[::2] == ("ServiceAccessNotEnabledException", 400)
    organize(delegated_administrators={"sso.amazonaws.com": (MEMBER,)})
    iam.add_account(MEMBER)
    iam.act_as(iam.root(MEMBER))
    code = "AccountNotManagementOrDelegatedAdministratorException"
    assert iam.fails(operation)[::2] == (code, 400)


def test_delegated_administrator(iam, organize):
    """It sees and disables the features; enabling is for the management account."""
    organize(delegated_administrators={"iam.amazonaws.com": (MEMBER,)})
    iam("EnableOrganizationsRootSessions")
    iam.add_account(MEMBER)
    iam.act_as(iam.root(MEMBER))
    assert features(iam("ListOrganizationsFeatures")) == [SESSIONS]
    for operation in ("EnableOrganizationsRootSessions", "EnableOrganizationsRootCredentialsManagement"):
        assert iam.fails(operation)[::2] == ("CallerIsNotManagementAccountException", 400)
    assert features(iam("DisableOrganizationsRootSessions")) == []


def test_a_new_organization_has_nothing_enabled(iam, organize):
    """What was enabled belongs to the organization, not to its management account."""
    organize()
    iam("EnableOrganizationsRootSessions")
    other = "o-anotherorgid"
    record = organization_record(iam.now, id=other, management_account=iam.account)
    iam.store.submit(lambda transaction: put_organization(transaction, record)).result()
    assert iam("ListOrganizationsFeatures") == {"OrganizationId": other, "EnabledFeatures": []}
