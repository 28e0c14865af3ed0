"""`masugata root set-password` and `reset`: on this machine only, in one step, and recorded."""

import io
import json
import sys

import pytest

from masugata.identity import passwords
from masugata.identity.mfa import seal_seed
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ACCESS_KEY, LOGIN_PROFILE, MFA_DEVICE, MfaDevice
from masugata.server import CredentialsError, credentials_path, open_installation, read_credentials
from unit.cli.conftest import ACCOUNT_ID, NOW

PASSWORD = "Correct-Horse-9"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hashes that cost next to nothing."""
    monkeypatch.setattr(passwords, "RECOMMENDED", passwords.Parameters(1, 1, 8))


@pytest.fixture
def root(masugata, installation, monkeypatch):
    """Calls a verb of `root` with lines on standard input; gives what a shell sees."""

    def call(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return masugata("root", *arguments, "--data", installation.data)

    return call


@pytest.fixture
def state(installation):
    """Reads the installation: a record, or the events, newest first."""

    def read(what):
        store, _ = open_installation(installation, create=False)
        try:
            return what(store)
        finally:
            store.close()

    return read


def profile(store):
    return store.snapshot().get(LOGIN_PROFILE, ACCOUNT_ID, ACCOUNT_ID)


def names(store):
    rows = store.events(ACCOUNT_ID, "us-east-1")
    assert all(json.loads(row.body)["userIdentity"]["type"] == "Root" for row in rows)
    return sorted(row.name for row in rows)


def add_device(installation):
    store, keeper = open_installation(installation, create=False)
    try:
        device = MfaDevice(
            name="phone",
            seed=seal_seed(keeper, ACCOUNT_ID, "/", "phone", b"k" * 40),
            create_date=NOW,
            owner_id=ACCOUNT_ID,
            enable_date=NOW,
        )
        store.submit(lambda tx: tx.put(MFA_DEVICE, ACCOUNT_ID, device)).result()
    finally:
        store.close()


def test_set_password(root, state):
    """The password comes from standard input, not from an argument; setting it again ends its sessions."""
    first = root("set-password", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (first.status, first.err) == (0, "")
    assert "no MFA device" in first.out
    before = state(profile)
    assert root("set-password", "--password-stdin", "--json", typed="Other-Horse-10\n").status == 0
    after = state(profile)
    assert after.generation != before.generation
    assert after.hashes != before.hashes
    assert state(names) == ["PasswordUpdated", "PasswordUpdated"]


@pytest.mark.parametrize("typed", ["", "short\n", "alllowercase\n", "root@example.com\n", "x" * 129 + "\n"])
def test_no_password(root, state, typed):
    """A password that the root user may not have is not set, and not repeated."""
    finished = root("set-password", "--password-stdin", typed=typed)
    assert finished.status == 2
    assert not typed or typed.strip() not in finished.err
    assert state(profile) is None
    assert state(names) == []


def test_typed_twice(root, state, monkeypatch):
    """A person types a new password twice, unseen, and again if the two differ."""
    typed = [PASSWORD, "Corect-Horse-9", PASSWORD, PASSWORD]
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: typed.pop(0))
    assert root("set-password").status == 0
    assert typed == []
    assert state(profile) is not None


def test_reset(root, state, installation):
    """Password, device and keys are gone at once, sessions end, and each part is recorded."""
    root("set-password", "--password-stdin", typed=f"{PASSWORD}\n")
    made = json.loads(root("create-access-key", "--json").out)["id"]
    add_device(installation)
    finished = root("reset", "--yes")
    assert finished.status == 0
    assert f"deleted access key {made}" in finished.out
    assert f"deleted MFA device arn:aws:iam::{ACCOUNT_ID}:mfa/phone" in finished.out
    assert "deleted its password" in finished.out
    assert state(profile) is None
    assert state(lambda s: list(s.snapshot().scan(MFA_DEVICE, ACCOUNT_ID))) == []
    assert state(lambda s: s.snapshot().get(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID).root_reset) > 0
    assert state(names) == [
        "CreateAccessKey",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteVirtualMFADevice",
        "PasswordRecoveryRequested",
        "PasswordUpdated",
    ]
    with pytest.raises(CredentialsError, match="has no profile `root`"):
        read_credentials(credentials_path(installation), "root")


def test_reset_with_a_new_password(root, state):
    """A reset may set a new password in the same step."""
    finished = root("reset", "--yes", "--password-stdin", "--json", typed=f"{PASSWORD}\n")
    assert json.loads(finished.out)["password"] == ["set"]
    assert state(profile) is not None
    assert state(names) == ["PasswordRecoveryCompleted", "PasswordRecoveryRequested"]


def test_a_reset_that_ends_sessions_alone_is_recorded(root, state):
    """A root user may have nothing left but sessions: that they were ended is an event all the same."""
    assert root("reset", "--yes").status == 0
    assert state(names) == ["PasswordRecoveryRequested"]


def test_reset_keeps_users(root, state):
    """Keys of users are not root's."""
    root("reset", "--yes")
    assert len(state(lambda s: list(s.snapshot().scan(ACCESS_KEY, ACCOUNT_ID)))) == 1


def test_a_preset_key(root, state, masugata, installation):
    """A key that the settings preset is deactivated, so that the next start does not make it again."""
    del masugata
    store, _ = open_installation(installation, create=False)
    key = next(store.snapshot().scan(ACCESS_KEY, ACCOUNT_ID))
    preset = type(key)(
        id="ROOTROOTROOT", owner_id=ACCOUNT_ID, create_date=NOW, secret=key.secret, preset=True
    )
    store.submit(lambda tx: tx.put(ACCESS_KEY, ACCOUNT_ID, preset)).result()
    store.close()
    assert "deactivated access key ROOTROOTROOT" in root("reset", "--yes").out
    assert state(lambda s: s.snapshot().get(ACCESS_KEY, ACCOUNT_ID, "ROOTROOTROOT").active) is False


def test_reset_asks(root, state):
    """Without a clear yes nothing is done, and a password on standard input does not count as one."""
    root("set-password", "--password-stdin", typed=f"{PASSWORD}\n")
    assert root("reset", typed="n\n").status == 130
    assert root("reset", "--password-stdin", typed="y\nOther-Horse-10\n").status == 2
    assert state(names) == ["PasswordUpdated"]


def test_member_account(root, state):
    """`--account` sets and resets the password of another account's root user, and says how it signs in."""

    def put(store):
        record = Account(id="444455556666", root_email="shop@example.com", create_date=NOW)
        store.submit(lambda tx: tx.put(ACCOUNT, record.id, record)).result()

    def member_profile(store):
        return store.snapshot().get(LOGIN_PROFILE, "444455556666", "444455556666")

    state(put)
    named = ("--account", "shop@example.com")
    finished = root("set-password", *named, "--password-stdin", typed=f"{PASSWORD}\n")
    assert (finished.status, finished.err) == (0, "")
    assert "`masugata login --root --email shop@example.com`" in finished.out
    assert state(member_profile) is not None
    assert state(profile) is None
    assert root("reset", *named, "--yes").status == 0
    assert state(member_profile) is None
