"""What is kept of each feed in the data directory, and what comes with the program instead."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.locations import TableLocations
from masugata.engines.waf.managed import LIST_NAMES, Lists
from masugata.engines.waf.ranges import Ranges
from masugata.feeds._errors import FeedError

TABLES = ("countries", "systems")
"""Tables of address ranges, which come with the program."""
FEED_NAMES = (*TABLES, *LIST_NAMES)
"""All feeds there may be; lists are empty, or of robots only what is built in, until they are fetched."""
FOLDER = "feeds"


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a feed that was fetched; `fetched` is the time in RFC 3339."""

    sources: tuple[str, ...]
    fetched: str
    entries: int
    validator: str | None = None


class _Paths(NamedTuple):
    content: Path
    about: Path


class Feeds:
    """The feeds of one installation; without a folder only what comes with the program."""

    def __init__(self, data: Path | None) -> None:
        """`data` is the data directory."""
        self._folder = None if data is None else data / FOLDER

    def paths(self, name: str) -> _Paths:
        """Where a feed and what is known of it are kept; raises FeedError for a name that is none."""
        if name not in FEED_NAMES:
            raise FeedError(f"`{name}` is not a feed: {', '.join(FEED_NAMES)} are")
        if self._folder is None:
            raise FeedError("there is no data directory to keep feeds in")
        ending = "bin" if name in TABLES else "txt"
        return _Paths(self._folder / f"{name}.{ending}", self._folder / f"{name}.json")

    def about(self, name: str) -> Feed | None:
        """What is known of a feed, None if it was never fetched."""
        try:
            return msgspec.json.decode(self.paths(name).about.read_bytes(), type=Feed)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise FeedError(f"`{self.paths(name).about}` is damaged: {error}") from error

    def shipped(self, name: str) -> str | None:
        """The date of what comes with the program, for tables."""
        return _shipped(name).header.get("date") if name in TABLES else None

    def stamp(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever something kept does: names and times of change."""
        return tuple(self._stamps())

    def _stamps(self) -> Iterator[tuple[str, int]]:
        if self._folder is None:
            return
        for name in FEED_NAMES:
            try:
                yield name, self.paths(name).content.stat().st_mtime_ns
            except FileNotFoundError:
                continue

    def locations(self) -> TableLocations:
        """Countries and autonomous systems; the tables are read when the first address is asked for."""
        return TableLocations(lambda: (self._table("countries"), self._table("systems")))

    def _table(self, name: str) -> Ranges:
        content = self._content(name)
        if content is None:
            return _shipped(name)
        try:
            return Ranges(content)
        except ValueError as error:
            raise FeedError(f"`{self.paths(name).content}`: {error}") from error

    def lists(self) -> Lists:
        """The lists that were fetched."""
        found = {}
        for name in LIST_NAMES:
            content = self._content(name)
            if content is not None:
                lines = content.decode("ascii", "replace").splitlines()
                try:
                    found[name] = AddressSet(line for line in lines if line and line[0] != "#")
                except ValueError as error:
                    raise FeedError(f"`{self.paths(name).content}`: {error}") from error
        return found

    def _content(self, name: str) -> bytes | None:
        if self._folder is None:
            return None
        try:
            return self.paths(name).content.read_bytes()
        except FileNotFoundError:
            return None


def _shipped(name: str) -> Ranges:
    return Ranges(files("masugata.feeds").joinpath("data", f"{name}.bin").read_bytes())
