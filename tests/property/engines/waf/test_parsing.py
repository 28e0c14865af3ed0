"""Parsers of any bytes: as the slow models have it, and without a byte that goes unseen."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.engines.waf.parsing.json_body import Element, Path, parse_valid_json
from masugata.engines.waf.parsing.json_reader import parse_json, read_json
from masugata.engines.waf.parsing.json_strings import json_strings
from masugata.engines.waf.parsing.query import parse_query
from model.waf_model import json_elements, query_arguments

MANY = settings(max_examples=400, deadline=None)
text = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(
    [":", '"', "\\", ":\\", "a:b", "a"]
)
numbers = st.integers() | st.just(10**30)
trees = st.recursive(
    text | numbers | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
).filter(lambda tree: isinstance(tree, list | dict))
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b'"',
    b'"a"',
    b'"b"',
    b"1",
    b"true",
    b"nul",
    b"\\",
    rb"\u003a",
    b" ",
    b"\xff",
]
broken = st.lists(st.sampled_from(PIECES), max_size=16).map(b"".join)


def path(element: Element) -> tuple[bytes, ...]:
    """From the root to the element."""
    segments = [element.name]
    link: Path | None = element.parent
    while link is not None:
        link, segment = link
        segments.append(segment)
    return tuple(segments[::-1])


def seen(elements: tuple[Element, ...]) -> list[tuple[bool, tuple[bytes, ...], bytes]]:
    """What the model says of elements, in an order of its own."""
    return sorted((element.is_key, path(element), element.text) for element in elements)


@MANY
@given(query=st.lists(st.sampled_from([b"&", b"=", b"a", b"%3D", b"+", b"\0"]), max_size=20).map(b"".join))
def test_query(query: bytes) -> None:
    """The slow reading finds the same arguments."""
    assert list(parse_query(query)) == query_arguments(query)


@MANY
@given(
    query=st.lists(st.sampled_from([b"&", b"=", b"a", b"b"]), max_size=20).map(b"".join),
    most=st.integers(1, 5),
)
def test_bounded_query(query: bytes, most: int) -> None:
    """However few arguments there may be, the first are the same, and the last holds all that is left."""
    whole, bounded = parse_query(query), parse_query(query, most)
    assert len(bounded) <= most
    if bounded != whole:
        rest = bounded[-1][1]
        assert query.endswith(rest)
        assert (*bounded[:-1], *parse_query(rest)) == whole


@MANY
@given(tree=trees, ascii_only=st.booleans(), spaces=st.sampled_from([None, 1]))
def test_valid_json(tree: Any, ascii_only: bool, spaces: int | None) -> None:
    """The fast and the careful reading find what Python's own reader does."""
    written = json.dumps(tree, ensure_ascii=ascii_only, indent=spaces).encode()
    expected = sorted(json_elements(tree))
    for content in (parse_valid_json(written), read_json(written)):
        assert content is not None
        assert content.complete
        assert seen(content.elements) == expected


def _named(string: tuple[bytes, bytes, bool]) -> tuple[bytes, bytes, bool]:
    """Without what may be the index of a list."""
    name, text, is_key = string
    return b"" if name.isdigit() and not is_key else name, text, is_key


@MANY
@given(tree=trees, ascii_only=st.booleans())
def test_strings_of_valid_json(tree: Any, ascii_only: bool) -> None:
    """The fastest reading finds the same strings, or says that it cannot tell."""
    written = json.dumps(tree, ensure_ascii=ascii_only).encode()
    found = json_strings(written)
    elements = [element for element in parse_json(written).elements if element.is_string]
    assert found is None or sorted(map(_named, found)) == sorted(
        _named((element.name, element.text, element.is_key)) for element in elements
    )


@MANY
@given(written=broken)
def test_any_json(written: bytes) -> None:
    """Whatever it is: complete JSON was read alike in every way, and of the rest nothing is lost."""
    content, careful = parse_json(written), read_json(written)
    if content.complete:
        assert seen(content.elements) == seen(careful.elements)
    assert written.endswith(content.rest)
    found = json_strings(written)
    if found is not None:
        assert content.complete
        strings = [
            (element.name, element.text, element.is_key) for element in content.elements if element.is_string
        ]
        assert sorted(found) == sorted(strings)
