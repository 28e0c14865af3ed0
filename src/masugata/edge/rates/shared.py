"""The counters of rate-based rules, shared by all processes that are given one directory."""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from masugata.edge.rates._table import Table

LONGEST_WINDOW: Final = 600
"""Seconds."""
_SUFFIX: Final = ".rates"
_IDENTITY: Final = "edge"


class EdgeIdentity(msgspec.Struct, frozen=True):
    """Who counts: a name that no other edge has, and what makes a clock that never steps tell the time."""

    name: str
    offset: float


class SharedRates:
    """Counts requests in sliding windows of 60 sub-windows: `masugata.engines.waf.environment.Rates`.

    A count is exact for what came in the last 59 whole sub-windows and the one that runs; it looks back by
    up to a sixtieth less than the window, and never further. Of each rule 10,000 keys are tracked; a new one
    takes the place of one that comes least. The directory belongs to one run of one edge.
    """

    def __init__(self, directory: Path, clock: Callable[[], float] | None = None) -> None:
        """Of a directory that exists; raises OSError. `clock` replaces the time in seconds since 1970."""
        self.directory = directory
        self.identity = _identity(directory / _IDENTITY)
        offset, monotonic = self.identity.offset, time.monotonic
        self.clock = clock or (lambda: monotonic() + offset)
        self._tables: dict[tuple[str, int], Table] = {}
        self._named: dict[str, Table] = {}
        self._unused: dict[str, float] = {}

    def count(self, rule: str, key: bytes, window: int, limit: int) -> int:
        """Count a request of this key; how many came within the last `window` seconds, this one included."""
        table = self._tables.get((rule, window))
        if table is None:
            table = self._tables[rule, window] = self._open(_name(rule, window), window)
        return table.count(key, self.clock(), limit)

    def managed_keys(self, rule: str) -> list[bytes]:
        """Keys that are over the rule's limit now, those with the highest counts first."""
        prefix, now = _digest(rule), self.clock()
        found = [over for name, table in self.tables() if name.startswith(prefix) for over in table.over(now)]
        return [key for key, _ in sorted(found, key=lambda over: -over[1])]

    def tables(self) -> Iterator[tuple[str, Table]]:
        """All that this edge counts, by names that are the same at every edge."""
        for path in sorted(self.directory.glob(f"*{_SUFFIX}")):
            name = path.name.removesuffix(_SUFFIX)
            yield name, self._open(name, int(name.rpartition("-")[2]))

    def retain(self, rules: Iterable[str]) -> None:
        """Forget the counts of rules that have not been among these for the longest window.

        To be called time and again. Until then they bear on what a rule says that comes back, and others may
        still count by them.
        """
        now, kept = self.clock(), {_digest(rule) for rule in rules}
        names = {path.name.removesuffix(_SUFFIX) for path in self.directory.glob(f"*{_SUFFIX}")}
        found = {name.partition("-")[0] for name in (*names, *self._named)}
        self._unused = {digest: self._unused.get(digest, now) for digest in found - kept}
        gone = {digest for digest, since in self._unused.items() if now - since > LONGEST_WINDOW}
        if not gone:
            return
        for key in [of for of in [*self._tables] if _digest(of[0]) in gone]:
            del self._tables[key]
        for name in [*names, *self._named]:
            if name.partition("-")[0] in gone:
                (self.directory / f"{name}{_SUFFIX}").unlink(missing_ok=True)
                if (table := self._named.pop(name, None)) is not None:
                    table.close()

    def _open(self, name: str, window: int) -> Table:
        table = self._named.get(name)
        if table is None:
            table = self._named[name] = Table(self.directory / f"{name}{_SUFFIX}", window)
        return table


def _name(rule: str, window: int) -> str:
    return f"{_digest(rule)}-{window}"


def _digest(rule: str) -> str:
    return hashlib.blake2b(rule.encode(), digest_size=16).hexdigest()


def _identity(path: Path) -> EdgeIdentity:
    """That of the directory, which the first process chooses."""
    made = EdgeIdentity(secrets.token_hex(8), time.time() - time.monotonic())
    new = path.with_name(f".{path.name}-{made.name}")
    new.write_bytes(msgspec.json.encode(made))
    try:
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()
    return msgspec.json.decode(path.read_bytes(), type=EdgeIdentity)
