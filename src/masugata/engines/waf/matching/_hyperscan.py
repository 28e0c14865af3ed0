"""Hyperscan: all patterns in one pass, in a fraction of a microsecond where nothing matches."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
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
FEW = 64
"""Matches of the hints of one family that are counted, where all together match too often."""
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
        return self._compile(patterns, databases, MOST)

    def _compile(self, patterns: Sequence[Pattern], databases: Databases, most: int) -> Scan:
        key = _key(patterns)
        kept = _load(databases.get(key))
        if kept is None:
            kept = _compile(patterns)
            databases.put(key, msgspec.msgpack.encode(kept))
        scan: Scan = NoPatterns()
        if len(kept.refused) < len(patterns):
            scan = _Scan(kept.database, self._rest(kept, patterns, databases), most)
        if not kept.refused:
            return scan
        return _Both(scan, _others([patterns[index] for index in kept.refused], databases), kept.refused)

    def _rest(self, kept: Kept, patterns: Sequence[Pattern], databases: Databases) -> "Rest":
        left = sorted(set(range(len(patterns))).difference(kept.refused))
        families: dict[tuple[str, bytes | None], list[int]] = {}
        for index in left:
            pattern = patterns[index]
            if pattern.hint:
                single = pattern.expression if CLASS.fullmatch(pattern.expression) else None
                families.setdefault((pattern.family, single), []).append(index)
        alone = {index: patterns[index] for index in left if not patterns[index].hint}
        if not alone and len(families) == 1:
            return _AllOf(left)
        scans = [
            self._compile([patterns[index] for index in hints], databases, FEW) for hints in families.values()
        ]
        return _Complete(list(zip(scans, families.values(), strict=True)), alone)


def _key(patterns: Sequence[Pattern]) -> str:
    """Version and processor features as Hyperscan itself words them, and what it is made of."""
    digest = sha256(msgspec.msgpack.encode([(p.expression, p.hint, p.family) for p in patterns])).hexdigest()
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


Rest = Callable[[bytes, Sequence[Spot]], list[Spot]]
"""What is in data of which a scan was given up, and what that had found."""


class _Scan:
    """Threads never share a database: its scratch is for one scan at a time, and the scan lets others run."""

    def __init__(self, kept: bytes, rest: Rest, most: int) -> None:
        """At the `most`-th match it is given up, and the rest is asked."""
        self._first = _copy(kept)
        self._idle: list[Any] = [self._first.scan]
        self._matched = _matching(most)
        self._rest = rest

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
            found = self._rest(data, found)
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


def _matching(most: int) -> Callable[[int, int, int, int, list[Spot]], bool]:
    """Go on, unless there are too many."""

    def matched(index: int, _start: int, end: int, _flags: int, found: list[Spot]) -> bool:
        found.append((index, end))
        return len(found) >= most

    return matched


class _AllOf:
    """The hints of a family, of which there may be any anywhere if there are many matches.

    They only say that it is worth a closer look, and are worth it for the same detectors.
    """

    def __init__(self, hints: Sequence[int]) -> None:
        self._spots = [(index, SOMEWHERE) for index in hints]

    def __call__(self, data: bytes, found: Sequence[Spot]) -> list[Spot]:  # noqa: ARG002 - a Rest
        return self._spots


class _Complete:
    """What is in data with so many matches that a scan of it for all patterns was given up.

    Hints are looked for family by family, unless it is known that one of a family matches too often; of all
    other patterns each is looked for alone, up to its first match.
    """

    def __init__(self, families: Sequence[tuple[Scan, Sequence[int]]], alone: dict[int, Pattern]) -> None:
        """Families with the numbers of their hints, and patterns that are no hints."""
        self._families = families
        self._alone = alone
        self._scans: dict[int, Any] = {}

    def __call__(self, data: bytes, found: Sequence[Spot]) -> list[Spot]:
        times = Counter([index for index, _ in found])
        alone = [index for index in self._alone if index in times or self._matches(index, data)]
        spots = [(index, SOMEWHERE) for index in alone]
        for scan, numbers in self._families:
            if any(times[number] >= FEW for number in numbers):
                spots += [(number, SOMEWHERE) for number in numbers]
            else:
                spots += [(numbers[index], end) for index, end in scan.spots(data)]
        return spots

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
