"""What members may do by the organization's resource-based policy, by real calls."""

import json

import pytest

from masugata.testing import local_aws
from unit.services.organizations.company import BAKERY, DENIED, MANAGEMENT, SHOP, Company, failure

SCP, TAG_POLICY = "SERVICE_CONTROL_POLICY", "TAG_POLICY"
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'
OWNERS = '{"tags":{"owner":{"tag_key":{"@@assign":"Owner"}}}}'
MANAGE = [
    f"organizations:{name}Policy" for name in ("Create", "Describe", "Update", "Delete", "Attach", "Detach")
]
TAG_POLICIES_ONLY = {"StringLikeIfExists": {"organizations:PolicyType": [TAG_POLICY]}}


@pytest.fixture
def company():
    """The organization, with service control policies and tag policies."""
    with local_aws() as aws:
        company = Company(aws)
        for policy_type in (SCP, TAG_POLICY):
            company.client.enable_policy_type(RootId=company.root, PolicyType=policy_type)
        yield company


def delegate(company, *statements):
    """Put the resource-based policy; each statement is completed."""
    whole = {"Effect": "Allow", "Principal": {"AWS": SHOP}, "Action": "organizations:ListRoots"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Resource": "*"} | whole | statement for statement in statements],
    }
    company.client.put_resource_policy(Content=json.dumps(policy))


def create(client, policy_type=TAG_POLICY, name="owners", **request):
    """Make a policy as somebody; its id."""
    content = OWNERS if policy_type == TAG_POLICY else DENY
    made = client.create_policy(Name=name, Description="", Type=policy_type, Content=content, **request)
    return made["Policy"]["PolicySummary"]["Id"]


def test_without_a_delegation(company):
    """A member's administrator is refused without a policy, and with one that names another account."""
    assert failure(company.of(SHOP).list_roots) == DENIED
    delegate(company, {"Principal": {"AWS": BAKERY}})
    assert failure(company.of(SHOP).list_roots) == DENIED
    assert company.of(BAKERY).list_roots()["Roots"]
    delegate(company, {"Principal": {"AWS": [BAKERY, SHOP]}})
    assert company.of(SHOP).list_roots()["Roots"]
    company.client.delete_resource_policy()
    for account in (SHOP, BAKERY):
        assert failure(company.of(account).list_roots) == DENIED


def test_both_sides_must_allow(company):
    """A member's user needs its own policy beside the delegation, even if that names the user."""
    iam = company.aws.account(SHOP).client("iam")
    arn = iam.create_user(UserName="clerk")["User"]["Arn"]
    clerk = company.of(SHOP, user="clerk")
    for principal in (SHOP, f"arn:aws:iam::{SHOP}:root", arn):
        delegate(company, {"Principal": {"AWS": principal}})
        assert failure(clerk.list_roots) == DENIED
    own = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:*","Resource":"*"}]}'
    )
    iam.put_user_policy(UserName="clerk", PolicyName="own", PolicyDocument=own)
    assert clerk.list_roots()["Roots"]
    assert failure(clerk.list_accounts) == DENIED
    delegate(company, {"Principal": {"AWS": f"arn:aws:iam::{SHOP}:user/admin"}})
    assert failure(clerk.list_roots) == DENIED


def test_the_root_user_of_a_member(company):
    """A delegation to the account is one to its root user."""
    root = company.of(SHOP, root=True)
    assert failure(root.list_roots) == DENIED
    delegate(company, {})
    assert root.list_roots()["Roots"]


def test_only_the_delegated_type_of_policy(company):
    """With a condition on the policy type a member manages policies of this type and of no other."""
    delegate(company, {"Action": MANAGE, "Condition": TAG_POLICIES_ONLY})
    shop = company.of(SHOP)
    owners = create(shop)
    assert shop.describe_policy(PolicyId=owners)["Policy"]["Content"] == OWNERS
    shop.attach_policy(PolicyId=owners, TargetId=BAKERY)
    shop.detach_policy(PolicyId=owners, TargetId=BAKERY)
    guard = create(company.client, SCP, "guard")
    for call in (
        lambda: create(shop, SCP, "mine"),
        lambda: shop.describe_policy(PolicyId=guard),
        lambda: shop.describe_policy(PolicyId="p-FullAWSAccess"),
        lambda: shop.attach_policy(PolicyId=guard, TargetId=BAKERY),
        lambda: shop.detach_policy(PolicyId="p-FullAWSAccess", TargetId=SHOP),
        lambda: shop.delete_policy(PolicyId=guard),
        lambda: shop.list_policies(Filter=TAG_POLICY),
    ):
        assert failure(call) == DENIED
    shop.delete_policy(PolicyId=owners)


def test_only_the_delegated_targets(company):
    """Attaching takes both the policy and the target among the resources."""
    shops = company.unit("shops")
    head = f"arn:aws:organizations::{MANAGEMENT}:"
    owners = create(company.client)
    attach = {"Action": "organizations:AttachPolicy"}
    shop = company.of(SHOP)
    delegate(company, attach | {"Resource": f"{head}ou/{company.id}/{shops}"})
    assert failure(lambda: shop.attach_policy(PolicyId=owners, TargetId=shops)) == DENIED
    policies = f"{head}policy/{company.id}/tag_policy/*"
    delegate(company, attach | {"Resource": [f"{head}ou/{company.id}/{shops}", policies]})
    shop.attach_policy(PolicyId=owners, TargetId=shops)
    assert failure(lambda: shop.attach_policy(PolicyId=owners, TargetId=company.root)) == DENIED
    assert failure(lambda: shop.attach_policy(PolicyId=owners, TargetId=BAKERY)) == DENIED


def test_tags_at_creation_are_delegated_too(company):
    """Who may create but not tag creates without tags only."""
    delegate(company, {"Action": "organizations:CreatePolicy"})
    shop = company.of(SHOP)
    tags = [{"Key": "Team", "Value": "red"}]
    assert failure(lambda: create(shop, Tags=tags)) == DENIED
    create(shop)
    delegate(company, {"Action": ["organizations:CreatePolicy", "organizations:TagResource"]})
    create(shop, name="tagged", Tags=tags)


def test_a_denial_binds_whoever_may_read_anyway(company):
    """A Deny takes from a delegated administrator and from every member what they have without an Allow."""
    company.delegate("config.amazonaws.com", SHOP)
    shop, bakery = company.of(SHOP), company.of(BAKERY)
    assert shop.list_roots()["Roots"]
    deny = {"Effect": "Deny", "Action": ["organizations:ListRoots", "organizations:DescribeOrganization"]}
    delegate(company, deny)
    assert failure(shop.list_roots) == failure(shop.describe_organization) == DENIED
    assert shop.list_accounts()["Accounts"]
    assert bakery.describe_organization()["Organization"]["Id"] == company.id
    assert company.client.list_roots()["Roots"]


def test_an_allow_gives_a_delegated_administrator_nothing_that_its_own_policies_do_not(company):
    """Where the operation is open to it, its own policies alone decide, whatever the delegation says."""
    company.delegate("config.amazonaws.com", SHOP)
    arn = company.aws.account(SHOP).client("iam").create_user(UserName="clerk")["User"]["Arn"]
    delegate(company, {"Principal": {"AWS": arn}})
    assert failure(company.of(SHOP, user="clerk").list_roots) == DENIED


def test_a_control_policy_binds_a_delegate(company):
    """An SCP on the member's account comes before the delegation."""
    delegate(company, {})
    shop = company.of(SHOP)
    assert shop.list_roots()["Roots"]
    deny = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:List*",'
        '"Resource":"*"}]}'
    )
    guard = company.client.create_policy(Name="guard", Description="", Type=SCP, Content=deny)
    company.client.attach_policy(PolicyId=guard["Policy"]["PolicySummary"]["Id"], TargetId=SHOP)
    assert failure(shop.list_roots) == DENIED


def test_who_left_is_no_delegate(company):
    """A delegation to an account ends with its membership."""
    delegate(company, {})
    company.of(SHOP).leave_organization()
    assert failure(company.of(SHOP).list_roots) == ("AWSOrganizationsNotInUseException", None)
    company.of(SHOP).create_organization()
    (own,) = company.of(SHOP).list_roots()["Roots"]
    assert own["Id"] != company.root
