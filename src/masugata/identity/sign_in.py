"""Signing in with a password, and with an MFA code where there is an MFA device.

Everything is decided in the writer's transaction. Only the hashing is done before, and what it found
counts for the very password that it looked at.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from masugata.errors import AwsError
from masugata.identity.attempts import Limit, check_limits, count_failure, forget_failures, limits
from masugata.identity.authenticate import session_caller
from masugata.identity.caller import Caller, CallerKind, Session, utc_seconds
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.identity.login_profiles import LastSignIn, changed_profile
from masugata.identity.mfa import devices_of, spend_code
from masugata.identity.password_rules import (
    Standing,
    check_not_reused,
    check_password,
    password_policy,
    standing,
    violation,
)
from masugata.identity.passwords import MOST_CHARACTERS, Candidate, Digest, open_hashes
from masugata.keeper import Keeper
from masugata.records.account import ACCOUNT
from masugata.records.iam import LOGIN_PROFILE, USER, LoginProfile, PasswordPolicy
from masugata.store import Records, Transaction

USER_SECONDS = 43_200
ROOT_SECONDS = 3600
"""The same as for GetSessionToken."""

Password = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MOST_CHARACTERS, pattern=r"^[\t\n\r\x20-\xff]+\Z")
]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=320)]


class SignInRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Who wants to sign in: a `user` of an `account` (its id or alias), or the root user by its `email`.

    The account may be left out where there is just one. `new_password` changes the password as well.
    """

    account: _Name | None = None
    user: _Name | None = None
    email: _Name | None = None
    password: Password
    mfa_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")] | None = None
    new_password: Password | None = None
    duration_seconds: Annotated[int, msgspec.Meta(ge=900, le=USER_SECONDS)] = USER_SECONDS


class Subject(NamedTuple):
    """Whom a request names, as far as there is such a one.

    `who` is the name under which failures count, the same for a user that exists and for one that
    does not. `account` is empty if there is no such account, `owner_id` if there is no such identity.
    """

    who: str
    kind: CallerKind
    account: str = ""
    owner_id: str = ""
    name: str = ""
    profile: LoginProfile | None = None


class Prepared(NamedTuple):
    """What was hashed, of which password, and the limits on guessing it."""

    hashes: bytes
    password: Candidate
    new_password: Candidate | None
    limits: tuple[Limit, Limit]


class SignedIn(NamedTuple):
    """A session that began; `serial` is that of the MFA device, if one was used."""

    session: Session
    caller: Caller
    serial: str | None


def decode_request(body: bytes) -> SignInRequest:
    """The request in a body of JSON; raises `AwsError` ValidationError, which repeats none of it."""
    try:
        request = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise AwsError("ValidationError", _FORM) from None
    if (request.user is None) == (request.email is None):
        raise AwsError("ValidationError", _FORM)
    return request


def check_characters(password: str) -> None:
    """Raise `AwsError` for what can be nobody's password, whatever the policy: its length, its characters."""
    try:
        msgspec.convert(password, Password)
    except msgspec.ValidationError:
        raise violation() from None


def find_subject(records: Records, request: SignInRequest) -> Subject:
    """Whom the request names; never raises, for nobody may learn who exists."""
    if request.email is not None:
        return _root_user(records, request.email, request.account)
    account, name = _account(records, request.account), request.user or ""
    nobody = Subject(f"user/{account or request.account}/{name.lower()}", CallerKind.USER, account)
    user = records.get(USER, account, name.lower()) if account else None
    if user is None or user.name != name:
        return nobody
    profile = records.get(LOGIN_PROFILE, account, user.id)
    return nobody._replace(owner_id=user.id, name=user.name, profile=profile)


def prepare(
    records: Records,
    subject: Subject,
    request: SignInRequest,
    *,
    keeper: Keeper,
    source_ip: str,
    last: LastSignIn | None,
    now: datetime,
    random: Callable[[int], bytes],
) -> Prepared:
    """Hash what was given: as much for nobody as for somebody. Raises Throttling before it does."""
    familiar = last is not None and last.source == source_ip
    both = limits(subject.who, source_ip, familiar=familiar)
    check_limits(records, both, now)
    profile = subject.profile
    digests = open_hashes(profile.hashes, subject.owner_id, keeper) if profile is not None else ()
    new = request.new_password
    return Prepared(
        hashes=profile.hashes if profile is not None else b"",
        password=Candidate(request.password, digests[:1], random),
        new_password=None if new is None else Candidate(new, digests, random),
        limits=both,
    )


def sign_in(
    transaction: Transaction,
    subject: Subject,
    prepared: Prepared,
    request: SignInRequest,
    *,
    keeper: Keeper,
    now: datetime,
    random: Callable[[int], bytes],
    authorize_change: Callable[[Caller], None],
) -> SignedIn:
    """Begin a session, and change the password if a new one is given; raises `AwsError`.

    What failed counts even if the transaction returns to a savepoint, so the job must not raise.
    `authorize_change` raises AccessDenied unless the user may change its password.
    """
    check_limits(transaction, prepared.limits, now)
    profile, digests = _verified(transaction, subject, prepared, keeper, now)
    policy = password_policy(transaction, subject.account) if subject.kind is CallerKind.USER else None
    devices = devices_of(transaction, subject.account, subject.owner_id)
    _check_standing(standing(profile, policy, now), request, mfa=bool(devices))
    if devices and request.mfa_code is None:
        raise AwsError("MultiFactorAuthRequired", "A code of the MFA device is required.", 403)
    if prepared.new_password is not None:
        _check_new_password(transaction, subject, prepared, request, digests, policy)
    serial = None
    if request.mfa_code is not None:
        serial = _spend(transaction, subject, prepared, request.mfa_code, keeper, now)
    session = _session(subject, profile, request, now, random, mfa=serial is not None)
    caller = session_caller(session, transaction)
    if prepared.new_password is not None:
        if subject.kind is CallerKind.USER:
            authorize_change(caller)
        changed = changed_profile(profile, prepared.new_password, digests, keeper, now)
        transaction.put(LOGIN_PROFILE, subject.account, changed)
    forget_failures(transaction, prepared.limits[0])
    return SignedIn(session, caller, serial)


def _verified(
    transaction: Transaction, subject: Subject, prepared: Prepared, keeper: Keeper, now: datetime
) -> tuple[LoginProfile, tuple[Digest, ...]]:
    """The profile whose password was given; nobody learns what else was wrong."""
    profile = subject.profile
    # A password that was changed since it was hashed is not the one that was given.
    if profile is not None and profile.hashes == prepared.hashes:
        digests = open_hashes(profile.hashes, subject.owner_id, keeper)
        if prepared.password.equals(digests[0]):
            return profile, digests
    count_failure(transaction, prepared.limits, now)
    raise AwsError(FAILED, "Your authentication information is incorrect. Please try again.", 403)


def _check_standing(found: Standing, request: SignInRequest, *, mfa: bool) -> None:
    if found is Standing.EXPIRED:
        text = "The password has expired, and only an administrator can set another one."
        raise AwsError("PasswordExpired", text, 403)
    if found is Standing.CHANGE_REQUIRED and request.new_password is None:
        text = "The password must be changed: give a new one too."
        raise AwsError("PasswordChangeRequired", text, 403, mfaRequired=mfa)


def _check_new_password(
    records: Records,
    subject: Subject,
    prepared: Prepared,
    request: SignInRequest,
    digests: tuple[Digest, ...],
    policy: PasswordPolicy | None,
) -> None:
    if request.new_password is None or prepared.new_password is None:
        return
    if prepared.new_password.equals(digests[0]):  # a change that changes nothing
        raise violation()
    check_password(request.new_password, policy, subject.account, records)
    check_not_reused(prepared.new_password, digests, policy)


def _spend(
    transaction: Transaction, subject: Subject, prepared: Prepared, code: str, keeper: Keeper, now: datetime
) -> str:
    try:
        return spend_code(transaction, keeper, subject.account, subject.owner_id, None, code, now)
    except AwsError:
        count_failure(transaction, prepared.limits, now)
        raise


def _session(
    subject: Subject,
    profile: LoginProfile,
    request: SignInRequest,
    now: datetime,
    random: Callable[[int], bytes],
    *,
    mfa: bool,
) -> Session:
    issued = utc_seconds(now)
    longest = ROOT_SECONDS if subject.kind is CallerKind.ROOT else USER_SECONDS
    return Session(
        kind=subject.kind,
        account=subject.account,
        access_key_id=access_key_id("ASIA", subject.account, random),
        secret=secret_access_key(random),
        issuer_id=subject.owner_id,
        issued=issued,
        expires=issued + min(request.duration_seconds, longest),
        mfa=issued if mfa else None,
        sign_in=profile.generation,
    )


def root_who(email: str) -> str:
    """The name under which wrong passwords of a root user count."""
    return f"root/{email.lower()}"


def _account(records: Records, named: str | None) -> str:
    """The active account with this id or alias, or the only one there is; empty if there is none."""
    if named is None:
        accounts = records.partitions(ACCOUNT)
        named = accounts[0][0] if len(accounts) == 1 else ""
    found = records.by_name(ACCOUNT, "alias", named)
    record = records.get(ACCOUNT, named, named) if found is None else found[2]
    return "" if record is None or not record.active else record.id


def _root_user(records: Records, email: str, account: str | None) -> Subject:
    """The root user with this e-mail address, which no two accounts have; a closed account has none."""
    nobody = Subject(root_who(email), CallerKind.ROOT)
    found = records.by_name(ACCOUNT, "email", email.lower())
    if found is None or not found[2].active:
        return nobody
    id_ = found[0]
    if account is not None and _account(records, account) != id_:
        return nobody
    profile = records.get(LOGIN_PROFILE, id_, id_)
    return nobody._replace(account=id_, owner_id=id_, name="root", profile=profile)


FAILED = "AuthenticationFailed"
_FORM = (
    "The body must be a JSON object with `password` and either `user` or `email`; further members are "
    "`account`, `mfaCode`, `newPassword` and `durationSeconds`."
)
_decoder = msgspec.json.Decoder(SignInRequest)
