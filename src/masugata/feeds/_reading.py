"""What others publish, read strictly enough that a page of HTML or half a file is not taken for a list."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import Any

import orjson

from masugata.engines.waf.ranges import Kind, Ranges, Row, pack
from masugata.feeds._errors import FeedError

Network = IPv4Network | IPv6Network

_MOST_NETWORKS = 500_000
_WIDEST = {4: 8, 6: 16}
"""Prefixes shorter than these are mistakes, or somebody's joke."""
_MOST_STRANGE = 0.02
_FEWEST_ROWS = 1_000
_MOST_ROWS = 3_000_000


def read_list(content: bytes) -> tuple[str, ...]:
    """The public networks in a text or in JSON, in order and joined; raises FeedError.

    A text has an address, a network or a range (`first-last`) at the beginning of each line, and comments
    behind `#`, `;` or `//`. In JSON every string that is a network counts, one document or one a line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FeedError("the list is not text") from None
    networks = list((_in_json if text.lstrip()[:1] in {"{", "["} else _in_lines)(text))
    if len(networks) > _MOST_NETWORKS:
        raise FeedError(f"the list has more than {_MOST_NETWORKS} networks")
    for network in networks:
        if network.prefixlen < _WIDEST[network.version]:
            raise FeedError(f"the list has the network `{network}`, which is too wide to be meant")
    public = [network for network in networks if network.is_global]
    if not public:
        raise FeedError("the list has no public address")
    four = collapse_addresses(network for network in public if network.version == 4)
    six = collapse_addresses(network for network in public if network.version == 6)
    return tuple(str(network) for network in (*four, *six))


def _in_lines(text: str) -> Iterator[Network]:
    seen = strange = 0
    for line in text.splitlines():
        for mark in ("#", ";", "//"):
            line = line.partition(mark)[0]  # noqa: PLW2901 - what is left of it
        words = line.replace(",", " ").split()
        if not words:
            continue
        seen += 1
        found = _networks(words[0])
        if not found:
            strange += 1
        yield from found
    if strange > max(1, seen * _MOST_STRANGE):
        raise FeedError(f"{strange} of {seen} lines of the list are no addresses")


def _in_json(text: str) -> Iterator[Network]:
    try:
        documents = [orjson.loads(text)]
    except ValueError:
        try:
            documents = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise FeedError(f"the list is no JSON: {error}") from None
    waiting: list[Any] = documents
    while waiting:
        found = waiting.pop()
        if isinstance(found, Mapping):
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
        elif isinstance(found, str):
            yield from _networks(found)


def _networks(text: str) -> list[Network]:
    first, dash, last = text.partition("-")
    try:
        if dash:
            ends = ip_address(first), ip_address(last)
            return list(summarize_address_range(*ends))
        return [ip_network(text, strict=False)]
    except (ValueError, TypeError):
        return []


def read_table(kind: Kind, contents: Iterable[bytes], header: Mapping[str, str]) -> bytes:
    """The table of lines `first,last,value`, of all contents together; raises FeedError.

    First and last are addresses, or numbers, in which case each content has those of one version; value is a
    country's code of two letters, or the number of a system.
    """
    rows: dict[int, list[Row]] = {4: [], 6: []}
    for content in contents:
        for version, row in _rows(kind, content):
            rows[version].append(row)
    count = len(rows[4]) + len(rows[6])
    if not _FEWEST_ROWS <= count <= _MOST_ROWS:
        raise FeedError(f"a table of {count} ranges is not taken: {_FEWEST_ROWS} to {_MOST_ROWS} are")
    try:
        packed = pack(kind, header, rows[4], rows[6])
        Ranges(packed)
    except ValueError as error:
        raise FeedError(str(error)) from None
    return packed


def _rows(kind: Kind, content: bytes) -> Iterator[tuple[int, Row]]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise FeedError("the table is not text") from None
    for number, line in enumerate(csv.reader(lines), 1):
        if not line:
            continue
        try:
            first, last = _number(line[0]), _number(line[1])
            value = line[2].strip()
        except (IndexError, ValueError):
            raise FeedError(f"line {number} of the table is no range: {','.join(line)[:80]!r}") from None
        if not _is_value(kind, value):
            raise FeedError(f"line {number} of the table has {value[:40]!r} as its value")
        version = 6 if max(first[0], last[0]) == 6 or last[1] >= 1 << 32 else 4
        yield version, (first[1], last[1], "" if value in {"-", "ZZ", "0"} else value.upper())


def _number(text: str) -> tuple[int, int]:
    """Version, 0 where it is not said, and number."""
    text = text.strip()
    if text.isdecimal():
        return 0, int(text)
    address = ip_address(text)
    return (4 if isinstance(address, IPv4Address) else 6), int(address)


def _is_value(kind: Kind, value: str) -> bool:
    if kind == "systems":
        return value.isdecimal() and value.isascii() and int(value) < 1 << 32
    return value == "-" or (len(value) == 2 and value.isascii() and value.isalpha())
