"""Tables of address ranges, each with a country or the number of an autonomous system.

As a file: a line that says what it is, lines `name: value`, an empty line, and zlib's form of the columns:
starts of ranges as differences, then values, of IPv4 and then of IPv6. A range ends where the next one
starts; numbers of more than one byte are cut into planes, the lowest bytes first, since so they compress.
IPv6 is kept by its upper 64 bits.
"""

import sys
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

FORM = "masugata-ranges 1"
Kind = Literal["countries", "systems"]
NOWHERE = ""
"""The country of ranges of which none is known; their system is 0."""

_MOST_RANGES = 2_000_000
_MOST_BYTES = _MOST_RANGES * 12
_MOST_HEADER = 65_536
PREFIX = 64
"""Bits of IPv6 addresses by which they are told apart."""

Row = tuple[int, int, str]
"""First and last address as numbers, and a country or the number of a system."""


class Column(NamedTuple):
    """Where ranges start, the first at 0, and their values."""

    starts: Sequence[int]
    values: Sequence[int]


class Ranges:
    """What a file holds: columns of IPv4 and IPv6; values of countries are positions in `names`."""

    __slots__ = ("four", "header", "names", "six")

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for what is no such file, or a damaged one."""
        self.header, packed = _split(data)
        kind = self.header.get("kind")
        if kind not in {"countries", "systems"}:
            raise ValueError(f"tables of `{kind}` are not known")
        self.names = self.header.get("names", "").split(" ")
        self.four, self.six = _columns(packed, self.header, 1 if kind == "countries" else 4)
        if kind == "countries" and max(map(max, (self.four.values, self.six.values))) >= len(self.names):
            raise ValueError("a table of countries has one without a name")

    def __len__(self) -> int:
        """How many ranges there are."""
        return len(self.four.starts) + len(self.six.starts)

    def country_of(self, version: int, number: int) -> str | None:
        """The country of an address, if one is known."""
        column = self.four if version == 4 else self.six
        if version != 4:
            number >>= PREFIX
        return self.names[column.values[bisect_right(column.starts, number) - 1]] or None

    def system_of(self, version: int, number: int) -> int | None:
        """The autonomous system of an address, if one is known."""
        column = self.four if version == 4 else self.six
        if version != 4:
            number >>= PREFIX
        return column.values[bisect_right(column.starts, number) - 1] or None


def pack(kind: Kind, header: Mapping[str, str], four: Iterable[Row], six: Iterable[Row]) -> bytes:
    """The file of these rows; what overlaps belongs to the row that starts first.

    Raises ValueError for rows that are no ranges, and for too many.
    """
    columns = [_joined(four, 0, 32), _joined(six, PREFIX, 128)]
    names = sorted({value for column in columns for _, value in column})
    if kind == "countries" and len(names) > 256:
        raise ValueError(f"{len(names)} are more countries than there are")
    known = {name: number for number, name in enumerate(names)} if kind == "countries" else None
    parts = []
    for column, width in zip(columns, (4, 8), strict=True):
        starts = [start for start, _ in column]
        values = [int(value or 0) if known is None else known[value] for _, value in column]
        differences = [after - before for before, after in pairwise([0, *starts])]
        parts += [_planes(differences, width), _planes(values, 1 if known else 4)]
    described = {**header, "kind": kind, "ranges4": str(len(columns[0])), "ranges6": str(len(columns[1]))}
    if known is not None:
        described["names"] = " ".join(names)
    lines = [FORM, *(f"{name}: {value}" for name, value in described.items()), "\n"]
    return "\n".join(lines).encode() + zlib.compress(b"".join(parts), 9)


def _split(data: bytes) -> tuple[dict[str, str], bytes]:
    head, separator, _ = data[:_MOST_HEADER].partition(b"\n\n")
    lines = head.decode("utf-8").split("\n")
    if lines[0] != FORM or not separator:
        raise ValueError("this is no table of address ranges")
    header = dict(line.partition(": ")[::2] for line in lines[1:])
    return header, data[len(head) + 2 :]


def _columns(packed: bytes, header: Mapping[str, str], width: int) -> tuple[Column, Column]:
    counts = [int(header.get(name, "0")) for name in ("ranges4", "ranges6")]
    if not all(0 < count <= _MOST_RANGES for count in counts):
        raise ValueError("a table of address ranges has too few or too many of them")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, 2 * _MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"a table of address ranges is damaged: {error}") from None
    if not unpacker.eof or len(data) != counts[0] * (4 + width) + counts[1] * (8 + width):
        raise ValueError("a table of address ranges is cut off")
    parts = _cut(data, ((counts[0], 4), (counts[0], width), (counts[1], 8), (counts[1], width)))
    found = []
    for differences, values in ((next(parts), next(parts)), (next(parts), next(parts))):
        starts = array(differences.typecode, accumulate(differences))
        if starts[0] != 0:
            raise ValueError("a table of address ranges does not start at 0")
        found.append(Column(starts, values))
    return found[0], found[1]


def _cut(data: bytes, parts: Iterable[tuple[int, int]]) -> "Iterator[array[int]]":
    position = 0
    for count, width in parts:
        yield _numbers(data[position : position + count * width], width)
        position += count * width


def _numbers(planes: bytes, width: int) -> "array[int]":
    count = len(planes) // width
    data = bytearray(len(planes))
    for byte in range(width):
        data[byte::width] = planes[byte * count : (byte + 1) * count]
    numbers = array({1: "B", 4: "I", 8: "Q"}[width])
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _planes(numbers: Sequence[int], width: int) -> bytes:
    data = b"".join([number.to_bytes(width, "little") for number in numbers])
    return b"".join([data[byte::width] for byte in range(width)])


def _joined(rows: Iterable[Row], drop: int, bits: int) -> list[tuple[int, str]]:
    """Starts and values in order from 0 on, gaps with no value, without what is the same as before.

    Of the last `drop` bits only ranges that fill them count.
    """
    found: list[tuple[int, str]] = []
    free = 0
    for first, last, value in sorted(rows):
        if not 0 <= first <= last < 1 << bits:
            raise ValueError(f"`{first}` to `{last}` is no range of addresses")
        start, end = max(free, -(-first >> drop)), (last + 1 >> drop)
        if start >= end:
            continue
        if start > free:
            _add(found, free, NOWHERE)
        _add(found, start, value)
        free = end
        if len(found) > _MOST_RANGES:
            raise ValueError(f"more than {_MOST_RANGES} ranges of addresses")
    if free < 1 << bits - drop:
        _add(found, free, NOWHERE)
    return found


def _add(found: list[tuple[int, str]], start: int, value: str) -> None:
    if not found or found[-1][1] != value:
        found.append((start, value))
