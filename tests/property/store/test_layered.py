"""A layered map is a dict that never changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.store.layered import LayeredMap

keys = st.sampled_from("abcdef")


@given(
    st.dictionaries(keys, st.integers()),
    st.lists(st.tuples(st.sampled_from(("set", "delete", "fork")), keys, st.integers())),
)
def test_it_is_a_dict_that_never_changes(base, steps):
    """Whatever is set and deleted over whatever was loaded, every version of the map equals its dict."""
    found, expected = LayeredMap(dict(base)), dict(base)
    versions = [(found, expected)]
    for verb, key, value in steps:
        expected = dict(expected)
        if verb == "set":
            found = found.set(key, value)
            expected[key] = value
        elif verb == "fork":
            versions.append((found, expected))
        elif key in expected:
            found = found.delete(key)
            del expected[key]
        else:
            with pytest.raises(KeyError):
                found.delete(key)
    for version, model in [*versions, (found, expected)]:
        assert len(version) == len(model)
        assert {key: version[key] for key in version} == model
        for key in "abcdef":
            assert (key in version) == (key in model)
            assert version.get(key) == model.get(key)


def test_a_missing_key_is_an_error():
    """Asking for what was deleted raises, as for what never was."""
    with pytest.raises(KeyError):
        LayeredMap({"a": 1}).delete("a")["a"]
    with pytest.raises(KeyError):
        LayeredMap()["a"]
