"""Principals whose rights come and go, each in another way.

Each has a request that it sends all the time, `grant` to let it, and `revoke` to stop it with one
call. `ask` does a call as the administrator and gives the body of the answer; `shared` is a dict of all
principals of a run.
"""

import json
from datetime import UTC, datetime, timedelta

from stress.client import Identity, text

ACCOUNT = "111122223333"
LIST = ("iam", "ListGroups", {"MaxItems": "1"})
WHO = ("sts", "GetCallerIdentity", {})


def document(effect="Allow", action="iam:ListGroups", **more):
    """A policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": "*"} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal):
    """A trust policy."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def credentials(body):
    """The access key or session in an answer."""
    found = [text(body, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    return found if found[2] else found[:2]


class Principal:
    """A user with an access key, who may list groups as soon as it is granted."""

    request = LIST

    def __init__(self, ask, name, shared):
        self.ask, self.name, self.shared = ask, name, shared
        self.credentials = None

    def setup(self):
        """Make what stays."""
        self.ask("iam", "CreateUser", UserName=self.name)
        self.make_key()

    def make_key(self):
        """A new access key."""
        self.credentials = credentials(self.ask("iam", "CreateAccessKey", UserName=self.name))

    def allow(self):
        """An inline policy that allows the request."""
        self.ask("iam", "PutUserPolicy", UserName=self.name, PolicyName="a", PolicyDocument=document())

    def policy(self, text_of_policy):
        """A new customer managed policy."""
        made = self.ask("iam", "CreatePolicy", PolicyName=self.name, PolicyDocument=text_of_policy)
        return text(made, "Arn")


class DeactivatedKey(Principal):
    """Its access key is deactivated."""

    def setup(self):
        super().setup()
        self.allow()

    def grant(self):
        self.status("Active")

    def revoke(self):
        self.status("Inactive")

    def status(self, status):
        key = self.credentials[0]
        self.ask("iam", "UpdateAccessKey", UserName=self.name, AccessKeyId=key, Status=status)


class DeletedKey(Principal):
    """Its access key is deleted, and it gets another one."""

    def setup(self):
        self.ask("iam", "CreateUser", UserName=self.name)
        self.allow()

    def grant(self):
        self.make_key()

    def revoke(self):
        self.ask("iam", "DeleteAccessKey", UserName=self.name, AccessKeyId=self.credentials[0])


class DetachedPolicy(Principal):
    """Its managed policy is detached."""

    def setup(self):
        super().setup()
        self.arn = self.policy(document())

    def grant(self):
        self.ask("iam", "AttachUserPolicy", UserName=self.name, PolicyArn=self.arn)

    def revoke(self):
        self.ask("iam", "DetachUserPolicy", UserName=self.name, PolicyArn=self.arn)


class ChangedPolicy(Principal):
    """Its managed policy gets another default version."""

    def setup(self):
        super().setup()
        self.arn = self.policy(document())
        self.ask(
            "iam", "CreatePolicyVersion", PolicyArn=self.arn, PolicyDocument=document(action="iam:GetUser")
        )
        self.ask("iam", "AttachUserPolicy", UserName=self.name, PolicyArn=self.arn)

    def grant(self):
        self.ask("iam", "SetDefaultPolicyVersion", PolicyArn=self.arn, VersionId="v1")

    def revoke(self):
        self.ask("iam", "SetDefaultPolicyVersion", PolicyArn=self.arn, VersionId="v2")


class LeftGroup(Principal):
    """It is removed from the group that allows."""

    def setup(self):
        super().setup()
        self.ask("iam", "CreateGroup", GroupName=self.name)
        self.ask("iam", "PutGroupPolicy", GroupName=self.name, PolicyName="a", PolicyDocument=document())

    def grant(self):
        self.ask("iam", "AddUserToGroup", UserName=self.name, GroupName=self.name)

    def revoke(self):
        self.ask("iam", "RemoveUserFromGroup", UserName=self.name, GroupName=self.name)


class Denied(Principal):
    """An inline policy denies it."""

    def setup(self):
        super().setup()
        self.allow()

    def grant(self):
        # What is granted first has nothing to delete yet.
        self.ask("iam", "PutUserPolicy", UserName=self.name, PolicyName="d", PolicyDocument=document("Deny"))
        self.ask("iam", "DeleteUserPolicy", UserName=self.name, PolicyName="d")

    def revoke(self):
        self.ask("iam", "PutUserPolicy", UserName=self.name, PolicyName="d", PolicyDocument=document("Deny"))


class Bounded(Principal):
    """A permissions boundary leaves it nothing."""

    def setup(self):
        super().setup()
        self.allow()
        self.arn = self.policy(document(action="iam:GetUser"))
        self.revoke()

    def grant(self):
        self.ask("iam", "DeleteUserPermissionsBoundary", UserName=self.name)

    def revoke(self):
        self.ask("iam", "PutUserPermissionsBoundary", UserName=self.name, PermissionsBoundary=self.arn)


class DeletedUser(Principal):
    """It acts in a session; the user behind it is deleted, and another one gets its name."""

    request = WHO

    def setup(self):
        pass

    def grant(self):
        super().setup()
        key = self.credentials
        self.credentials = credentials(self.ask("sts", "GetSessionToken", by=Identity(*key)))
        self.ask("iam", "DeleteAccessKey", UserName=self.name, AccessKeyId=key[0])

    def revoke(self):
        self.ask("iam", "DeleteUser", UserName=self.name)


class RoleSession(Principal):
    """A session of a role."""

    def setup(self):
        self.ask("iam", "CreateRole", RoleName=self.name, AssumeRolePolicyDocument=trust(ACCOUNT))
        arn = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self.credentials = credentials(self.ask("sts", "AssumeRole", RoleArn=arn, RoleSessionName="stress"))


class DeletedRole(RoleSession):
    """The role is deleted, and another one gets its name."""

    request = WHO

    def setup(self):
        pass

    def grant(self):
        super().setup()

    def revoke(self):
        self.ask("iam", "DeleteRole", RoleName=self.name)


class DetachedRolePolicy(RoleSession):
    """The role's managed policy is detached."""

    def setup(self):
        super().setup()
        self.arn = self.policy(document())

    def grant(self):
        self.ask("iam", "AttachRolePolicy", RoleName=self.name, PolicyArn=self.arn)

    def revoke(self):
        self.ask("iam", "DetachRolePolicy", RoleName=self.name, PolicyArn=self.arn)


class RevokedSession(RoleSession):
    """Sessions of the role that were issued before a moment are revoked, as AWS's console does it."""

    def setup(self):
        super().setup()
        self.ask("iam", "PutRolePolicy", RoleName=self.name, PolicyName="a", PolicyDocument=document())
        self.arn = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    def grant(self):
        # What is granted first has nothing to delete yet.
        self.revoke()
        self.ask("iam", "DeleteRolePolicy", RoleName=self.name, PolicyName="AWSRevokeOlderSessions")
        self.credentials = credentials(
            self.ask("sts", "AssumeRole", RoleArn=self.arn, RoleSessionName="stress")
        )

    def revoke(self):
        moment = datetime.now(UTC) + timedelta(seconds=1)  # sessions are issued in whole seconds
        older = {"DateLessThan": {"aws:TokenIssueTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}}
        policy = document("Deny", "*", Condition=older)
        name = "AWSRevokeOlderSessions"
        self.ask("iam", "PutRolePolicy", RoleName=self.name, PolicyName=name, PolicyDocument=policy)


class Distrusted(Principal):
    """A role that it assumes trusts it no more."""

    def setup(self):
        super().setup()
        self.arn = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self.request = ("sts", "AssumeRole", {"RoleArn": self.arn, "RoleSessionName": "stress"})
        self.ask("iam", "CreateRole", RoleName=self.name, AssumeRolePolicyDocument=trust(ACCOUNT))

    def grant(self):
        self.update(f"arn:aws:iam::{ACCOUNT}:user/{self.name}")

    def revoke(self):
        self.update(f"arn:aws:iam::{ACCOUNT}:user/admin")

    def update(self, principal):
        self.ask("iam", "UpdateAssumeRolePolicy", RoleName=self.name, PolicyDocument=trust(principal))
