"""Service control policies in the ways that companies use them, by real calls."""

from collections.abc import Iterator

import pytest

from masugata.records.organizations import MEMBER as MEMBER_KIND
from organizations import join
from policies import allow, deny, document
from unit.authorization.company import MEMBER, OTHER, OUTSIDE, Company, company, refused


@pytest.fixture
def shops() -> Iterator[Company]:
    """A company of the test's own."""
    with company() as found:
        yield found


def test_a_deny_at_the_root_binds_members_and_their_root_users_alone(shops: Company) -> None:
    """Administrator and root user of a member are refused with the policy's ARN, until it is detached."""
    aws = shops.aws
    policy_id, arn = shops.attach(shops.root, deny("iam:ListUsers", sid="NoLists"))
    for client in (aws.account(MEMBER).client("iam"), aws.account(OTHER).client("iam", root=True)):
        who = client.meta.service_model.service_name
        assert f"not authorized to perform: {who}:ListUsers" in (message := refused(client.list_users))
        assert message.endswith(
            f"with an explicit deny in a service control policy: {arn}, statement NoLists"
        )
    for client in (aws.client("iam"), aws.client("iam", root=True), aws.account(OUTSIDE).client("iam")):
        client.list_users()
    shops.detach(shops.root, policy_id)
    aws.account(MEMBER).client("iam").list_users()
    aws.account(OTHER).client("iam", root=True).list_users()


@pytest.mark.parametrize("level", ["root", "unit", "inner", "account"])
def test_an_allow_list_at_any_level(shops: Company, level: str) -> None:
    """What the list leaves out is nobody's any more below it, whatever the levels around allow."""
    target = MEMBER if level == "account" else getattr(shops, level)
    shops.allow_only(target, allow(["iam:Get*", "iam:List*", "sts:*"]))
    iam = shops.aws.account(MEMBER).client("iam")
    iam.list_users()
    message = refused(iam.create_user, UserName="hanako")
    assert message.endswith("because no service control policy allows the iam:CreateUser action")
    beside = shops.aws.account(OTHER).client("iam")
    if level == "root":
        refused(beside.create_user, UserName="hanako")
    else:
        beside.create_user(UserName="hanako")


def test_allow_lists_at_every_level(shops: Company) -> None:
    """Only what all levels allow is left."""
    for target, more in (
        (shops.root, "iam:Tag*"),
        (shops.unit, "iam:*User*"),
        (shops.inner, "iam:*"),
        (MEMBER, "*"),
    ):
        shops.allow_only(target, allow(["iam:List*", more]))
    iam = shops.aws.account(MEMBER).client("iam")
    iam.list_roles()
    refused(iam.create_user, UserName="hanako")  # not by the root's list
    refused(iam.get_role, RoleName="nobody")
    shops.attach(shops.root, allow("iam:CreateUser"))
    iam.create_user(UserName="hanako")
    iam.tag_user(UserName="hanako", Tags=[{"Key": "a", "Value": "b"}])


def test_regions_and_global_services(shops: Company) -> None:
    """A list of Regions binds what is regional; what is named in NotAction goes on everywhere."""
    regions = deny(StringNotEquals={"aws:RequestedRegion": ["ap-northeast-1"]}) | {
        "NotAction": ["iam:*", "sts:*"]
    }
    del regions["Action"]
    shops.attach(shops.unit, regions)
    account = shops.aws.account(MEMBER)
    account.client("cloudtrail", region_name="ap-northeast-1").lookup_events()
    refused(account.client("cloudtrail", region_name="eu-west-1").lookup_events)
    account.client("iam").list_users()
    shops.aws.client("cloudtrail", region_name="eu-west-1").lookup_events()


def test_root_users_are_locked_out(shops: Company) -> None:
    """`aws:PrincipalArn` of a root user is the account's; users and roles are others."""
    shops.attach(shops.root, deny(StringLike={"aws:PrincipalArn": "arn:aws:iam::*:root"}))
    account = shops.aws.account(MEMBER)
    refused(account.client("iam", root=True).list_users)
    account.client("iam").list_users()
    account.client("sts", root=True).get_caller_identity()
    shops.aws.client("iam", root=True).list_users()


def test_tags_that_must_be_given_and_tags_of_who_asks(shops: Company) -> None:
    """A role needs a cost center, and only the red team may make users."""
    shops.attach(
        shops.inner,
        deny("iam:CreateRole", Null={"aws:RequestTag/cost-center": "true"}),
        deny("iam:CreateUser", StringNotEquals={"aws:PrincipalTag/team": "red"}),
    )
    account = shops.aws.account(MEMBER)
    admin = account.client("iam")
    trust = document({"Effect": "Allow", "Principal": {"AWS": MEMBER}, "Action": "sts:AssumeRole"})
    refused(admin.create_role, RoleName="baker", AssumeRolePolicyDocument=trust)
    tags = [{"Key": "cost-center", "Value": "12"}]
    admin.create_role(RoleName="baker", AssumeRolePolicyDocument=trust, Tags=tags)
    admin.put_role_policy(RoleName="baker", PolicyName="all", PolicyDocument=document(allow()))
    refused(admin.create_user, UserName="hanako")
    refused(account.client("iam", role="baker").create_user, UserName="hanako")
    account.client("iam", role="baker", tags={"team": "red"}).create_user(UserName="hanako")


def test_one_role_is_exempt(shops: Company) -> None:
    """Everybody is denied but sessions of one role, by `aws:PrincipalArn`; the root user is not it."""
    exempt = {"aws:PrincipalArn": "arn:aws:iam::*:role/pipeline"}
    account = shops.aws.account(MEMBER)
    admin = account.client("iam")
    trust = document({"Effect": "Allow", "Principal": {"AWS": MEMBER}, "Action": "sts:AssumeRole"})
    for name in ("pipeline", "pipeline-2"):
        admin.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        admin.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow()))
    shops.attach(shops.root, deny("iam:*User*", ArnNotLike=exempt))
    account.client("iam", role="pipeline").create_user(UserName="hanako")
    for client in (
        admin,
        account.client("iam", role="pipeline-2"),
        account.client("iam", role="pipeline-2", session_name="pipeline"),
        account.client("iam", root=True),
    ):
        refused(client.create_user, UserName="taro")


def test_the_full_language(shops: Company) -> None:
    """NotResource, an Allow with a Condition, ARNs, and wildcards anywhere in Action mean what IAM says."""
    only = f"arn:aws:iam::{MEMBER}:user/staff/*"
    shops.allow_only(
        shops.unit,
        allow("iam:*User"),
        allow("iam:List*s", StringEquals={"aws:RequestedRegion": "us-east-1"}),
        allow("iam:?agUser", only),
    )
    beyond = deny("iam:DeleteUser") | {"NotResource": only}
    del beyond["Resource"]
    shops.attach(MEMBER, beyond)
    iam = shops.aws.account(MEMBER).client("iam")
    for name, path in (("hanako", "/staff/"), ("taro", "/")):
        iam.create_user(UserName=name, Path=path)
    iam.list_users()
    refused(iam.get_account_summary)
    iam.tag_user(UserName="hanako", Tags=[{"Key": "a", "Value": "b"}])
    assert "no service control policy" in refused(
        iam.create_role, RoleName="r", AssumeRolePolicyDocument="{}"
    )
    assert "with an explicit deny" in refused(iam.delete_user, UserName="taro")
    iam.delete_user(UserName="hanako")


def test_moves_bind_the_next_call(shops: Company) -> None:
    """An account is bound by where it is now; what stays behind does not follow it."""
    shops.attach(shops.unit, deny("iam:ListUsers"))
    member, other = (shops.aws.account(account).client("iam") for account in (MEMBER, OTHER))
    for _ in range(2):
        refused(member.list_users)
        other.list_users()
        shops.move(MEMBER, shops.inner, shops.root)
        shops.move(OTHER, shops.root, shops.unit)
        member.list_users()
        refused(other.list_users)
        shops.move(MEMBER, shops.root, shops.inner)
        shops.move(OTHER, shops.unit, shops.root)


def test_who_left_is_free(shops: Company) -> None:
    """An account without membership is bound by nothing, and its users have no organization."""
    shops.attach(shops.root, deny("iam:ListUsers", StringEquals={"aws:PrincipalOrgID": shops.id}))
    iam = shops.aws.account(MEMBER).client("iam")
    refused(iam.list_users)
    store = shops.aws._installation.store  # without what leaving asks for
    store.submit(lambda transaction: transaction.delete(MEMBER_KIND, shops.aws.id, MEMBER)).result()
    iam.list_users()
    join(shops.aws, MEMBER)
    refused(iam.list_users)


def test_two_organizations(shops: Company) -> None:
    """The policies of each bind its own accounts, and its management account is bound by neither."""
    other = shops.aws.account(OUTSIDE)
    organizations = other.client("organizations")
    organizations.create_organization()
    shops.attach(shops.root, deny("iam:ListUsers"))
    other.client("iam").list_users()
    root = organizations.list_roots()["Roots"][0]
    if "SERVICE_CONTROL_POLICY" not in {found["Type"] for found in root["PolicyTypes"]}:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    made = organizations.create_policy(
        Content=document(deny("iam:ListRoles")), Description="", Name="x", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=made["Id"], TargetId=root["Id"])
    other.client("iam").list_roles()
    member = shops.aws.account(MEMBER).client("iam")
    member.list_roles()
    refused(member.list_users)


def test_a_disabled_type_binds_nobody(shops: Company) -> None:
    """While service control policies are disabled in the root, none binds, and what was attached is gone."""
    shops.attach(shops.root, deny("iam:ListUsers"))
    iam = shops.aws.account(MEMBER).client("iam")
    refused(iam.list_users)
    shops.organizations.disable_policy_type(RootId=shops.root, PolicyType="SERVICE_CONTROL_POLICY")
    iam.list_users()
    shops.organizations.enable_policy_type(RootId=shops.root, PolicyType="SERVICE_CONTROL_POLICY")
    iam.list_users()
