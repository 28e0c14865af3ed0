"""The people of the coffee shop, and the calls that they make; coffee_shop.py has the story."""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

HERE = Path(__file__).resolve().parent
MASUGATA = (
    os.environ.get("MASUGATA") or shutil.which("masugata") or str(HERE.parents[1] / ".venv/bin/masugata")
)
SHOP = "/coffee-shop/"  # the path of everything that is made here, and of nothing else
ANSWERS: Counter[str] = Counter()


class UnexpectedError(Exception):
    """An answer was not the expected one."""


def masugata(*arguments: str) -> Any:
    """What a `masugata` verb answers; raises `OSError` and `CalledProcessError`."""
    done = subprocess.run([MASUGATA, *arguments, "--json"], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


@cache
def environment() -> dict[str, str]:
    """The endpoint, so that nothing here can reach another account; and the administrator's keys."""
    variables: dict[str, str] = masugata("env")
    return variables


def words(error: ClientError) -> str:
    """The server's own words."""
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"


class Person:
    """Somebody with keys, whose every call says whether it was allowed, and is checked."""

    def __init__(self, name: str, key_id: str, secret: str, token: str | None = None) -> None:
        self.name = name
        self.key_id = key_id
        masugata = environment()
        session = boto3.Session(key_id, secret, token, region_name=masugata["AWS_REGION"])
        self.iam, self.sts, self.cloudtrail = (
            session.client(
                service, endpoint_url=masugata["AWS_ENDPOINT_URL"], verify=masugata.get("AWS_CA_BUNDLE")
            )
            for service in ("iam", "sts", "cloudtrail")
        )

    def may(self, what: str, call: Callable[..., Any], **parameters: Any) -> Any:
        """Make a call that must be answered."""
        try:
            answer = call(**parameters)
        except ClientError as error:
            raise UnexpectedError(f"{self.name} {what}: should be allowed: {words(error)}") from error
        print(f"  allowed  {self.name} {what}")
        ANSWERS["allowed"] += 1
        return answer

    def may_not(self, what: str, reason: str, call: Callable[..., Any], **parameters: Any) -> None:
        """Make a call that must be refused, with words that hold the reason."""
        try:
            call(**parameters)
        except ClientError as error:
            if reason not in words(error):
                wrong = f"{self.name} {what}: should be denied with the words: {reason}: {words(error)}"
                raise UnexpectedError(wrong) from error
            print(f"  DENIED   {self.name} {what}\n           {words(error)}")
            ANSWERS["denied"] += 1
            return
        raise UnexpectedError(f"{self.name} {what}: should be denied, and was allowed")

    # The verbs of the shop, each a call with its words.

    def hires(self, name: str, what: str) -> "Person":
        """Make a user with an access key."""
        self.may(what, self.iam.create_user, UserName=name, Path=SHOP)
        what = f"gives {name} an access key (アクセスキー)"
        key = self.may(what, self.iam.create_access_key, UserName=name)["AccessKey"]
        return Person(name, key["AccessKeyId"], key["SecretAccessKey"])

    def writes_policy(self, name: str) -> str:
        """Make a policy of the file of this name; returns its ARN."""
        document = (HERE / "policies" / f"{name}.json").read_text("utf-8")
        what = f"writes the policy {name}"
        made = self.may(what, self.iam.create_policy, PolicyName=name, Path=SHOP, PolicyDocument=document)
        arn: str = made["Policy"]["Arn"]
        return arn

    def rings_up(self) -> Any:
        """Write into the cash register."""
        tags = [{"Key": "latte", "Value": "480"}]
        return self.iam.tag_instance_profile(InstanceProfileName="cash-register", Tags=tags)

    def refunds(self) -> Any:
        """Take out of the cash register."""
        return self.iam.untag_instance_profile(InstanceProfileName="cash-register", TagKeys=["latte"])

    def looks_into_register(self) -> Any:
        """Read the cash register."""
        return self.iam.list_instance_profile_tags(InstanceProfileName="cash-register")

    def counts_beans(self) -> Any:
        """Write into the inventory system."""
        tags = [{"Key": "beans-kg", "Value": "12"}]
        return self.iam.tag_instance_profile(InstanceProfileName="inventory-system", Tags=tags)

    def looks_at_stock(self) -> Any:
        """Read the inventory system."""
        return self.iam.list_instance_profile_tags(InstanceProfileName="inventory-system")


def _tidy_up_people(iam: Any) -> None:
    for user in iam.list_users(PathPrefix=SHOP)["Users"]:
        name = {"UserName": user["UserName"]}
        for key in iam.list_access_keys(**name)["AccessKeyMetadata"]:
            iam.delete_access_key(**name, AccessKeyId=key["AccessKeyId"])
        for attached in iam.list_attached_user_policies(**name)["AttachedPolicies"]:
            iam.detach_user_policy(**name, PolicyArn=attached["PolicyArn"])
        for group in iam.list_groups_for_user(**name)["Groups"]:
            iam.remove_user_from_group(**name, GroupName=group["GroupName"])
        iam.delete_user(**name)


def _tidy_up_posts(iam: Any) -> None:
    for group in iam.list_groups(PathPrefix=SHOP)["Groups"]:
        name = {"GroupName": group["GroupName"]}
        for attached in iam.list_attached_group_policies(**name)["AttachedPolicies"]:
            iam.detach_group_policy(**name, PolicyArn=attached["PolicyArn"])
        iam.delete_group(**name)
    for role in iam.list_roles(PathPrefix=SHOP)["Roles"]:
        name = {"RoleName": role["RoleName"]}
        for attached in iam.list_attached_role_policies(**name)["AttachedPolicies"]:
            iam.detach_role_policy(**name, PolicyArn=attached["PolicyArn"])
        iam.delete_role(**name)


def _tidy_up(iam: Any) -> None:
    """Remove whatever is in the shop's path."""
    _tidy_up_people(iam)
    _tidy_up_posts(iam)
    for policy in iam.list_policies(Scope="Local", PathPrefix=SHOP)["Policies"]:
        iam.delete_policy(PolicyArn=policy["Arn"])
    for machine in iam.list_instance_profiles(PathPrefix=SHOP)["InstanceProfiles"]:
        iam.delete_instance_profile(InstanceProfileName=machine["InstanceProfileName"])


@contextmanager
def open_shop() -> Iterator[None]:
    """Tidy up before, for an interrupted run's sake, and after."""
    admin = Person("admin", environment()["AWS_ACCESS_KEY_ID"], environment()["AWS_SECRET_ACCESS_KEY"])
    _tidy_up(admin.iam)
    try:
        yield
    finally:
        print("closing the shop …")
        _tidy_up(admin.iam)
