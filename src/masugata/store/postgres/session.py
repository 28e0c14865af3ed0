"""One connection that is made when it is needed, and again when it was lost."""

import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import psycopg

from masugata.store.errors import StoreUnavailableError
from masugata.store.postgres.connection import Connection, reason

T = TypeVar("T")

_QUICK = 0.5  # seconds; failing so fast keeps nobody waiting
_LONGEST_PAUSE = 5.0


class _LostError(Exception):
    """The connection was there before and is no more."""


class Session:
    """Runs one thing after another on a connection; whoever comes meanwhile waits.

    After waiting in vain for a server that says nothing, everything is refused at once for as long
    again: callers spend at most half of their time waiting for such a server.
    """

    def __init__(
        self, connect: Callable[[], Connection], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._connection: Connection | None = None
        self._lock = Lock()
        self._closed = False
        self._refusal = ""
        self._refuse_until = float("-inf")

    def run(self, job: Callable[[Connection], T]) -> T:
        """Run `job`, a second time if the connection turns out to have been lost before.

        Raises `StoreUnavailableError` if the store is closed or refuses, else what connecting or the
        job raises; the connection does not outlive an error of the database.
        """
        with self._lock:
            if self._connection is not None:
                try:
                    return self._attempt(job)
                except _LostError:
                    pass
            return self._attempt(job)

    def discard(self) -> None:
        """Close the connection: nobody can tell any more what state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Close for good."""
        with self._lock:
            self._closed = True
            self.discard()

    def _attempt(self, job: Callable[[Connection], T]) -> T:
        started = self._clock()
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if started < self._refuse_until:
            raise StoreUnavailableError(self._refusal)
        before = self._connection
        try:
            connection = self._connection = before or self._connect()
            return job(connection)
        except (psycopg.Error, StoreUnavailableError) as error:
            lost = before is not None and _is_lost(before, error)
            self.discard()
            if lost:
                raise _LostError from error
            now = self._clock()
            if now - started > _QUICK and getattr(error, "sqlstate", None) is None:  # the server said nothing
                self._refusal = reason(error)
                self._refuse_until = now + min(now - started, _LONGEST_PAUSE)
            raise


def _is_lost(connection: Connection, error: BaseException) -> bool:
    """Whether the server ended the connection, be it while nobody used it."""
    return connection.broken or (isinstance(error, psycopg.Error) and (error.sqlstate or "")[:3] == "57P")
