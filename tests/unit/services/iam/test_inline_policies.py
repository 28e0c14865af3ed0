"""Policies written into users, groups and roles."""

import json
from typing import Any

import pytest

ALLOW = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}'
DENY = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}}'
KINDS = ["User", "Group", "Role"]
LIMITS = {"User": 2048, "Group": 5120, "Role": 10240}


@pytest.fixture
def house(iam) -> Any:
    """An account with one user, group and role, each named Kim."""
    iam("CreateUser", UserName="Kim")
    iam("CreateGroup", GroupName="Kim")
    iam.add_role("Kim")
    return iam


def document(size: int) -> str:
    """A valid policy of `size` characters without white space, and many with it."""
    policy: Any = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:G", "Resource": "*"},
    }
    policy["Statement"]["Action"] += "x" * (size - len(json.dumps(policy, separators=(",", ":"))))
    return json.dumps(policy, indent=4)


@pytest.mark.parametrize("kind", KINDS)
def test_put_get_list_delete(house, kind):
    """A policy comes back as written, is replaced under its name, listed by name, and goes."""
    name = {f"{kind}Name": "Kim"}
    assert house(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=DENY) == {}
    assert house.touched == [(f"AWS::IAM::{kind}", "Kim")]
    house(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=ALLOW)
    house(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=DENY)
    assert house(f"Get{kind}Policy", **name, PolicyName="b") == {
        **name,
        "PolicyName": "b",
        "PolicyDocument": ALLOW,
    }
    assert house(f"List{kind}Policies", **name) == {"PolicyNames": ["a", "b"], "IsTruncated": False}
    assert house(f"Delete{kind}Policy", **name, PolicyName="a") == {}
    assert house(f"List{kind}Policies", **name)["PolicyNames"] == ["b"]


@pytest.mark.parametrize("kind", KINDS)
def test_names_in_pages(house, kind):
    """Pages continue after the name last shown."""
    name = {f"{kind}Name": "Kim"}
    for policy in ("c", "a", "b"):
        house(f"Put{kind}Policy", **name, PolicyName=policy, PolicyDocument=ALLOW)
    first = house(f"List{kind}Policies", **name, MaxItems=2)
    assert (first["PolicyNames"], first["IsTruncated"]) == (["a", "b"], True)
    assert house(f"List{kind}Policies", **name, Marker=first["Marker"])["PolicyNames"] == ["c"]


@pytest.mark.parametrize("kind", KINDS)
def test_all_policies_together_have_a_size(house, kind):
    """The limit is for all of an entity's policies, without white space, and a replaced one is free."""
    name = {f"{kind}Name": "Kim"}
    limit = LIMITS[kind]
    house(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=document(1000))
    house(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=document(limit - 1000))
    house(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=document(limit - 1000))
    assert house.fails(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=document(1001)) == (
        "LimitExceeded",
        f"Maximum policy size of {limit} bytes exceeded for {kind.lower()} Kim",
        409,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_white_space_is_bounded_over_all_policies_of_an_entity(house, kind):
    """White space is free up to eight times the quota, however many policies it is spread over."""
    name = {f"{kind}Name": "Kim"}
    limit = 8 * LIMITS[kind]
    half = ALLOW + " " * (limit // 2 - len(ALLOW))
    house(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=half)
    house(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=half)
    assert house.fails(f"Put{kind}Policy", **name, PolicyName="b", PolicyDocument=half + " ") == (
        "LimitExceeded",
        f"policies of `{limit + 1}` characters with white space exceed the {limit} that are stored",
        409,
    )
    assert house.fails(f"Put{kind}Policy", **name, PolicyName="c", PolicyDocument=ALLOW)[0] == "LimitExceeded"


@pytest.mark.parametrize("kind", KINDS)
def test_missing_policies(house, kind):
    """Policies are found by their exact name."""
    name = {f"{kind}Name": "Kim"}
    house(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument=ALLOW)
    for operation in (f"Get{kind}Policy", f"Delete{kind}Policy"):
        assert house.fails(operation, **name, PolicyName="A") == (
            "NoSuchEntity",
            f"The {kind.lower()} policy with name A cannot be found.",
            404,
        )


@pytest.mark.parametrize("kind", KINDS)
def test_missing_entities(house, kind):
    """The entity is looked up before the document is read."""
    expected = ("NoSuchEntity", f"The {kind.lower()} with name Sam cannot be found.", 404)
    name = {f"{kind}Name": "Sam"}
    assert house.fails(f"Put{kind}Policy", **name, PolicyName="a", PolicyDocument="{") == expected
    assert house.fails(f"Get{kind}Policy", **name, PolicyName="a") == expected
    assert house.fails(f"Delete{kind}Policy", **name, PolicyName="a") == expected
    assert house.fails(f"List{kind}Policies", **name) == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax errors in policy."),
        ('{"Statement":{"Effect":"Maybe","Action":"s3:*","Resource":"*"}}', "Syntax errors in policy."),
        (
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}',
            "Policy statement must contain resources.",
        ),
    ],
)
def test_malformed_policies(house, kind, document, message):
    """What is no policy is refused in AWS's words."""
    assert house.fails(
        f"Put{kind}Policy", **{f"{kind}Name": "Kim"}, PolicyName="a", PolicyDocument=document
    ) == ("MalformedPolicyDocument", message, 400)
