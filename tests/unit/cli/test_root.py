"""`masugata root`: the root user's access keys, made and deleted on this machine, each use recorded."""

import json
from datetime import timedelta

import msgspec
import pytest

from masugata.records.account import ACCOUNT as ACCOUNT_KIND
from masugata.records.account import Account
from masugata.server import CredentialsError, credentials_path, open_installation, read_credentials
from masugata.settings import Settings
from unit.cli.conftest import NOW

ACCOUNT = "111122223333"
MEMBER = "000055556666"
DAY = timedelta(days=1)


@pytest.fixture
def root(masugata, installation):
    """Calls a verb of `root` on the installation; gives its JSON."""

    def call(*arguments, status=0):
        finished = masugata("root", *arguments, "--data", installation.data, "--json")
        assert finished.status == status, finished.err
        return json.loads(finished.out) if status == 0 else finished.err

    return call


def recorded(settings, account=ACCOUNT):
    """Events of the installation, newest first."""
    store, _ = open_installation(settings, create=False)
    try:
        return [json.loads(row.body) for row in store.events(account, "us-east-1")]
    finally:
        store.close()


def test_life_of_a_key(root, installation):
    """A key is made, kept in the profile `root`, listed, deleted, and both acts are recorded as root's."""
    assert root("list") == []
    made = root("create-access-key")
    assert made["profile"] == "root"
    assert read_credentials(credentials_path(installation), "root").access_key_id == made["id"]
    assert root("list") == [{"id": made["id"], "active": True}]
    assert root("delete-access-key", made["id"]) == {"deleted": made["id"]}
    assert root("list") == []
    with pytest.raises(CredentialsError, match="has no profile `root`"):
        read_credentials(credentials_path(installation), "root")
    events = recorded(installation)
    assert {(e["eventName"], e["userIdentity"]["type"]) for e in events} == {
        ("CreateAccessKey", "Root"),
        ("DeleteAccessKey", "Root"),
    }
    assert {e["requestParameters"]["accessKeyId"] for e in events} == {made["id"]}


def test_third_key(root, installation):
    """A third key is refused as in AWS, and the profile keeps the secret of the second."""
    root("create-access-key")
    second = root("create-access-key")["id"]
    error = root("create-access-key", status=2)
    assert "has 2 access keys already" in error
    assert read_credentials(credentials_path(installation), "root").access_key_id == second
    assert len(root("list")) == 2
    assert len(recorded(installation)) == 2, "what was refused is not recorded as done"


def test_deleting_another_key_keeps_the_profile(root, installation):
    """Only the deleted key's profile goes."""
    first, second = (root("create-access-key")["id"] for _ in range(2))
    root("delete-access-key", first)
    assert read_credentials(credentials_path(installation), "root").access_key_id == second


def test_keys_of_others(root, installation):
    """These verbs touch the root user's keys alone."""
    admin = read_credentials(credentials_path(installation), "admin").access_key_id
    for key_id in (admin, "AKIANOBODY", "", "x" * 5000):
        assert "has no access key" in root("delete-access-key", key_id, status=2)
    assert recorded(installation) == []


def test_text(masugata, installation):
    """For people the same is said in words, and a secret never."""
    made = masugata("root", "create-access-key", "--data", installation.data)
    key = read_credentials(credentials_path(installation), "root")
    assert made.out.startswith(f"Made {key.access_key_id};")
    listed = masugata("root", "list", "--data", installation.data)
    assert f"  {key.access_key_id}  active" in listed.out
    deleted = masugata("root", "delete-access-key", key.access_key_id, "--data", installation.data)
    assert deleted.out == f"Deleted {key.access_key_id}.\n"
    assert key.secret_access_key not in made.out + made.err + listed.out + listed.err


@pytest.mark.parametrize("verb", [("list",), ("create-access-key",), ("delete-access-key", "AKIAX")])
def test_no_installation(masugata, verb, tmp_path, monkeypatch):
    """Without an installation, or with an ephemeral one, there is nothing to manage, and nothing is made."""
    finished = masugata("root", *verb, "--data", tmp_path / "none")
    assert finished.status == 2
    assert "holds no installation: start one with `masugata up`" in finished.err
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv("MASUGATA_EPHEMERAL", "1")
    finished = masugata("root", *verb)
    assert finished.status == 2
    assert "ephemeral server" in finished.err


def test_database_without_an_account(masugata, tmp_path):
    """A database that was made by a start that crashed has no root user yet."""
    settings = Settings(data=tmp_path / "young")
    open_installation(settings, create=True)[0].close()
    finished = masugata("root", "list", "--data", settings.data)
    assert finished.status == 2
    assert "has no account yet" in finished.err


@pytest.fixture
def _member(installation):
    """A member account, `shop` by its alias; the first account's number is a greater one."""
    store, _ = open_installation(installation, create=False)
    try:
        record = Account(id=MEMBER, root_email="Shop@example.com", alias="shop", create_date=NOW - DAY)
        store.submit(lambda tx: tx.put(ACCOUNT_KIND, MEMBER, record)).result()
    finally:
        store.close()


@pytest.mark.usefixtures("_member")
@pytest.mark.parametrize("named", [MEMBER, "shop", "shop@EXAMPLE.com"])
def test_key_of_a_member_account(root, installation, named):
    """`--account` gives another account's root user a key, under a profile of its own; the default stays."""
    made = root("create-access-key", "--account", named)
    assert made["profile"] == f"root-{MEMBER}"
    path = credentials_path(installation)
    assert read_credentials(path, f"root-{MEMBER}").access_key_id == made["id"]
    assert root("list", "--account", named) == [{"id": made["id"], "active": True}]
    assert root("list") == []
    assert "has no access key" in root("delete-access-key", made["id"], status=2)
    root("delete-access-key", made["id"], "--account", named)
    with pytest.raises(CredentialsError, match="has no profile"):
        read_credentials(path, f"root-{MEMBER}")
    assert recorded(installation) == []
    assert [event["eventName"] for event in recorded(installation, MEMBER)] == [
        "DeleteAccessKey",
        "CreateAccessKey",
    ]


@pytest.mark.usefixtures("_member")
def test_accounts_that_have_no_root_user(root, installation):
    """An account that is not there, or is closed, is named in one line."""
    assert "has no account `nowhere`" in root("list", "--account", "nowhere", status=2)
    store, _ = open_installation(installation, create=False)
    try:
        record = store.snapshot().get(ACCOUNT_KIND, MEMBER, MEMBER)
        closed = msgspec.structs.replace(record, state="CLOSED", closed=NOW)
        store.submit(lambda tx: tx.put(ACCOUNT_KIND, MEMBER, closed)).result()
    finally:
        store.close()
    error = root("create-access-key", "--account", "shop", status=2)
    assert error == f"masugata: the account {MEMBER} is closed\n"
