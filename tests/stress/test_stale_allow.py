"""Requests race with revokes over several workers, and not one is allowed after its revoke was answered."""

import os
from pathlib import Path

import pytest

from databases import new_database
from masugata.server import read_credentials
from stress import runner
from stress.client import Identity

# A million in nightly; the variable is for those who want fewer, or more.
REQUESTS = int(os.environ.get("MASUGATA_TEST_REQUESTS", "1000000"))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """An empty database."""
    return new_database(request.param, request, tmp_path)


def race(folder, requests, flags=(), **environment):
    """The report on a server with three workers."""
    with runner.server(folder / "data", 3, flags, **environment) as served:
        admin = Identity(*read_credentials(folder / "data" / "credentials", "admin"))
        return runner.run(served, admin, folder, requests)


@pytest.mark.parametrize("requests", [3_000, pytest.param(REQUESTS, marks=pytest.mark.nightly)])
def test_no_stale_allow(tmp_path, record_property, database, requests):
    """Every answer that can be judged is right: refused after a revoke, allowed after a grant."""
    flags = ("--database", database.place) if database.sort == "postgres" else ()
    report = race(tmp_path, requests, flags)
    record_property("told", f"racing requests, 3 workers on {database.sort}: {report}")
    assert report.fine, str(report)


@pytest.mark.parametrize("step", ["_authenticate", "_authorize"])
def test_a_stale_allow_is_seen(tmp_path, step):
    """A server that is ten milliseconds late, in what it knows of keys or of policies, is found out."""
    report = race(tmp_path, 3_000, PYTHONPATH=str(Path(__file__).parent / "late"), LATE=step)
    assert report["stale"] > 0
    assert report["wrongly_denied"] == report["failed"] == 0
    assert not report.fine
