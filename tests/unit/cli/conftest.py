"""Running the command line as a shell does, and a real installation to run it on."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from masugata.cli import main
from masugata.records.account import ACCOUNT
from masugata.records.iam import ROLE, USER, Role, Tag, User
from masugata.server import bootstrap, open_installation
from masugata.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT_ID = "111122223333"


@dataclass
class Finished:
    """What a shell sees of a program that has ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def masugata(monkeypatch, capsys, tmp_path):
    """Calls the program in an empty folder, without variables of the person who runs the tests."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "MASUGATA_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["masugata", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Finished(ended.value.code or 0, captured.out, captured.err)

    return run


@pytest.fixture
def install(tmp_path):
    """Makes a data directory with an account and `admin`, and with what a job puts there; its settings."""

    def run(job):
        settings = Settings(data=tmp_path / "data")
        store, keeper = open_installation(settings, create=True)
        try:
            bootstrap(store, keeper, settings, NOW, os.urandom)
            store.submit(job).result()
        finally:
            store.close()
        return settings

    return run


@pytest.fixture
def installation(install):
    """A data directory with an account, `admin`, the user alice and the role cook."""
    return install(_people)


def _people(transaction):
    assert transaction.partitions(ACCOUNT) == [(ACCOUNT_ID, "")]
    alice = User(
        name="alice",
        path="/kitchen/",
        id="AIDAALICEALICEALICE1",
        create_date=NOW,
        inline_policies={
            "own": '{"Version":"2012-10-17","Statement":['
            '{"Sid":"Assume","Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},'
            '{"Sid":"Team","Effect":"Allow","Action":"iam:GetUser","Resource":"*",'
            '"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},'
            '{"Sid":"Office","Effect":"Deny","Action":"iam:*","Resource":"*",'
            '"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}'
        },
        tags=(Tag("team", "pasta"),),
    )
    trusts = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"AWS":"AIDAALICEALICEALICE1"}}}'
    )
    cook = Role(
        name="cook",
        id="AROACOOKCOOKCOOKCOO1",
        create_date=NOW,
        trust_policy=trusts,
        attached_policies=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    )
    transaction.put(USER, ACCOUNT_ID, alice)
    transaction.put(ROLE, ACCOUNT_ID, cook)
