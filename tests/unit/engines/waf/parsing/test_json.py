"""JSON bodies: valid, invalid as AWS forgives it, and invalid beyond."""

import json

import pytest

from masugata.engines.waf.parsing.json_body import Element, Path
from masugata.engines.waf.parsing.json_reader import MAX_STEPS, parse_json, read_json
from masugata.engines.waf.parsing.json_strings import json_strings


def pointer(element: Element) -> bytes:
    """Where the element stands, of a key where its value does."""
    segments = [element.name]
    path: Path | None = element.parent
    while path is not None:
        path, segment = path
        segments.append(segment)
    return b"/" + b"/".join(segments[::-1])


def found(text: bytes) -> set[tuple[bool, bytes, bytes]]:
    """Whether it is a key, where, and what."""
    return {(element.is_key, pointer(element), element.text) for element in parse_json(text).elements}


def test_keys_and_values() -> None:
    """Every key and every value that is no container, with its path; numbers as they are written."""
    text = b'{"a":{"b":[1.50,true,{"c":"x\\u0027\\n"}]},"":null,"n":12345678901234567890123e-400}'
    assert found(text) == {
        (True, b"/a", b"a"),
        (True, b"/a/b", b"b"),
        (False, b"/a/b/0", b"1.50"),
        (False, b"/a/b/1", b"true"),
        (True, b"/a/b/2/c", b"c"),
        (False, b"/a/b/2/c", b"x'\n"),
        (True, b"/", b""),
        (False, b"/", b"null"),
        (True, b"/n", b"n"),
        (False, b"/n", b"12345678901234567890123e-400"),
    }
    assert parse_json(text).complete


@pytest.mark.parametrize(
    "text",
    [
        b'{"key1":"value1""key2":"value2"}',
        b'{"key1":"value1","key2""value2"}',
        b'{"key1"::"value1","key2""value2"}',
        b'{,"key1":"value1",,"key2":"value2",}',
    ],
)
def test_what_aws_forgives(text: bytes) -> None:
    """AWS documents that it reads these as two keys with values."""
    expected = {(key, b"/" + name, text) for name, value in ((b"key1", b"value1"), (b"key2", b"value2"))
                for key, text in ((True, name), (False, value))}  # fmt: skip
    assert found(text) == expected
    assert parse_json(text).complete


@pytest.mark.parametrize(
    ("text", "texts", "rest"),
    [
        (b'{"a":"b","c', [b"a", b"b"], b',"c'),
        (b'{"a":"b"', [b"a", b"b"], b""),
        (b'{"a":b}', [b"a"], b":b}"),
        (b'{"a":"b"]', [b"a", b"b"], b"]"),
        (b'["a",NaN]', [b"a"], b",NaN]"),
        (b'["a"] evil', [b"a"], b"evil"),
        (b'["a"]["b"]', [b"a"], b'["b"]'),
        (b'{"a":"b",1:2}', [b"a", b"b"], b",1:2}"),
        (b'{"a":}', [b"a"], b":}"),
        (b'["a","\\q"]', [b"a"], b',"\\q"]'),
        (b"a=b&c=d", [], b"a=b&c=d"),
        (b'"text"', [], b'"text"'),
        (b"12", [], b"12"),
        (b"", [], b""),
        (b'["a",01x]', [b"a"], b",01x]"),
    ],
)
def test_what_is_no_json(text: bytes, texts: list[bytes], rest: bytes) -> None:
    """Reading goes up to the first defect, and says what is left."""
    content = parse_json(text)
    assert [element.text for element in content.elements] == texts
    assert not content.complete
    assert content.rest == rest


def test_a_key_twice() -> None:
    """Both values are seen, since parsers do not agree on the one to take, and it is not complete."""
    text = b'{"a":"evil","a":"good"}'
    content = parse_json(text)
    assert [element.text for element in content.elements if not element.is_key] == [b"evil", b"good"]
    assert not content.complete
    assert json_strings(text) is None


@pytest.mark.parametrize(
    "text",
    [
        rb'{"a" :"evil","a":"good","b":"\u003a"}',
        rb'{"a":"evil","a":"\u003A"}',
        b'{"a":"evil","a":"good"}',
        b'{"a":{"b":"evil","b":":"}}',
        b'{"a":"x"',
        b'"a"',
        b"\xff",
    ],
)
def test_the_fast_way_does_not_hide_keys(text: bytes) -> None:
    """Where orjson would keep one of two values, or cannot read, it has to be read with care."""
    assert json_strings(text) is None


def test_the_fast_way() -> None:
    """Strings and keys with the key that they stand under; what stands in a list has no name."""
    text = '{"a":["x:y",1,{"b":"é"}],"c":1.5}'.encode()
    assert sorted(json_strings(text) or []) == [
        (b"", b"x:y", False),
        (b"a", b"a", True),
        (b"b", b"b", True),
        (b"b", "é".encode(), False),
        (b"c", b"c", True),
    ]


def test_bytes_that_are_no_text() -> None:
    """Invalid UTF-8 comes out as it came, and half a pair of surrogates as some bytes."""
    assert found(b'["\xff\xc0\xaf"]') == {(False, b"/0", b"\xff\xc0\xaf")}
    assert found(b'["a\xff\\n"]') == {(False, b"/0", b"a\xff\n")}
    assert found(rb'["\ud83d\ude00","\ud800"]') == {
        (False, b"/0", "😀".encode()),
        (False, b"/1", b"\xed\xa0\x80"),
    }
    assert found(b'\xef\xbb\xbf["a"]') == {(False, b"/0", b"a")}
    assert found(b'["a\tb\0"]') == {(False, b"/0", b"a\tb\0")}


@pytest.mark.parametrize("text", [b"[" * 65_536, b'{"a":' * 13_000, b'[["a"],' * 9_000])
def test_depth_is_no_danger(text: bytes) -> None:
    """However deep, no recursion, and the number of steps has an end; what is left is not lost."""
    content = parse_json(text)
    assert len(content.elements) <= MAX_STEPS
    assert not content.complete
    assert content.cut
    assert text.endswith(content.rest)


def test_too_many_values() -> None:
    """Beyond 10,000 the rest of the text is at hand as it stands."""
    content = parse_json(json.dumps(["x"] * 10_001).encode())
    assert content.cut
    assert not content.complete
    assert b'"x"' in content.rest
    assert len(parse_json(json.dumps(["x"] * 9_999).encode()).elements) == 9_999


def test_token_by_token() -> None:
    """The careful reading of valid JSON says the same as the fast one."""
    text = b'{"a":[{"b":"\\u0041"},-0.5e+3,[]],"c":{}}'
    assert set(read_json(text).elements) == set(parse_json(text).elements)
    assert read_json(text).complete
