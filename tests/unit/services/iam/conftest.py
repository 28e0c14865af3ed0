"""One account in a store of its own, and calls of IAM's operations on it, without gateway or wire."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Session
from masugata.keeper import Keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE, USER, Role, iam_arn
from masugata.records.kind import Kind
from masugata.services.iam import OPERATIONS
from masugata.store import Records, Transaction, open_store

ACCOUNT_ID = "111122223333"
START = datetime(2026, 11, 23, 12, 30, 45, 123456, UTC)


class FakeKeeper:
    """Seals so that a test sees what was sealed, for which purpose and under which identity."""

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        return b"|".join([b"sealed", purpose.encode(), identity, plaintext])

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        sealed = b"|".join([b"sealed", purpose.encode(), identity, b""])
        assert blob.startswith(sealed)
        return blob.removeprefix(sealed)


class House:
    """Call it with an operation's name and members; `fails` is for calls that must be refused.

    Writing operations run in a transaction that is dropped if they fail, reading ones on the
    snapshot, as in the gateway. `touched` names the resources of the last call, `authorized` the
    further permissions that it asked for.
    """

    def __init__(self) -> None:
        self.account = ACCOUNT_ID
        self.store = open_store(None, ALL_KINDS)
        self.keeper = FakeKeeper()
        self.now = START
        self.random = random.Random(26).randbytes
        self.touched: list[tuple[str, str]] = []
        self.authorized: list[tuple[str, str]] = []
        self.caller = self.root()
        self.add_account(ACCOUNT_ID)

    def __call__(self, operation: str, /, **request: Any) -> Mapping[str, Any]:
        row = OPERATIONS[operation]
        handler, writes, prepare = row.handler, row.writes, row.prepare
        self.touched, self.authorized = [], []
        snapshot = self.store.snapshot()
        if not writes:
            return handler(self._call(operation, snapshot, None), request)
        prepared = None if prepare is None else prepare(self._call(operation, snapshot, None), request)

        def job(transaction: Transaction) -> Mapping[str, Any]:
            return handler(self._call(operation, transaction, transaction, prepared), request)

        return self.store.submit(job).result()

    def fails(self, operation: str, /, **request: Any) -> tuple[str, str, int]:
        """Code, message and HTTP status of the error that the call must raise."""
        before = self.store.snapshot().revision
        with pytest.raises(AwsError) as caught:
            self(operation, **request)
        assert self.store.snapshot().revision == before
        return caught.value.code, caught.value.message, caught.value.status

    def later(self, **delta: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**delta)

    def act_as(self, caller: Caller) -> None:
        """Make the next calls as this caller; root makes them otherwise."""
        self.caller = caller

    def get(self, kind: Kind[Any], key: str) -> Any:
        """The stored record, or None."""
        return self.store.snapshot().get(kind, self.account, key)

    def put(self, kind: Kind[Any], *records: msgspec.Struct) -> None:
        """Store records past the operations."""

        def job(transaction: Transaction) -> None:
            for record in records:
                transaction.put(kind, self.account, record)

        self.store.submit(job).result()

    def add_account(self, account: str) -> None:
        """Open a further account."""
        record = Account(id=account, root_email=f"root@{account}.example", create_date=START)
        self.store.submit(lambda transaction: transaction.put(ACCOUNT, account, record)).result()

    def root(self, account: str = ACCOUNT_ID) -> Caller:
        """The root user of an account."""
        return self._principal(
            CallerKind.ROOT,
            f"arn:aws:iam::{account}:root",
            user_id=account,
            issuer_id=account,
            account=account,
        )

    def user(self, name: str) -> Caller:
        """An IAM user that exists."""
        record = self.get(USER, name.lower())
        return self._principal(
            CallerKind.USER,
            iam_arn(self.account, "user", record),
            user_id=record.id,
            issuer_id=record.id,
            entity_name=record.name,
        )

    def role_session(self, role: Role, name: str = "work") -> Caller:
        """A session of a role."""
        arn = f"arn:aws:sts::{self.account}:assumed-role/{role.name}/{name}"
        session = Session(
            kind=CallerKind.ROLE_SESSION,
            account=self.account,
            access_key_id="ASIAIOSFODNN7EXAMPLE",
            secret="x",
            issuer_id=role.id,
            name=name,
            issued=0,
            expires=2**40,
        )
        return self._principal(
            CallerKind.ROLE_SESSION,
            arn,
            user_id=f"{role.id}:{name}",
            issuer_id=role.id,
            entity_name=role.name,
            session=session,
        )

    def add_role(self, name: str, **fields: Any) -> Role:
        """Store a role that nobody may assume."""
        role = Role(
            name=name,
            id=f"AROA{name.upper():A<17}",
            create_date=START.replace(microsecond=0),
            trust_policy='{"Version":"2012-10-17","Statement":[]}',
            **fields,
        )
        self.put(ROLE, role)
        return role

    def _principal(self, kind: CallerKind, arn: str, **fields: Any) -> Caller:
        fields.setdefault("account", self.account)
        issuer = fields.pop("issuer_arn", arn)
        return Caller(kind=kind, arn=arn, issuer_arn=issuer, access_key_id="AKIAIOSFODNN7EXAMPLE", **fields)

    def _call(
        self, operation: str, records: Records, transaction: Transaction | None, prepared: Any = None
    ) -> Call:
        call = Call(
            service="iam",
            operation=operation,
            caller=self.caller,
            region="us-east-1",
            records=records,
            transaction=transaction,
            store=self.store,
            keeper=cast("Keeper", self.keeper),
            now=self.now,
            random=self.random,
            request_id="00000000-0000-4000-8000-000000000000",
            event_id="00000000-0000-4000-8000-000000000001",
            context={},
            authorize=self._authorize,
            authorize_operation=lambda *_, **__: None,
            prepared=prepared,
        )
        self.touched = call.touched
        return call

    def _authorize(self, action: str, resource: str, _context: Mapping[str, Any] | None = None) -> None:
        self.authorized.append((action, resource))


@pytest.fixture
def iam() -> House:
    """An account in which nothing exists yet; calls are made by root until `act_as`."""
    return House()
