"""Prowler, a real auditor, runs its checks of IAM and Organizations with nothing but an endpoint set."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.audited_accounts import OWN, badly_kept, well_kept
from e2e.audited_organizations import SHOP, SHOP_AUDITOR, SHOP_NAME, SHOP_TAGS, SHOP_UNITS
from e2e.prowler_report import PROGRAM, Audited, Report, audited, variables
from e2e.prowler_table import ALONE, CHECKS, MEMBER
from masugata.server import Credentials

# In one process, so that each account is audited once.
pytestmark = [pytest.mark.nightly, pytest.mark.xdist_group("prowler")]


@pytest.fixture(scope="module", autouse=True)
def prowler() -> None:
    """The program, which is too large to be made by the way."""
    if not PROGRAM.exists():
        pytest.skip("NO PROWLER: make it with `scripts/env peer prowler` (minutes, 2 GB)")


@pytest.fixture(scope="module")
def well_kept_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Audited, dict[str, str]]]:
    """A server of the well kept account, and a session of its role Auditor."""
    folder = tmp_path_factory.mktemp("good")
    key = well_kept(folder / "data")
    with audited(folder / "data", folder) as found:
        sts = found.server.client("sts", key)
        session = sts.assume_role(RoleArn=f"{OWN}role/Auditor", RoleSessionName="prowler")["Credentials"]
        auditor = Credentials(session["AccessKeyId"], session["SecretAccessKey"])
        yield found, variables(auditor, session["SessionToken"])


@pytest.fixture(scope="module")
def good(well_kept_server: tuple[Audited, dict[str, str]]) -> Report:
    """Prowler's report on the well kept account, which manages a well kept organization."""
    server, credentials = well_kept_server
    return server.audit(credentials, "iam", "organizations")


@pytest.fixture(scope="module")
def member(well_kept_server: tuple[Audited, dict[str, str]]) -> Report:
    """Prowler's report on a member of that organization, in which it assumes a role itself."""
    server, credentials = well_kept_server
    options = ("--role", SHOP_AUDITOR)
    return server.audit(credentials, "organizations", options=options, name="member")


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Prowler's report on the badly kept account and its organization, by its administrator."""
    folder = tmp_path_factory.mktemp("bad")
    key = badly_kept(folder / "data")
    with audited(folder / "data", folder) as found:
        yield found.audit(variables(key), "iam", "organizations")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Prowler's report on the organization of a new account, which is in none."""
    folder = tmp_path_factory.mktemp("alone")
    with audited(folder / "data", folder) as found:
        yield found.audit(variables(found.server.admin()), "organizations")


REPORTS = ("good", "bad", "alone", "member")


@pytest.mark.parametrize("account", REPORTS)
def test_no_error_is_the_servers(request: pytest.FixtureRequest, account: str) -> None:
    """Every call that is built is answered as AWS would, as far as Prowler can tell, and none with 5xx."""
    report: Report = request.getfixturevalue(account)
    assert report.errors == []
    assert report.failures == []


def test_a_well_kept_account(good: Report) -> None:
    """All findings are as the table says, and it says PASS wherever one can pass."""
    assert set(good.findings) <= set(CHECKS)
    wrong = {
        check: findings
        for check, findings in good.findings.items()
        if any(status != CHECKS[check].good for status, _ in findings)
    }
    assert wrong == {}


def test_a_badly_kept_account(bad: Report) -> None:
    """Each check fails, and for the reason that was given to it."""
    missed: dict[str, Any] = {}
    for check, expected in CHECKS.items():
        failed = [text for status, text in bad.findings.get(check, []) if status == "FAIL"]
        if expected.bad is None:
            continue
        if not any(expected.bad in text for text in failed):
            missed[check] = failed
    assert missed == {}


def test_an_account_without_an_organization(alone: Report) -> None:
    """An account that is in no organization passes none of the checks of one."""
    assert alone.statuses() == ALONE
    assert {text for found in alone.findings.values() for _, text in found} == {
        "AWS Organizations is not in-use for this AWS Account."
    }


def test_a_member(member: Report) -> None:
    """A member account learns that it is in an organization, and of its policies nothing."""
    assert member.statuses() == MEMBER


def test_where_a_member_is(member: Report) -> None:
    """From the management account Prowler finds out who the member is, and where in the organization."""
    account = member.account
    assert account["ACCOUNT_UID"] == SHOP
    assert account["ACCOUNT_NAME"] == SHOP_NAME
    assert account["ACCOUNT_EMAIL"] == f"{SHOP_NAME}@example.com"
    assert account["ACCOUNT_OU_NAME"] == SHOP_UNITS
    tags = {"masugata:account-id": SHOP} | SHOP_TAGS
    assert account["ACCOUNT_TAGS"] == " | ".join(f"{key}:{value}" for key, value in tags.items())


def test_the_table_is_complete(good: Report, bad: Report) -> None:
    """A check that a newer Prowler brings has no place in the table yet, and is told."""
    assert set(good.findings) | set(bad.findings) == set(CHECKS)
