"""Fuzz target: whatever bytes are a JSON body, they are read within bounds, and alike in every way."""

from masugata.engines.waf.parsing.json_body import MAX_ELEMENTS, parse_valid_json
from masugata.engines.waf.parsing.json_reader import parse_json, read_json
from masugata.engines.waf.parsing.json_strings import json_strings

SEEDS = (
    rb'{"a":{"b":[1.50,true,null,{"c":"x\u0027\n"}]},"":"","n":-0.5e+3}',
    b'{"key1"::"value1""key2","value2",}',
    b'{"a":"b","a":"c"}',
    rb'["\ud83d\ude00","\ud800","\xff","\u003a"]',
    b'\xef\xbb\xbf[["a"],[[]],{}]',
    b"a=b&c=d",
)
PIECES = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", rb"\u003a", rb"\udc80", b'"a":', b"[" * 2_000,
    b'{"a":' * 2_000, b"NaN", b"1e999", b"9" * 5_000, b"\xff", b"\0", b"\xef\xbb\xbf", b"01", b"truefalse",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One body, read in all three ways."""
    content, careful = parse_json(data), read_json(data)
    for one in (content, careful):
        if len(one.elements) > MAX_ELEMENTS or not data.endswith(one.rest):
            raise AssertionError(f"{len(one.elements)} elements and the rest {one.rest!r}")
    valid = parse_valid_json(data)
    if (
        valid is not None
        and not valid.cut
        and not careful.cut
        and set(valid.elements) != set(careful.elements)
    ):
        raise AssertionError("valid JSON was read in two ways")
    found = json_strings(data)
    if found is None:
        return
    strings = {
        (_named(element.name), element.text, element.is_key)
        for element in content.elements
        if element.is_string
    }
    if not content.complete or {(_named(name), text, is_key) for name, text, is_key in found} != strings:
        raise AssertionError("strings were hidden")


def _named(name: bytes) -> bytes:
    """An index of a list is no name."""
    return b"" if name.isdigit() else name
