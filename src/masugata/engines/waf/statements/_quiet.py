"""Values in which nothing was found, remembered: clients send the same headers with every request."""

from collections.abc import Collection, Container, Iterable

from masugata.engines.waf.parsed import TOLD, ParsedRequest
from masugata.engines.waf.statements._places import credentials

LONGEST = 256
MOST = 128 << 10
FIELD = 16 << 10
"""Bytes of a generation of values of all headers, and of one field, with about what a set needs for each."""
OVERHEAD = 100


class Quiet:
    """Two generations: when the younger is full it becomes the older, and what only that had is forgotten."""

    __slots__ = ("_before", "_left", "_most", "now")

    def __init__(self, most: int = MOST) -> None:
        """Nothing is known yet; `now` is what is to be asked first."""
        self.now: set[bytes] = set()
        self._before: set[bytes] = set()
        self._most = self._left = most

    def add(self, values: Iterable[bytes]) -> None:
        """Remember them, unless they are long."""
        for value in values:
            if len(value) <= LONGEST and value not in self.now:
                size = len(value) + OVERHEAD
                if self._left < size:
                    self._before, self.now, self._left = self.now, set(), self._most
                self._left -= size
                self.now.add(value)

    def unknown(self, values: Collection[bytes]) -> Collection[bytes]:
        """Those of these values that are not remembered."""
        before = self._before
        if before.isdisjoint(values):
            return [value for value in values if value not in self.now]
        self.add(before.intersection(values))
        return [value for value in values if value not in before and value not in self.now]


class QuietHeaders:
    """The same for the headers of a request but cookies; only those that are `TOLD` are remembered."""

    __slots__ = ("_quiet",)

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._quiet = Quiet()

    def unknown(self, parsed: ParsedRequest) -> Collection[bytes]:
        """The values in which something may be."""
        now = self._quiet.now
        found = [v for name, v in parsed.request.headers if v not in now and name != b"cookie" and v]
        found += credentials(parsed)
        return self._quiet.unknown(found) if found else found

    def remember(self, parsed: ParsedRequest, loud: Container[bytes]) -> None:
        """Nothing is in the values of this request's headers, but in the loud ones."""
        self._quiet.add(v for name, v in parsed.request.headers if name in TOLD and v and v not in loud)
