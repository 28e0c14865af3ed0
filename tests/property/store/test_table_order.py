"""A table's order, whatever happened to it."""

from hypothesis import given
from hypothesis import strategies as st

from masugata.store import table as tables
from masugata.store.table import Table

keys = st.text("abä𝄞", max_size=3)


@given(st.lists(st.tuples(st.sampled_from(("put", "delete", "list", "fork")), keys)))
def test_keys_are_always_sorted(steps):
    """After any puts, deletes and listings, in any version of a table, the keys are all there, sorted."""
    table, versions = Table(), []
    limit, tables._PENDING_LIMIT = tables._PENDING_LIMIT, 4
    try:
        for verb, key in steps:
            if verb == "put":
                table = table.put(key, key)
            elif verb == "delete" and key in table.rows:
                table = table.without(key)
            elif verb == "list":
                assert table.keys() == sorted(table.rows)
            elif verb == "fork":
                versions.append((table, sorted(table.rows)))
        for version, expected in [*versions, (table, sorted(table.rows))]:
            assert version.keys() == expected
            assert len(version) == len(expected)
    finally:
        tables._PENDING_LIMIT = limit
