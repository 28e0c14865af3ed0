"""JSON with positions: the same values as Python's reader, each where it stands."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.policy.validation import Array, Object, UnreadableTextError, read_tree

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
HALVES = st.text(alphabet='{}[]:,"\\ \n\tu0129aeE.+-tfnrulsé\ud83d', max_size=12)


def _walk(node, value, text):
    """Every node's span is its value, and its path leads to it."""
    assert json.loads(text[node.start : node.end]) == value
    if isinstance(node, Object):
        assert [key.value for key, _ in node.members] == list(value)
        for key, child in node.members:
            assert json.loads(text[key.start : key.end]) == key.value
            assert child.path == (*node.path, key.value)
            _walk(child, value[key.value], text)
    if isinstance(node, Array):
        assert len(node.items) == len(value)
        for index, child in enumerate(node.items):
            assert child.path == (*node.path, index)
            _walk(child, value[index], text)


@given(value=VALUES, indent=st.sampled_from([None, 0, 3]), ascii_only=st.booleans())
def test_every_value_is_where_it_says(value, indent, ascii_only) -> None:
    """What Python's writer writes is read again, with the span and path of every value."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    _walk(read_tree(text).root, value, text)


def _strict(text):
    """Whether Python's reader takes the text, when NaN and half surrogates are refused."""

    def refuse(word):
        raise ValueError(word)

    try:
        json.dumps(json.loads(text, parse_constant=refuse), ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


@given(
    text=HALVES
    | VALUES.map(json.dumps).flatmap(lambda t: st.integers(0, len(t)).map(lambda i: t[:i] + t[i + 1 :]))
)
def test_the_same_texts_are_json(text) -> None:
    """A text is JSON here if and only if it is for Python's reader, which is the slow and obvious one."""
    try:
        read_tree(text)
    except UnreadableTextError as error:
        offset = error.finding.locations[0].start.offset
        assert 0 <= offset <= len(text)
        assert not _strict(text)
    else:
        assert _strict(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, 0, "a value is missing"),
        ('{"a": 1,}', 1, 8, "a name in double quotes"),
        ('{\n "a" 1}', 2, 5, "`:` must follow"),
        ('{"a": [1 2]}', 1, 9, "`,` or `]`"),
        ('{"a": NaN}', 1, 6, "starts no JSON value"),
        ('{"a": 01}', 1, 6, "starts no JSON value"),
        ('{"a": "\n"}', 1, 6, "the string does not end"),
        ('{"a": "\\ud800"}', 1, 6, "half of a surrogate pair"),
        ("{} {}", 1, 3, "something follows"),
        ("\x7f", 1, 0, r"`\\u007f` starts no JSON value"),
        ("[" * 17, 1, 16, "nested more than 16"),
        (b'{"a": "\xff"}', 1, 7, "not UTF-8"),
        ("\ufeff{}", 1, 0, "starts no JSON value"),
        (" " * 262_145, 1, 262_144, "more than 262144 characters"),
    ],
)
def test_what_is_not_json(text, line, column, problem) -> None:
    """Every way of not being JSON is told with the place where it shows."""
    with pytest.raises(UnreadableTextError) as caught:
        read_tree(text)
    assert re.search(problem, caught.value.finding.message)
    place = caught.value.finding.locations[0].start
    assert (place.line, place.column) == (line, column)
    assert caught.value.finding.code == "JSON_SYNTAX_ERROR"
