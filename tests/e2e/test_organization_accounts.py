"""Accounts of an organization on real servers: through restarts, on several workers, and from the machine."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from databases import new_database
from e2e.conftest import Server
from e2e.test_login import PASSWORD, masugata
from e2e.workers import supervised
from masugata.records.organizations import CREATE_ACCOUNT_REQUEST
from masugata.server import open_installation, read_credentials, read_session_token
from masugata.settings import Settings
from stress.client import Identity

MEMBER = "444455556666"
ROLE = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
SLOW = {"MASUGATA_LIMITS": "organizations.account-creation-seconds=86400"}
_MOST_POLLS = 10_000


def ask(organizations: Any, account_id: str = MEMBER, email: str = "shop@example.com") -> str:
    """Ask for an account; the id of the request."""
    tags = [{"Key": "masugata:account-id", "Value": account_id}]
    asked = organizations.create_account(Email=email, AccountName="Shop", Tags=tags)
    return str(asked["CreateAccountStatus"]["Id"])


def ended(organizations: Any, request_id: str) -> dict[str, Any]:
    """What became of a request once it is no longer in progress."""
    for _ in range(_MOST_POLLS):
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request_id)
        status: dict[str, Any] = answer["CreateAccountStatus"]
        if status["State"] != "IN_PROGRESS":
            return status
    raise AssertionError("the request does not end")


def make_due(data: Path, management: str) -> int:
    """Let a day pass for all requests; how many were in progress."""
    store, _ = open_installation(Settings(data=data), create=False)

    def earlier(transaction: Any) -> int:
        waiting = transaction.referring(CREATE_ACCOUNT_REQUEST, management, "state", "IN_PROGRESS")
        for asked in waiting:
            due = msgspec.structs.replace(asked, due=asked.due - timedelta(days=1))
            transaction.put(CREATE_ACCOUNT_REQUEST, management, due)
        return len(waiting)

    try:
        return int(store.submit(earlier).result())
    finally:
        store.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_restart_in_the_middle(tmp_path: Path, how: str) -> None:
    """A request outlives its server; the next one makes the account when it is due, and makes it once."""
    server = Server(tmp_path / "data", environment=SLOW).start()
    try:
        organizations = server.client("organizations")
        organizations.create_organization()
        request_id = ask(organizations)
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request_id)
        assert answer["CreateAccountStatus"]["State"] == "IN_PROGRESS"
        getattr(server, how)()
        assert make_due(server.data, server.account) == 1
        server.start()
        organizations = server.client("organizations")
        assert ended(organizations, request_id)["State"] == "SUCCEEDED"
        credentials = server.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="visit")["Credentials"]
        assert server.session(credentials, "iam").list_users()["Users"] == []
        getattr(server, how)()
        server.start()
        attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateAccountResult"}
        events = server.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
        assert len(events) == 1
        assert len(server.client("organizations").list_accounts()["Accounts"]) == 2
    finally:
        if server.process is not None:
            server.stop()


def test_closed_on_every_worker(tmp_path: Path) -> None:
    """An account that one worker closed is closed for the next request on each of them."""
    with supervised(tmp_path / "data", 2) as (server, _):
        organizations = server.client("organizations")
        organizations.create_organization()
        assert ended(organizations, ask(organizations))["State"] == "SUCCEEDED"
        given = server.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="visit")["Credentials"]
        member = Identity(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        assumption = {"RoleArn": ROLE, "RoleSessionName": "visit"}
        with server.connection_to_each() as connections:
            assert len(connections) == 2
            for connection in connections.values():
                assert connection.call(member, "iam", "ListUsers")[0] == 200
                assert connection.call(server.identity(), "sts", "AssumeRole", **assumption)[0] == 200
            organizations.close_account(AccountId=MEMBER)
            for connection in connections.values():
                status, body = connection.call(member, "iam", "ListUsers")
                assert (status, b"InvalidClientTokenId" in body) == (403, True)
                status, body = connection.call(server.identity(), "sts", "AssumeRole", **assumption)
                assert (status, b"AccessDenied" in body) == (403, True)


def test_root_user_of_a_member(tmp_path: Path) -> None:
    """On the machine a member's root user gets a key and a password; an SCP binds both at once."""
    server = Server(tmp_path / "data").start()
    try:
        organizations = server.client("organizations")
        organizations.create_organization()
        assert ended(organizations, ask(organizations))["State"] == "SUCCEEDED"
        root_id = organizations.list_roots()["Roots"][0]["Id"]
        organizations.enable_policy_type(RootId=root_id, PolicyType="SERVICE_CONTROL_POLICY")
        statement = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
        policy = organizations.create_policy(
            Name="no-iam",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps({"Version": "2012-10-17", "Statement": statement}),
        )["Policy"]["PolicySummary"]
        made = masugata(server, "root", "create-access-key", "--account", MEMBER)
        assert (made.returncode, made.stderr) == (0, "")
        named = ("--account", MEMBER, "--password-stdin")
        made = masugata(server, "root", "set-password", *named, typed=f"{PASSWORD}\n")
        assert (made.returncode, made.stderr) == (0, "")
        login = ("login", "--root", "--email", "shop@example.com", "--password-stdin")
        signed_in = masugata(server, *login, typed=f"{PASSWORD}\n")
        assert f"Signed in as arn:aws:iam::{MEMBER}:root" in signed_in.stdout, signed_in.stderr
        path = server.data / "credentials"
        session = read_credentials(path, "login")
        roots = [
            server.client("iam", read_credentials(path, f"root-{MEMBER}")),
            server.client("iam", session, token=read_session_token(path, "login")),
        ]
        for root in roots:
            assert root.list_users()["Users"] == []
        organizations.attach_policy(PolicyId=policy["Id"], TargetId=MEMBER)
        for root in roots:
            with pytest.raises(ClientError, match=policy["Arn"]):
                root.list_users()
        organizations.close_account(AccountId=MEMBER)
        assert masugata(server, *login, typed=f"{PASSWORD}\n").returncode == 1
    finally:
        server.stop()


def test_two_nodes_make_each_account_once(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Where two nodes look for what is due in one PostgreSQL database, each request ends just once."""
    database = new_database("postgres", request, tmp_path)
    environment = {"MASUGATA_DATABASE": database.place}
    nodes = [Server(tmp_path / name, environment=environment) for name in ("first", "second")]
    try:
        nodes[0].start()
        nodes[1].data.mkdir(mode=0o700)
        (nodes[1].data / "root.key").write_bytes((nodes[0].data / "root.key").read_bytes())
        (nodes[1].data / "root.key").chmod(0o600)
        nodes[1].start()
        admin = nodes[0].admin()
        first, second = (node.client("organizations", admin) for node in nodes)
        first.create_organization()
        ids = [f"{number:012d}" for number in range(5)]
        asked = [
            ask((first, second)[number % 2], id_, f"shop-{number}@example.com")
            for number, id_ in enumerate(ids)
        ]
        assert {ended(second, request_id)["State"] for request_id in asked} == {"SUCCEEDED"}
        accounts = [account["Id"] for account in first.list_accounts()["Accounts"]]
        assert accounts == [*ids, nodes[0].account]
        attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateAccountResult"}
        cloudtrail = nodes[1].client("cloudtrail", admin)
        assert len(cloudtrail.lookup_events(LookupAttributes=[attribute])["Events"]) == 5
    finally:
        for node in nodes:
            if node.process is not None:
                node.stop()
