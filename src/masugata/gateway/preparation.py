"""Slow work of operations, done before their transaction in a few threads of its own.

Hashing a password or making an RSA key takes a tenth of a second and more. In the writer it would
hold up every change, on the event loop every answer. The libraries that do it let other threads run.
"""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, NamedTuple

from masugata.errors import AwsError

_THREADS = 2
WAITING_LIMIT = 64


class _Work(NamedTuple):
    do: Callable[[], Any]
    future: "Future[Any]"


class Preparation:
    """A bounded pool; what is beyond its bounds is throttled, not queued.

    Accounts take turns, so nobody waits for more than one work of each of the others, however many they
    have handed in. `threads` are few for what keeps a processor busy; what waits for others may have
    `WAITING_LIMIT`. `waiting` is how many works there may be, and half of it those of one account, so that
    one that asks too much leaves room for the others.
    """

    def __init__(self, threads: int = _THREADS, waiting: int = WAITING_LIMIT) -> None:
        self._limit = waiting
        self._pool = ThreadPoolExecutor(threads, "masugata-prepare")  # starts threads as they are needed
        self._lock = Lock()
        self._waiting: Counter[str] = Counter()
        self._queues: dict[str, deque[_Work]] = {}  # whose turn it is comes first

    def submit(self, account: str, work: Callable[[], Any]) -> "Future[Any]":
        """Have `work` done for `account`; raises `AwsError` Throttling if too much waits already."""
        future: Future[Any] = Future()
        with self._lock:
            full = self._waiting.total() >= self._limit
            if full or self._waiting[account] >= self._limit // 2:
                raise AwsError("Throttling", "Rate exceeded", 400)
            # One turn for each work; a thread that is there already waits for the lock.
            self._pool.submit(self._take_turn)
            self._waiting[account] += 1
            self._queues.setdefault(account, deque()).append(_Work(work, future))
        return future

    def _take_turn(self) -> None:
        """Do the first work of the account whose turn it is, and put the account behind the others."""
        with self._lock:
            account = next(iter(self._queues))
            queue = self._queues.pop(account)
            work, future = queue.popleft()
            if queue:
                self._queues[account] = queue
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  whoever waits for it is told
            self._done(account)
            future.set_exception(error)
        else:
            self._done(account)
            future.set_result(result)

    def _done(self, account: str) -> None:
        with self._lock:
            self._waiting[account] -= 1
            if not self._waiting[account]:
                del self._waiting[account]
