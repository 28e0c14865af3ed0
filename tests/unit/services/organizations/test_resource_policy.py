"""What the organization's resource-based policy may say, and how it is kept."""

import json

import pytest

from masugata.authorization.resources.organizations import NAMED_IN_RESOURCE_POLICIES
from unit.services.organizations.company import (
    BAKERY,
    MANAGEMENT,
    SHOP,
    failure,
    invalid,
    violated,
)

STRANGER = "999900001111"
JSON = "INVALID_RESOURCE_POLICY_JSON"
PRINCIPAL = "INVALID_PRINCIPAL"
ACTION = "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"
RESOURCE = "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY"
POLICY_TYPE = "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY"
NONE = ("ResourcePolicyNotFoundException", None)


def delegation(**elements):
    """A policy of one statement, which is sound but for what is given; None leaves an element out."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": SHOP},
        "Action": "organizations:ListRoots",
        "Resource": "*",
    } | elements
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def refused(company, content):
    """Code and reason of a policy that must be refused, and of which nothing may stay."""
    error = company.fails("put_resource_policy", Content=content)
    assert company.fails("describe_resource_policy") == NONE
    return error


def test_its_life(company):
    """It is made with tags, replaced under the same id without, and deleted once."""
    for operation in ("describe_resource_policy", "delete_resource_policy"):
        assert company.fails(operation) == NONE
    tags = [{"Key": "Team", "Value": "red"}]
    made = company.client.put_resource_policy(Content=delegation(), Tags=tags)["ResourcePolicy"]
    summary = made["ResourcePolicySummary"]
    assert summary["Arn"] == (
        f"arn:aws:organizations::{MANAGEMENT}:resourcepolicy/{company.id}/{summary['Id']}"
    )
    assert json.loads(made["Content"]) == json.loads(delegation())
    assert company.client.describe_resource_policy()["ResourcePolicy"] == made
    again = company.fails("put_resource_policy", Content=delegation(), Tags=tags)
    assert again == invalid("TARGET_NOT_SUPPORTED")
    other = delegation(Action=["organizations:ListAccounts"])
    replaced = company.client.put_resource_policy(Content=other)["ResourcePolicy"]
    assert replaced["ResourcePolicySummary"] == summary
    assert json.loads(replaced["Content"]) == json.loads(other)
    assert company.client.list_tags_for_resource(ResourceId=summary["Id"])["Tags"] == tags
    company.client.delete_resource_policy()
    assert company.fails("delete_resource_policy") == NONE


def test_its_size(company):
    """At most 40,000 characters, or what the setting `limits` says."""
    assert refused(company, " " * 40_001) == invalid("MAX_LENGTH_EXCEEDED")
    assert refused(company, "") == invalid("MIN_LENGTH_EXCEEDED")
    company.limit({"resource-policy-size": len(delegation())})
    company.client.put_resource_policy(Content=delegation())
    longer = company.fails("put_resource_policy", Content=delegation() + " ")
    assert longer == violated("POLICY_CONTENT_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        '{"Version":"2012-10-17"}',
        '{"Version":"2012-10-17","Statement":[]}',
        delegation(Effect="Maybe"),
        delegation(Action=None),
        delegation(Resource=None),
        delegation(Principal=None),
        delegation(Grant="everything"),
        delegation(Condition={"Resembles": {"organizations:PolicyType": "TAG_POLICY"}}),
        delegation(Condition={"StringEquals": {"aws:PrincipalTag/Team": "red"}}),
        delegation(Condition={"StringEquals": {"aws:SourceIp": "203.0.113.1"}}),
    ],
)
def test_documents_that_are_none(company, content):
    """What is no policy, or has a condition key that Organizations does not."""
    assert refused(company, content) == invalid(JSON)


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": MANAGEMENT},
        {"AWS": f"arn:aws:iam::{MANAGEMENT}:user/admin"},
        {"AWS": STRANGER},
        {"AWS": [SHOP, STRANGER]},
        {"AWS": f"arn:aws:iam::{SHOP}:user/nobody"},
        {"AWS": f"arn:aws-cn:iam::{SHOP}:root"},
        {"AWS": SHOP, "Service": "config.amazonaws.com"},
        {"Service": "config.amazonaws.com"},
        {"Federated": "accounts.google.com"},
    ],
)
def test_principals_that_cannot_be_delegates(company, principal):
    """Only member accounts, and users and roles that are in them, are delegates."""
    company.of(STRANGER)
    assert refused(company, delegation(Principal=principal)) == invalid(PRINCIPAL)


def test_everybody_else_cannot_be_a_delegate(company):
    """NotPrincipal names whom nobody knows."""
    content = delegation(Effect="Deny", Principal=None, NotPrincipal={"AWS": SHOP})
    assert refused(company, content) == invalid(PRINCIPAL)


@pytest.mark.parametrize(
    "action",
    [
        "*",
        "organizations:*",
        "organizations:Describe*",
        "organizations:CreateAccount",
        "organizations:PutResourcePolicy",
        "organizations:List?uboundResponsibilityTransfers",
        "organizations:ListInboundResponsibilityTransfers",
        "organizations:ListAccountsWithInvalidEffectivePolicy",
        "organizations:Nothing",
        "iam:CreateUser",
        ["organizations:ListRoots", "organizations:MoveAccount"],
    ],
)
def test_actions_that_cannot_be_delegated(company, action):
    """Actions that AWS does not list, and wildcards that reach one of them."""
    assert refused(company, delegation(Action=action)) == invalid(ACTION)


def test_actions_that_can(company):
    """All that AWS lists, in any case, and wildcards that reach nothing else."""
    every = sorted(f"organizations:{name}" for name in NAMED_IN_RESOURCE_POLICIES)
    assert len(every) == 33
    for action in (every, "ORGANIZATIONS:listroots", "organizations:ListPolic*", "organizations:*tachPolicy"):
        company.client.put_resource_policy(Content=delegation(Action=action))


def test_negated_elements(company):
    """NotAction and NotResource were taken away from delegation policies."""
    assert refused(company, delegation(Action=None, NotAction="organizations:X")) == invalid(ACTION)
    assert refused(company, delegation(Resource=None, NotResource="*")) == invalid(RESOURCE)


def test_resources(company):
    """Resources are the organization's own, or AWS's policies."""
    own = f"arn:aws:organizations::{MANAGEMENT}:"
    for resource in (
        "arn:aws:s3:::shop",
        f"arn:aws:organizations::{SHOP}:account/*",
        "arn:aws:organizations::*:account/*",
        "arn:aws:organizations::aws:account/*",
        f"arn:aws-cn:organizations::{MANAGEMENT}:account/*",
        [f"{own}account/*", "arn:aws:iam::aws:policy/*"],
    ):
        assert refused(company, delegation(Resource=resource)) == invalid(RESOURCE)
    sound = [f"{own}policy/{company.id}/tag_policy/*", f"{own}root/*", "arn:aws:organizations::aws:policy/*"]
    company.client.put_resource_policy(Content=delegation(Resource=sound))


def test_policy_types(company):
    """A condition on the type of a policy names types that there are."""
    for value in ("COFFEE_POLICY", ["TAG_POLICY", "tag_policy"], "${aws:username}"):
        condition = {"StringLikeIfExists": {"organizations:PolicyType": value}}
        assert refused(company, delegation(Condition=condition)) == invalid(POLICY_TYPE)
    condition = {
        "StringLikeIfExists": {"Organizations:PolicyType": ["TAG_POLICY", "SECURITYHUB_*"]},
        "StringEquals": {"aws:RequestTag/Team": "red", "aws:ResourceTag/Team": "red"},
    }
    company.client.put_resource_policy(Content=delegation(Condition=condition))


def test_odd_numbers_do_not_break_what_is_stored(company):
    """A number that nobody could write again is kept as its text, and the delegation goes on to work."""
    condition = {"StringEqualsIfExists": {"aws:RequestTag/Size": "X"}}
    for number in ("1e999", "1" * 5000):
        content = delegation(Condition=condition).replace('"X"', number)
        company.client.put_resource_policy(Content=content)
        assert company.of(SHOP).list_roots()["Roots"]


def test_users_and_roles_are_kept_by_id(company):
    """They are shown by ARN, and a namesake of one that was deleted is not delegated anything."""
    iam = company.aws.account(SHOP).client("iam")
    arn = iam.create_user(UserName="clerk")["User"]["Arn"]
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_user_policy(UserName="clerk", PolicyName="all", PolicyDocument=allow)
    content = delegation(Principal={"AWS": [arn, BAKERY]})
    shown = company.client.put_resource_policy(Content=content)["ResourcePolicy"]["Content"]
    assert json.loads(shown) == json.loads(content)
    assert company.of(SHOP, user="clerk").list_roots()["Roots"]
    iam.delete_user_policy(UserName="clerk", PolicyName="all")
    iam.delete_user(UserName="clerk")
    iam.create_user(UserName="clerk")
    iam.put_user_policy(UserName="clerk", PolicyName="all", PolicyDocument=allow)
    assert failure(company.of(SHOP, user="clerk").list_roots) == ("AccessDeniedException", None)
    kept = json.loads(company.client.describe_resource_policy()["ResourcePolicy"]["Content"])
    assert kept["Statement"][0]["Principal"]["AWS"][0].startswith("AIDA")
    dangling = company.fails("put_resource_policy", Content=json.dumps(kept))
    assert dangling == invalid(PRINCIPAL)
