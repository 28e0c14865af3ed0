"""Enabling and disabling types of policies."""

import pytest

from masugata.records.organizations import POLICY_TYPES
from unit.services.organizations.company import MANAGEMENT, SHOP, failure
from unit.services.organizations.shops import FULL, SCP, UNIT

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'
TRUSTED = {"INSPECTOR_POLICY": "inspector2.amazonaws.com", "SECURITYHUB_POLICY": "securityhub.amazonaws.com"}


def types(root):
    """The types that are enabled in a root, as it is answered."""
    assert {entry["Status"] for entry in root["PolicyTypes"]} <= {"ENABLED"}
    return [entry["Type"] for entry in root["PolicyTypes"]]


def test_all_types_are_switched(shops):
    """Each of the types is enabled and disabled on its own, and the root says so at once."""
    now = shops.aws.clock()
    shops.edit(trusted_services=dict.fromkeys(TRUSTED.values(), now))
    for number, policy_type in enumerate(POLICY_TYPES):
        answer = shops.client.enable_policy_type(RootId=shops.root, PolicyType=policy_type)["Root"]
        assert types(answer) == list(POLICY_TYPES[: number + 1])
        assert answer == shops.client.list_roots()["Roots"][0]
        again = shops.fails("enable_policy_type", RootId=shops.root, PolicyType=policy_type)
        assert again == ("PolicyTypeAlreadyEnabledException", None)
    for number, policy_type in enumerate(POLICY_TYPES):
        answer = shops.client.disable_policy_type(RootId=shops.root, PolicyType=policy_type)["Root"]
        assert types(answer) == list(POLICY_TYPES[number + 1 :])
        again = shops.fails("disable_policy_type", RootId=shops.root, PolicyType=policy_type)
        assert again == ("PolicyTypeNotEnabledException", None)


@pytest.mark.parametrize("policy_type", TRUSTED)
def test_types_that_take_trusted_access(shops, policy_type):
    """What a service carries out in the accounts takes trusted access before."""
    expected = ("ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")
    assert shops.fails("enable_policy_type", RootId=shops.root, PolicyType=policy_type) == expected
    shops.edit(trusted_services={TRUSTED[policy_type]: shops.aws.clock()})
    shops.enable(policy_type)


def test_a_root_that_is_not_the_organizations(shops):
    """Another root's id is not found."""
    for operation in ("enable_policy_type", "disable_policy_type"):
        assert shops.fails(operation, RootId="r-zzzz", PolicyType=SCP) == ("RootNotFoundException", None)


def test_disabling_detaches_everywhere(shops):
    """Policies survive and stay detached when their type is enabled again; other types keep theirs."""
    shops.enable(SCP, "TAG_POLICY")
    policy = shops.policy(DENY)
    tags = shops.policy('{"tags":{"shop":{"tag_key":{"@@assign":"Shop"}}}}', "TAG_POLICY")
    targets = (shops.root, UNIT, SHOP, MANAGEMENT)
    for target in targets:
        shops.attach(policy, target)
        shops.detach(FULL, target)
        shops.attach(tags, target)
    shops.client.disable_policy_type(RootId=shops.root, PolicyType=SCP)
    assert shops.targets(policy) == shops.targets(FULL) == []
    assert [shops.attached(target) for target in targets] == [[]] * 4
    shops.enable(SCP)
    assert [shops.attached(target) for target in targets] == [[FULL]] * 4
    assert [shops.attached(target, "TAG_POLICY") for target in targets] == [[tags]] * 4
    assert shops.client.describe_policy(PolicyId=policy)["Policy"]["Content"] == DENY
    shops.client.delete_policy(PolicyId=policy)


def test_disabling_frees_the_next_request(shops):
    """What a service control policy denied is allowed as soon as the type is disabled, and stays so."""
    shops.enable(SCP)
    iam = shops.aws.account(SHOP).client("iam")
    shops.attach(shops.policy(DENY), shops.root)
    assert failure(iam.list_users)[0] == "AccessDenied"
    shops.client.disable_policy_type(RootId=shops.root, PolicyType=SCP)
    iam.list_users()
    shops.enable(SCP)
    iam.list_users()
