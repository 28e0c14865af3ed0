"""The credential report: every column of every user, the root user's row first."""

import csv
import json
from datetime import timedelta
from typing import Any

import pytest

from masugata.identity.login_profiles import note_sign_in
from masugata.records.iam import (
    LOGIN_PROFILE,
    MFA_DEVICE,
    PASSWORD_POLICY,
    SIGNING_CERTIFICATE,
    LoginProfile,
    MfaDevice,
    PasswordPolicy,
    SigningCertificate,
)
from masugata.services.iam.credential_reports import COLUMNS

ACCOUNT = "111122223333"
MADE = "2026-11-23T12:30:45Z"
NO_PASSWORD = {
    "password_enabled": "false",
    "password_last_used": "N/A",
    "password_last_changed": "N/A",
    "password_next_rotation": "N/A",
}
NO_KEYS = {
    f"access_key_{number}_{column}": "false" if column == "active" else "N/A"
    for number in (1, 2)
    for column in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
}
NO_CERTIFICATES = {
    "cert_1_active": "false",
    "cert_1_last_rotated": "N/A",
    "cert_2_active": "false",
    "cert_2_last_rotated": "N/A",
}
NOTHING = {**NO_PASSWORD, "mfa_active": "false", **NO_KEYS, **NO_CERTIFICATES}


@pytest.fixture
def house(iam) -> Any:
    """An account with the user Alice, who has a path and nothing else."""
    iam("CreateUser", UserName="Alice", Path="/staff/")
    return iam


def rows(house: Any) -> list[dict[str, str]]:
    """A new report, read as a client does."""
    house("GenerateCredentialReport")
    content = house("GetCredentialReport")["Content"].decode()
    assert not content.endswith("\n")
    return list(csv.DictReader(content.split("\n")))


def alice_id(house: Any) -> str:
    return house("GetUser", UserName="Alice")["User"]["UserId"]


def add_password(house: Any, owner_id: str) -> None:
    now = house.now.replace(microsecond=0)
    profile = LoginProfile(owner_id=owner_id, create_date=now, change_date=now, hashes=b"", generation="g")
    house.put(LOGIN_PROFILE, profile)


def test_columns(house):
    """The 22 columns in AWS's order."""
    house("GenerateCredentialReport")
    header = house("GetCredentialReport")["Content"].decode().split("\n")[0]
    assert header == ",".join(COLUMNS)
    assert len(COLUMNS) == 22
    assert COLUMNS[8:13] == (
        "access_key_1_active",
        "access_key_1_last_rotated",
        "access_key_1_last_used_date",
        "access_key_1_last_used_region",
        "access_key_1_last_used_service",
    )


def test_owners_of_nothing(house):
    """Root and a user without any credential: of root's password there is no information, not even that."""
    root, alice = rows(house)
    assert alice == {
        "user": "Alice",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/staff/Alice",
        "user_creation_time": MADE,
        **NOTHING,
    }
    assert root == {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "user_creation_time": MADE,
        **NOTHING,
        "password_last_used": "no_information",
        "password_next_rotation": "not_supported",
    }


def test_passwords(house):
    """Changed, used and to be changed again; a password that nobody used has no information."""
    add_password(house, ACCOUNT)
    add_password(house, alice_id(house))
    root, alice = rows(house)
    assert {column: alice[column] for column in NO_PASSWORD} == {
        "password_enabled": "true",
        "password_last_used": "no_information",
        "password_last_changed": MADE,
        "password_next_rotation": "N/A",
    }
    assert root["password_enabled"] == "true"
    house.put(PASSWORD_POLICY, PasswordPolicy(maximum_age=90))
    for owner in (ACCOUNT, alice_id(house)):
        note_sign_in(house.store, owner, house.now + timedelta(hours=1), "192.0.2.1")
    house.later(hours=5)
    root, alice = rows(house)
    assert alice["password_last_used"] == root["password_last_used"] == "2026-11-23T13:30:45Z"
    assert alice["password_next_rotation"] == "2027-02-21T12:30:45Z"
    assert root["password_next_rotation"] == "not_supported"


def test_access_keys(house):
    """Two keys by id, the inactive one with its date too, the used one with Region and service."""
    made = [house("CreateAccessKey", UserName="Alice")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    first, second = sorted(made)
    house("UpdateAccessKey", UserName="Alice", AccessKeyId=first, Status="Inactive")
    house.store.touch(f"access-key/{second}", b'{"date":1795437000,"region":"eu-west-1","service":"sts"}')
    _, alice = rows(house)
    assert {column: alice[column] for column in NO_KEYS} == {
        "access_key_1_active": "false",
        "access_key_1_last_rotated": MADE,
        "access_key_1_last_used_date": "N/A",
        "access_key_1_last_used_region": "N/A",
        "access_key_1_last_used_service": "N/A",
        "access_key_2_active": "true",
        "access_key_2_last_rotated": MADE,
        "access_key_2_last_used_date": "2026-11-23T12:30:00Z",
        "access_key_2_last_used_region": "eu-west-1",
        "access_key_2_last_used_service": "sts",
    }


def test_devices_and_certificates_of_root(house):
    """The root user has MFA and certificates as others do; an unassigned device is nobody's."""
    now = house.now.replace(microsecond=0)
    for name, owner in (("hers", ACCOUNT), ("spare", None)):
        house.put(MFA_DEVICE, MfaDevice(name=name, seed=b"", create_date=now, owner_id=owner))
    for name, active, age in (("A", True, 2), ("B", False, 1)):
        certificate = SigningCertificate(
            id=name,
            owner_id=ACCOUNT,
            body="",
            fingerprint=name,
            active=active,
            upload_date=now - timedelta(days=age),
        )
        house.put(SIGNING_CERTIFICATE, certificate)
    root, alice = rows(house)
    assert (root["mfa_active"], alice["mfa_active"]) == ("true", "false")
    assert {column: root[column] for column in NO_CERTIFICATES} == {
        "cert_1_active": "false",
        "cert_1_last_rotated": "2026-11-22T12:30:45Z",
        "cert_2_active": "true",
        "cert_2_last_rotated": "2026-11-21T12:30:45Z",
    }


def test_one_report_in_four_hours(house):
    """The first call starts a report, later ones find it complete, and it does not change meanwhile."""
    assert house("GenerateCredentialReport") == {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
    }
    house("CreateUser", UserName="Bob")
    house.later(hours=3, minutes=59)
    assert house("GenerateCredentialReport") == {"State": "COMPLETE"}
    report = house("GetCredentialReport")
    assert b"Bob" not in report["Content"]
    assert report["ReportFormat"] == "text/csv"
    assert report["GeneratedTime"].isoformat() == "2026-11-23T12:30:45+00:00"


def test_an_old_report_has_expired(house):
    """After four hours there is none, until a new one is generated."""
    house("GenerateCredentialReport")
    house("CreateUser", UserName="Bob")
    house.later(hours=4, seconds=1)
    code, _, status = house.fails("GetCredentialReport")
    assert (code, status) == ("ReportExpired", 410)
    assert house("GenerateCredentialReport")["State"] == "STARTED"
    assert b"Bob" in house("GetCredentialReport")["Content"]


def test_no_report(house):
    """Before the first one there is nothing to get."""
    code, _, status = house.fails("GetCredentialReport")
    assert (code, status) == ("ReportNotPresent", 410)


def test_last_uses_that_cannot_be_read_are_told(house):
    """A broken note is an error, not a key that was never used."""
    made = house("CreateAccessKey", UserName="Alice")["AccessKey"]["AccessKeyId"]
    house.store.touch(f"access-key/{made}", json.dumps([]).encode())
    assert house.fails("GenerateCredentialReport")[0] == "ServiceFailure"
