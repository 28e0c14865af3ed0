"""Where addresses are, by tables of countries and of autonomous systems."""

from collections.abc import Callable

from masugata.engines.waf.addresses import parse_address
from masugata.engines.waf.environment import Location
from masugata.engines.waf.ranges import Ranges

_NOWHERE = Location()
_PARTS = {str(number): number for number in range(256)}


class NoLocations:
    """Knows nothing of any address."""

    def locate(self, address: str) -> Location:
        """Nowhere."""
        del address
        return _NOWHERE


class TableLocations:
    """Looks addresses up in two tables; AWS's regions of countries are in neither.

    What is given as a function is called at the first address, for few web ACLs ask.
    """

    def __init__(self, tables: "Callable[[], tuple[Ranges, Ranges]]") -> None:
        """`tables` gives the one of countries and the one of systems."""
        self._load = tables
        self._tables: tuple[Ranges, Ranges] | None = None

    def load(self) -> tuple[Ranges, Ranges]:
        """The tables; who does not want to wait at the first request calls this before."""
        if self._tables is None:
            self._tables = self._load()
        return self._tables

    def locate(self, address: str) -> Location:
        """Country and autonomous system; nothing of what is no address."""
        countries, systems = self._tables or self.load()
        version, number = 4, _ipv4(address)
        if number is None:
            parsed = parse_address(address)
            if parsed is None:
                return _NOWHERE
            version, number = parsed.version, parsed.number
        return Location(countries.country_of(version, number), None, systems.system_of(version, number))


def _ipv4(text: str) -> int | None:
    """The number of an address in four plain decimal parts; anything else is for the strict parser."""
    try:
        first, second, third, fourth = text.split(".")
        return _PARTS[first] << 24 | _PARTS[second] << 16 | _PARTS[third] << 8 | _PARTS[fourth]
    except (ValueError, KeyError):
        return None
