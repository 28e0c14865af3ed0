"""Tables of address ranges: what was put in is found again, and damage is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.waf.ranges import Ranges, pack

COUNTRIES = st.sampled_from(["DE", "JP", "US", "FR"])
FOUR = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**24), COUNTRIES), max_size=12)


def slow(rows, number):
    """The country by looking at every row: what overlaps belongs to the row that starts first."""
    free = 0
    for first, last, value in sorted(rows):
        if max(first, free) <= number <= last:
            return value
        free = max(free, last + 1)
    return None


@given(rows=FOUR, more=st.lists(st.integers(0, 2**32 - 1), max_size=12))
def test_as_a_slow_search(rows, more) -> None:
    """At the ends of all rows, beside them and elsewhere the table says what a slow search says."""
    rows = [(first, min(first + size, 2**32 - 1), value) for first, size, value in rows]
    table = Ranges(pack("countries", {}, rows, []))
    for end in [*more, 0, 2**32 - 1, *(end for first, last, _ in rows for end in (first, last))]:
        for number in {max(0, end - 1), end, min(2**32 - 1, end + 1)}:
            assert table.country_of(4, number) == slow(rows, number)


def test_systems_and_ipv6() -> None:
    """Systems are numbers; of IPv6 a network of 64 bits is one place, and less than one is left out."""
    whole, part = 0x2001_0DB8 << 96, 0x2001_0DB9 << 96
    six = [(whole, whole + 2**64 - 1, "64500"), (part, part + 2**63, "64501")]
    table = Ranges(pack("systems", {"date": "2026-01-02"}, [(0, 255, "4294967295")], six))
    assert table.system_of(4, 255) == 4_294_967_295
    assert table.system_of(4, 256) is None
    assert table.system_of(6, whole + 5) == 64500
    assert table.system_of(6, whole + 2**64) is None
    assert table.system_of(6, part) is None
    assert table.header["date"] == "2026-01-02"


def test_the_same_rows_give_the_same_bytes() -> None:
    """Whatever order they come in."""
    rows = [(1, 2, "DE"), (3, 9, "DE"), (20, 30, "JP")]
    assert pack("countries", {}, rows, []) == pack("countries", {}, reversed(rows), [])
    assert len(Ranges(pack("countries", {}, rows, []))) == 5 + 1


@pytest.mark.parametrize("row", [(5, 4, "DE"), (-1, 4, "DE"), (0, 2**32, "DE")])
def test_rows_that_are_no_ranges(row) -> None:
    """Are refused."""
    with pytest.raises(ValueError, match="is no range"):
        pack("countries", {}, [row], [])


GOOD = pack("systems", {}, [(n * 256, n * 256 + 255, str(n)) for n in range(1, 500)], [])


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"x",
        GOOD[:-1],
        GOOD[:-40],
        GOOD.replace(b"masugata-ranges 1", b"masugata-ranges 2"),
        GOOD.replace(b"kind: systems", b"kind: elsewhere"),
        GOOD.replace(b"kind: systems", b"kind: countries"),
        GOOD.replace(b"ranges4: ", b"ranges4: 9"),
        GOOD.replace(b"ranges6: 1", b"ranges6: 0"),
        GOOD.replace(b"ranges6: 1", b"ranges6: x"),
        GOOD[:90] + bytes([GOOD[90] ^ 1]) + GOOD[91:],
    ],
)
def test_damage(damaged) -> None:
    """A file that is cut, changed, or of another kind is refused."""
    with pytest.raises(ValueError, match=r"."):
        Ranges(damaged)
