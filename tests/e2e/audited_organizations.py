"""Two organizations as auditors find them, around the accounts of `audited_accounts`.

Like those they are built at an earlier time, by nothing but calls that anybody could make.
"""

import json
import os
from typing import Any

from masugata.scheduler.due import DueRunner
from policies import allow, deny, document
from support import ACCOUNT, House

SECURITY = "222233334444"
SHOP = "333344445555"
SHOP_NAME = "kyoto-shop"
SHOP_UNITS = "shops/kyoto"
SHOP_TAGS = {"team": "till"}
AUDITOR = f"arn:aws:iam::{ACCOUNT}:role/Auditor"
SHOP_AUDITOR = f"arn:aws:iam::{SHOP}:role/Auditor"
READING = ["iam:Get*", "iam:List*", "iam:Generate*", "organizations:Describe*", "organizations:List*"]

CONFIGURATION = {
    "aws": {
        "organizations_enabled_regions": ["us-east-1", "ap-northeast-1"],
        "organizations_trusted_delegated_administrators": [SECURITY],
    }
}
"""What Prowler is told that is right here: the Regions that are used, and who may be a delegate."""

_TYPES = ("SERVICE_CONTROL_POLICY", "AISERVICES_OPT_OUT_POLICY", "TAG_POLICY")
_TAG_POLICY = {"tags": {"team": {"tag_key": {"@@assign": "team"}}}}


def well_kept_organization(house: House) -> None:
    """All Regions but two closed, no data for AI services, tag rules attached, one delegate, root locked.

    The member `SHOP` two levels down has a role that the role Auditor of the management account may assume.
    """
    organizations = house.client("organizations")
    root = _create(organizations)
    no_ai = {"@@operators_allowed_for_child_policies": ["@@none"], "@@assign": "optOut"}
    for kind, content in (
        ("SERVICE_CONTROL_POLICY", _only_in(CONFIGURATION["aws"]["organizations_enabled_regions"])),
        ("AISERVICES_OPT_OUT_POLICY", json.dumps({"services": {"default": {"opt_out_policy": no_ai}}})),
        ("TAG_POLICY", json.dumps(_TAG_POLICY)),
    ):
        organizations.attach_policy(PolicyId=_policy(organizations, kind, content), TargetId=root)
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    house.client("iam").enable_organizations_root_credentials_management()
    _delegate(house, SECURITY)
    parent = root
    for name in SHOP_UNITS.split("/"):
        made = organizations.create_organizational_unit(ParentId=parent, Name=name)
        parent = made["OrganizationalUnit"]["Id"]
    _member(house, SHOP, SHOP_NAME, **SHOP_TAGS)
    organizations.move_account(AccountId=SHOP, SourceParentId=root, DestinationParentId=parent)
    trust = {"Effect": "Allow", "Principal": {"AWS": AUDITOR}, "Action": "sts:AssumeRole"}
    iam = _administering(house, SHOP, "iam")
    iam.create_role(RoleName="Auditor", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName="Auditor", PolicyName="read", PolicyDocument=document(allow(READING)))


def badly_kept_organization(house: House) -> None:
    """The same half done: another Region, members that may opt in, rules that bind nobody, any delegate."""
    organizations = house.client("organizations")
    _create(organizations)
    for kind, content in (
        ("SERVICE_CONTROL_POLICY", _only_in(["eu-central-1"])),
        (
            "AISERVICES_OPT_OUT_POLICY",
            json.dumps({"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}),
        ),
        ("TAG_POLICY", json.dumps(_TAG_POLICY)),
    ):
        _policy(organizations, kind, content)
    _delegate(house, SHOP)


def _create(organizations: Any) -> str:
    """A new organization with the policy types that auditors ask for; returns the id of its root."""
    organizations.create_organization()
    root = str(organizations.list_roots()["Roots"][0]["Id"])
    for kind in _TYPES:
        organizations.enable_policy_type(RootId=root, PolicyType=kind)
    return root


def _only_in(regions: list[str]) -> str:
    """An SCP that closes all other Regions to what is not global."""
    statement = deny(StringNotEquals={"aws:RequestedRegion": regions})
    del statement["Action"]
    return document({**statement, "NotAction": ["iam:*", "organizations:*", "sts:*"]})


def _policy(organizations: Any, kind: str, content: str) -> str:
    name = kind.lower().replace("_", "-")
    made = organizations.create_policy(Name=name, Description="", Type=kind, Content=content)
    return str(made["Policy"]["PolicySummary"]["Id"])


def _delegate(house: House, account: str) -> None:
    """A new member account that administers GuardDuty for all."""
    organizations = house.client("organizations")
    _member(house, account, f"delegate-{account}")
    organizations.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    organizations.register_delegated_administrator(
        AccountId=account, ServicePrincipal="guardduty.amazonaws.com"
    )


def _member(house: House, account: str, name: str, **tags: str) -> None:
    """A new account with this id; what a server's scheduler does is done here."""
    given = {"masugata:account-id": account, **tags}
    asked = house.client("organizations").create_account(
        AccountName=name,
        Email=f"{name}@example.com",
        Tags=[{"Key": key, "Value": value} for key, value in given.items()],
    )["CreateAccountStatus"]
    DueRunner(house.store, os.urandom, keeper=house.keeper).run(house.clock())
    ended = house.client("organizations").describe_create_account_status(CreateAccountRequestId=asked["Id"])
    assert ended["CreateAccountStatus"]["State"] == "SUCCEEDED", ended


def _administering(house: House, account: str, service: str) -> Any:
    """A client of the role by which the management account administers a member."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session = house.client("sts").assume_role(RoleArn=role, RoleSessionName="setup")["Credentials"]
    key = session["AccessKeyId"], session["SecretAccessKey"]
    return house.client(service, key, token=session["SessionToken"])
