"""Log records on their way to a stream: a bounded queue, and a thread that sends what waits in it.

No request waits for it, and neither does a worker's loop. Records may come twice, as at AWS: what an answer
got lost for is sent again.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from masugata.errors import MasugataError
from masugata.processes import pause

MOST_RECORDS: Final = 500
MOST_BYTES: Final = (3 << 20) - (32 << 10)
"""Of a call, before base64: with that, and what is around records, 4 MiB, as PutRecordBatch takes."""
LARGEST_RECORD: Final = 1_000 << 10
WAITING_BYTES: Final = 32 << 20
"""Of what waits; what comes then is let go, and counted."""
END_SECONDS: Final = 5.0
"""For what still waits when the process ends."""
_LONGEST_PAUSE: Final = 30.0
_PARTIAL_PAUSE: Final = 0.2
"""Seconds, after a call that took some: others are not held up by these."""

_log = logging.getLogger("masugata.edge")

Put = Callable[[Sequence[bytes]], Sequence[int]]
"""Sends records; the indices of those that were not taken and may be sent again.

Raises `MasugataError` where none was taken, `RefusedRecordsError` where none will ever be.
"""


class RefusedRecordsError(MasugataError):
    """The stream will not take these records, however often they are sent."""


class Delivery:
    """What waits for one stream, called by its name in reports."""

    def __init__(self, name: str, put: Put, report: Callable[[str], None] = _log.warning) -> None:
        self._name = name
        self._put = put
        self._report = report
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._failures = 0
        self.lost = 0
        """Records that were let go since the start."""
        self._told = 0
        self._ending = False
        self._thread: threading.Thread | None = None

    def offer(self, records: Sequence[bytes]) -> None:
        """Have them sent, as far as there is room; never waits for the stream."""
        with self._changed:
            for record in records:
                if len(record) > LARGEST_RECORD or self._bytes + len(record) > WAITING_BYTES or self._ending:
                    self.lost += 1
                else:
                    self._waiting.append(record)
                    self._bytes += len(record)
            self._tell_lost(at_least=max(1, 2 * self._told))
            self._changed.notify()

    def send(self) -> float:
        """Send the oldest that fit into one call; seconds to wait before the next."""
        batch = self._oldest()
        if not batch:
            return 0.0
        try:
            again = self._put(batch)
        except RefusedRecordsError as error:
            self._report(f"{len(batch)} log records for `{self._name}` are refused: {error}")
            self._settle(batch, (), lost=len(batch))
            return 0.0
        except Exception as error:  # noqa: BLE001  # whatever it is, they wait and the thread lives
            return self._fail(f"{error}")
        self._settle(batch, [batch[index] for index in again])
        if len(again) == len(batch):
            return self._fail("it took none of them")
        if self._failures:
            self._report(f"log records for `{self._name}` are taken again")
            self._tell_lost(at_least=self._told + 1)
        self._failures = 0
        return _PARTIAL_PAUSE if again else 0.0

    def start(self) -> None:
        """Send in a thread from now on."""
        self._thread = threading.Thread(target=self._run, name=f"log {self._name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send what waits, for a few seconds; the rest is lost, which is said."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(END_SECONDS)
        with self._changed:
            self.lost += len(self._waiting)
            self._waiting.clear()
            self._tell_lost(at_least=self._told + 1)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ending)
                if not self._waiting:
                    return
            seconds = self.send()
            if seconds:
                with self._changed:  # an end is no reason to try more often
                    self._changed.wait_for(lambda: self._ending, seconds)
                    if self._ending:
                        return

    def _oldest(self) -> list[bytes]:
        batch: list[bytes] = []
        size = 0
        with self._changed:
            for record in self._waiting:
                size += len(record)
                if len(batch) == MOST_RECORDS or size > MOST_BYTES:
                    break
                batch.append(record)
        return batch

    def _settle(self, batch: Sequence[bytes], again: Sequence[bytes], lost: int = 0) -> None:
        """The batch is done with, but for these."""
        with self._changed:
            for _ in range(min(len(batch), len(self._waiting))):
                self._bytes -= len(self._waiting.popleft())
            self._waiting.extendleft(reversed(again))
            self._bytes += sum(map(len, again))
            self.lost += lost

    def _fail(self, reason: str) -> float:
        self._failures += 1
        if self._failures == 1:
            self._report(f"log records for `{self._name}` wait, and will be sent again: {reason}")
        return pause(self._failures + 1, _LONGEST_PAUSE)

    def _tell_lost(self, *, at_least: int) -> None:
        """Say how many are lost; while it goes on, each time that they have doubled."""
        if self.lost >= at_least:
            self._report(f"{self.lost - self._told} log records for `{self._name}` are lost")
            self._told = self.lost
