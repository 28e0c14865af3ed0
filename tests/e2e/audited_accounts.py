"""Two accounts as auditors find them: one that is kept well, and one that is not.

They are built by a gateway of this process on a data directory, at earlier times, so that what is to be
old is old; a server that is started on the directory afterwards shows them as they are today.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from e2e.audited_organizations import READING, SHOP_AUDITOR, badly_kept_organization, well_kept_organization
from federation.saml_idp import IdentityProvider
from masugata.gateway import Gateway
from masugata.identity.login_profiles import note_sign_in
from masugata.server import Credentials, bootstrap, open_installation, read_credentials
from masugata.settings import Settings
from phones import enabled_phone, make_phone
from policies import allow, document
from support import ACCOUNT, Clock, House
from unit.services.iam.certificates import certificate, ec_key, pem

AWS = "arn:aws:iam::aws:policy/"
OWN = f"arn:aws:iam::{ACCOUNT}:"
PASSWORD = "Correct-Horse-7-Battery"
STRICT = {
    "MinimumPasswordLength": 16,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "AllowUsersToChangePassword": True,
    "MaxPasswordAge": 90,
    "PasswordReusePrevention": 24,
}


class Past(House):
    """An installation in a data directory whose clock a test sets: `days` are before now."""

    def __init__(self, folder: Path, days: float) -> None:
        self.settings = Settings(data=folder)
        self.clock = Clock()
        self.at(days)
        self.store, self.keeper = open_installation(self.settings, create=True)
        bootstrap(self.store, self.keeper, self.settings, self.clock(), os.urandom)
        self.gateway = Gateway(
            self.store, self.keeper, clock=self.clock, random=os.urandom, skew_seconds=10**9
        )
        self.admin = read_credentials(folder / "credentials", "admin")

    def at(self, days: float) -> datetime:
        """Let it be so many days before now; returns that time."""
        self.clock.offset = -timedelta(days=days)
        return self.clock()

    def trust(self, principal: Any, **condition: Any) -> str:
        """A trust policy."""
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}
        return document(statement)

    def own_policy(self, name: str, *statements: dict[str, Any]) -> str:
        """A customer managed policy; returns its ARN."""
        created = self.client("iam").create_policy(PolicyName=name, PolicyDocument=document(*statements))
        return str(created["Policy"]["Arn"])

    def certificate(self, name: str, days: int) -> None:
        """A server certificate that is valid from now for so many days."""
        key = ec_key()
        body = pem(certificate(key, start=self.clock(), days=days))
        self.client("iam").upload_server_certificate(
            ServerCertificateName=name, CertificateBody=body, PrivateKey=pem(key)
        )


def well_kept(folder: Path) -> Credentials:
    """Root locked away with MFA, people in groups, roles that trust narrowly; returns taro's only key.

    taro may do nothing but assume the role Auditor. It manages a well kept organization.
    """
    past = Past(folder, days=100)
    iam, root = past.client("iam"), past.root("iam")
    iam.update_account_password_policy(**STRICT)
    phone = make_phone(root, "root-account-mfa-device")
    root.enable_mfa_device(UserName=ACCOUNT, **phone.pair(past.clock()))
    root.delete_access_key(AccessKeyId="AKIAROOTROOTROOTROOT")
    _roles(past)
    now = past.at(10)
    past.certificate("shop", days=365)
    iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")
    iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IdentityProvider().metadata())
    iam.create_group(GroupName="readers")
    reading = past.own_policy("reading", allow(["iam:GetUser", "iam:ListUsers"]))
    iam.attach_group_policy(GroupName="readers", PolicyArn=reading)
    past.own_policy("spare", allow("s3:ListAllMyBuckets"))
    iam.create_group(GroupName="operators")
    assuming = past.own_policy("assuming", allow("sts:AssumeRole", f"{OWN}role/Auditor"))
    iam.attach_group_policy(GroupName="operators", PolicyArn=assuming)
    for name, group in (("hanako", "readers"), ("taro", "operators")):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName=group, UserName=name)
    iam.create_login_profile(UserName="hanako", Password=PASSWORD)
    enabled_phone(iam, "hanako", now)
    note_sign_in(past.store, iam.get_user(UserName="hanako")["User"]["UserId"], past.at(1), "192.0.2.1")
    key = past.client_key("taro")
    past.client("sts", key).get_caller_identity()
    past.at(10)
    well_kept_organization(past)
    _retire_administrator(past)
    past.store.close()
    _set_root_password(folder)
    return key


def _roles(past: Past) -> None:
    iam = past.client("iam")
    auditing = past.own_policy(
        "auditing",
        allow(READING),
        allow("sts:AssumeRole", SHOP_AUDITOR),
    )
    own = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    roles = {
        "Auditor": (past.trust({"AWS": ACCOUNT}), auditing),
        "Auditing": (past.trust({"AWS": ACCOUNT}), f"{AWS}SecurityAudit"),
        "Support": (past.trust({"AWS": ACCOUNT}), f"{AWS}AWSSupportAccess"),
        "Machines": (past.trust({"Service": "ec2.amazonaws.com"}, Condition=own), None),
    }
    for name, (trust, attached) in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        if attached:
            iam.attach_role_policy(RoleName=name, PolicyArn=attached)


def _retire_administrator(past: Past) -> None:
    """Root takes the administrator of the first start away, and its own key with it."""
    past.at(100)
    root = past.root("iam")
    root.delete_access_key(UserName="admin", AccessKeyId=past.admin[0])
    root.detach_user_policy(UserName="admin", PolicyArn=f"{AWS}AdministratorAccess")
    root.delete_user(UserName="admin")
    root.delete_access_key(AccessKeyId="AKIAROOTROOTROOTROOT")


def badly_kept(folder: Path) -> Credentials:
    """Everything that one should not do; returns the administrator's key, which is 100 days old.

    It manages a badly kept organization.
    """
    past = Past(folder, days=100)
    iam = past.client("iam")
    past.certificate("shop", days=90)
    everything = allow("*")
    _grant_too_much(past)
    iam.create_user(UserName="careless")
    for name, statement in {
        "all": everything,
        "keys": allow("kms:*"),
        "trail": allow("cloudtrail:*"),
        "market": allow("aws-marketplace:Subscribe"),
        "escalating": allow(["iam:PassRole", "ec2:RunInstances", "iam:CreateAccessKey"]),
    }.items():
        iam.put_user_policy(UserName="careless", PolicyName=name, PolicyDocument=document(statement))
    iam.create_login_profile(UserName="careless", Password=PASSWORD)
    past.client_key("careless")
    iam.create_user(UserName="idle")
    iam.create_login_profile(UserName="idle", Password=PASSWORD)
    iam.put_user_policy(UserName="idle", PolicyName="models", PolicyDocument=document(allow("sagemaker:*")))
    idle = past.client_key("idle")
    past.at(60)
    past.client("sts", idle).get_caller_identity()
    note_sign_in(past.store, iam.get_user(UserName="idle")["User"]["UserId"], past.clock(), "192.0.2.1")
    past.client_key("admin")
    badly_kept_organization(past)
    past.at(0)
    past.root("iam").list_users()
    past.store.close()
    _set_root_password(folder)
    return past.admin


def _grant_too_much(past: Past) -> None:
    iam = past.client("iam")
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=f"{AWS}AdministratorAccess")
    iam.create_user(UserName="chief")
    iam.add_user_to_group(GroupName="admins", UserName="chief")
    other = past.trust({"AWS": "444455556666"})
    roles = {
        "Everything": (past.trust({"AWS": ACCOUNT}), f"{AWS}AdministratorAccess"),
        "Partner": (other, f"{AWS}ReadOnlyAccess"),
        "Machines": (past.trust({"Service": "ec2.amazonaws.com"}), f"{AWS}AWSCloudShellFullAccess"),
        "Own": (past.trust({"AWS": ACCOUNT}), past.own_policy("everything", allow("*"))),
        "Keys": (past.trust({"AWS": ACCOUNT}), past.own_policy("keys", allow("kms:*"))),
        "Trail": (past.trust({"AWS": ACCOUNT}), past.own_policy("trail", allow("cloudtrail:*"))),
        "Market": (
            past.trust({"AWS": ACCOUNT}),
            past.own_policy("market", allow("aws-marketplace:Subscribe")),
        ),
        "Climber": (
            past.trust({"AWS": ACCOUNT}),
            past.own_policy("climbing", allow(["iam:PassRole", "ec2:RunInstances", "iam:CreateAccessKey"])),
        ),
        "Agents": (
            past.trust({"AWS": ACCOUNT}),
            past.own_policy("agents", allow(["bedrock-agentcore:*", "iam:PassRole"])),
        ),
    }
    for name, (trust, attached) in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=name, PolicyArn=attached)
    past.own_policy("spare", allow("*"))


def _set_root_password(folder: Path) -> None:
    """By the only means there is, on the machine itself."""
    command = [
        sys.executable,
        "-m",
        "masugata",
        "root",
        "set-password",
        "--data",
        str(folder),
        "--password-stdin",
    ]
    done = subprocess.run(command, input=PASSWORD, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
