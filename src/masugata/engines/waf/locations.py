"""Where addresses are, by tables of countries and of autonomous systems."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address
from typing import NamedTuple

from masugata.engines.waf.environment import Location
from masugata.engines.waf.ranges import PREFIX, Ranges

_NOWHERE = Location()
_MAPPED = 0xFFFF  # ::ffff:0:0/96
_PARTS = {str(number): number for number in range(256)}


class _Columns(NamedTuple):
    """What both tables have of one version of addresses."""

    country_starts: Sequence[int]
    countries: Sequence[int]
    names: Sequence[str]
    system_starts: Sequence[int]
    systems: Sequence[int]


class TableLocations:
    """Looks addresses up in two tables; AWS's regions of countries are in neither."""

    def __init__(self, tables: Callable[[], tuple[Ranges, Ranges]]) -> None:
        """`tables` gives the one of countries and the one of systems; it is called at the first address."""
        self._tables = tables
        self._columns: tuple[_Columns, _Columns] | None = None

    def load(self) -> "tuple[_Columns, _Columns]":
        """Read the tables, of IPv4 and IPv6, for who does not want to wait at the first request."""
        if self._columns is None:
            countries, systems = self._tables()
            self._columns = (
                _Columns(*countries.four, countries.names, *systems.four),
                _Columns(*countries.six, countries.names, *systems.six),
            )
        return self._columns

    def locate(self, address: str) -> Location:
        """Country and autonomous system; nothing of what is no address."""
        four, six = self._columns or self.load()
        columns, number = four, _ipv4(address)
        if number is None:
            found = _ipv6(address)
            if found is None:
                return _NOWHERE
            version, number = found
            columns = four if version == 4 else six
        country_starts, countries, names, system_starts, systems = columns
        return Location(
            names[countries[bisect_right(country_starts, number) - 1]] or None,
            None,
            systems[bisect_right(system_starts, number) - 1] or None,
        )


def _ipv4(text: str) -> int | None:
    """The number of an address in four plain decimal parts; anything else is none, or IPv6."""
    try:
        first, second, third, fourth = text.split(".")
        return _PARTS[first] << 24 | _PARTS[second] << 16 | _PARTS[third] << 8 | _PARTS[fourth]
    except (ValueError, KeyError):
        return None


def _ipv6(text: str) -> tuple[int, int] | None:
    """Version and number, of IPv6 the upper half, of an address without a zone."""
    try:
        found = IPv6Address(text)
    except ValueError:
        return None
    if found.scope_id is not None:
        return None
    number = int(found)
    return (4, number & 0xFFFF_FFFF) if number >> 32 == _MAPPED else (6, number >> PREFIX)
