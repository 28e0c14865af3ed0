"""Attaching and detaching policies, and what is attached where."""

import pytest

from masugata.records.organizations import MEMBER, Member, attached_policies
from masugata.testing import local_aws
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP
from unit.services.organizations.shops import FULL, RCP, RCP_FULL, SCP, UNIT, Shops

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
DENY_RCP = DENY.replace('"Deny",', '"Deny","Principal":"*",')
TAGS = "TAG_POLICY"
TAG_POLICY = '{"tags":{"shop":{"tag_key":{"@@assign":"Shop"}}}}'
CONTENTS = {SCP: DENY, RCP: DENY_RCP, TAGS: TAG_POLICY}
ABSENT_POLICY, ABSENT_TARGETS = "p-0123456789", ("r-zzzz", "ou-zzzz-12345678", "999988887777")
REFUSED = "ConstraintViolationException"


@pytest.fixture
def shops():
    """The organization, with three types of policies enabled."""
    with local_aws() as aws:
        shops = Shops(aws)
        shops.enable(SCP, RCP, TAGS)
        yield shops


def everywhere(shops):
    """All targets by id: what `targets` must say of a policy that is attached everywhere."""
    return [
        (MANAGEMENT, MANAGEMENT, "ACCOUNT"),
        (SHOP, SHOP, "ACCOUNT"),
        (BAKERY, BAKERY, "ACCOUNT"),
        (UNIT, "shops", "ORGANIZATIONAL_UNIT"),
        (shops.root, "Root", "ROOT"),
    ]


@pytest.mark.parametrize("policy_type", CONTENTS)
def test_attachments_show_from_both_sides(shops, policy_type):
    """A policy is listed for its targets and its targets for it, at every level, until it is detached."""
    policy = shops.policy(CONTENTS[policy_type], policy_type)
    own = {SCP: [FULL], RCP: [RCP_FULL], TAGS: []}[policy_type]
    for number, (target, name, kind) in enumerate(everywhere(shops)):
        shops.attach(policy, target)
        assert shops.attached(target, policy_type) == sorted([*own, policy])
        assert shops.targets(policy) == everywhere(shops)[: number + 1]
        assert (target, name, kind) in shops.targets(policy)
    for number, (target, _, _) in enumerate(everywhere(shops)):
        shops.detach(policy, target)
        assert shops.attached(target, policy_type) == own
        assert shops.targets(policy) == everywhere(shops)[number + 1 :]


def test_what_aws_attaches(shops):
    """FullAWSAccess and RCPFullAWSAccess are attached everywhere from the beginning, and count as AWS's."""
    assert shops.targets(FULL) == shops.targets(RCP_FULL) == everywhere(shops)
    for target, _, _ in everywhere(shops):
        answer = shops.client.list_policies_for_target(TargetId=target, Filter=SCP)["Policies"]
        assert answer == [shops.client.describe_policy(PolicyId=FULL)["Policy"]["PolicySummary"]]


def test_arns_of_targets(shops):
    """Each target is named by its ARN in the organization."""
    policy = shops.policy(DENY)
    organization = shops.client.describe_organization()["Organization"]["Id"]
    arns = {}
    for target in (shops.root, UNIT, SHOP):
        shops.attach(policy, target)
    for found in shops.client.list_targets_for_policy(PolicyId=policy)["Targets"]:
        arns[found["TargetId"]] = found["Arn"]
    head = f"arn:aws:organizations::{MANAGEMENT}:"
    assert arns == {
        shops.root: f"{head}root/{organization}/{shops.root}",
        UNIT: f"{head}ou/{organization}/{UNIT}",
        SHOP: f"{head}account/{organization}/{SHOP}",
    }


def test_lists_come_in_pages(shops):
    """Pages of any size add up to the whole list, in one order; a token of one list is none of another."""
    policies = [shops.policy(DENY, name=f"rule-{number}") for number in range(4)]
    for policy in policies:
        shops.attach(policy, UNIT)
    first = shops.client.list_policies_for_target(TargetId=UNIT, Filter=SCP, MaxResults=2)
    second = shops.client.list_policies_for_target(
        TargetId=UNIT, Filter=SCP, MaxResults=20, NextToken=first["NextToken"]
    )
    ids = [policy["Id"] for policy in first["Policies"] + second["Policies"]]
    assert ids == sorted([FULL, *policies])
    paginator = shops.client.get_paginator("list_targets_for_policy")
    pages = list(paginator.paginate(PolicyId=FULL, PaginationConfig={"PageSize": 2}))
    assert [len(page["Targets"]) for page in pages] == [2, 2, 1]
    invalid = ("InvalidInputException", "INVALID_NEXT_TOKEN")
    token = first["NextToken"]
    assert shops.fails("list_policies_for_target", TargetId=SHOP, Filter=SCP, NextToken=token) == invalid
    assert shops.fails("list_targets_for_policy", PolicyId=FULL, NextToken=token) == invalid


def test_a_type_must_be_enabled(shops):
    """Nothing is attached while its type is disabled."""
    shops.client.disable_policy_type(RootId=shops.root, PolicyType=SCP)
    policy = shops.policy(DENY)
    for attached in (policy, FULL):
        expected = ("PolicyTypeNotEnabledException", None)
        assert shops.fails("attach_policy", PolicyId=attached, TargetId=SHOP) == expected
        expected = ("PolicyNotAttachedException", None)
        assert shops.fails("detach_policy", PolicyId=attached, TargetId=SHOP) == expected


def test_no_policy_is_attached_twice(shops):
    """The second time is refused, also of what AWS attached."""
    policy = shops.policy(DENY)
    shops.attach(policy, UNIT)
    for attached in (policy, FULL, RCP_FULL):
        expected = ("DuplicatePolicyAttachmentException", None)
        assert shops.fails("attach_policy", PolicyId=attached, TargetId=UNIT) == expected


@pytest.mark.parametrize(("policy_type", "most"), [(SCP, 5), (RCP, 5), (TAGS, 10)])
def test_so_many_of_a_type_on_a_target(shops, policy_type, most):
    """One more is refused, what AWS attached included; another target takes it."""
    own = {SCP: 1, RCP: 1, TAGS: 0}[policy_type]
    content = CONTENTS[policy_type]
    for number in range(most - own):
        shops.attach(shops.policy(content, policy_type, name=f"rule-{number}"), UNIT)
    another = shops.policy(content, policy_type, name="another")
    expected = (REFUSED, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert shops.fails("attach_policy", PolicyId=another, TargetId=UNIT) == expected
    shops.attach(another, SHOP)
    assert len(shops.attached(UNIT, policy_type)) == most


def test_one_scp_stays(shops):
    """The last service control policy of each target cannot be detached, whichever it is."""
    policy = shops.policy(DENY)
    for target in (shops.root, UNIT, SHOP):
        expected = (REFUSED, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
        assert shops.fails("detach_policy", PolicyId=FULL, TargetId=target) == expected
        shops.attach(policy, target)
        shops.detach(FULL, target)
        assert shops.fails("detach_policy", PolicyId=policy, TargetId=target) == expected
        assert shops.attached(target) == [policy]
    assert shops.targets(FULL) == [everywhere(shops)[0], everywhere(shops)[2]]


def test_the_full_rcp_stays(shops):
    """RCPFullAWSAccess cannot be detached, not even beside another one."""
    shops.attach(shops.policy(DENY_RCP, RCP), UNIT)
    expected = ("InvalidInputException", "NON_DETACHABLE_POLICY")
    assert shops.fails("detach_policy", PolicyId=RCP_FULL, TargetId=UNIT) == expected


def test_what_is_not_there(shops):
    """Policies and targets that do not exist, and policies that are not attached, are named as such."""
    policy = shops.policy(DENY)
    for operation in ("attach_policy", "detach_policy"):
        expected = ("PolicyNotFoundException", None)
        assert shops.fails(operation, PolicyId=ABSENT_POLICY, TargetId=SHOP) == expected
        for target in ABSENT_TARGETS:
            expected = ("TargetNotFoundException", None)
            assert shops.fails(operation, PolicyId=policy, TargetId=target) == expected
    for target in ABSENT_TARGETS:
        expected = ("TargetNotFoundException", None)
        assert shops.fails("list_policies_for_target", TargetId=target, Filter=SCP) == expected
    expected = ("PolicyNotAttachedException", None)
    assert shops.fails("detach_policy", PolicyId=policy, TargetId=SHOP) == expected


def test_a_new_account_begins_with_the_default(shops):
    """What was attached to others says nothing of an account that comes later."""
    shops.attach(shops.policy(DENY), UNIT)
    shops.aws.account("222233334444")
    shops.join("222233334444")
    assert shops.attached("222233334444") == [FULL]


def test_only_what_changed_is_kept(shops):
    """Back at the default, a target keeps no list of its own."""
    policy = shops.policy(DENY)
    shops.attach(policy, SHOP)
    shops.detach(policy, SHOP)

    def look(transaction):
        member = transaction.get(MEMBER, MANAGEMENT, SHOP)
        assert attached_policies(member, SCP) == (FULL,)
        assert member.policies == {}

    shops.change(look)


def test_the_size_of_a_unit_costs_nothing(shops):
    """Attaching to a unit of a thousand accounts changes one record, that of the unit."""

    def open_shops(transaction):
        organization = shops.organization(transaction)
        for number in range(1000):
            member = Member(
                id=f"{100_000_000_000 + number}",
                organization=organization.id,
                parent=UNIT,
                joined=shops.aws.clock(),
                joined_method="CREATED",
            )
            transaction.put(MEMBER, MANAGEMENT, member)

    shops.change(open_shops)
    policy = shops.policy(DENY)
    before = dict(shops.aws._installation.store.snapshot().rows())
    shops.attach(policy, UNIT)
    after = dict(shops.aws._installation.store.snapshot().rows())
    assert {place.key for place, record in after.items() if before.get(place) is not record} == {UNIT}


def test_events_name_policy_and_target(shops):
    """CloudTrail says which policy was attached to what."""
    policy = shops.policy(DENY)
    kinds = {shops.root: "Root", UNIT: "OrganizationalUnit", SHOP: "Account"}
    for target, kind in kinds.items():
        for operation in (shops.attach, shops.detach):
            operation(policy, target)
            name = "AttachPolicy" if operation == shops.attach else "DetachPolicy"
            (event,) = [
                found
                for found in shops.aws.client("cloudtrail").lookup_events(
                    LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": target}]
                )["Events"]
                if found["EventName"] == name
            ]
            assert event["Resources"] == [
                {"ResourceType": "AWS::Organizations::Policy", "ResourceName": policy},
                {"ResourceType": f"AWS::Organizations::{kind}", "ResourceName": target},
            ]
