"""Making a batch durable: one transaction, in turn with the writers of all other nodes."""

from collections.abc import Callable
from typing import NamedTuple

import psycopg

from masugata.metrics import METRICS
from masugata.metrics.table import EVENTS_RECORDED
from masugata.store.codec import Codecs
from masugata.store.durable import outcome_of
from masugata.store.errors import StoreUnavailableError
from masugata.store.event import EventRow
from masugata.store.postgres import events, rows
from masugata.store.postgres.connection import Connection, reason
from masugata.store.postgres.listener import CHANNEL
from masugata.store.postgres.session import Session
from masugata.store.transaction import Group
from masugata.store.writer import Batch, Outcome


class _Uncertain(NamedTuple):
    """Events of a commit of which nobody knows whether it took effect, and the number of the first."""

    first_seq: int
    events: list[EventRow]


class Commits:
    """What the writer thread calls.

    A connection that is lost in the middle of a commit leaves open whether it took effect. Its jobs
    are told that it failed, which a caller may see disproved; its events come again with the next
    batch, which first looks whether they are there.
    """

    def __init__(
        self,
        session: Session,
        codecs: Codecs,
        published: Callable[[], rows.State],
        publish: Callable[[rows.State], None],
    ) -> None:
        self.session = session
        self._codecs = codecs
        self._published = published
        self._publish = publish
        self._uncertain: _Uncertain | None = None

    def commit(self, batch: Batch) -> list[Outcome]:
        """Do a batch in one database transaction; raises if it may not have taken effect."""
        try:
            connection, now, known = self.session.run(self._begin)
            self._forget_stored(connection, batch)
            base = rows.newest(connection, self._codecs, known, now)
            group = Group(self._codecs, base.snapshot)
            outcomes = [outcome_of(task, group, connection) for task in batch.tasks]
            with connection.pipeline():  # the others wait for the lock, so no round trip more than needed
                state = rows.write(connection, self._codecs, group, base.stamp)
                stored = batch.events + group.events
                events.insert(connection, stored, now.seq)
                events.touch(connection, batch.touches)
                events.forget(connection, group.forgotten)
                if group.changes:
                    connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
                # A limit would end the wait for synchronous standbys, and the commit would seem complete.
                connection.execute("SET LOCAL statement_timeout = 0")
            events.enter(connection, now.indexed, now.seq + len(stored))
            self._finish(connection, batch, now.seq)
        except BaseException:
            self.session.discard()
            raise
        self._publish(state)
        METRICS.add(EVENTS_RECORDED, by=len(batch.events) + len(group.events))
        return outcomes

    def _begin(self, connection: Connection) -> tuple[Connection, rows.Head, rows.State]:
        known = self._published()  # before the lock: it can only have become newer since
        return connection, rows.begin(connection), known

    def _forget_stored(self, connection: Connection, batch: Batch) -> None:
        """Take events out of the batch that an uncertain commit did store.

        With the head locked that commit is over, one way or the other, and so are all that might have
        used its numbers.
        """
        if self._uncertain is None:
            return
        first_seq, tried = self._uncertain
        if events.holds(connection, tried[0], first_seq):
            stored = {id(event) for event in tried}
            batch.events = [event for event in batch.events if id(event) not in stored]
        self._uncertain = None

    def _finish(self, connection: Connection, batch: Batch, last_seq: int) -> None:
        if batch.events:
            self._uncertain = _Uncertain(last_seq + 1, batch.events)
        connection.warnings.clear()
        try:
            status = connection.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            text = f"the connection was lost in a commit, which may have taken effect: {reason(error)}"
            raise StoreUnavailableError(text) from error
        # An administrator can end the wait for synchronous standbys, too.
        if status != "COMMIT" or connection.warnings:
            said = "; ".join(connection.warnings) or status
            raise StoreUnavailableError(f"the server did not commit for good: {said}")
        self._uncertain = None
