"""What could be read in two ways is not read at all."""

import pytest

from masugata.engines.common.strict_json import read_json


def read(text: str) -> object:
    """The value of a text of at most three levels, whole numbers as such and fractions as text."""
    return read_json(text, levels=3, whole=int, fraction=str)


def test_values() -> None:
    """Objects, arrays, texts and constants are what JSON says, numbers what is made of their digits."""
    assert read('{"a": [1, 2.50, "\\u00e9", null, true]}') == {"a": [1, "2.50", "é", None, True]}
    assert read('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 1}', "duplicate element `a`"),
        ('[{"x": {"b": 1, "b": 2}}]', "duplicate element `b`"),
        ("[NaN]", "`NaN` is not JSON"),
        ("[-Infinity]", "`-Infinity` is not JSON"),
        ('"\\ud83d"', "surrogates not allowed"),
        ("[[[[1]]]]", "more than 3 levels"),
        ("[" * 100_000, "nested too deeply"),
        ("", "Expecting value"),
        ("[] []", "Extra data"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """Each with its problem."""
    with pytest.raises(ValueError, match=problem):
        read(text)


def test_as_many_levels_as_allowed() -> None:
    """The last level that is allowed may hold anything but a further one."""
    assert read('[{"a": []}]') == [{"a": []}]
