"""Operations on the account's password policy."""

MISSING = ("NoSuchEntity", "The Password Policy with domain name 111122223333 cannot be found.", 404)


def test_none_is_set(iam):
    """While none is set there is none to read or delete, though AWS's default counts."""
    assert iam.fails("GetAccountPasswordPolicy") == MISSING
    assert iam.fails("DeleteAccountPasswordPolicy") == MISSING


def test_defaults(iam):
    """A policy without members has the documented defaults."""
    iam("UpdateAccountPasswordPolicy")
    assert iam("GetAccountPasswordPolicy") == {
        "PasswordPolicy": {
            "MinimumPasswordLength": 6,
            "RequireSymbols": False,
            "RequireNumbers": False,
            "RequireUppercaseCharacters": False,
            "RequireLowercaseCharacters": False,
            "AllowUsersToChangePassword": False,
            "ExpirePasswords": False,
        }
    }


def test_no_partial_update(iam):
    """What an update leaves out returns to its default."""
    members = {
        "MinimumPasswordLength": 14,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": False,
    }
    iam("UpdateAccountPasswordPolicy", **members)
    assert iam("GetAccountPasswordPolicy")["PasswordPolicy"] == {**members, "ExpirePasswords": True}
    iam("UpdateAccountPasswordPolicy", MaxPasswordAge=30)
    policy = iam("GetAccountPasswordPolicy")["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 6
    assert policy["MaxPasswordAge"] == 30
    assert "PasswordReusePrevention" not in policy
    assert "HardExpiry" not in policy


def test_delete(iam):
    """Without a policy AWS's default is back."""
    iam("UpdateAccountPasswordPolicy")
    iam("DeleteAccountPasswordPolicy")
    assert iam.fails("GetAccountPasswordPolicy") == MISSING
