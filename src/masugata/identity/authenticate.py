"""Whose signature is this? From a signed request to its caller, or AWS's error."""

from datetime import datetime
from typing import Any

import msgspec

from masugata.arn import Arn
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Session, utc_seconds
from masugata.identity.derived_keys import DerivedKeys
from masugata.identity.open_sessions import OpenSessions
from masugata.keeper import Keeper
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ACCESS_KEY, LOGIN_PROFILE, ROLE, USER, AccessKey, iam_arn
from masugata.records.kind import Kind
from masugata.records.organizations import MEMBER
from masugata.store import Records
from masugata.store.remembered import Remembered
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import (
    Signature,
    check_path,
    check_scope,
    check_time,
    invalid_token,
    missing_authentication_token,
    parse_signature,
)

_SESSIONS = 1024  # kept for a moment, of up to 16 KB each


class Authenticator:
    """Verifies signatures; keeps derived keys, never a long-term secret.

    Whether a key is active is read from `records` at every call, so a deactivation binds the next
    request. `region` is the one that a SigV4a signature for several counts for. The same request is
    accepted again and again within its time, as AWS does: SigV4 has nothing that tells a replay.
    """

    def __init__(
        self, keeper: Keeper, *, skew_seconds: int = 900, region: str = "us-east-1", cache_size: int = 4096
    ) -> None:
        self._skew_seconds = skew_seconds
        self._region = region
        self._derived_keys = DerivedKeys(keeper, cache_size)
        self._sessions = OpenSessions(keeper, min(cache_size, _SESSIONS))
        # Who signs with a long-term key follows from the key and these records alone.
        self._signers: Remembered[str, tuple[AccessKey, Caller]] = Remembered(
            (ACCESS_KEY, ACCOUNT, USER), limit=cache_size
        )

    def authenticate(
        self, request: HttpRequest, signing_name: str, records: Records, now: datetime
    ) -> tuple[Caller, Signature]:
        """The caller of `request`; raises `AwsError` if it is unsigned or not rightly signed."""
        signature = parse_signature(request, self._region)
        if signature is None:
            raise missing_authentication_token()
        check_scope(signature, signing_name)
        check_time(signature, now, self._skew_seconds)
        check_path(request, signature)
        if signature.session_token is None:
            return self._long_term_signer(request, signature, records), signature
        session = self._sessions.verify(request, signature)
        if session.expires <= now.timestamp():
            raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
        return session_caller(session, records), signature

    def _long_term_signer(self, request: HttpRequest, signature: Signature, records: Records) -> Caller:
        """Whose long-term key a request is signed with, once its signature holds."""
        signers = self._signers.of(records)
        known = signers.get(signature.access_key_id)
        if known is not None:
            key, caller = known
            self._derived_keys.verify(request, signature, key)
            return caller
        key = self.long_term_key(signature.access_key_id, records)
        self._derived_keys.verify(request, signature, key)
        return self._signers.keep(signers, key.id, (key, _owner(key, records)))[1]

    def confirm(self, caller: Caller, records: Records) -> Caller:
        """The same caller on a newer state: its key must still be active, its entity still there."""
        if caller.session is not None:
            return session_caller(caller.session, records)
        return _owner(self.long_term_key(caller.access_key_id, records), records)

    def long_term_key(self, access_key_id: str, records: Records) -> AccessKey:
        """The active long-term key with this id; raises InvalidClientTokenId."""
        found = records.by_name(ACCESS_KEY, "id", access_key_id)
        if found is None or not found[2].active:
            raise invalid_token()
        return found[2]


def _owner(key: AccessKey, records: Records) -> Caller:
    """The user, or the root user, that a long-term key belongs to."""
    found = records.by_name(USER, "id", key.owner_id)
    if found is None:
        return _root(key.owner_id, key.id, records)
    account, _, user = found
    arn = iam_arn(account, "user", user, partition=_partition(account, records))
    return Caller(
        kind=CallerKind.USER,
        account=account,
        partition=_partition(account, records),
        arn=arn,
        user_id=user.id,
        access_key_id=key.id,
        entity_name=user.name,
        issuer_arn=arn,
        issuer_id=user.id,
    )


def _root(account: str, access_key_id: str, records: Records, session: Session | None = None) -> Caller:
    record = _account(account, records)
    if session is not None:
        _check_sign_in(session, account, account, records)
        # Without a sign-in nothing tells whether the session is of the time before the root user was reset.
        if not session.sign_in and session.issued <= record.root_reset:
            raise invalid_token()
        if session.assumed_root:
            _check_membership(session, account, records)
    partition = record.partition
    arn = str(Arn(partition, "iam", "", account, "root"))
    return Caller(
        kind=CallerKind.ROOT,
        account=account,
        partition=partition,
        arn=arn,
        user_id=account,
        access_key_id=access_key_id,
        issuer_arn=arn,
        issuer_id=account,
        session=session,
    )


def session_caller(session: Session, records: Records) -> Caller:
    """The caller that a session stands for; raises InvalidClientTokenId if its user or role is gone."""
    if session.kind is CallerKind.ROOT:
        return _root(session.account, session.access_key_id, records, session)
    if session.kind is CallerKind.FEDERATED and session.issuer_id == session.account:
        return _federated(_root(session.account, session.access_key_id, records, session), session)
    kind: Kind[Any] = ROLE if session.kind is CallerKind.ROLE_SESSION else USER
    found = records.by_name(kind, "id", session.issuer_id)
    if found is None or found[0] != session.account:
        raise invalid_token()
    account, _, entity = found
    _check_sign_in(session, account, entity.id, records)
    partition = _partition(account, records)
    issuer_arn = iam_arn(account, kind.name, entity, partition=partition)
    arn, user_id = issuer_arn, entity.id
    if session.kind is CallerKind.ROLE_SESSION:
        arn = str(Arn(partition, "sts", "", account, f"assumed-role/{entity.name}/{session.name}"))
        user_id = f"{entity.id}:{session.name}"
    caller = Caller(
        kind=session.kind,
        account=account,
        partition=partition,
        arn=arn,
        user_id=user_id,
        access_key_id=session.access_key_id,
        entity_name=entity.name,
        issuer_arn=issuer_arn,
        issuer_id=entity.id,
        session=session,
    )
    return _federated(caller, session) if session.kind is CallerKind.FEDERATED else caller


def _federated(issuer: Caller, session: Session) -> Caller:
    """The federated user that `issuer` (a user or root) stands behind."""
    return msgspec.structs.replace(
        issuer,
        kind=CallerKind.FEDERATED,
        arn=str(Arn(issuer.partition, "sts", "", issuer.account, f"federated-user/{session.name}")),
        user_id=f"{issuer.account}:{session.name}",
    )


def _check_sign_in(session: Session, account: str, owner_id: str, records: Records) -> None:
    """A session that began with a password is over once somebody else set or deleted that password."""
    if not session.sign_in:
        return
    profile = records.get(LOGIN_PROFILE, account, owner_id)
    if profile is None or profile.generation != session.sign_in:
        raise invalid_token()


def _check_membership(session: Session, account: str, records: Records) -> None:
    """A session of AssumeRoot is over once the account is no longer in the organization that let it be."""
    found = records.by_name(MEMBER, "account", account)
    if found is None or session.issued < utc_seconds(found[2].joined):
        raise invalid_token()


def _partition(account: str, records: Records) -> str:
    return _account(account, records).partition


def _account(account: str, records: Records) -> Account:
    """An active account; a key of an account that is closed or gone is no key."""
    record = records.get(ACCOUNT, account, account)
    if record is None or not record.active:
        raise invalid_token()
    return record
