"""`masugata login` against a real server: passwords, MFA codes, root, several workers."""

import json
import os
import subprocess
import sys
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pyotp
import pytest

from e2e.conftest import Server, running
from masugata.identity.mfa import seal_seed
from masugata.records.iam import MFA_DEVICE, USER, MfaDevice
from masugata.server import open_installation, read_credentials, read_session_token, utc_now
from masugata.settings import Settings

PASSWORD = "Correct-Horse-9"
NEW = "Battery-Staple-7"


def masugata(server: Server, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """A run of the command line on the server's data directory."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    return subprocess.run(
        [sys.executable, "-m", "masugata", *arguments, "--data", str(server.data)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        input=typed,
        env=clean,
    )


def profile(server: Server, name: str = "login"):
    """The credentials of a profile."""
    path = server.data / "credentials"
    return (*read_credentials(path, name), read_session_token(path, name))


def who(server: Server, key) -> str:
    """The ARN that a key or session stands for."""
    return str(server.client("sts", key[:2], token=key[2]).get_caller_identity()["Arn"])


def ask(server: Server, user: str, password: str) -> int:
    """The status of a sign-in on a connection of its own."""
    connection = HTTPConnection(server.url.partition("//")[2], timeout=60)
    body = json.dumps({"user": user, "password": password})
    try:
        connection.request("POST", "/_masugata/sign-in", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with two workers, in which alice has a password that she must change."""
    for server in running(tmp_path_factory.mktemp("data"), "--workers", "2"):
        server.user("alice")
        iam = server.client("iam")
        iam.update_account_password_policy(MinimumPasswordLength=8, AllowUsersToChangePassword=True)
        iam.create_login_profile(UserName="alice", Password=PASSWORD, PasswordResetRequired=True)
        yield server


def test_from_first_password_to_mfa(server):
    """A first password is changed at the first sign-in; later a code is needed, and counts once."""
    first = masugata(server, "login", "--user", "alice", "--password-stdin", typed=f"{PASSWORD}\n{NEW}\n")
    assert first.returncode == 0, first.stderr
    assert "Signed in as arn:aws:iam::" in first.stdout
    assert (server.data / "credentials").stat().st_mode & 0o777 == 0o600
    assert who(server, profile(server)).endswith(":user/alice")
    exported = masugata(server, "env", "--profile", "login")
    assert f"export AWS_SESSION_TOKEN={profile(server)[2]}" in exported.stdout.replace("'", "")
    refused = masugata(server, "login", "--user", "alice", "--password-stdin", typed=f"{PASSWORD}\n")
    assert refused.returncode == 1
    assert "AuthenticationFailed" in refused.stderr
    assert PASSWORD not in refused.stderr

    store, keeper = open_installation(Settings(data=server.data), create=False)
    try:
        seed = seal_seed(keeper, server.account, "/", "phone", b"k" * 40)
        device = MfaDevice(
            name="phone",
            seed=seed,
            create_date=utc_now(),
            enable_date=utc_now(),
            owner_id=store.snapshot().get(USER, server.account, "alice").id,
        )
        store.submit(lambda tx: tx.put(MFA_DEVICE, server.account, device)).result()
    finally:
        store.close()
    without = masugata(server, "login", "--user", "alice", "--password-stdin", typed=f"{NEW}\n")
    assert without.returncode == 1
    assert "MultiFactorAuthRequired" in without.stderr
    code = pyotp.TOTP(b32encode(b"k" * 40).decode()).now()
    arguments = ("login", "--user", "alice", "--password-stdin", "--mfa-code", code, "--json")
    answer = json.loads(masugata(server, *arguments, typed=f"{NEW}\n").stdout)
    assert answer["Credentials"]["SessionToken"]
    assert masugata(server, *arguments, typed=f"{NEW}\n").returncode == 1


def test_root_is_reset_under_the_running_server(server):
    """Root signs in, is reset on the machine, and every worker refuses its session at the next request."""
    assert masugata(server, "root", "set-password", "--password-stdin", typed=f"{PASSWORD}\n").returncode == 0
    signed_in = masugata(
        server, "login", "--root", "--password-stdin", "--profile", "root-session", typed=f"{PASSWORD}\n"
    )
    assert signed_in.returncode == 0, signed_in.stderr
    session = profile(server, "root-session")
    assert all(who(server, session).endswith(":root") for _ in range(8))
    assert masugata(server, "root", "reset", "--yes").returncode == 0
    sts = [server.client("sts", session[:2], token=session[2]) for _ in range(8)]
    for client in sts:
        with pytest.raises(client.exceptions.ClientError, match="InvalidClientTokenId"):
            client.get_caller_identity()
    again = masugata(server, "login", "--root", "--password-stdin", typed=f"{PASSWORD}\n")
    assert again.returncode == 1


def test_a_limit_binds_all_workers(server):
    """Wrong passwords on connections of their own, so on both workers, run into one limit."""
    server.client("iam").create_user(UserName="bob")
    server.client("iam").create_login_profile(UserName="bob", Password=PASSWORD)
    # Not each must wait on a slow machine, but the waits grow to a minute.
    statuses = [ask(server, "bob", "wrong") for _ in range(12)]
    assert statuses[:5] == [403] * 5
    assert 429 in statuses


def test_many_at_once(server):
    """Sign-ins at the same moment are all answered, at the full cost of their hashes."""
    server.client("iam").create_user(UserName="carol")
    server.client("iam").create_login_profile(UserName="carol", Password=PASSWORD)
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: ask(server, "carol", PASSWORD), range(12)))
    assert statuses == [200] * 12


def test_what_login_refuses(server):
    """A long-term key is not overwritten, nor a password sent unencrypted to another machine."""
    kept = masugata(server, "login", "--user", "alice", "--profile", "admin", "--password-stdin", typed="x\n")
    assert kept.returncode == 2
    assert "holds a long-term access key" in kept.stderr
    away = masugata(
        server,
        "login",
        "--user",
        "alice",
        "--endpoint",
        "http://masugata.example:4566",
        "--password-stdin",
        typed="x\n",
    )
    assert away.returncode == 2
    assert "use https" in away.stderr
    assert masugata(server, "login", "--password-stdin", typed="x\n").returncode == 2
