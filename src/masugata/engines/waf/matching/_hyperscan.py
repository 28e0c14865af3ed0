"""Hyperscan: all patterns in one pass, in a fraction of a microsecond where nothing matches."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
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
"""Hints that are looked for together where all match too often, and what is counted of their matches."""
CLASS = re.compile(rb"\[[^\]]+\]")
"""What matches single bytes, and so perhaps each: it has no others with it."""
VERSION = 3
"""Of what is kept."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is put into Databases: patterns that were refused, and the database of all others.

    `alone` are the databases of the hints of a group, each for itself.
    """

    version: int
    refused: tuple[int, ...]
    database: bytes
    alone: tuple[bytes, ...] = ()


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
            scan = self._scan(kept, patterns, databases)
        if not kept.refused:
            return scan
        return _Both(scan, _others([patterns[index] for index in kept.refused], databases), kept.refused)

    def _scan(self, kept: Kept, patterns: Sequence[Pattern], databases: Databases) -> "_Scan":
        if _is_group(patterns):
            return _Scan(kept.database, _OneByOne(kept.alone), FEW)
        left = sorted(set(range(len(patterns))).difference(kept.refused))
        hints = [index for index in left if patterns[index].hint]
        classes = [index for index in hints if CLASS.fullmatch(patterns[index].expression)]
        others = [index for index in hints if index not in classes]
        parts = [[index] for index in classes]
        parts += [others[start : start + GROUP] for start in range(0, len(others), GROUP)]
        groups = [(self.compile([patterns[index] for index in part], databases), part) for part in parts]
        alone = {index: patterns[index] for index in left if not patterns[index].hint}
        return _Scan(kept.database, _Complete(groups, alone), MOST)


def _is_group(patterns: Sequence[Pattern]) -> bool:
    return len(patterns) <= GROUP and all(pattern.hint for pattern in patterns)


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
        return Kept(VERSION, (), hs.dumpb(_database(patterns)), _alone(patterns))
    except hs.error:
        taken = [index for index in ids if _takes(patterns[index])]
    try:
        database = hs.dumpb(_database([patterns[index] for index in taken], taken)) if taken else b""
    except hs.error:
        return Kept(VERSION, tuple(ids), b"")
    refused = tuple(index for index in ids if index not in set(taken))
    return Kept(VERSION, refused, database, _alone(patterns, refused))


def _alone(patterns: Sequence[Pattern], refused: Collection[int] = ()) -> tuple[bytes, ...]:
    """Each of a group for itself, with its number; none of what is no group, or of one that is alone anyway."""
    if not _is_group(patterns) or len(patterns) == 1:
        return ()
    return tuple(
        b"" if index in refused else hs.dumpb(_database((pattern,), (index,)))
        for index, pattern in enumerate(patterns)
    )


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
        self.rest = rest

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
            found = self.rest(data, found)
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


def _somewhere(_: bytes, found: Iterable[Spot]) -> list[Spot]:
    """What was found, wherever else it may be."""
    return [(index, SOMEWHERE) for index in {index for index, _ in found}]


class _OneByOne:
    """What is in data with so many matches that a scan of it for a group of hints was given up.

    What was found is there, and may be anywhere. All others are looked for alone: that takes some tens of
    microseconds each, and detectors that are asked in vain take milliseconds.
    """

    def __init__(self, databases: Sequence[bytes]) -> None:
        """Those of the hints, which are loaded when they are asked for."""
        self._databases = databases
        self._scans: dict[int, _Scan] = {}

    def __call__(self, data: bytes, found: Iterable[Spot]) -> list[Spot]:
        spots = _somewhere(data, found)
        there = {index for index, _ in spots}
        for index, database in enumerate(self._databases):
            if database and index not in there:
                spots += self._scan(index).spots(data)
        return spots

    def _scan(self, index: int) -> _Scan:
        scan = self._scans.get(index)
        if scan is None:
            scan = self._scans[index] = _Scan(self._databases[index], _somewhere, FEW)
        return scan


class _Complete:
    """What is in data with so many matches that a scan of it for all patterns was given up.

    Hints are looked for group by group, or one by one in a group of which one matches too often; of all other
    patterns each is looked for alone, up to its first match.
    """

    def __init__(self, groups: Sequence[tuple[Scan, Sequence[int]]], alone: dict[int, Pattern]) -> None:
        """Groups with the numbers of their patterns, and patterns that are no hints."""
        self._groups = groups
        self._alone = alone
        self._scans: dict[int, Any] = {}

    def __call__(self, data: bytes, found: Iterable[Spot]) -> list[Spot]:
        times = Counter(index for index, _ in found)
        spots: list[Spot] = []
        for scan, numbers in self._groups:
            noisy = [(own, SOMEWHERE) for own, number in enumerate(numbers) if times[number] >= FEW]
            inside = scan.rest(data, noisy) if noisy and isinstance(scan, _Scan) else scan.spots(data)
            spots += [(numbers[index], end) for index, end in inside]
        alone = [index for index in self._alone if index in times or self._matches(index, data)]
        return [*((index, SOMEWHERE) for index in alone), *spots]

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
