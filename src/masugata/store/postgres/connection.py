"""Connections that always end: every wait for the server is bounded, and durability is checked first."""

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg.waiting import Ready

from masugata.store.errors import StoreIncompatibleError, StoreUnavailableError
from masugata.store.postgres.address import Address

T = TypeVar("T")

SCHEMA = "masugata"
OLDEST = 14
_SECOND = 1000  # PostgreSQL's timeouts are in milliseconds
_GRACE = 2.0  # seconds that the server has to say itself that time is over

_CONFIGURE = """
SELECT set_config('search_path', %s, false),
       set_config('statement_timeout', %s, false),
       set_config('lock_timeout', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('jit', 'off', false),
       set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                  WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
"""
_ASK = """
SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_encoding'),
       current_setting('fsync')
"""


class UnresponsiveError(psycopg.OperationalError):
    """The server took longer than it was given; the connection is closed."""


class Connection(psycopg.Connection[TupleRow]):
    """A connection on which no single wait for the server is longer than `patience` seconds."""

    patience = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.warnings: list[str] = []  # what the server warned of
        self.add_notice_handler(self._note)

    def _note(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "of something")

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the end of a step of the protocol; raises `UnresponsiveError`."""
        bounded = _bounded(gen, time.monotonic() + self.patience, self.patience)
        try:
            # A later psycopg has a bound of its own, which it uses to wait for notifications.
            return (
                super().wait(bounded, interval) if timeout is None else super().wait(gen, interval, timeout)
            )
        except UnresponsiveError:
            self.close()
            raise


def _bounded(gen: PQGen[T], deadline: float, patience: float) -> PQGen[T]:
    try:
        waits_for = next(gen)
        while True:
            ready = yield waits_for
            if ready == Ready.NONE and time.monotonic() > deadline:
                raise UnresponsiveError(f"the server does not answer within {patience:g} seconds")
            waits_for = gen.send(ready)
    except StopIteration as end:
        value: T = end.value
        return value


def connect(address: Address, *, lock_seconds: float, statement_seconds: float) -> Connection:
    """A connection without implicit transactions, in which a commit that returned is durable.

    Raises `psycopg.Error` if it cannot be made, `StoreUnavailableError` if the server does not keep
    what it acknowledges, `StoreIncompatibleError` if it is of a sort that this program cannot use.
    """
    connection = Connection.connect(make_conninfo("", **address.parameters), autocommit=True)
    connection.patience = statement_seconds + _GRACE
    try:
        limits = (statement_seconds, lock_seconds, statement_seconds)
        connection.execute(
            _CONFIGURE, (f"{SCHEMA}, pg_temp", *(str(int(limit * _SECOND)) for limit in limits))
        )
        row = connection.execute(_ASK).fetchone()
        assert row is not None  # noqa: S101  # INVARIANT: a SELECT without FROM has one row
        _check_server(*row)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_server(version: int, encoding: str, fsync: str) -> None:
    if version < OLDEST:
        raise StoreIncompatibleError(f"the server is PostgreSQL {version}; {OLDEST} or later is needed")
    if encoding != "UTF8":
        raise StoreIncompatibleError(f"the database has the encoding {encoding}; UTF8 is needed")
    if fsync != "on":
        raise StoreUnavailableError(
            "the server runs with fsync=off: it loses what it acknowledged; set it to on"
        )


def reason(error: BaseException) -> str:
    """What an error says, in one line and without the values of rows."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    return (str(error).strip() or type(error).__name__).splitlines()[0]
