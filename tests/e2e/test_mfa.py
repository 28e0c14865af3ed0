"""MFA codes that race through two workers: each is spent once, and all guesses are counted."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from e2e.test_racing_workers import call, race
from e2e.workers import Supervised, supervised
from phones import Phone, make_phone

REQUESTS = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """A server with two workers."""
    with supervised(tmp_path_factory.mktemp("mfa") / "data", 2) as (started, _):
        yield started


def phone_of_admin(server: Supervised, name: str) -> Phone:
    """A device of the administrator; two codes of the last minutes are spent."""
    iam = server.client("iam")
    phone = make_phone(iam, name)
    iam.enable_mfa_device(UserName="admin", **phone.pair(datetime.now(UTC) - timedelta(minutes=2)))
    return phone


def test_one_code_signs_in_once(server: Supervised) -> None:
    """Of eight racing requests with one code one succeeds."""
    phone, admin = phone_of_admin(server, "race"), server.identity()
    given = phone.factor(datetime.now(UTC))
    outcomes = race(server, *[call(admin, "sts", "GetSessionToken", **given)] * REQUESTS)
    assert Counter(outcomes) == {"ok": 1, "AccessDenied": REQUESTS - 1}
    again = race(server, *[call(admin, "sts", "GetSessionToken", **given)] * REQUESTS)
    assert Counter(again) == {"AccessDenied": REQUESTS}


def test_two_codes_enable_one_of_two(server: Supervised) -> None:
    """Of racing requests that give one device to two users, one succeeds."""
    iam, admin = server.client("iam"), server.identity()
    for user in ("one", "two"):
        iam.create_user(UserName=user)
    phone = make_phone(iam, "contested")
    pair = phone.pair(datetime.now(UTC))
    acts = [call(admin, "iam", "EnableMFADevice", UserName=user, **pair) for user in ("one", "two")]
    assert Counter(race(server, *acts * 4)) == {"ok": 1, "EntityAlreadyExists": REQUESTS - 1}
    owners = [iam.list_mfa_devices(UserName=user)["MFADevices"] for user in ("one", "two")]
    assert sorted(map(len, owners)) == [0, 1]


def test_racing_guesses_are_all_counted(server: Supervised) -> None:
    """Twenty wrong codes at once are five tries: then the right one has to wait, on every worker."""
    phone, admin = phone_of_admin(server, "guessed"), server.identity()
    now = datetime.now(UTC)
    wrong = {"SerialNumber": phone.serial, "TokenCode": phone.wrong(now)}
    outcomes = race(server, *[call(admin, "sts", "GetSessionToken", **wrong)] * 20)
    assert Counter(outcomes) == {"AccessDenied": 20}
    right = call(admin, "sts", "GetSessionToken", **phone.factor(now))
    assert Counter(race(server, *[right] * 4)) == {"AccessDenied": 4}
    assert "Too many wrong codes were given" in message(server.client("sts"), phone, now)
    iam = server.client("iam")
    iam.resync_mfa_device(UserName="admin", **phone.pair(now))
    assert server.client("sts").get_session_token(**phone.factor(now, 1))["Credentials"]


def message(sts: Any, phone: Phone, now: datetime) -> str:
    """The text of a refusal."""
    with pytest.raises(ClientError) as caught:
        sts.get_session_token(**phone.factor(now))
    return str(caught.value.response["Error"]["Message"])
