"""Counts of several edges together, through Redis or Valkey, beside the way of any request.

A few times a second one process of an edge writes what the edge counted in the sub-windows of now, whole,
and reads what the others wrote. What is written replaces what was: a lost answer, a restart or a second
writer counts nothing twice. Until others have read it, each edge knows its own requests alone.
"""

import fcntl
import logging
import os
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, cast

from masugata.edge.rates._layout import CAPACITY, CELLS, IDENTITY
from masugata.edge.rates._table import Table
from masugata.edge.rates.shared import SharedRates
from masugata.errors import MasugataError

INTERVAL: Final = 0.25
"""Seconds between two rounds."""
_TIMEOUT: Final = 2.0
_PREFIX: Final = "masugata:rates:"
_EDGES: Final = f"{_PREFIX}edges"
_REMEMBERED_SECONDS: Final = 700
_MOST_EDGES: Final = 64
_ENTRY: Final = struct.Struct(f"<{IDENTITY}sI")
_AGAIN: Final = 2
"""Sub-windows that others may still be counting in, by their clocks."""

_log = logging.getLogger("masugata.edge")


class SharingError(MasugataError):
    """Counts cannot be shared as the settings say."""


class Redis(Protocol):
    """What is needed of a client: each call is one command, or a pipeline of them."""

    def pipeline(self, transaction: bool = ...) -> Any:  # redis-py's
        """Commands that are sent together."""

    def close(self) -> None:
        """End its connections."""


class Sharing:
    """Exchanges an edge's counts with others'; one of its processes does, and when it ends, another."""

    def __init__(
        self, rates: SharedRates, redis: Redis, report: Callable[[str], None] = _log.warning
    ) -> None:
        self._rates = rates
        self._redis = redis
        self._report = report
        self._file = os.open(rates.directory / "sharing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._leads = False
        self._apart: bool | None = None
        self._written: dict[str, bytes] | None = None
        self._read: dict[str, int] = {}

    def round(self) -> bool:
        """Write and read once; whether this process did. Never raises for what Redis does or does not."""
        if not self._lead():
            return False
        try:
            self._exchange(self._rates.clock())
        except Exception as error:  # noqa: BLE001  # whatever it is, requests are still counted here
            self._read.clear()
            self._written = None
            self._tell(apart=True, reason=f"{type(error).__name__}: {error}")
        else:
            self._tell(apart=False)
        return True

    def close(self) -> None:
        """Let another process take over."""
        os.close(self._file)
        self._redis.close()

    def _lead(self) -> bool:
        if not self._leads:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._leads = True
        return True

    def _tell(self, *, apart: bool, reason: str = "") -> None:
        """Say it once when it changes."""
        if apart is not self._apart:
            if apart:
                self._report(f"rates are counted by this edge alone until it can share them: {reason}")
            elif self._apart:
                self._report("rates are shared with other edges again")
            self._apart = apart

    def _exchange(self, now: float) -> None:
        own = self._rates.identity.name
        tables = [*self._rates.tables()]
        writing = self._redis.pipeline(transaction=False)
        writing.zadd(_EDGES, {own: now})
        writing.zremrangebyscore(_EDGES, "-inf", now - _REMEMBERED_SECONDS)
        writing.zrevrange(_EDGES, 0, _MOST_EDGES)
        written = dict(self._write(writing, tables, now))
        edges = [name.decode() for name in writing.execute()[2] if name.decode() != own]
        self._written = written
        if edges:
            self._take_over(edges, tables, now)

    def _write(
        self, pipeline: Any, tables: Iterable[tuple[str, Table]], now: float
    ) -> Iterable[tuple[str, bytes]]:
        """What was counted in the sub-window of now and the one before, where it has changed.

        All of the window at first: another process, or nobody, may have written so far.
        """
        back = 1 if self._written is not None else CELLS - 1
        for name, table in tables:
            for tick in range(table.tick(now) - back, table.tick(now) + 1):
                counts = table.counted_here(tick)
                if counts:
                    key = _key(name, tick, self._rates.identity.name)
                    packed = b"".join(_ENTRY.pack(identity, count) for identity, count in counts.items())
                    if (self._written or {}).get(key) != packed:
                        pipeline.set(key, packed, ex=int(table.window + 2 * table.grain) + 1)
                    yield key, packed

    def _take_over(self, edges: list[str], tables: list[tuple[str, Table]], now: float) -> None:
        """What others counted: all of the window at first, then what may have changed."""
        reading = self._redis.pipeline(transaction=False)
        asked = []
        for name, table in tables:
            latest = table.tick(now)
            # An edge that is new to us may have counted for the whole window.
            known = min((self._read.get(f"{name}:{edge}", 0) for edge in edges), default=0)
            for tick in range(max(latest - CELLS + 1, known - _AGAIN), latest + 1):
                reading.mget([_key(name, tick, edge) for edge in edges])
                asked.append((table, tick))
        for (table, tick), packed in zip(asked, reading.execute(), strict=True):
            counts = _sum(packed)
            if counts:
                table.counted_elsewhere(tick, counts, now)
        self._read = {f"{name}:{edge}": table.tick(now) for name, table in tables for edge in edges}


class SharingThread:
    """Does the rounds in a thread of a process of the edge."""

    def __init__(self, rates: SharedRates, url: str, interval: float = INTERVAL) -> None:
        """Of a URL as redis-py takes it; raises `SharingError`."""
        self._sharing = Sharing(rates, connect(url))
        self._interval = interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rates", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, and let another process go on."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            self._sharing.round()
        self._sharing.close()


def connect(url: str) -> Redis:
    """A client, which connects when it is used; raises `SharingError`."""
    try:
        import redis  # noqa: PLC0415  # an extra
    except ImportError:
        raise SharingError("sharing rates needs the extra `masugata[redis]`") from None
    try:
        client = redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
    except ValueError:  # nothing of the URL is told, which may have a password
        raise SharingError(
            "rates are shared through redis://HOST:PORT/NUMBER, or rediss:// for TLS: the URL is none"
        ) from None
    return cast("Redis", client)


def _key(name: str, tick: int, edge: str) -> str:
    return f"{_PREFIX}{name}:{tick}:{edge}"


def _sum(written: Iterable[bytes | None]) -> dict[bytes, int]:
    """The counts of all edges together; what is no such writing is left out."""
    counts: Counter[bytes] = Counter()
    for packed in written:
        if packed and len(packed) % _ENTRY.size == 0 and len(packed) <= _ENTRY.size * CAPACITY:
            for identity, count in _ENTRY.iter_unpack(packed):
                counts[identity] += count
    return counts
