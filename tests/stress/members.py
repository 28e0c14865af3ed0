"""Principals that the policies of an organization stop: of member accounts, or who ask for what is theirs."""

import json

import orjson

from stress.client import Identity
from stress.principals import Principal, credentials, document, trust

_PATIENCE = 10_000  # questions whether an account is there


class Organization:
    """The organization of the server's account, in which all principals of a run are."""

    def __init__(self, ask):
        self._ask = ask
        self("CreateOrganization", FeatureSet="ALL")
        (root,) = self("ListRoots")["Roots"]
        self.root = root["Id"]
        for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
            if kind not in {enabled["Type"] for enabled in root["PolicyTypes"]}:
                self("EnablePolicyType", RootId=self.root, PolicyType=kind)
        self.unit = self.make_unit("shops")
        self.member = Member(self, ask, "shared")
        self.move(self.member.id, self.root, self.unit)

    def __call__(self, action, **parameters):
        """A call as the management account's administrator."""
        return orjson.loads(self._ask("organizations", action, **parameters) or "{}")

    def make_unit(self, name):
        """The id of a new unit in the root."""
        made = self("CreateOrganizationalUnit", ParentId=self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def policy(self, name, kind, content):
        """The id of a new policy."""
        made = self("CreatePolicy", Name=name, Type=kind, Description="", Content=content)
        return made["Policy"]["PolicySummary"]["Id"]

    def move(self, account, old, new):
        """Move an account."""
        self("MoveAccount", AccountId=account, SourceParentId=old, DestinationParentId=new)


class Member:
    """A new account, and its administrator."""

    def __init__(self, organization, ask, name):
        email = f"{name}@example.com".lower()
        status = organization("CreateAccount", AccountName=name, Email=email)["CreateAccountStatus"]
        for _ in range(_PATIENCE):
            if status["State"] != "IN_PROGRESS":
                break
            found = organization("DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"])
            status = found["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        self.id = status["AccountId"]
        role = f"arn:aws:iam::{self.id}:role/OrganizationAccountAccessRole"
        self.admin = Identity(*credentials(ask("sts", "AssumeRole", RoleArn=role, RoleSessionName="stress")))


class OfAnOrganization(Principal):
    """A user of a member account, who is denied its request by a policy while that is attached."""

    kind = "SERVICE_CONTROL_POLICY"
    action = "iam:ListGroups"

    def setup(self):
        if "organization" not in self.shared:
            self.shared["organization"] = Organization(self.ask)
        self.organization = self.shared["organization"]
        self.make_user(self.organization.member)
        self.policy_id = self.organization.policy(self.name, self.kind, self.content())
        self.attach()

    def make_user(self, member):
        """A user of the member, who may list groups."""
        self.arn = f"arn:aws:iam::{member.id}:user/{self.name}"
        name = {"UserName": self.name, "by": member.admin}
        self.ask("iam", "CreateUser", **name)
        self.credentials = credentials(self.ask("iam", "CreateAccessKey", **name))
        self.ask("iam", "PutUserPolicy", PolicyName="a", PolicyDocument=document(), **name)

    def content(self):
        """A policy that denies this one principal, for others are at the same place."""
        condition = {"ArnEquals": {"aws:PrincipalArn": self.arn}}
        return document("Deny", self.action, Condition=condition)

    def target(self):
        """Where the policy is attached."""
        return self.organization.root

    def grant(self):
        self.organization("DetachPolicy", PolicyId=self.policy_id, TargetId=self.target())

    def revoke(self):
        self.attach()

    def attach(self):
        """Put the policy to its target."""
        self.organization("AttachPolicy", PolicyId=self.policy_id, TargetId=self.target())


class ControlledAtTheRoot(OfAnOrganization):
    """A service control policy is attached to the root."""


class ControlledInAUnit(OfAnOrganization):
    """One is attached to the unit of its account."""

    def target(self):
        return self.organization.unit


class ControlledAccount(OfAnOrganization):
    """One is attached to its account."""

    def target(self):
        return self.organization.member.id


class ChangedControl(ControlledAccount):
    """One that is attached to its account gets another content."""

    def grant(self):
        self.update(document("Deny", "iam:GetUser"))

    def revoke(self):
        self.update(self.content())

    def update(self, content):
        self.organization("UpdatePolicy", PolicyId=self.policy_id, Content=content)


class MovedAccount(OfAnOrganization):
    """Its account is moved to a unit that denies."""

    def setup(self):
        if "organization" not in self.shared:
            self.shared["organization"] = Organization(self.ask)
        self.organization = organization = self.shared["organization"]
        self.member = Member(organization, self.ask, self.name)
        self.make_user(self.member)
        self.denying = organization.make_unit(self.name)
        policy = organization.policy(self.name, self.kind, document("Deny", self.action))
        organization("AttachPolicy", PolicyId=policy, TargetId=self.denying)
        self.revoke()

    def grant(self):
        self.organization.move(self.member.id, self.denying, self.organization.root)

    def revoke(self):
        self.organization.move(self.member.id, self.organization.root, self.denying)


class ResourceControlled(OfAnOrganization):
    """It assumes a role of a member account, on which a resource control policy denies it."""

    kind = "RESOURCE_CONTROL_POLICY"
    action = "sts:AssumeRole"

    def make_user(self, member):
        Principal.setup(self)
        self.arn = f"arn:aws:iam::111122223333:user/{self.name}"
        role = f"arn:aws:iam::{member.id}:role/{self.name}"
        self.request = ("sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "stress"})
        self.ask(
            "iam", "CreateRole", by=member.admin, RoleName=self.name,
            AssumeRolePolicyDocument=trust("111122223333"),
        )  # fmt: skip
        may = document(action=self.action)
        self.ask("iam", "PutUserPolicy", UserName=self.name, PolicyName="a", PolicyDocument=may)

    def content(self):
        found = json.loads(super().content())
        found["Statement"][0]["Principal"] = "*"
        return json.dumps(found)

    def target(self):
        return self.organization.member.id
