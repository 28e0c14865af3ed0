"""Tables keep their order."""

from masugata.store.layered import LayeredMap
from masugata.store.table import _PENDING_LIMIT, Table


def test_order_follows_changes():
    """Keys are sorted after insertions and deletions on a table that was listed before."""
    table = Table(LayeredMap({"b": 1, "d": 2}))
    assert table.keys() == ["b", "d"]
    later = table.put("c", 3).put("a", 4).without("d").put("e", 5).without("e")
    assert later.keys() == ["a", "b", "c"]
    assert table.keys() == ["b", "d"]


def test_replacing_keeps_the_sorted_keys():
    """Writing to a row that exists costs no new sorting."""
    table = Table(LayeredMap({"b": 1, "a": 2}))
    keys = table.keys()
    assert table.put("b", 3).keys() is keys


def test_listing_twice_sorts_once():
    """The second page of a listing finds the keys sorted."""
    table = Table(LayeredMap({"b": 1, "a": 2}))
    assert table.keys() is table.keys()


def test_pending_changes_are_bounded():
    """Many writes between two listings do not pile up behind the table."""
    table = Table(LayeredMap({"x": 0}))
    table.keys()
    for number in range(_PENDING_LIMIT + 2):
        table = table.put(f"{number:04}", number)
    assert table._order == (None, None)
    assert table.keys() == [*(f"{number:04}" for number in range(_PENDING_LIMIT + 2)), "x"]
