"""Where addresses are."""

import pytest

from masugata.engines.waf.environment import Location
from masugata.engines.waf.locations import TableLocations
from masugata.engines.waf.ranges import Ranges, pack

NET = 0xC0000200
SIX = 0x2001_0DB8 << 96


def tables():
    """192.0.2.0/24 and 2001:db8::/32 are in Germany, and of system 64500."""
    countries = pack("countries", {}, [(NET, NET + 255, "DE")], [(SIX, SIX + 2**96 - 1, "DE")])
    systems = pack("systems", {}, [(NET, NET + 255, "64500")], [(SIX, SIX + 2**96 - 1, "64500")])
    return Ranges(countries), Ranges(systems)


@pytest.mark.parametrize("address", ["192.0.2.0", "192.0.2.255", "2001:db8::1", "::ffff:192.0.2.7"])
def test_known(address) -> None:
    """In every notation that is one."""
    assert TableLocations(tables).locate(address) == Location("DE", None, 64500)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "192.0.1.255",
            "192.0.3.0",
            "255.255.255.255",
            "::",
            "2001:db9::",
            "",
            "x",
            "192.0.2",
            "192.0.2.1.1",
        ),
        *("192.0.2.+1", "192.0.2.01", "192.0.2. 1", "192.0.2.256", "192.0.2.1_0", "١٩٢.0.2.1"),
    ],
)
def test_unknown(address) -> None:
    """Nothing is said of other addresses, nor of what is none."""
    assert TableLocations(tables).locate(address) == Location()


def test_tables_are_read_once_and_late() -> None:
    """Not before the first address, and not for the second one."""
    read = []
    found = TableLocations(lambda: read.append(1) or tables())
    assert not read
    found.locate("192.0.2.1")
    found.locate("192.0.2.2")
    found.load()
    assert read == [1]
