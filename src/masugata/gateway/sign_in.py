"""The door for who has a password and no key: it gives temporary credentials.

AWS's own sign-in is no API of theirs, so this request is ours: JSON in and out, not signed, and
beyond that as any call: limited, decided in the writer, recorded before it is answered.
"""

import logging
from collections import Counter
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import orjson

from masugata.authorization.context import request_context
from masugata.errors import AwsError
from masugata.gateway.exchange import answered
from masugata.gateway.keeper_errors import keeper_unavailable
from masugata.gateway.parts import Parts
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.login_profiles import last_sign_in, note_sign_in
from masugata.identity.session_tokens import seal_session
from masugata.identity.sign_in import (
    FAILED,
    Prepared,
    SignedIn,
    SignInRequest,
    Subject,
    decode_request,
    find_subject,
    prepare,
    sign_in,
)
from masugata.metrics import METRICS
from masugata.metrics.table import SIGN_INS
from masugata.records.account import ACCOUNT
from masugata.records.iam import USER, iam_arn
from masugata.services import GLOBAL_REGION
from masugata.store import Records, StoreBusyError, StoreUnavailableError, Transaction
from masugata.trail import SIGN_IN_REGION, SignInAttempt, sign_in_event
from masugata.wire import HttpRequest, HttpResponse

_log = logging.getLogger(__name__)

BODY_LIMIT = 4096
AT_ONCE_FROM_ONE_SOURCE = 4

# What the log of events and the metrics call the ways in which an attempt ends.
_ERRORS = {
    FAILED: "Failed authentication",
    "AccessDenied": "Failed authentication",
    "PasswordChangeRequired": "Password must be changed",
    "PasswordExpired": "Password has expired",
    "PasswordPolicyViolation": "New password does not conform to the account password policy",
}
_NOBODY = "No username found in supplied account"


class SignInDoor:
    """Answers `POST /_masugata/sign-in`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = Lock()
        self._waiting: Counter[str] = Counter()

    def answer(self, http: HttpRequest) -> "Future[HttpResponse]":
        """Answer one request; the future is done once the attempt is durable."""
        try:
            request = _request(http)
            with self._lock:
                if self._waiting[http.source_ip] >= AT_ONCE_FROM_ONE_SOURCE:
                    raise _throttled()
                self._waiting[http.source_ip] += 1
        except AwsError as error:
            return answered(_refusal(error))
        answer: Future[HttpResponse] = Future()
        answer.add_done_callback(lambda _: self._leave(http.source_ip))
        attempt = _Attempt(self._parts, http, request)
        try:
            # One queue for all of them: strangers leave room for the operations of accounts.
            hashing = self._parts.preparation.submit("sign-in", attempt.prepare)
        except Exception as error:  # noqa: BLE001  too much waits already, or the server stops
            answer.set_result(_failure(error))
            return answer

        def decide(done: "Future[Prepared]") -> None:
            try:
                prepared = done.result()
                deciding = self._parts.store.submit(lambda tx: attempt.decide(tx, prepared))
                deciding.add_done_callback(lambda last: answer.set_result(_result(attempt, last)))
            except Exception as error:  # noqa: BLE001  the last line of defence: log all, say nothing
                answer.set_result(_failure(error))

        hashing.add_done_callback(decide)
        return answer

    def _leave(self, source_ip: str) -> None:
        with self._lock:
            self._waiting[source_ip] -= 1
            if not self._waiting[source_ip]:
                del self._waiting[source_ip]


class _Attempt:
    """One attempt on its way: hashed on a snapshot, decided in a transaction."""

    def __init__(self, parts: Parts, http: HttpRequest, request: SignInRequest) -> None:
        self._parts = parts
        self._http = http
        self._request = request
        self._now = parts.clock()
        self.signed_in: SignedIn | None = None

    def prepare(self) -> Prepared:
        """The slow part, in a thread of the pool."""
        parts, records = self._parts, self._parts.store.snapshot()
        subject = find_subject(records, self._request)
        return prepare(
            records,
            subject,
            self._request,
            keeper=parts.keeper,
            source_ip=self._http.source_ip,
            # Nobody's is asked for too, so that both take as long.
            last=last_sign_in(parts.store, subject.owner_id),
            now=self._now,
            random=parts.random,
        )

    def decide(self, transaction: Transaction, prepared: Prepared) -> HttpResponse:
        """The decision and its events, in the writer; never raises an `AwsError`, so what it wrote stays."""
        subject = find_subject(transaction, self._request)
        try:
            found = sign_in(
                transaction,
                subject,
                prepared,
                self._request,
                keeper=self._parts.keeper,
                now=self._now,
                random=self._parts.random,
                authorize_change=lambda caller: self._authorize_change(caller, transaction),
            )
        except AwsError as error:
            if error.code != "Throttling":  # strangers cannot fill the log faster than the limits let them
                self._record_refusal(transaction, subject, error)
            return _refusal(error)
        if prepared.new_password is not None:
            self._record(transaction, subject, "PasswordUpdated", serial=found.serial)
        self._record(transaction, subject, "ConsoleLogin", serial=found.serial)
        self.signed_in = found
        return _json(200, _credentials(found, seal_session(found.session, self._parts.keeper)))

    def after(self) -> None:
        """What follows a sign-in that is durable."""
        if self.signed_in is None:
            return
        METRICS.add(SIGN_INS, "success")
        caller = self.signed_in.caller
        note_sign_in(self._parts.store, caller.issuer_id, self._now, self._http.source_ip)
        if caller.kind is CallerKind.ROOT:
            _log.warning(
                "the root user of account %s signed in from %s, %s MFA",
                caller.account,
                self._http.source_ip,
                "without" if self.signed_in.serial is None else "with",
            )

    def _authorize_change(self, caller: Caller, records: Records) -> None:
        context = request_context(self._http, caller, SIGN_IN_REGION, self._now, records)
        self._parts.authorizer.authorize_operation(
            "iam", "ChangePassword", {}, caller, context, records, GLOBAL_REGION
        )

    def _record_refusal(self, transaction: Transaction, subject: Subject, error: AwsError) -> None:
        if error.code == "MultiFactorAuthRequired":
            self._record(transaction, subject, "CheckMfa")
            return
        text = _ERRORS.get(error.code, error.code) if subject.owner_id else _NOBODY
        self._record(transaction, subject, "ConsoleLogin", error=text)

    def _record(
        self,
        transaction: Transaction,
        subject: Subject,
        name: str,
        *,
        error: str | None = None,
        serial: str | None = None,
    ) -> None:
        account = transaction.get(ACCOUNT, subject.account, subject.account) if subject.account else None
        if account is None:  # of no account is nobody's event
            return
        root = subject.kind is CallerKind.ROOT
        user = None if root else transaction.get(USER, account.id, subject.name.lower())
        arn = f"arn:{account.partition}:iam::{account.id}:root"
        if user is not None:
            arn = iam_arn(account.id, "user", user, partition=account.partition)
        transaction.emit(
            sign_in_event(
                SignInAttempt(
                    name=name,
                    account=account.id,
                    root=root,
                    principal_id=subject.owner_id,
                    arn=arn,
                    user_name=subject.name,
                    succeeded=error is None,
                    error=error,
                    mfa_serial=serial,
                    now=self._now,
                    http=self._http,
                    event_id=self._parts.new_id(),
                )
            )
        )


def _request(http: HttpRequest) -> SignInRequest:
    """The request; only as JSON, which a page of another origin cannot send unasked."""
    sort = (http.header("content-type") or "").partition(";")[0].strip().lower()
    if sort != "application/json":
        raise AwsError("UnsupportedMediaType", "The Content-Type must be application/json.", 415)
    if len(http.body) > BODY_LIMIT:
        raise AwsError("RequestEntityTooLarge", f"The request body exceeds {BODY_LIMIT} bytes.", 413)
    return decode_request(http.body)


def _credentials(found: SignedIn, token: str) -> dict[str, Any]:
    session = found.session
    expires = datetime.fromtimestamp(session.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret,
            "SessionToken": token,
            "Expiration": expires,
        },
        "Account": session.account,
        "Arn": found.caller.arn,
    }


def _result(attempt: _Attempt, done: "Future[HttpResponse]") -> HttpResponse:
    try:
        response = done.result()
        attempt.after()
    except Exception as error:  # noqa: BLE001  as above
        return _failure(error)
    return response


def _failure(error: Exception) -> HttpResponse:
    if isinstance(error, AwsError):
        return _refusal(error)
    if isinstance(error, StoreBusyError):
        return _refusal(_throttled())
    if isinstance(error, StoreUnavailableError):
        _log.info("a sign-in: the store is unavailable: %s", error)
        return _refusal(AwsError("ServiceUnavailable", "The store does not answer; try again.", 503))
    if (unavailable := keeper_unavailable(error)) is not None:
        _log.info("a sign-in: %s", error)
        return _refusal(unavailable)
    _log.error("a sign-in failed", exc_info=error)
    return _refusal(AwsError("InternalFailure", "The request failed inside masugata; see its log.", 500))


def _throttled() -> AwsError:
    return AwsError("Throttling", "Rate exceeded", 400)


def _refusal(error: AwsError) -> HttpResponse:
    throttled = error.code == "Throttling"
    METRICS.add(SIGN_INS, "throttled" if throttled else "failure")
    content = {"code": error.code, "message": error.message, **error.fields}
    return _json(429 if throttled else error.status, content)


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return HttpResponse(status=status, headers=headers, body=orjson.dumps(content))
