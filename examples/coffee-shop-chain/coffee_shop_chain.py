#!/usr/bin/env python3
"""A chain of coffee shops: what an administrator cannot do, because the organization says so.

    .venv/bin/python examples/coffee-shop-chain/coffee_shop_chain.py

Everything happens inside this process, from the organization of organization.yaml; README.md has the story.
Exit status: 0 all as expected, 1 an answer was another.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from masugata.testing import Account, LocalAws, local_aws

HERE = Path(__file__).resolve().parent
BY_SCP = "with an explicit deny in a service control policy"
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
REGISTER = {"InstanceProfileName": "cash-register"}
ANSWERS: Counter[str] = Counter()


class UnexpectedError(Exception):
    """An answer was not the expected one."""


def may(who: str, what: str, call: Callable[..., Any], **parameters: Any) -> Any:
    """Make a call that must be answered."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        raise UnexpectedError(f"{who} {what}: should be allowed: {error}") from error
    print(f"  allowed  {who} {what}")
    ANSWERS["allowed"] += 1
    return answer


def may_not(who: str, what: str, reason: str, call: Callable[..., Any], **parameters: Any) -> None:
    """Make a call that must be refused, with words that hold the reason."""
    try:
        call(**parameters)
    except ClientError as error:
        words = error.response["Error"]["Message"]
        if reason not in words:
            wrong = f"{who} {what}: should be denied with the words: {reason}: {words}"
            raise UnexpectedError(wrong) from error
        print(f"  DENIED   {who} {what}\n           {words}")
        ANSWERS["denied"] += 1
        return
    raise UnexpectedError(f"{who} {what}: should be denied, and was allowed")


def ordinary_day(shop: Account) -> None:
    """Within the shop IAM decides, as in a single one."""
    print("\n1. An ordinary day in Tokyo (東京店の一日)")
    taro, hanako = (shop.client("iam", user=name) for name in ("taro", "hanako"))
    may("taro", "sets up the cash register (レジ)", taro.create_instance_profile, **REGISTER)
    latte = {"Tags": [{"Key": "latte", "Value": "480"}]}
    may("hanako", "rings up a latte (レジを打つ)", hanako.tag_instance_profile, **REGISTER, **latte)
    refund = {"TagKeys": ["latte"]}
    reason = "no identity-based policy allows"
    # The SCP says no first, and would if she had the permission.
    may_not("hanako", "refunds it (返金)", BY_SCP, hanako.untag_instance_profile, **REGISTER, **refund)
    may_not("hanako", "hires somebody", reason, hanako.create_user, UserName="friend")


def administrator(shop: Account) -> None:
    """Whoever may do everything in an account, may do what the organization leaves."""
    print("\n2. The manager is an administrator, and tries everything (店長は管理者、それでも)")
    refund = {**REGISTER, "TagKeys": ["latte"]}
    taro = shop.client("iam", user="taro")
    may_not("taro", "refunds it himself", BY_SCP, taro.untag_instance_profile, **refund)
    may(
        "taro",
        "gives hanako every permission there is",
        taro.put_user_policy,
        UserName="hanako",
        PolicyName="everything",
        PolicyDocument=json.dumps(EVERYTHING),
    )
    hanako = shop.client("iam", user="hanako")
    may_not("hanako", "refunds it", BY_SCP, hanako.untag_instance_profile, **refund)
    may_not("taro", "throws the register away", BY_SCP, taro.delete_instance_profile, **REGISTER)
    name = {"RoleName": "refunds"}
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{shop.id}:user/taro"},
                "Action": "sts:AssumeRole",
            },
        }
    )
    steal = "lets himself into the role of headquarters"
    may_not("taro", steal, BY_SCP, taro.update_assume_role_policy, **name, PolicyDocument=trust)
    organizations = shop.client("organizations", user="taro")
    may_not("taro", "leaves the chain (脱退)", BY_SCP, organizations.leave_organization)
    root = shop.client("iam", root=True)
    may_not("the shop's root user", "refunds it", BY_SCP, root.untag_instance_profile, **refund)


def headquarters(aws: LocalAws, shop: Account) -> None:
    """Who is exempt in the SCP comes in by a role, and every step is in both diaries."""
    print("\n3. Headquarters refunds (本部が返金する)")
    midori = aws.account("headquarters").client("sts", user="midori")
    role = f"arn:aws:iam::{shop.id}:role/headquarters/refunds"
    what = "puts on the role in the shop (ロール)"
    key = may("midori", what, midori.assume_role, RoleArn=role, RoleSessionName="midori")["Credentials"]
    iam = boto3.client(
        "iam",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )
    may("midori", "refunds the latte", iam.untag_instance_profile, **REGISTER, TagKeys=["latte"])


def another_place(aws: LocalAws, shop: Account) -> None:
    """What binds an account is where it is in the tree; the next call feels it."""
    print("\n4. The shop moves to headquarters, and back (異動)")
    organizations = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = {
        unit["Name"]: unit["Id"]
        for parent in (root, _unit(organizations, root, "店舗"))
        for unit in organizations.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]
    }
    taro = shop.client("iam", user="taro")
    latte = {"Tags": [{"Key": "latte", "Value": "480"}]}
    may("taro", "rings up a latte", taro.tag_instance_profile, **REGISTER, **latte)
    for what, before, after in (
        ("moves the shop out of 店舗", "東日本", "本部"),
        ("moves it back", "本部", "東日本"),
    ):
        places = {"SourceParentId": units[before], "DestinationParentId": units[after]}
        may("the chain's admin", what, organizations.move_account, AccountId=shop.id, **places)
        if after == "本部":
            may("taro", "refunds it", taro.untag_instance_profile, **REGISTER, TagKeys=["latte"])
            may("taro", "rings up another", taro.tag_instance_profile, **REGISTER, **latte)
    may_not("taro", "refunds that", BY_SCP, taro.untag_instance_profile, **REGISTER, TagKeys=["latte"])
    del aws


def _unit(organizations: Any, parent: str, name: str) -> str:
    listed = organizations.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]
    found: str = next(unit["Id"] for unit in listed if unit["Name"] == name)
    return found


def main() -> int:
    """Tell the story."""
    with local_aws(organization=HERE / "organization.yaml") as aws:
        shop = aws.account("shop-tokyo")
        try:
            ordinary_day(shop)
            administrator(shop)
            headquarters(aws, shop)
            another_place(aws, shop)
        except UnexpectedError as error:
            print(f"  UNEXPECTED: {error}", file=sys.stderr)
            return 1
    print(f"\n{ANSWERS['allowed']} allowed, {ANSWERS['denied']} denied, all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
