"""Tags of everything in an organization."""

from masugata.records.iam import Tag
from masugata.records.organizations import RESPONSIBILITY_TRANSFER, ResponsibilityTransfer
from unit.services.organizations.company import (
    DENIED,
    MANAGEMENT,
    SHOP,
    failure,
    invalid,
    violated,
)

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'
TRANSFER = "rt-exampletransfer"
MISSING = ("TargetNotFoundException", None)


def tags(**pairs):
    """Tags as they are asked for."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def put_transfer(company, asked_by, source):
    """A responsibility transfer, straight into the store."""

    def put(transaction):
        transfer = ResponsibilityTransfer(
            id=TRANSFER,
            name="bills",
            source=source,
            target=asked_by,
            invited_by="ACCOUNT",
            start=company.aws.clock(),
            handshake="h-examplehandshake",
            tags=(Tag("Shop", "bakery"),),
        )
        transaction.put(RESPONSIBILITY_TRANSFER, asked_by, transfer)

    company.change(put)


def test_whatever_can_be_tagged(company):
    """Root, unit, account, policy, resource policy and transfer are tagged alike, and keep the rest."""
    policy = company.client.create_policy(
        Name="no", Description="", Type="SERVICE_CONTROL_POLICY", Content=DENY
    )
    put_transfer(company, MANAGEMENT, "999900001111")
    company.client.untag_resource(ResourceId=TRANSFER, TagKeys=["Shop"])
    delegation = company.client.put_resource_policy(
        Content=(
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"'
            f"{SHOP}"
            '"},"Action":"organizations:ListRoots","Resource":"*"}]}'
        )
    )
    for resource in (
        company.root,
        company.unit("shops"),
        SHOP,
        MANAGEMENT,
        policy["Policy"]["PolicySummary"]["Id"],
        delegation["ResourcePolicy"]["ResourcePolicySummary"]["Id"],
        TRANSFER,
    ):
        company.client.tag_resource(ResourceId=resource, Tags=tags(b="2", a="1"))
        company.client.tag_resource(ResourceId=resource, Tags=tags(b="3", B=""))
        company.client.untag_resource(ResourceId=resource, TagKeys=["a", "never"])
        assert company.client.list_tags_for_resource(ResourceId=resource)["Tags"] == tags(B="", b="3")
    assert company.client.list_roots()["Roots"][0]["Id"] == company.root
    kept = company.client.describe_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"])
    assert kept["Policy"] == policy["Policy"]
    assert company.client.describe_resource_policy()["ResourcePolicy"] == delegation["ResourcePolicy"]


def test_what_cannot_be_tagged(company):
    """What is not there, is another organization's, or is AWS's."""
    put_transfer(company, "999900001111", MANAGEMENT)
    for resource in ("ou-zzzz-99999999", "000000000000", "p-nothing123", "rp-nothing", TRANSFER, "r-zzzz"):
        assert company.fails("tag_resource", ResourceId=resource, Tags=tags(a="1")) == MISSING
        assert company.fails("untag_resource", ResourceId=resource, TagKeys=["a"]) == MISSING
        assert company.fails("list_tags_for_resource", ResourceId=resource) == MISSING
    managed = company.fails("tag_resource", ResourceId="p-FullAWSAccess", Tags=tags(a="1"))
    assert managed == invalid("TARGET_NOT_SUPPORTED")


def test_rules_of_tags(company):
    """Keys are unique and not AWS's; there are at most fifty, at creation and later."""
    twice = [*tags(a="1"), *tags(a="1")]
    system = tags(**{"AWS:a": "1"})
    many = tags(**{f"key{number}": "" for number in range(51)})
    for bad, error in (
        (twice, invalid("DUPLICATE_TAG_KEY")),
        (system, invalid("INVALID_SYSTEM_TAGS_PARAMETER")),
        (many, violated("MAX_TAG_LIMIT_EXCEEDED")),
    ):
        assert company.fails("tag_resource", ResourceId=SHOP, Tags=bad) == error
        made = company.fails("create_organizational_unit", ParentId=company.root, Name="x", Tags=bad)
        assert made == error
    removed = company.fails("untag_resource", ResourceId=SHOP, TagKeys=["aws:a"])
    assert removed == invalid("INVALID_SYSTEM_TAGS_PARAMETER")
    company.client.tag_resource(ResourceId=SHOP, Tags=many[:50])
    company.client.tag_resource(ResourceId=SHOP, Tags=many[:50])
    one_more = company.fails("tag_resource", ResourceId=SHOP, Tags=tags(another="1"))
    assert one_more == violated("MAX_TAG_LIMIT_EXCEEDED")
    pages = company.client.get_paginator("list_tags_for_resource").paginate(ResourceId=SHOP)
    assert [len(page["Tags"]) for page in pages] == [20, 20, 10]


def test_permissions_by_tags(company):
    """Who may act on what has a tag may not act on what has not."""
    company.client.tag_resource(ResourceId=SHOP, Tags=tags(Team="red"))
    iam = company.aws.client("iam")
    iam.create_user(UserName="alice")
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:*","Resource":"*",'
        '"Condition":{"StringEquals":{"aws:ResourceTag/Team":"red"}}}]}'
    )
    iam.put_user_policy(UserName="alice", PolicyName="red", PolicyDocument=policy)
    alice = company.aws.client("organizations", user="alice")
    assert alice.list_tags_for_resource(ResourceId=SHOP)["Tags"] == tags(Team="red")
    assert failure(lambda: alice.list_tags_for_resource(ResourceId=MANAGEMENT)) == DENIED
