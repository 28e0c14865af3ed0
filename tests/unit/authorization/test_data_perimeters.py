"""The organization's condition keys, in every kind of policy that companies put them in, by real calls."""

from collections.abc import Iterator
from typing import Any

import pytest

from policies import allow, deny, document
from unit.authorization.company import MEMBER, OTHER, OUTSIDE, RCP, Company, company


@pytest.fixture
def shops() -> Iterator[Company]:
    """A company of the test's own, with a role in each account that trusts everybody, for now."""
    with company() as found:
        for account in (found.aws.id, MEMBER, OTHER, OUTSIDE):
            make_role(found, account)
        yield found


def make_role(shops: Company, account: str) -> None:
    """The role `keeper`."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam = shops.aws.account(account).client("iam")
    iam.create_role(RoleName="keeper", AssumeRolePolicyDocument=document(statement))


def only(shops: Company, account: str, **condition: Any) -> None:
    """The role trusts everybody for whom the condition holds."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam = shops.aws.account(account).client("iam")
    iam.update_assume_role_policy(
        RoleName="keeper", PolicyDocument=document(statement | {"Condition": condition})
    )


def may(shops: Company, caller: str, owner: str, **who: Any) -> bool:
    """Whether the caller's administrator, or somebody else there, may assume the role of an account."""
    sts = shops.aws.account(caller).client("sts", **who)
    try:
        sts.assume_role(RoleArn=f"arn:aws:iam::{owner}:role/keeper", RoleSessionName="here")
    except sts.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def callers(shops: Company, owner: str) -> set[str]:
    """The accounts whose administrators may assume the role of an account."""
    return {account for account in (shops.aws.id, MEMBER, OTHER, OUTSIDE) if may(shops, account, owner)}


def test_principals_of_the_organization(shops: Company) -> None:
    """A trust policy for everybody of an organization lets in all of its accounts, and nobody else."""
    only(shops, MEMBER, StringEquals={"aws:PrincipalOrgID": shops.id})
    assert callers(shops, MEMBER) == {shops.aws.id, MEMBER, OTHER}
    only(shops, OUTSIDE, StringEquals={"aws:PrincipalOrgID": shops.id})
    assert callers(shops, OUTSIDE) == {shops.aws.id, MEMBER, OTHER}


def test_principals_below_a_unit(shops: Company) -> None:
    """A path with a star after the unit is everybody below it; one that ends with it those right in it."""
    below = f"{shops.id}/{shops.root}/{shops.unit}/*"
    only(shops, OTHER, **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": below}})
    assert callers(shops, OTHER) == {MEMBER}
    exactly = below.removesuffix("*")
    only(shops, OTHER, **{"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": exactly}})
    assert callers(shops, OTHER) == set()
    shops.move(MEMBER, shops.inner, shops.unit)
    assert callers(shops, OTHER) == {MEMBER}
    shops.move(MEMBER, shops.unit, shops.root)
    assert callers(shops, OTHER) == set()


def test_resources_of_the_organization_in_an_identity_policy(shops: Company) -> None:
    """A user that may assume roles of its organization's accounts alone."""
    iam = shops.aws.account(MEMBER).client("iam")
    iam.create_user(UserName="hanako")
    inside = allow("sts:AssumeRole", StringEquals={"aws:ResourceOrgID": "${aws:PrincipalOrgID}"})
    iam.put_user_policy(UserName="hanako", PolicyName="p", PolicyDocument=document(inside))
    found = [may(shops, MEMBER, owner, user="hanako") for owner in (MEMBER, OTHER, shops.aws.id, OUTSIDE)]
    assert found == [True, True, True, False]


def test_a_perimeter_around_resources(shops: Company) -> None:
    """An SCP that keeps identities from resources of others; not the management account's identities."""
    outer = {"StringNotEqualsIfExists": {"aws:ResourceOrgID": shops.id}}
    shops.attach(shops.root, deny("sts:AssumeRole", **outer))
    assert callers(shops, OUTSIDE) == {shops.aws.id, OUTSIDE}  # a resource of no organization is outside
    assert callers(shops, OTHER) == {shops.aws.id, MEMBER, OTHER, OUTSIDE}


def test_resources_below_a_unit(shops: Company) -> None:
    """Only roles of accounts in one unit may be assumed."""
    path = {"aws:ResourceOrgPaths": f"{shops.id}/{shops.root}/{shops.unit}/*"}
    unlike = deny("sts:AssumeRole", **{"ForAllValues:StringNotLike": path})
    shops.attach(OTHER, unlike)
    assert [may(shops, OTHER, owner) for owner in (MEMBER, OTHER, OUTSIDE)] == [True, False, False]
    assert callers(shops, OTHER) == {shops.aws.id, MEMBER, OUTSIDE}


def test_a_perimeter_around_identities(shops: Company) -> None:
    """An RCP that lets in the organization's principals and AWS's services alone."""
    perimeter = deny(
        "sts:AssumeRole",
        StringNotEqualsIfExists={"aws:PrincipalOrgID": shops.id},
        BoolIfExists={"aws:PrincipalIsAWSService": "false"},
    )
    shops.attach(shops.root, perimeter | {"Principal": "*"}, kind=RCP)
    for owner in (MEMBER, OTHER):
        assert callers(shops, owner) == {shops.aws.id, MEMBER, OTHER}
    assert OUTSIDE in callers(shops, shops.aws.id)


def test_accounts_of_identities_and_resources(shops: Company) -> None:
    """Within an account alone, by variables that are of both sides."""
    shops.attach(
        shops.root, deny("sts:*", StringNotEquals={"aws:ResourceAccount": "${aws:PrincipalAccount}"})
    )
    assert [may(shops, MEMBER, owner) for owner in (MEMBER, OTHER, OUTSIDE)] == [True, False, False]


def test_keys_of_services_are_absent(shops: Company) -> None:
    """What only a service brings is not there in anybody's own call, so it neither allows nor denies one."""
    keys = ("aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceAccount", "aws:SourceArn")
    for key in keys:
        only(shops, MEMBER, StringEquals={key: shops.id})
        assert callers(shops, MEMBER) == set(), key
        only(shops, MEMBER, Null={key: "true"})
        assert callers(shops, MEMBER) == {shops.aws.id, MEMBER, OTHER, OUTSIDE}, key
    deputy = deny(
        "sts:AssumeRole",
        StringNotEqualsIfExists={"aws:SourceOrgID": shops.id},
        Null={"aws:SourceAccount": "false"},
        Bool={"aws:PrincipalIsAWSService": "true"},
    )
    shops.attach(shops.root, deputy | {"Principal": "*"}, kind=RCP)
    assert OUTSIDE in callers(shops, MEMBER)
