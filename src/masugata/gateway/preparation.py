"""Slow work of operations, done before their transaction in a few threads of its own.

Hashing a password or making an RSA key takes a tenth of a second and more. In the writer it would
hold up every change, on the event loop every answer. The libraries that do it let other threads run.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

from masugata.errors import AwsError

_THREADS = 2
WAITING_LIMIT = 64
_WAITING_LIMIT_PER_ACCOUNT = 32
"""So that one account that asks too much leaves room for the others."""


class Preparation:
    """A bounded pool; what is beyond its bounds is throttled, not queued.

    `threads` are few for what keeps a processor busy; what waits for others may have `WAITING_LIMIT`.
    """

    def __init__(self, threads: int = _THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, "masugata-prepare")  # starts threads as they are needed
        self._lock = Lock()
        self._waiting: Counter[str] = Counter()

    def submit(self, account: str, work: Callable[[], Any]) -> "Future[Any]":
        """Have `work` done for `account`; raises `AwsError` Throttling if too much waits already."""
        with self._lock:
            full = self._waiting.total() >= WAITING_LIMIT
            if full or self._waiting[account] >= _WAITING_LIMIT_PER_ACCOUNT:
                raise AwsError("Throttling", "Rate exceeded", 400)
            self._waiting[account] += 1
        try:
            future = self._pool.submit(work)
        except BaseException:
            self._done(account)
            raise
        future.add_done_callback(lambda _: self._done(account))
        return future

    def _done(self, account: str) -> None:
        with self._lock:
            self._waiting[account] -= 1
            if not self._waiting[account]:
                del self._waiting[account]
