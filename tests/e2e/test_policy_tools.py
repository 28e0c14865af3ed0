"""The policy tools against a real server, with a caller's own credentials."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from e2e.conftest import Server
    from masugata.server import Credentials

READ = {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}
GUARD = {"Effect": "Deny", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/admin"}


def document(*statements):
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def masugata(credentials: "Credentials", *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line as somebody."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MASUGATA_"))}
    keys = {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }
    return subprocess.run(
        [sys.executable, "-m", "masugata", *arguments], env=kept | keys, capture_output=True, check=False
    )


def test_a_simulation_is_what_the_server_then_does(own_server: "Server") -> None:
    """Through the endpoint, with pages, the command line answers what real calls get afterwards."""
    server = own_server
    padding = {
        "Effect": "Deny",
        "Action": "s3:PutObject",
        "Resource": [f"arn:aws:s3:::b/{i:0>40}" for i in range(25)],
    }
    bob = server.user("bob", read=document(READ, GUARD))
    for number in range(3):
        server.user(f"other{number}", much=document(padding))
    head = f"arn:aws:iam::{server.account}:user/"
    ran = masugata(
        server.admin(),
        *("policy", "simulate", "iam:GetUser", "--endpoint", server.url, "--principal", f"{head}bob"),
        *("--resource", f"{head}bob", "--resource", f"{head}admin", "--json"),
    )
    assert ran.returncode == 1, ran.stderr
    decisions = {one["resource"]: one["decision"] for one in orjson.loads(ran.stdout)["results"]}
    assert decisions == {f"{head}bob": "allowed", f"{head}admin": "explicitDeny"}
    iam = server.client("iam", bob)
    for arn, decision in decisions.items():
        try:
            iam.get_user(UserName=arn.rpartition("/")[2])
            got = "allowed"
        except ClientError as error:
            got = "explicitDeny" if "explicit deny" in str(error) else "implicitDeny"
        simulated = server.client("iam").simulate_principal_policy(
            PolicySourceArn=f"{head}bob", ActionNames=["iam:GetUser"], ResourceArns=[arn]
        )
        assert got == decision == simulated["EvaluationResults"][0]["EvalDecision"]


def test_who_may_not_read_the_account_is_told_so(server: "Server") -> None:
    """The server's own denial is shown, and the status is 2: nothing was answered."""
    nobody = server.user("nobody")
    arguments = (
        "policy",
        "simulate",
        "iam:GetUser",
        "--endpoint",
        server.url,
        "--principal",
        "arn:aws:iam::1:user/x",
    )
    ran = masugata(nobody, *arguments)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"is not authorized to perform: iam:GetAccountAuthorizationDetails" in ran.stderr


def test_a_server_that_is_not_there(server: "Server") -> None:
    """An address at which nobody answers is named."""
    arguments = ("policy", "simulate", "iam:GetUser", "--endpoint", "http://127.0.0.1:1", "--principal", "x")
    ran = masugata(server.admin(), *arguments)
    assert ran.returncode == 2
    assert b"http://127.0.0.1:1" in ran.stderr
