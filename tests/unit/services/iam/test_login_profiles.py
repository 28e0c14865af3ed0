"""Operations on login profiles, and ChangePassword."""

import pytest

from masugata.identity import passwords
from masugata.identity.passwords import open_hashes
from masugata.records.iam import LOGIN_PROFILE, USER
from masugata.services.iam import OPERATIONS

PASSWORD = "Correct-Horse-9"
VIOLATION = ("PasswordPolicyViolation", "Password does not conform to the account password policy.", 400)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hashes that cost next to nothing."""
    monkeypatch.setattr(passwords, "RECOMMENDED", passwords.Parameters(1, 1, 8))


@pytest.fixture
def alice(iam):
    """An account with the user alice, who has no password yet; gives alice as a caller."""
    iam("CreateUser", UserName="Alice")
    return iam.user("Alice")


def missing(name):
    return ("NoSuchEntity", f"Login Profile for User {name} cannot be found.", 404)


def profile(iam):
    return iam.get(LOGIN_PROFILE, iam.get(USER, "alice").id)


@pytest.mark.usefixtures("alice")
def test_life_of_a_profile(iam):
    """A profile is made, read, changed and deleted; it shows when it was made and never the password."""
    assert iam.fails("GetLoginProfile", UserName="Alice") == missing("Alice")
    made = iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    expected = {
        "LoginProfile": {
            "UserName": "Alice",
            "CreateDate": iam.now.replace(microsecond=0),
            "PasswordResetRequired": False,
        }
    }
    assert made == expected
    assert iam.touched == [("AWS::IAM::User", "Alice")]
    assert iam("GetLoginProfile", UserName="Alice") == expected
    first = profile(iam)
    iam.later(days=1)
    iam("UpdateLoginProfile", UserName="Alice", Password="Other-Horse-10", PasswordResetRequired=True)
    changed = profile(iam)
    assert changed.create_date == first.create_date
    assert changed.change_date == iam.now.replace(microsecond=0)
    assert changed.generation != first.generation
    assert iam("GetLoginProfile", UserName="Alice")["LoginProfile"]["PasswordResetRequired"] is True
    iam("DeleteLoginProfile", UserName="Alice")
    assert profile(iam) is None
    assert iam.fails("DeleteLoginProfile", UserName="Alice") == missing("Alice")
    assert iam.fails("UpdateLoginProfile", UserName="Alice", Password=PASSWORD) == missing("Alice")
    assert iam.fails("UpdateLoginProfile", UserName="Alice") == missing("Alice")


def test_the_password_is_sealed(iam, alice):
    """What is stored holds the password nowhere, and is sealed under its owner's id."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    stored = profile(iam)
    assert stored.hashes.startswith(b"sealed|password|" + alice.issuer_id.encode())
    assert PASSWORD.encode() not in stored.hashes
    (digest,) = open_hashes(stored.hashes, alice.issuer_id, iam.keeper)
    assert len(digest.salt) == 16
    assert len(digest.value) == 32


@pytest.mark.usefixtures("alice")
def test_the_flag_alone(iam):
    """Whether a change is required can be set without a password, which stays with its sessions."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD, PasswordResetRequired=True)
    before = profile(iam)
    iam("UpdateLoginProfile", UserName="Alice", PasswordResetRequired=False)
    after = profile(iam)
    assert (before.reset_required, after.reset_required) == (True, False)
    assert (before.hashes, before.generation) == (after.hashes, after.generation)


@pytest.mark.usefixtures("alice")
def test_second_profile(iam):
    """A user has one password."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    assert iam.fails("CreateLoginProfile", UserName="Alice", Password=PASSWORD) == (
        "EntityAlreadyExists",
        "Login Profile for user Alice already exists.",
        409,
    )


def test_unknown_user(iam):
    """Only users that exist have passwords."""
    for operation in ("CreateLoginProfile", "GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile"):
        error = iam.fails(operation, UserName="bob", Password=PASSWORD)
        assert error == ("NoSuchEntity", "The user with name bob cannot be found.", 404)


def test_oneself(iam, alice):
    """Without a name the caller's own profile is meant."""
    iam.act_as(alice)
    iam("CreateLoginProfile", Password=PASSWORD)
    assert iam("GetLoginProfile")["LoginProfile"]["UserName"] == "Alice"
    iam("DeleteLoginProfile")
    assert profile(iam) is None


def test_root_without_name(iam):
    """Root reads and deletes its own profile, but gives itself no password by this way."""
    assert iam.fails("GetLoginProfile") == missing("root")
    assert iam.fails("DeleteLoginProfile") == missing("root")
    assert iam.fails("CreateLoginProfile", Password=PASSWORD)[0] == "ValidationError"


@pytest.mark.usefixtures("alice")
def test_without_password(iam):
    """The model does not require a password, which an IAM user cannot do without."""
    assert iam.fails("CreateLoginProfile", UserName="Alice")[0] == "ValidationError"


@pytest.mark.usefixtures("alice")
def test_a_password_against_the_policy(iam):
    """The policy binds administrators as it does users."""
    assert iam.fails("CreateLoginProfile", UserName="Alice", Password="short") == VIOLATION
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    assert iam.fails("UpdateLoginProfile", UserName="Alice", Password="short") == VIOLATION


@pytest.mark.usefixtures("alice")
def test_delete_user(iam):
    """A user that has a password cannot be deleted."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    assert iam.fails("DeleteUser", UserName="Alice") == (
        "DeleteConflict",
        "Cannot delete entity, must delete login profile first.",
        409,
    )
    iam("DeleteLoginProfile", UserName="Alice")
    iam("DeleteUser", UserName="Alice")


@pytest.mark.usefixtures("alice")
def test_a_renamed_user_keeps_its_password(iam):
    """The profile belongs to the unique id."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    iam("UpdateUser", UserName="Alice", NewUserName="Bob")
    assert iam("GetLoginProfile", UserName="Bob")["LoginProfile"]["UserName"] == "Bob"


def test_change(iam, alice):
    """A user changes its own password, a required change is done with it, and what is signed in goes on."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD, PasswordResetRequired=True)
    before = profile(iam)
    iam.act_as(alice)
    iam.later(hours=1)
    iam("ChangePassword", OldPassword=PASSWORD, NewPassword="Other-Horse-10")
    after = profile(iam)
    assert after.reset_required is False
    assert after.change_date == iam.now.replace(microsecond=0)
    assert after.generation == before.generation
    assert iam.fails("ChangePassword", OldPassword=PASSWORD, NewPassword="Third-Horse-11") == (
        "AccessDenied",
        "The old password was incorrect.",
        403,
    )
    iam("ChangePassword", OldPassword="Other-Horse-10", NewPassword="Third-Horse-11")


def test_who_cannot_change(iam, alice):
    """Root and roles have no password of an IAM user; a user without one has none to change."""
    change = {"OldPassword": PASSWORD, "NewPassword": "Other-Horse-10"}
    refusal = ("InvalidUserType", "Only IAM Users can change their own password", 400)
    assert iam.fails("ChangePassword", **change) == refusal
    iam.act_as(iam.role_session(iam.add_role("cook")))
    assert iam.fails("ChangePassword", **change) == refusal
    iam.act_as(alice)
    assert iam.fails("ChangePassword", **change) == missing("Alice")


def test_change_against_the_policy(iam, alice):
    """A new password must conform, and may be the old one unless reuse is prevented."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    iam.act_as(alice)
    assert iam.fails("ChangePassword", OldPassword=PASSWORD, NewPassword="short") == VIOLATION
    iam("ChangePassword", OldPassword=PASSWORD, NewPassword=PASSWORD)
    iam.act_as(iam.root())
    iam("UpdateAccountPasswordPolicy", PasswordReusePrevention=1)
    iam.act_as(alice)
    assert iam.fails("ChangePassword", OldPassword=PASSWORD, NewPassword=PASSWORD) == VIOLATION


def test_reuse(iam, alice):
    """The last three passwords and the present one are refused, the one before may come again."""
    iam("UpdateAccountPasswordPolicy", PasswordReusePrevention=3)
    iam("CreateLoginProfile", UserName="Alice", Password="secret-0")
    iam.act_as(alice)
    for number in range(1, 6):
        iam("ChangePassword", OldPassword=f"secret-{number - 1}", NewPassword=f"secret-{number}")
    for number in (5, 4, 3, 2):
        assert (
            iam.fails("ChangePassword", OldPassword="secret-5", NewPassword=f"secret-{number}") == VIOLATION
        )
    iam.act_as(iam.root())
    assert iam.fails("UpdateLoginProfile", UserName="Alice", Password="secret-4") == VIOLATION
    iam.act_as(alice)
    iam("ChangePassword", OldPassword="secret-5", NewPassword="secret-1")


def test_the_longest_history_costs_two_hashes(iam, alice, monkeypatch):
    """However many passwords are remembered, a change hashes the old and the new one once each."""
    iam("UpdateAccountPasswordPolicy", PasswordReusePrevention=24)
    iam("CreateLoginProfile", UserName="Alice", Password="secret-0")
    iam.act_as(alice)
    for number in range(1, 31):
        iam("ChangePassword", OldPassword=f"secret-{number - 1}", NewPassword=f"secret-{number}")
    assert len(open_hashes(profile(iam).hashes, alice.issuer_id, iam.keeper)) == 25
    hashed, derive = [], passwords._derive
    monkeypatch.setattr(passwords, "_derive", lambda *given: hashed.append(1) or derive(*given))
    assert iam.fails("ChangePassword", OldPassword="secret-30", NewPassword="secret-6") == VIOLATION
    assert len(hashed) == 2
    iam("ChangePassword", OldPassword="secret-30", NewPassword="secret-5")


def test_new_parameters(iam, alice, monkeypatch):
    """Passwords hashed at an earlier cost are still verified and remembered, the next one costs today's."""
    iam("UpdateAccountPasswordPolicy", PasswordReusePrevention=24)
    iam("CreateLoginProfile", UserName="Alice", Password="secret-0")
    dearer = passwords.Parameters(2, 1, 16)
    monkeypatch.setattr(passwords, "RECOMMENDED", dearer)
    iam.act_as(alice)
    iam("ChangePassword", OldPassword="secret-0", NewPassword="secret-1")
    newest, oldest = open_hashes(profile(iam).hashes, alice.issuer_id, iam.keeper)
    assert (newest.parameters, newest.salt != oldest.salt) == (dearer, True)
    assert iam.fails("ChangePassword", OldPassword="secret-1", NewPassword="secret-0") == VIOLATION
    iam("ChangePassword", OldPassword="secret-1", NewPassword="secret-2")


def test_changes_at_once(iam, alice):
    """Of two changes that were prepared on the same password only the first is made, whoever makes it."""
    iam("CreateLoginProfile", UserName="Alice", Password=PASSWORD)
    iam.act_as(alice)
    operation = OPERATIONS["ChangePassword"]
    request = {"OldPassword": PASSWORD, "NewPassword": "Other-Horse-10"}
    snapshot = iam.store.snapshot()
    prepared = operation.prepare(iam._call("ChangePassword", snapshot, None), request)
    iam("ChangePassword", OldPassword=PASSWORD, NewPassword="Third-Horse-11")
    late = iam.store.submit(
        lambda tx: operation.handler(iam._call("ChangePassword", tx, tx, prepared), request)
    )
    error = late.exception()
    assert (error.code, error.status) == ("EntityTemporarilyUnmodifiable", 409)
    iam("ChangePassword", OldPassword="Third-Horse-11", NewPassword="Fourth-Horse-12")


@pytest.mark.usefixtures("alice")
def test_a_policy_set_meanwhile(iam):
    """A policy that was set after the password was hashed binds it all the same."""
    operation = OPERATIONS["CreateLoginProfile"]
    request = {"UserName": "Alice", "Password": PASSWORD}
    prepared = operation.prepare(iam._call("CreateLoginProfile", iam.store.snapshot(), None), request)
    iam("UpdateAccountPasswordPolicy", MinimumPasswordLength=40)
    late = iam.store.submit(
        lambda tx: operation.handler(iam._call("CreateLoginProfile", tx, tx, prepared), request)
    )
    assert late.exception().code == "PasswordPolicyViolation"
    assert profile(iam) is None
