"""An organization made from the shell, on a server with two workers that is started again in between."""

import json
from pathlib import Path
from typing import Any

from e2e.command_line import CommandLine, environment_of
from e2e.conftest import policy
from e2e.workers import Supervised, supervised
from policies import deny
from stress.client import Identity

ROLE = "OrganizationAccountAccessRole"
SCP = "SERVICE_CONTROL_POLICY"
ATTEMPTS = 50


class Shell:
    """The AWS CLI of a person who has a profile for the member account."""

    def __init__(self, server: Supervised, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.renew()

    def renew(self) -> None:
        """Learn where the server is now."""
        files = {"AWS_CONFIG_FILE": str(self.folder / "config"), "HOME": str(self.folder)}
        self.aws = CommandLine(environment_of(self.server) | files)

    def organizations(self, command: str, *arguments: str) -> Any:
        """What a command prints that must work."""
        status, output, errors = self.aws("organizations", command, *arguments)
        assert (status, errors) == (0, ""), command
        return output

    def profile(self, account: str) -> None:
        """Let the profile `shop` be the role in this account that CreateAccount made."""
        text = f"[profile shop]\nrole_arn = arn:aws:iam::{account}:role/{ROLE}\n"
        (self.folder / "config").write_text(f"{text}credential_source = Environment\n")


def create_account(shell: Shell, name: str) -> str:
    """Ask for an account and wait until it is there, as people do; returns its id."""
    new = ("create-account", "--account-name", name, "--email", f"{name}@example.com")
    asked = shell.organizations(*new, "--tags", "Key=till,Value=1")["CreateAccountStatus"]
    for _ in range(ATTEMPTS):
        request = ("--create-account-request-id", asked["Id"])
        status = shell.organizations("describe-create-account-status", *request)["CreateAccountStatus"]
        if status["State"] != "IN_PROGRESS":
            assert status["State"] == "SUCCEEDED", status
            return str(status["AccountId"])
    raise AssertionError("the account is in progress for ever")


def member_calls(server: Supervised, account: str) -> list[int]:
    """The status of a call in the member account on each worker."""
    arn = f"arn:aws:iam::{account}:role/{ROLE}"
    session = server.client("sts").assume_role(RoleArn=arn, RoleSessionName="each")["Credentials"]
    caller = Identity(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    with server.connection_to_each() as connections:
        return [one.call(caller, "iam", "ListUsers")[0] for one in connections.values()]


def attach_tag_policy(server: Supervised, root: str) -> None:
    """A tag policy for all accounts."""
    organizations = server.client("organizations")
    organizations.enable_policy_type(RootId=root, PolicyType="TAG_POLICY")
    content = json.dumps({"tags": {"team": {"tag_key": {"@@assign": "Team"}}}})
    made = organizations.create_policy(Name="tags", Description="", Type="TAG_POLICY", Content=content)
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)


def test_organization_from_the_shell(tmp_path: Path) -> None:
    """An SCP binds an assumed role in a new account on all workers and after a restart, until detached."""
    with supervised(tmp_path / "data", 2) as (server, told):
        shell = Shell(server, tmp_path)
        made = shell.organizations("create-organization", "--feature-set", "ALL")["Organization"]
        assert made["MasterAccountId"] == server.account
        account = create_account(shell, "shop")
        root = shell.organizations("list-roots", "--query", "Roots[0].Id")
        shops = ("create-organizational-unit", "--parent-id", root, "--name", "shops")
        unit = shell.organizations(*shops, "--query", "OrganizationalUnit.Id")
        there = ("--source-parent-id", root, "--destination-parent-id", unit)
        shell.organizations("move-account", "--account-id", account, *there)
        shell.organizations("enable-policy-type", "--root-id", root, "--policy-type", SCP)
        file = tmp_path / "scp.json"
        file.write_text(json.dumps(policy(deny("iam:ListUsers"))))
        new = ("create-policy", "--name", "no-users", "--description", "", "--type", SCP)
        scp = shell.organizations(*new, "--content", f"file://{file}")["Policy"]["PolicySummary"]
        target = ("--policy-id", scp["Id"], "--target-id", unit)
        shell.organizations("attach-policy", *target)
        assert member_calls(server, account) == [403, 403]
        attach_tag_policy(server, root)

        assert server.stop() == 0
        assert told.next() == "STOPPING=1"
        server.start()
        assert told.next() == "READY=1"
        shell.renew()
        shell.profile(account)
        status, _, errors = shell.aws("iam", "list-users", "--profile", "shop")
        assert status in (254, 255)
        assert f"with an explicit deny in a service control policy: {scp['Arn']}" in errors
        shell.organizations("detach-policy", *target)
        assert member_calls(server, account) == [200, 200]
        assert shell.aws("iam", "list-users", "--profile", "shop") == (0, {"Users": []}, "")

        effective = ("describe-effective-policy", "--policy-type", "TAG_POLICY", "--target-id", account)
        content = shell.organizations(*effective)["EffectivePolicy"]["PolicyContent"]
        assert json.loads(content) == {"tags": {"team": {"tag_key": "Team"}}}
        names = ("list-accounts", "--page-size", "1", "--query", "Accounts[].Name")
        assert sorted(shell.organizations(*names)) == ["management", "shop"]
        asked = [{"AttributeKey": "EventName", "AttributeValue": "ListAccounts"}]
        pages = server.client("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]
        assert len(pages) == 2
