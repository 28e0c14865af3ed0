"""Hyperscan: all patterns in one pass, in a fraction of a microsecond where nothing matches."""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

import hyperscan as hs
import msgspec

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching._engine import SOMEWHERE, Databases, NoPatterns, Scan, Spot
from masugata.engines.waf.matching._pattern import Pattern

MODE = hs.HS_MODE_BLOCK
# Not HS_FLAG_SINGLEMATCH: with it Hyperscan 5.4 misses some patterns that stand beside others in a database.
USER = hs.HS_FLAG_ALLOWEMPTY
HINT = USER | hs.HS_FLAG_CASELESS | hs.HS_FLAG_DOTALL | hs.HS_FLAG_MULTILINE
MOST = 1024
"""Matches of one scan that are counted: `a*` has one at every byte."""
GROUP = 20
FEW = 64
"""Hints that are looked for together where all of them match too often, and what is counted of them."""
CLASS = re.compile(rb"\[[^\]]+\]")
"""What matches single bytes, and so perhaps each: it has no others with it."""
VERSION = 2
"""Of what is kept: patterns that were refused, and the database of all others."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is put into Databases."""

    version: int
    refused: tuple[int, ...]
    database: bytes


class HyperscanEngine:
    """Patterns that Hyperscan refuses go to RE2, if it is installed."""

    name = "hyperscan"

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Compile, or take what was compiled by this version for this processor."""
        key = _key(patterns)
        kept = _load(databases.get(key))
        if kept is None:
            kept = _compile(patterns)
            databases.put(key, msgspec.msgpack.encode(kept))
        scan: Scan = NoPatterns()
        if len(kept.refused) < len(patterns):
            scan = _Scan(kept.database, self._complete(patterns, kept.refused, databases))
        if not kept.refused:
            return scan
        return _Both(scan, _others([patterns[index] for index in kept.refused], databases), kept.refused)

    def _complete(
        self, patterns: Sequence[Pattern], refused: Sequence[int], databases: Databases
    ) -> "_Complete":
        left = sorted(set(range(len(patterns))).difference(refused))
        hints = [index for index in left if patterns[index].hint]
        groups: list[tuple[Scan | None, list[int]]] = [(None, hints)]
        if len(hints) > GROUP:
            classes = [index for index in hints if CLASS.fullmatch(patterns[index].expression)]
            others = [index for index in hints if index not in classes]
            parts = [[index] for index in classes]
            parts += [others[start : start + GROUP] for start in range(0, len(others), GROUP)]
            groups = [(self.compile([patterns[index] for index in part], databases), part) for part in parts]
        return _Complete(groups, {index: patterns[index] for index in left if not patterns[index].hint})


def _key(patterns: Sequence[Pattern]) -> str:
    """Version and processor features as Hyperscan itself words them, and what it is made of."""
    digest = sha256(msgspec.msgpack.encode([(p.expression, p.hint) for p in patterns])).hexdigest()
    return f"hyperscan {_database((Pattern(b'a'),)).info().decode()} {digest}"


def _database(patterns: Sequence[Pattern], ids: Sequence[int] | None = None) -> Any:
    database = hs.Database(mode=MODE)
    database.compile(
        expressions=[pattern.expression for pattern in patterns],
        ids=list(ids if ids is not None else range(len(patterns))),
        elements=len(patterns),
        flags=[HINT if pattern.hint else USER for pattern in patterns],
    )
    return database


def _compile(patterns: Sequence[Pattern]) -> Kept:
    """All together; if that fails, without those that fail alone; if that fails too, without any."""
    ids = range(len(patterns))
    try:
        return Kept(VERSION, (), hs.dumpb(_database(patterns)))
    except hs.error:
        taken = [index for index in ids if _takes(patterns[index])]
    try:
        database = hs.dumpb(_database([patterns[index] for index in taken], taken)) if taken else b""
    except hs.error:
        return Kept(VERSION, tuple(ids), b"")
    return Kept(VERSION, tuple(index for index in ids if index not in set(taken)), database)


def _takes(pattern: Pattern) -> bool:
    try:
        _database((pattern,))
    except hs.error:
        return False
    return True


def _load(kept: bytes | None) -> Kept | None:
    """What was kept, unless it is of another version, for another processor or damaged."""
    if kept is None:
        return None
    try:
        found = msgspec.msgpack.decode(kept, type=Kept)
        if found.version != VERSION:
            return None
        if found.database:
            hs.loadb(found.database, MODE)
    except (msgspec.MsgspecError, hs.error):
        return None
    return found


class _Scan:
    """Threads never share a database: its scratch is for one scan at a time, and the scan lets others run."""

    def __init__(self, kept: bytes, complete: "_Complete") -> None:
        self._first = _copy(kept)
        self._idle: list[Any] = [self._first.scan]
        self._complete = complete
        self._matched = _matched_few if complete.is_group else _matched

    def __call__(self, data: bytes) -> list[int]:
        found = self.spots(data)
        return list({index for index, _ in found}) if found else []

    def spots(self, data: bytes) -> list[Spot]:
        try:
            run = self._idle.pop()
        except IndexError:
            run = _copy(hs.dumpb(self._first)).scan
        found: list[Spot] = []
        try:
            run(data, self._matched, 0, found)
        except hs.ScanTerminated:
            found = self._complete(data, {index for index, _ in found})
        self._idle.append(run)
        return found


class _Both:
    """Hyperscan's, and RE2's for what it refused."""

    def __init__(self, scan: Scan, rest: Scan, refused: Sequence[int]) -> None:
        self._scan = scan
        self._rest = rest
        self._refused = refused

    def __call__(self, data: bytes) -> list[int]:
        return self._scan(data) + [self._refused[index] for index in self._rest(data)]

    def spots(self, data: bytes) -> list[Spot]:
        return self._scan.spots(data) + [(self._refused[index], SOMEWHERE) for index in self._rest(data)]


def _copy(kept: bytes) -> Any:
    database = hs.loadb(kept, MODE)
    database.scratch = hs.Scratch(database)
    return database


def _matched(index: int, _start: int, end: int, _flags: int, found: list[Spot]) -> bool:
    """Go on, unless there are too many."""
    found.append((index, end))
    return len(found) >= MOST


def _matched_few(index: int, _start: int, end: int, _flags: int, found: list[Spot]) -> bool:
    """The same in a group."""
    found.append((index, end))
    return len(found) >= FEW


class _Complete:
    """What is in data with so many matches that a scan of it for all patterns was given up.

    Hints are looked for group by group. All of a group that matches too often too are there, as they only say
    that it is worth a closer look; of all other patterns each is looked for alone, up to its first match.
    """

    def __init__(self, groups: list[tuple[Scan | None, list[int]]], alone: dict[int, Pattern]) -> None:
        """A group without a scan is there as a whole."""
        self._groups = [(scan, numbers) for scan, numbers in groups if scan is not None]
        self.is_group = not self._groups and not alone
        self._hints = [number for scan, numbers in groups if scan is None for number in numbers]
        self._alone = alone
        self._scans: dict[int, Any] = {}

    def __call__(self, data: bytes, found: Iterable[int]) -> list[Spot]:
        there = {*found, *self._hints}
        there.update(index for index in self._alone if index not in there and self._matches(index, data))
        spots = [(numbers[index], end) for scan, numbers in self._groups for index, end in scan.spots(data)]
        return [*((index, SOMEWHERE) for index in there.difference([index for index, _ in spots])), *spots]

    def _matches(self, index: int, data: bytes) -> bool:
        scan = self._scans.get(index)
        if scan is None:
            scan = self._scans[index] = _scan_alone(self._alone[index])
        return bool(scan(data))


def _scan_alone(pattern: Pattern) -> Callable[[bytes], bool]:
    kept = hs.dumpb(_database((pattern,)))

    def scan(data: bytes) -> bool:
        found: list[int] = []
        try:
            _copy(kept).scan(data, _first, 0, found)
        except hs.ScanTerminated:
            return True
        return bool(found)

    return scan


def _first(index: int, _start: int, _end: int, _flags: int, found: list[int]) -> bool:
    found.append(index)
    return True


def _others(patterns: Sequence[Pattern], databases: Databases) -> Scan:
    """RE2's, with Hyperscan's words if it refuses too or is not there."""
    try:
        from masugata.engines.waf.matching._re2 import Re2Engine  # noqa: PLC0415 - an extra
    except ImportError:
        raise InvalidPatternError(patterns[0].expression, _problem(patterns[0])) from None
    try:
        return Re2Engine().compile(patterns, databases)
    except InvalidPatternError as error:
        refused = Pattern(error.pattern, any(p.hint for p in patterns if p.expression == error.pattern))
        raise InvalidPatternError(error.pattern, _problem(refused) or error.problem) from None


def _problem(pattern: Pattern) -> str:
    try:
        _database((pattern,))
    except hs.error as error:
        return str(error).rstrip(".")
    return ""
