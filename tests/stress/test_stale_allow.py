"""Requests race with revokes over several workers, and not one is allowed after its revoke was answered."""

import os

import pytest

from masugata.server import read_credentials
from stress import runner
from stress.client import Identity

# A million in nightly; the variable is for those who want fewer, or more.
REQUESTS = int(os.environ.get("MASUGATA_TEST_REQUESTS", "1000000"))


@pytest.mark.parametrize("requests", [3_000, pytest.param(REQUESTS, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("workers", [3])
def test_no_stale_allow(tmp_path, capsys, requests, workers):
    """Every answer that can be judged is right: refused after a revoke, allowed after a grant."""
    with runner.server(tmp_path / "data", workers) as host:
        admin = Identity(*read_credentials(tmp_path / "data" / "credentials", "admin"))
        report = runner.run(host, admin, tmp_path, requests)
    with capsys.disabled():
        print(f"\nracing requests, {workers} workers on SQLite: {report}")  # noqa: T201
    assert report.fine, str(report)
