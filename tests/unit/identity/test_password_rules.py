"""What a password must be like, and how long it lasts."""

from datetime import timedelta

import msgspec
import pytest

from masugata.errors import AwsError
from masugata.identity.password_rules import SYMBOLS, Standing, check_password, expiry, standing
from masugata.records.account import ACCOUNT
from masugata.records.iam import LoginProfile, PasswordPolicy
from unit.authorization.world import ACCOUNT_ID, MADE, NOW, World

WORLD = World()
WORLD.put(
    ACCOUNT, msgspec.structs.replace(WORLD.records.get(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID), alias="Shop-Tokyo-1")
)
PROFILE = LoginProfile(owner_id="AIDA", create_date=MADE, change_date=NOW, hashes=b"", generation="g")


def fits(password, policy=None):
    try:
        check_password(password, policy, ACCOUNT_ID, WORLD.records)
    except AwsError as error:
        if (error.code, error.status) != ("PasswordPolicyViolation", 400):
            raise
        return False
    return True


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Abcdefg1", True),
        ("Abcdef1", False),
        ("abcdefg1", False),
        ("abcdefg1!", True),
        ("ABCDEFG1!", True),
        ("Abcdefgh!", True),
        ("ABCDabcd", False),
        ("12345678!", False),
        ("Äbcdefg1", False),
        ("abcdefg1~", False),
        ("Shop-Tokyo-1", False),
        ("sHOP-tOKYO-1", False),
        (f"Root@{ACCOUNT_ID}.Example", False),
    ],
)
def test_default(password, good):
    """Without a policy: eight characters, three of four sorts, and neither the account's name nor e-mail."""
    assert fits(password) is good


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ({"minimum_length": 10}, "aaaaaaaaaa", "aaaaaaaaa"),
        ({}, "aaaaaa", "aaaaa"),
        ({"require_uppercase": True}, "aaaaaA", "aaaaaÄ"),
        ({"require_lowercase": True}, "AAAAAa", "AAAAAß"),
        ({"require_numbers": True}, "aaaaa1", "aaaaa²"),
        ({"require_symbols": True}, "aaaaa!", "aaaaa~"),
    ],
)
def test_each_rule(rule, good, bad):
    """Each rule of a policy counts by itself, and only AWS's characters satisfy it."""
    policy = PasswordPolicy(**rule)
    assert fits(good, policy)
    assert not fits(bad, policy)


def test_symbols():
    """Each of AWS's symbols is one, and there are no others."""
    policy = PasswordPolicy(require_symbols=True)
    accepted = {chr(code) for code in range(0x20, 0x100) if fits("aaaaaa" + chr(code), policy)}
    assert accepted == SYMBOLS == set("!@#$%^&*()_+-=[]{}|'")


def test_standing():
    """A password is good until its age is reached; then it must be changed, or waits for an administrator."""
    aged = PasswordPolicy(maximum_age=30)
    assert expiry(PROFILE, aged) == NOW + timedelta(days=30)
    assert expiry(PROFILE, None) is expiry(PROFILE, PasswordPolicy()) is None
    late = NOW + timedelta(days=30)
    assert standing(PROFILE, aged, late - timedelta(seconds=1)) is Standing.VALID
    assert standing(PROFILE, aged, late) is Standing.CHANGE_REQUIRED
    assert standing(PROFILE, PasswordPolicy(maximum_age=30, hard_expiry=True), late) is Standing.EXPIRED
    assert standing(PROFILE, None, late) is Standing.VALID
    flagged = msgspec.structs.replace(PROFILE, reset_required=True)
    assert standing(flagged, None, NOW) is Standing.CHANGE_REQUIRED
