"""A small company by real calls: a management account, a unit of shops with an account, and one beside."""

import json
from typing import Any

import boto3

from masugata.authorization.accounts import AccountView, view_of_records
from masugata.store import Store
from masugata.testing.aws import LocalAws

MANAGEMENT = "111122223333"


class Company:
    """`tokyo` is an account in the unit `shops`, `office` one in the root."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.organizations = boto3.client("organizations")
        self.id: str = self.organizations.create_organization()["Organization"]["Id"]
        self.root: str = self.organizations.list_roots()["Roots"][0]["Id"]
        self.enable("SERVICE_CONTROL_POLICY")
        unit = self.organizations.create_organizational_unit(ParentId=self.root, Name="shops")
        self.shops: str = unit["OrganizationalUnit"]["Id"]
        self.tokyo, self.office = self._account("tokyo"), self._account("office")
        self.organizations.move_account(
            AccountId=self.tokyo, SourceParentId=self.root, DestinationParentId=self.shops
        )

    def _account(self, name: str) -> str:
        asked = self.organizations.create_account(Email=f"{name}@example.com", AccountName=name)
        done = self.organizations.describe_create_account_status(
            CreateAccountRequestId=asked["CreateAccountStatus"]["Id"]
        )
        account: str = done["CreateAccountStatus"]["AccountId"]
        return account

    def enable(self, policy_type: str) -> None:
        """Enable a policy type in the root."""
        self.organizations.enable_policy_type(RootId=self.root, PolicyType=policy_type)

    def attach(self, name: str, target: str, *statements: Any, rcp: bool = False) -> str:
        """Make a policy of these statements and attach it to a target; the answer is its ARN."""
        kind = "RESOURCE_CONTROL_POLICY" if rcp else "SERVICE_CONTROL_POLICY"
        made = self.organizations.create_policy(
            Name=name, Description="", Type=kind, Content=document(*statements)
        )["Policy"]["PolicySummary"]
        self.organizations.attach_policy(PolicyId=made["Id"], TargetId=target)
        arn: str = made["Arn"]
        return arn

    def client(self, account: str, service: str, **whom: Any) -> Any:
        """A client of somebody in an account: its administrator, its root user, a user or a role."""
        return self.aws.account(account).client(service, **whom)

    def user(self, account: str, name: str, *statements: Any) -> str:
        """Make a user with an inline policy; the answer is its ARN."""
        iam = self.client(account, "iam", root=True)
        arn: str = iam.create_user(UserName=name)["User"]["Arn"]
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
        return arn

    def role(self, account: str, name: str, principal: Any, *statements: Any) -> str:
        """Make a role that a principal may assume; the answer is its ARN."""
        iam = self.client(account, "iam", root=True)
        trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return arn

    @property
    def store(self) -> Store:
        """Where all of it is kept."""
        return self.aws._installation.store

    def view(self) -> AccountView:
        """All accounts, as tools see them."""
        return view_of_records(self.store.snapshot())


def document(*statements: Any) -> str:
    """The text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """A Deny statement."""
    return allow(action, resource, **elements) | {"Effect": "Deny"}
