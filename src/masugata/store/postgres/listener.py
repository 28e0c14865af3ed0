"""Hears of other nodes' commits, so that catching up is done before the next request asks."""

import logging
import os
import select
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

import psycopg

from masugata.store.errors import StoreError
from masugata.store.postgres.connection import Connection, reason

_log = logging.getLogger(__name__)

CHANNEL = "masugata"
_PAUSE = 5_000  # milliseconds until a lost connection is made again


class Listener:
    """Calls `heard` after notifications; nothing depends on it but how much the next request has to read.

    A notification may be lost, and with the connection many are: who decides something asks for the
    revision itself.
    """

    def __init__(self, connect: Callable[[], Connection], heard: Callable[[], object]) -> None:
        self._connect = connect
        self._heard = heard
        self._stop, self._stopping = os.pipe()
        self._thread = Thread(target=self._run, name="masugata-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        os.close(self._stopping)
        self._thread.join()
        os.close(self._stop)

    def _run(self) -> None:
        while True:
            try:
                connection = self._connect()
                try:
                    self._listen(connection)
                finally:
                    connection.close()
            except (psycopg.Error, StoreError) as error:
                _log.info("cannot listen for commits of other nodes: %s", reason(error))
            if self._told_to_stop(_PAUSE):
                return

    def _listen(self, connection: Connection) -> None:
        """Until told to stop; raises `psycopg.Error` once the connection is lost."""
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._told_to_stop(None, connection.fileno()):
            for _ in connection.notifies(timeout=0):
                pass
            with suppress(StoreError):  # whoever asks next is told
                self._heard()

    def _told_to_stop(self, milliseconds: int | None, *files: int) -> bool:
        """Wait for this long, or until one of the files can be read; whether the end has come."""
        poll = select.poll()
        for file in (self._stop, *files):
            poll.register(file, select.POLLIN)
        return any(file == self._stop for file, _ in poll.poll(milliseconds))
