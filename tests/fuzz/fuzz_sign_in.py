"""Fuzz target: whatever bytes ask to sign in, nobody is signed in without the password.

What is refused is refused with an AwsError that repeats nothing; what is read is within its bounds, and the
whole door answers it without touching anything but the counts of failures.
"""

import json
import os
from datetime import UTC, datetime

from masugata.errors import AwsError
from masugata.gateway import Gateway, SignInDoor
from masugata.identity import passwords
from masugata.identity.sign_in import decode_request
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import FAILED_ATTEMPTS, USER, User
from masugata.store import open_store
from masugata.wire import HttpRequest

SEEDS = (
    b'{"account":"111122223333","user":"alice","password":"p"}',
    b'{"account":"coffee-shop","user":"alice","password":"p","mfaCode":"123456"}',
    b'{"email":"root@example.com","password":"p","newPassword":"n","durationSeconds":900}',
    b'{"user":"\\ud83c\\udf75","password":"\\u00ff\\t"}',
    b'{"user":"alice","password":"p","user":"bob"}',
)
PIECES = (
    b'"user":', b'"email":', b'"password":', b'"newPassword":', b'"mfaCode":', b"null", b"\\ud800",
    b"\\u0000", b"1e999", b"-0", b"[[[[", b'{"a":', b'"durationSeconds":43201', b"\xff", b"\xef\xbb\xbf",
)  # fmt: skip
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_STORE = open_store(None, ALL_KINDS)
_GATEWAY = Gateway(
    _STORE, open_keeper("ephemeral:", create=True), clock=lambda: datetime.now(UTC), random=os.urandom
)
_DOOR = SignInDoor(_GATEWAY)
passwords.RECOMMENDED = passwords.Parameters(1, 1, 8)


def _people(transaction):  # type: ignore[no-untyped-def]
    account = Account(id="111122223333", root_email="root@example.com", create_date=_NOW)
    transaction.put(ACCOUNT, account.id, account)
    transaction.put(USER, account.id, User(name="alice", id="AIDAALICE", create_date=_NOW))


_STORE.submit(_people).result()


def fuzz_one(data: bytes) -> None:
    """One body, read by itself and answered by the door."""
    try:
        request = decode_request(data)
    except AwsError as error:
        if (error.code, error.status) != ("ValidationError", 400):
            raise AssertionError(error) from error
    else:
        if not 1 <= len(request.password) <= passwords.MOST_CHARACTERS:
            raise AssertionError("a password beyond its bounds")
    http = HttpRequest(
        method="POST",
        path="/_masugata/sign-in",
        headers=(("host", "localhost"), ("content-type", "application/json")),
        body=data,
    )
    response = _DOOR.answer(http).result()
    if response.status not in (400, 403, 413, 429):
        raise AssertionError(f"answered {response.status}")
    if set(json.loads(response.body)) != {"code", "message"}:
        raise AssertionError("an answer with more than an error")
    if _STORE.snapshot().count(FAILED_ATTEMPTS, "") > 8192:
        raise AssertionError("more counts than places")
