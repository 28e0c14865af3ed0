"""Policies of organizations bind the very next request, as their records say."""

import json

import pytest
from botocore.exceptions import ClientError

from masugata.testing import local_aws
from unit.services.organizations.company import BAKERY, MANAGEMENT, SHOP
from unit.services.organizations.shops import FULL, RCP, SCP, UNIT, Shops, message

OUTSIDE = "222233334444"


@pytest.fixture
def shops():
    """The organization, with both types of authorization policies enabled."""
    with local_aws() as aws:
        shops = Shops(aws)
        shops.enable(SCP, RCP)
        yield shops


def policy(*statements):
    """A policy of these statements; an empty one denies everything."""
    defaults = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [defaults | given for given in statements]})


def arn_of(shops, policy_id):
    """The ARN of a policy."""
    return shops.client.describe_policy(PolicyId=policy_id)["Policy"]["PolicySummary"]["Arn"]


def allowed(call, **request):
    """Whether a call is allowed; a refusal must be one of authorization."""
    try:
        call(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.mark.parametrize("level", ["root", "unit", "account"])
def test_attached_and_detached_at_every_level(shops, level):
    """A Deny binds the account's administrator and its root user at once, until it is detached."""
    target = {"root": shops.root, "unit": UNIT, "account": SHOP}[level]
    shop = shops.aws.account(SHOP)
    admin, root = shop.client("iam"), shop.client("iam", root=True)
    manager = shops.aws.client("iam")
    bakery = shops.aws.account(BAKERY).client("iam")
    rule = shops.policy(policy({"Action": "iam:ListUsers"}))
    for _ in range(2):
        shops.attach(rule, target)
        for denied in (admin, root):
            said = message(denied.list_users)
            ending = f"with an explicit deny in a service control policy: {arn_of(shops, rule)}"
            assert ending in said
            denied.list_roles()
        manager.list_users()
        assert allowed(bakery.list_users) == (level != "root")
        shops.detach(rule, target)
        for freed in (admin, root, bakery):
            freed.list_users()


def test_a_change_of_content_binds(shops):
    """A policy that is changed where it is attached binds by its new content."""
    iam = shops.aws.account(SHOP).client("iam")
    rule = shops.policy(policy({"Action": "iam:ListUsers"}))
    shops.attach(rule, UNIT)
    assert (allowed(iam.list_users), allowed(iam.list_roles)) == (False, True)
    shops.client.update_policy(PolicyId=rule, Content=policy({"Action": "iam:ListRoles"}))
    assert (allowed(iam.list_users), allowed(iam.list_roles)) == (True, False)


@pytest.mark.parametrize("level", ["root", "unit", "account"])
def test_what_no_policy_of_a_level_allows(shops, level):
    """With an allow list in the place of FullAWSAccess everything else is denied, with no policy to name."""
    target = {"root": shops.root, "unit": UNIT, "account": SHOP}[level]
    iam = shops.aws.account(SHOP).client("iam")
    root = shops.aws.account(SHOP).client("iam", root=True)
    shops.attach(shops.policy(policy({"Effect": "Allow", "Action": "iam:ListRoles"})), target)
    iam.list_users()
    shops.detach(FULL, target)
    for client in (iam, root):
        client.list_roles()
        assert message(client.list_users).endswith(
            "because no service control policy allows the iam:ListUsers action"
        )
    shops.aws.client("iam").list_users()
    shops.attach(FULL, target)
    iam.list_users()


def test_the_management_account_is_not_bound(shops):
    """Nothing that is attached to the management account itself or above it binds its principals."""
    rule = shops.policy(policy({}))
    for target in (shops.root, MANAGEMENT):
        shops.attach(rule, target)
    shops.detach(FULL, MANAGEMENT)
    iam = shops.aws.client("iam")
    iam.list_users()
    shops.aws.client("iam", root=True).list_users()
    assert allowed(shops.aws.account(SHOP).client("iam").list_users) is False


def test_the_whole_language_means_what_iam_says(shops):
    """Wildcards within actions, NotAction, conditions, ARNs and NotResource, with Allow, decide as in IAM."""
    admin = shops.aws.account(SHOP).client("iam")
    for name in ("alice", "bob"):
        admin.create_user(UserName=name)
    rule = shops.policy(policy({"Effect": "Allow"}))
    shops.attach(rule, SHOP)
    shops.detach(FULL, SHOP)
    alice, bob = {"UserName": "alice"}, {"UserName": "bob"}

    def decide(*statements):
        shops.client.update_policy(PolicyId=rule, Content=policy(*statements))
        calls = (admin.get_user, alice), (admin.get_user, bob), (admin.list_users, {}), (admin.list_roles, {})
        return [allowed(call, **request) for call, request in calls]

    allow = {"Effect": "Allow"}
    user = f"arn:aws:iam::{SHOP}:user"
    elsewhere = {"StringNotEquals": {"aws:PrincipalTag/floor": "1"}}
    assert decide(allow | {"Action": "iam:*User*"}) == [True, True, True, False]
    assert decide(allow | {"Action": "iam:?istUsers"}) == [False, False, True, False]
    assert decide(allow | {"Action": ["iam:L*s", "iam:*tUser"]}) == [True, True, True, True]
    without = {"Effect": "Allow", "NotAction": ["iam:Get*"], "Resource": "*"}
    shops.client.update_policy(
        PolicyId=rule, Content=json.dumps({"Version": "2012-10-17", "Statement": without})
    )
    assert [allowed(admin.get_user, **alice), allowed(admin.list_users)] == [False, True]
    assert decide(allow | {"Action": "iam:GetUser", "Resource": f"{user}/alice"}) == [
        True,
        False,
        False,
        False,
    ]
    kept = {"Effect": "Allow", "Action": "iam:*", "NotResource": f"{user}/bob"}
    shops.client.update_policy(
        PolicyId=rule, Content=json.dumps({"Version": "2012-10-17", "Statement": kept})
    )
    assert [allowed(admin.get_user, **alice), allowed(admin.get_user, **bob)] == [True, False]
    conditional = {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}
    assert decide(allow | conditional) == [True, True, True, True]
    conditional = {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    assert decide(allow | conditional) == [False, False, False, False]
    assert decide(allow, {"Action": "iam:List*", "Condition": elsewhere}) == [True, True, False, False]


def trusting(shops, account, principal="*"):
    """A role of an account that anybody whom its own policies allow may assume."""
    trust = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    iam = shops.aws.account(account).client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    return iam.create_role(RoleName="till", AssumeRolePolicyDocument=document)["Role"]["Arn"]


def test_rcps_bind_by_the_account_of_the_resource(shops):
    """Whoever assumes a member's role is bound by the member's RCPs, wherever he comes from."""
    role, other = trusting(shops, SHOP), trusting(shops, BAKERY)
    clients = {
        account: shops.aws.account(account).client("sts") for account in (MANAGEMENT, SHOP, BAKERY, OUTSIDE)
    }
    rule = shops.policy(policy({"Principal": "*", "Action": "sts:AssumeRole"}), RCP)

    def may(arn):
        return [allowed(client.assume_role, RoleArn=arn, RoleSessionName="xx") for client in clients.values()]

    assert may(role) == may(other) == [True] * 4
    for target in (UNIT, SHOP):
        shops.attach(rule, target)
        assert may(role) == [False] * 4
        assert may(other) == [True] * 4
        ending = "with an explicit deny in a resource control policy"
        for account, named in ((OUTSIDE, ""), (SHOP, f": {arn_of(shops, rule)}, statement 0")):
            sts = clients[account]
            said = message(lambda sts=sts: sts.assume_role(RoleArn=role, RoleSessionName="xx"))
            assert said.endswith(ending + named)
        shops.detach(rule, target)
        assert may(role) == [True] * 4
    shops.attach(rule, shops.root)
    assert may(role) == may(other) == [False] * 4


def test_an_rcp_that_keeps_strangers_out(shops):
    """A perimeter: whoever is of the organization may, and nobody else, whatever the trust policy says."""
    role = trusting(shops, SHOP)
    organization = shops.client.describe_organization()["Organization"]["Id"]
    strangers = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization}}
    rule = policy({"Principal": "*", "Action": "sts:AssumeRole", "Condition": strangers})
    shops.attach(shops.policy(rule, RCP), shops.root)
    for account, expected in ((BAKERY, True), (MANAGEMENT, True), (OUTSIDE, False)):
        sts = shops.aws.account(account).client("sts")
        assert allowed(sts.assume_role, RoleArn=role, RoleSessionName="xx") == expected


def test_rcps_do_not_bind_the_management_accounts_resources(shops):
    """A role of the management account can be assumed although an RCP is attached above and to it."""
    role = trusting(shops, MANAGEMENT)
    rule = shops.policy(policy({"Principal": "*", "Action": "sts:*"}), RCP)
    shops.attach(rule, shops.root)
    shops.attach(rule, MANAGEMENT)
    shops.aws.account(OUTSIDE).client("sts").assume_role(RoleArn=role, RoleSessionName="xx")


def test_rcps_leave_services_alone_that_know_none(shops):
    """IAM does not support resource control policies, so that no RCP can be about it."""
    shops.attach(shops.policy(policy({"Principal": "*", "Action": "sts:*"}), RCP), SHOP)
    shop = shops.aws.account(SHOP)
    shop.client("iam").list_users()
    assert (
        allowed(shop.client("sts").assume_role, RoleArn=trusting(shops, SHOP), RoleSessionName="xx") is False
    )
