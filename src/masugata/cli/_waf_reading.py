"""Files of recorded requests, cut into records that are parsed elsewhere; JSON Lines and logs as a stream."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple, cast

import click
import msgspec

from masugata.cli._json_values import LARGEST_FILE, UnreadableError
from masugata.cli._waf_access_logs import read_log_line
from masugata.cli._waf_cases import BadRecordError, Case, read_har_entry, read_record

LONGEST_LINE = 16 * 1024 * 1024
_HAR = re.compile(rb'\s*\{\s*"log"\s*:')
_UNREADABLE = (OSError, EOFError, zlib.error)


class Item(NamedTuple):
    """A record as it stands in a file: a line, or an entry of a HAR file. Without `raw` it is too long.

    `place` is the number of its line; where another record begins before it there, with that of its column.
    """

    place: str
    kind: Literal["line", "entry"]
    raw: bytes | None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


def read_case(item: Item) -> Case:
    """Parse one; raises BadRecordError."""
    if item.raw is None:
        raise BadRecordError(f"longer than {LONGEST_LINE >> 20} MiB")
    if item.kind == "entry":
        return read_har_entry(item.raw)
    return read_record(item.raw) if item.raw.startswith(b"{") else read_log_line(item.raw)


def read_items(file: str) -> Iterator[Item]:
    """All records of a file, `-` being standard input; raises UnreadableError, which names the file."""
    name = shown_name(file)
    try:
        with click.open_file(file, "rb") as opened:
            yield from _items(_plain(cast("io.BufferedReader", opened)), name)
    except _UNREADABLE as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadableError(f"{name}: {reason}") from None


def shown_name(file: str) -> str:
    """What messages call it."""
    return "standard input" if file == "-" else file


def _plain(stream: io.BufferedReader) -> BinaryIO:
    """Unpacked, if it is packed, whatever it is called."""
    if stream.peek(2)[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.GzipFile(fileobj=stream), 1 << 20)
    return stream


def _items(stream: BinaryIO, name: str) -> Iterator[Item]:
    number, first = 0, b"\n"
    while first and not first.strip():
        number += 1
        first = stream.readline(LONGEST_LINE + 1).removeprefix(b"\xef\xbb\xbf")
    start = first.lstrip()
    if start.startswith(b"[") or start.rstrip() == b"{" or _HAR.match(start):
        yield from _document(b"\n" * (number - 1) + first + stream.read(LARGEST_FILE + 1), name)
        return
    while first:
        raw: bytes | None = first.strip()
        if len(first) > LONGEST_LINE and not first.endswith(b"\n"):
            raw = None
            while first and not first.endswith(b"\n"):
                first = stream.readline(LONGEST_LINE)
        if raw != b"":
            yield Item(str(number), "line", raw)
        number += 1
        first = stream.readline(LONGEST_LINE + 1)


def _document(content: bytes, name: str) -> Iterator[Item]:
    """The elements of an array, the entries of a HAR file, or the one record that it is."""
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"{name}: larger than {LARGEST_FILE >> 20} MiB; give it as JSON Lines")
    kind: Literal["line", "entry"] = "line"
    try:
        if content.lstrip().startswith(b"["):
            values = msgspec.json.decode(content, type=list[msgspec.Raw])
        elif _HAR.match(content):
            values = msgspec.json.decode(content, type=_Har).log.entries
            kind = "entry"
        else:
            values = [msgspec.json.decode(content, type=msgspec.Raw)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{name}: {error}") from None
    position, line, line_start, latest = 0, 1, 0, 0
    for value in values:
        raw = bytes(value)
        start = content.find(raw, position)
        line += content.count(b"\n", position, start)
        line_start = content.rfind(b"\n", position, start) + 1 or line_start
        yield Item(f"{line}:{start - line_start + 1}" if line == latest else str(line), kind, raw)
        latest = line
        position = start + len(raw)
        line += raw.count(b"\n")
        line_start = content.rfind(b"\n", start, position) + 1 or line_start
