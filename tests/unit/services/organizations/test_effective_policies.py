"""Effective policies by real calls: who may ask for them, what they are, and what is wrong with them."""

import json

import boto3
import pytest
from msgspec.structs import replace

from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    BrokenTreeError,
    OrganizationalUnit,
    organization_of,
)
from masugata.services.organizations._effective import invalid_accounts
from masugata.testing import local_aws
from organizations import join
from unit.testing.world import failure, refused

MANAGEMENT, SHOP, OFFICE, STRANGER = "111122223333", "444455556666", "777788889999", "222233334444"
UNIT = "ou-exam-shops123"
TAGS, CONTROL = "TAG_POLICY", "@@operators_allowed_for_child_policies"
PLAN = {"plans": {"P": {"rules": {"R": {"target_backup_vault_name": {"@@assign": "Cellar"}}}}}}


def submit(aws, job):
    aws._installation.store.submit(job).result()


@pytest.fixture
def aws():
    """An organization with a shop below a unit, an office, tag policies enabled, and a stranger."""
    with local_aws() as aws:
        aws.clock.freeze()
        organizations = boto3.client("organizations")
        organizations.create_organization()
        join(aws, SHOP, OFFICE)
        aws.account(STRANGER)

        def below_unit(transaction):
            organization = organization_of(transaction, MANAGEMENT)
            unit = OrganizationalUnit(id=UNIT, name="shops", parent=organization.root_id)
            transaction.put(ORGANIZATIONAL_UNIT, MANAGEMENT, unit)
            member = transaction.get(MEMBER, MANAGEMENT, SHOP)
            transaction.put(MEMBER, MANAGEMENT, replace(member, parent=UNIT))

        submit(aws, below_unit)
        organizations.enable_policy_type(RootId=root(), PolicyType=TAGS)
        yield aws


def root():
    return boto3.client("organizations").list_roots()["Roots"][0]["Id"]


def tags(**members):
    return {"tags": {"shop": members}}


def attach(target, policy, name="p", policy_type=TAGS):
    """Make a policy and attach it; its id."""
    organizations = boto3.client("organizations")
    made = organizations.create_policy(
        Name=name, Description="", Type=policy_type, Content=json.dumps(policy)
    )
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy_id, TargetId=target)
    return policy_id


def effective(client=None, **arguments):
    client = client or boto3.client("organizations")
    found = client.describe_effective_policy(**{"PolicyType": TAGS} | arguments)["EffectivePolicy"]
    return json.loads(found["PolicyContent"])


def delegate(aws, account):
    """Make a member the delegated administrator of a service."""

    def write(transaction):
        organization = organization_of(transaction, MANAGEMENT)
        services = {"config.amazonaws.com": {account: aws.clock()}}
        transaction.put(ORGANIZATION, MANAGEMENT, replace(organization, delegated_administrators=services))

    submit(aws, write)


def test_every_level_adds_up(aws):
    """The root's, the unit's and the account's policies add up to what each account sees of itself."""
    attach(root(), tags(tag_key={"@@assign": "Shop"}, tag_value={"@@assign": ["north"]}), "root")
    attach(UNIT, tags(tag_value={"@@append": ["west"], CONTROL: ["@@none"]}), "unit")
    attach(SHOP, tags(tag_key={"@@assign": "SHOP"}, tag_value={"@@append": ["east"]}), "shop")
    seen = {account: effective(aws.account(account).client("organizations")) for account in (SHOP, OFFICE)}
    assert seen == {
        SHOP: {"tags": {"shop": {"tag_key": "SHOP", "tag_value": ["north", "west"]}}},
        OFFICE: {"tags": {"shop": {"tag_key": "Shop", "tag_value": ["north"]}}},
    }
    assert effective() == seen[OFFICE]  # the management account's own
    assert effective(TargetId=SHOP) == seen[SHOP]


def test_the_answer(aws):
    """The account, the type and the time stand beside the content."""
    attach(root(), tags(tag_value={"@@assign": ["north"]}))
    found = boto3.client("organizations").describe_effective_policy(PolicyType=TAGS, TargetId=SHOP)
    now = aws.clock()
    assert found["EffectivePolicy"] == {
        "PolicyContent": '{"tags":{"shop":{"tag_value":["north"]}}}',
        "LastUpdatedTimestamp": now.replace(microsecond=now.microsecond // 1000 * 1000),
        "TargetId": SHOP,
        "PolicyType": TAGS,
    }


@pytest.mark.usefixtures("aws")
def test_a_change_counts_at_once():
    """An update, a detachment and a disabled type show in the next answer."""
    organizations = boto3.client("organizations")
    policy = attach(root(), tags(tag_value={"@@assign": ["north"]}))
    attach(SHOP, tags(tag_value={"@@append": ["east"]}), "shop")
    organizations.update_policy(PolicyId=policy, Content=json.dumps(tags(tag_value={"@@assign": ["south"]})))
    assert effective(TargetId=SHOP) == tags(tag_value=["south", "east"])
    organizations.detach_policy(PolicyId=policy, TargetId=root())
    assert effective(TargetId=SHOP) == tags(tag_value=["east"])
    organizations.disable_policy_type(RootId=root(), PolicyType=TAGS)
    assert refused(organizations.describe_effective_policy, PolicyType=TAGS, TargetId=SHOP) == (
        "EffectivePolicyNotFoundException",
        "The policy type TAG_POLICY is not enabled in your organization.",
    )


def test_a_member_asks_about_itself_only(aws):
    """A member sees its own effective policy, of others only where a service is delegated to it."""
    attach(root(), tags(tag_value={"@@assign": ["north"]}))
    member = aws.account(OFFICE).client("organizations")
    assert effective(member) == effective(member, TargetId=OFFICE) == tags(tag_value=["north"])
    for target in (SHOP, root(), STRANGER):
        code, _ = refused(member.describe_effective_policy, PolicyType=TAGS, TargetId=target)
        assert code == "AccessDeniedException"
    delegate(aws, OFFICE)
    assert effective(member, TargetId=SHOP) == tags(tag_value=["north"])
    assert member.list_accounts_with_invalid_effective_policy(PolicyType=TAGS)["Accounts"] == []


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("list_accounts_with_invalid_effective_policy", {}),
        ("list_effective_policy_validation_errors", {"AccountId": OFFICE}),
    ],
)
def test_a_member_lists_no_errors(aws, operation, arguments):
    """What is wrong with effective policies is not for members, not even their own."""
    member = aws.account(OFFICE).client("organizations")
    code, _ = refused(getattr(member, operation), PolicyType=TAGS, **arguments)
    assert code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_effective_policy", {}),
        ("list_accounts_with_invalid_effective_policy", {}),
        ("list_effective_policy_validation_errors", {"AccountId": STRANGER}),
    ],
)
def test_outside_of_organizations(aws, operation, arguments):
    """An account in no organization has no effective policies."""
    stranger = aws.account(STRANGER).client("organizations")
    code, _ = refused(getattr(stranger, operation), PolicyType=TAGS, **arguments)
    assert code == "AWSOrganizationsNotInUseException"


@pytest.mark.usefixtures("aws")
def test_targets_that_have_none():
    """Only accounts of the organization have effective policies, and only where a policy reaches them."""
    describe = boto3.client("organizations").describe_effective_policy
    for target in (root(), UNIT):
        error = failure(describe, PolicyType=TAGS, TargetId=target).response
        assert (error["Error"]["Code"], error["Reason"]) == ("InvalidInputException", "TARGET_NOT_SUPPORTED")
    assert refused(describe, PolicyType=TAGS, TargetId=STRANGER)[0] == "TargetNotFoundException"
    assert refused(describe, PolicyType=TAGS, TargetId=SHOP) == (
        "EffectivePolicyNotFoundException",
        f"No policy of type TAG_POLICY applies to the account {SHOP}.",
    )
    assert refused(describe, PolicyType="S3_POLICY")[0] == "EffectivePolicyNotFoundException"


def test_consolidated_billing_only():
    """Without all features there are no effective policies."""
    with local_aws():
        organizations = boto3.client("organizations")
        organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
        for call in (
            organizations.describe_effective_policy,
            organizations.list_accounts_with_invalid_effective_policy,
        ):
            error = failure(call, PolicyType=TAGS).response
            assert error["Reason"] == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_what_is_wrong_and_where(aws):
    """Two policies of the unit contradict each other: its account is listed, with both of them."""
    organizations = boto3.client("organizations")
    first = attach(UNIT, tags(tag_key={"@@assign": "Shop"}), "first")
    second = attach(UNIT, tags(tag_key={"@@assign": "SHOP"}), "second")
    listed = organizations.list_accounts_with_invalid_effective_policy(PolicyType=TAGS)
    assert [account["Id"] for account in listed["Accounts"]] == [SHOP]
    assert listed["PolicyType"] == TAGS
    found = organizations.list_effective_policy_validation_errors(AccountId=SHOP, PolicyType=TAGS)
    del found["ResponseMetadata"]
    now = aws.clock()
    organization = organizations.describe_organization()["Organization"]["Id"]
    assert found == {
        "AccountId": SHOP,
        "PolicyType": TAGS,
        "Path": f"{organization}/{root()}/{UNIT}/{SHOP}/",
        "EvaluationTimestamp": now.replace(microsecond=now.microsecond // 1000 * 1000),
        "EffectivePolicyValidationErrors": [
            {
                "ErrorCode": "VALUES_CONFLICT",
                "ErrorMessage": "Policies that are attached to the same target contradict each other.",
                "PathToError": "$.tags.shop.tag_key",
                "ContributingPolicies": [first, second],
            }
        ],
    }
    assert effective(TargetId=SHOP) == tags(tag_key="Shop")


def test_nothing_is_wrong(aws):
    """An account whose effective policy is sound has an empty list, one without any has no policy."""
    attach(SHOP, tags(tag_value={"@@assign": ["north"]}))
    errors = boto3.client("organizations").list_effective_policy_validation_errors
    assert errors(AccountId=SHOP, PolicyType=TAGS)["EffectivePolicyValidationErrors"] == []
    code, _ = refused(errors, AccountId=OFFICE, PolicyType=TAGS)
    assert code == "EffectivePolicyNotFoundException"
    assert refused(errors, AccountId=STRANGER, PolicyType=TAGS)[0] == "AccountNotFoundException"
    accounts = boto3.client("organizations").list_accounts_with_invalid_effective_policy
    assert refused(accounts, PolicyType="S3_POLICY")[0] == "EffectivePolicyNotFoundException"
    assert aws.id == MANAGEMENT


def test_pages(aws):
    """Both listings come in pages, and a token of one is none of another."""
    organizations = boto3.client("organizations")
    organizations.enable_policy_type(RootId=root(), PolicyType="BACKUP_POLICY")
    attach(root(), PLAN, policy_type="BACKUP_POLICY")
    backups = {"PolicyType": "BACKUP_POLICY"}
    whole = organizations.list_accounts_with_invalid_effective_policy(**backups)["Accounts"]
    assert [account["Id"] for account in whole] == [MANAGEMENT, SHOP, OFFICE]
    pages = organizations.get_paginator("list_accounts_with_invalid_effective_policy")
    paged = pages.paginate(**backups, PaginationConfig={"PageSize": 1})
    assert [len(page["Accounts"]) for page in paged] == [1, 1, 1]
    errors = organizations.get_paginator("list_effective_policy_validation_errors")
    paged = errors.paginate(**backups, AccountId=SHOP, PaginationConfig={"PageSize": 2})
    assert [len(page["EffectivePolicyValidationErrors"]) for page in paged] == [2, 1]
    token = organizations.list_accounts_with_invalid_effective_policy(**backups, MaxResults=1)["NextToken"]
    error = failure(
        organizations.list_accounts_with_invalid_effective_policy, PolicyType=TAGS, NextToken=token
    ).response
    assert error["Reason"] == "INVALID_NEXT_TOKEN"
    assert aws.id == MANAGEMENT


def test_a_policy_whose_record_is_gone(aws):
    """If what was attached cannot be found, the account is named and the other policies count."""
    attach(root(), tags(tag_value={"@@assign": ["north"]}), "root")
    lost = attach(SHOP, tags(tag_value={"@@assign": ["east"]}), "lost")
    submit(aws, lambda transaction: transaction.delete(ORGANIZATION_POLICY, MANAGEMENT, lost))
    found = boto3.client("organizations").list_effective_policy_validation_errors(
        AccountId=SHOP, PolicyType=TAGS
    )
    (error,) = found["EffectivePolicyValidationErrors"]
    assert (error["ErrorCode"], error["ContributingPolicies"]) == ("MALFORMED_POLICY", [lost])
    assert effective(TargetId=SHOP) == tags(tag_value=["north"])


@pytest.mark.usefixtures("aws")
def test_content_is_checked_by_type():
    """A policy that its type does not allow is refused when it is made, with where it is wrong."""
    code, message = refused(
        boto3.client("organizations").create_policy,
        Name="x",
        Description="",
        Type=TAGS,
        Content='{"tags": {"shop": {"tag_key": {"@@append": "Shop"}}}}',
    )
    assert code == "MalformedPolicyDocumentException"
    assert "$.tags.shop.tag_key.@@append: `@@append` is for settings with several values" in message


@pytest.mark.usefixtures("aws")
def test_tags_of_organizations_comply():
    """Where a tag policy is enforced, accounts and units get only tags that it allows."""
    shop = {
        "tag_key": {"@@assign": "Shop"},
        "tag_value": {"@@assign": ["north", "w*t"]},
        "enforced_for": {"@@assign": ["organizations:account"]},
    }
    attach(root(), tags(**shop))
    tag = boto3.client("organizations").tag_resource
    tag(ResourceId=SHOP, Tags=[{"Key": "Shop", "Value": "west"}, {"Key": "Other", "Value": "x"}])
    tag(ResourceId=UNIT, Tags=[{"Key": "SHOP", "Value": "anything"}])
    for key, value, says in (
        ("SHOP", "north", "the tag key `SHOP` must be written `Shop`"),
        ("Shop", "east", "`east` is not one of the values of the tag key `Shop`"),
        ("Shop", "w", "`w` is not one of the values of the tag key `Shop`"),
    ):
        error = failure(tag, ResourceId=SHOP, Tags=[{"Key": key, "Value": value}]).response
        assert error["Reason"] == "TAG_POLICY_VIOLATION"
        assert says in error["Error"]["Message"]


def test_a_tree_that_is_broken(aws):
    """An account that is nowhere in the tree is not passed over in silence."""

    def lose(transaction):
        member = transaction.get(MEMBER, MANAGEMENT, OFFICE)
        transaction.put(MEMBER, MANAGEMENT, replace(member, parent="ou-exam-nothing1"))

    submit(aws, lose)
    records = aws._installation.store.snapshot()
    with pytest.raises(BrokenTreeError):
        invalid_accounts(records, organization_of(records, MANAGEMENT), TAGS)


def test_units_without_accounts_are_not_worked_out(aws):
    """Policies above no account are not read, however many units have them: 2,000 units need no account."""
    above = attach(UNIT, tags(tag_value={"@@assign": ["north"]}), "above")
    nowhere = attach(create_unit("empty"), tags(tag_value={"@@assign": ["south"]}), "nowhere")
    records = aws._installation.store.snapshot()
    seen = Seen(records)
    assert invalid_accounts(seen, organization_of(records, MANAGEMENT), TAGS) == ()
    assert above in seen.keys
    assert nowhere not in seen.keys


def create_unit(name):
    made = boto3.client("organizations").create_organizational_unit(ParentId=root(), Name=name)
    return made["OrganizationalUnit"]["Id"]


class Seen:
    """Records that note which keys were looked up."""

    def __init__(self, records):
        self._records = records
        self.keys = set()

    def get(self, kind, account, key):
        self.keys.add(key)
        return self._records.get(kind, account, key)

    def __getattr__(self, name):
        return getattr(self._records, name)
