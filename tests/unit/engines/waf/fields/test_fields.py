"""Every field to match: which bytes of a request a statement looks at."""

import gzip
from typing import Any

import pytest

from masugata.engines.waf.definitions import FieldToMatch
from masugata.engines.waf.fields import SOURCES, Values
from unit.engines.waf.building import field, parsed, posted

ALL: dict[str, Any] = {"MatchPattern": {"All": {}}, "MatchScope": "ALL", "OversizeHandling": "CONTINUE"}
HEADERS = ((b"host", b"shop"), (b"x-a", b"1"), (b"cookie", b"a=1; B=2"), (b"x-a", b"2"))


def test_every_field_is_built() -> None:
    """The table holds what AWS's model names."""
    assert list(SOURCES) == list(FieldToMatch.__struct_fields__)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"UriPath": {}}, (b"/A%20b",)),
        ({"QueryString": {}}, (b"a=1&A=%32&b",)),
        ({"Method": {}}, (b"PUT",)),
        ({"SingleHeader": {"Name": "Host"}}, (b"shop",)),
        ({"SingleHeader": {"Name": "x-a"}}, (b"1", b"2")),
        ({"SingleHeader": {"Name": "absent"}}, ()),
        ({"SingleQueryArgument": {"Name": "A"}}, (b"1", b"%32")),
        ({"SingleQueryArgument": {"Name": "b"}}, (b"",)),
        ({"SingleQueryArgument": {"Name": "absent"}}, ()),
        ({"AllQueryArguments": {}}, (b"1", b"%32", b"b")),
        ({"Body": {}}, (b"body",)),
        ({"HeaderOrder": {"OversizeHandling": "CONTINUE"}}, (b"host:x-a:cookie:x-a",)),
        ({"UriFragment": {}}, (b"top",)),
        ({"JA3Fingerprint": {"FallbackBehavior": "MATCH"}}, (b"0123",)),
        ({"JA4Fingerprint": {"FallbackBehavior": "MATCH"}}, (b"t13d",)),
    ],
)
def test_values(part: dict[str, Any], expected: tuple[bytes, ...]) -> None:
    """As they were sent, each for itself; without a value a statement does not match."""
    request = parsed(
        method=b"PUT", uri_path=b"/A%20b", query_string=b"a=1&A=%32&b", headers=HEADERS, body=b"body",
        fragment=b"top", ja3="0123", ja4="t13d",
    )  # fmt: skip
    assert field(part).values(request) == Values(expected)


def test_nothing_to_look_at() -> None:
    """A query string, a body and a path are there even where they are empty; arguments are not."""
    request = parsed()
    assert field({"QueryString": {}}).values(request) == Values((b"",))
    assert field({"Body": {}}).values(request) == Values((b"",))
    assert field({"AllQueryArguments": {}}).values(request) == Values()
    assert field({"Cookies": ALL}).values(request) == Values()
    assert field({"Headers": ALL}).values(request) == Values()
    assert field({"JsonBody": {"MatchPattern": {"All": {}}, "MatchScope": "ALL"}}).values(request) == Values()


@pytest.mark.parametrize("part", ["JA3Fingerprint", "JA4Fingerprint", "UriFragment"])
def test_fallback_of_what_is_absent(part: str) -> None:
    """Without TLS or a fragment the fallback says whether the statement matches."""
    assert field({part: {"FallbackBehavior": "MATCH"}}).values(parsed()) == Values((), fallback=True)
    assert field({part: {"FallbackBehavior": "NO_MATCH"}}).values(parsed()) == Values((), fallback=False)


def test_fragment_without_fallback() -> None:
    """It does not match."""
    assert field({"UriFragment": {}}).values(parsed()).fallback is False


def test_a_name_in_disguise() -> None:
    """An argument whose name is percent-encoded is the same to applications."""
    request = parsed(query_string=b"%75ser=evil&us%45r=2")
    assert field({"SingleQueryArgument": {"Name": "User"}}).values(request).values == (b"evil", b"2")


def test_a_name_with_letters_beyond_ascii() -> None:
    """It is found as it is written; of its letters only ASCII's have two cases."""
    request = parsed(query_string="É%61=1&%C3%89A=2&éa=3".encode())
    assert field({"SingleQueryArgument": {"Name": "ÉA"}}).values(request).values == (b"1", b"2")
    assert field({"SingleQueryArgument": {"Name": "éa"}}).values(request).values == (b"3",)


@pytest.mark.parametrize(
    ("pre", "query", "expected"),
    [
        (("REPLACE_SEMICOLONS_WITH_AMPERSANDS",), b"a=1;b=2", (b"1", b"2")),
        (("COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA",), b"a=1&a=2", (b"1,2",)),
        (("URL_DECODE",), b"a=1%26b=2", (b"1", b"2")),
        (("URL_DECODE_UNI",), b"a=1%u0026b=2", (b"1", b"2")),
        (("NONE",), b"a=1;b=2", (b"1;b=2",)),
        (("URL_DECODE", "REPLACE_SEMICOLONS_WITH_AMPERSANDS"), b"a=1%3bb=2", (b"1", b"2")),
    ],
)
def test_pre_parse(pre: tuple[str, ...], query: bytes, expected: tuple[bytes, ...]) -> None:
    """They change how the query string falls into arguments, and only that."""
    request = parsed(query_string=query)
    assert field({"AllQueryArguments": {}}, pre=pre).values(request).values == expected
    assert field({"QueryString": {}}).values(request).values == (query,)


def test_pre_parse_needs_arguments() -> None:
    """AWS supports them for query arguments only."""
    with pytest.raises(ValueError, match="query arguments only"):
        field({"Body": {}}, pre=("URL_DECODE",))


@pytest.mark.parametrize("part", [{}, {"Method": {}, "UriPath": {}}])
def test_exactly_one(part: dict[str, Any]) -> None:
    """No field, or two of them, is a mistake of the rule."""
    with pytest.raises(ValueError, match="exactly one"):
        field(part)


def test_pre_parse_and_text_transformations_are_told_apart() -> None:
    """What one finds in a request is never what the other is given."""
    request = parsed(query_string=b"a=1%26b=2")
    before = field({"AllQueryArguments": {}}, pre=("URL_DECODE",))
    after = field({"AllQueryArguments": {}}, "URL_DECODE")
    assert before.key != after.key
    assert [each.values(request).values for each in (before, after, before)] == [
        (b"1", b"2"),
        (b"1&b=2",),
        (b"1", b"2"),
    ]


def test_transformations_are_shared() -> None:
    """Equal fields have equal keys, and what one of them found the other finds without work."""
    request = parsed(uri_path=b"/%41")
    one, two = (field({"UriPath": {}}, "URL_DECODE", "NONE", "LOWERCASE") for _ in range(2))
    assert one.key == two.key != field({"UriPath": {}}, "LOWERCASE", "URL_DECODE").key
    assert one.values(request).values == (b"/a",)
    assert one.values(request) is two.values(request)


@pytest.mark.parametrize(
    ("part", "scope", "pattern", "expected"),
    [
        ("Headers", "ALL", {"IncludedHeaders": ["x-a"]}, (b"x-a", b"1", b"x-a", b"2")),
        ("Headers", "VALUE", {"All": {}}, (b"shop", b"1", b"a=1; B=2", b"2")),
        ("Headers", "VALUE", {"IncludedHeaders": ["X-A"]}, (b"1", b"2")),
        ("Headers", "KEY", {"ExcludedHeaders": ["X-a", "COOKIE"]}, (b"host",)),
        ("Headers", "VALUE", {"IncludedHeaders": ["absent"]}, ()),
        ("Cookies", "ALL", {"All": {}}, (b"a", b"1", b"B", b"2")),
        ("Cookies", "VALUE", {"IncludedCookies": ["B"]}, (b"2",)),
        ("Cookies", "VALUE", {"IncludedCookies": ["b"]}, ()),
        ("Cookies", "KEY", {"ExcludedCookies": ["a"]}, (b"B",)),
    ],
)  # fmt: skip
def test_patterns(part: str, scope: str, pattern: dict[str, Any], expected: tuple[bytes, ...]) -> None:
    """Names of headers in any case, of cookies in theirs; keys, values or both."""
    named = {"MatchPattern": pattern, "MatchScope": scope, "OversizeHandling": "CONTINUE"}
    assert field({part: named}).values(parsed(headers=HEADERS)).values == expected


def test_a_pattern_is_one() -> None:
    """Names are included or excluded, not both."""
    pattern = {"IncludedHeaders": ["a"], "ExcludedHeaders": ["b"]}
    with pytest.raises(ValueError, match="not both"):
        field({"Headers": {"MatchPattern": pattern, "MatchScope": "ALL", "OversizeHandling": "CONTINUE"}})


@pytest.mark.parametrize(
    ("part", "settings", "values"),
    [
        ("Body", {}, (b"x" * 8_192,)),
        ("Headers", {**ALL, "MatchScope": "VALUE"}, (b"v" * 8_191,)),
        ("Cookies", {**ALL, "MatchPattern": {"IncludedCookies": ["z"]}}, ()),
        ("HeaderOrder", {}, (b"h",)),
        ("JsonBody", {"MatchPattern": {"All": {}}, "MatchScope": "ALL"}, ()),
    ],
)
def test_oversize(part: str, settings: dict[str, Any], values: tuple[bytes, ...]) -> None:
    """What lies beyond the limits is not looked at; this is said, and decides the statement if it is to."""
    headers = ((b"h", b"v" * 8_191), (b"cookie", b"a=" + b"v" * 9_000))
    request = parsed(headers=headers, body=b"x" * 8_193)
    for handling, fallback in (("MATCH", True), ("NO_MATCH", False)):
        found = field({part: {**settings, "OversizeHandling": handling}}).values(request)
        assert found == Values((), fallback, oversize=True)
    found = field({part: {**settings, "OversizeHandling": "CONTINUE"}}).values(request)
    assert found == Values(values, None, oversize=True)


def test_a_compressed_body() -> None:
    """It is looked at as it came and inflated; its size is that of what came."""
    packed = gzip.compress(b"evil", mtime=0)
    request = posted(b"text/plain", packed, (b"content-encoding", b"gzip"))
    assert field({"Body": {}}).values(request).values == (packed, b"evil")
    assert field({"Body": {}}, size=True).values(request).values == (packed,)
    assert field({"Body": {}}, size=True).key != field({"Body": {}}).key


JSON = b'{"a":{"c":"d","b":{"e":{"f":"g"}}},"l":[{"n":1},{"n":"two"}],"x/y":"~"}'


def json_values(scope: str, paths: list[str] | None, body: bytes = JSON, **more: str) -> Values:
    """What a JsonBody finds."""
    pattern: dict[str, Any] = {"All": {}} if paths is None else {"IncludedPaths": paths}
    part = {"JsonBody": {"MatchPattern": pattern, "MatchScope": scope, **more}}
    return field(part).values(posted(b"application/json", body))


@pytest.mark.parametrize(
    ("scope", "paths", "expected"),
    [
        ("ALL", ["/a/b"], {b"e", b"f", b"g"}),
        ("KEY", ["/a/b"], {b"e", b"f"}),
        ("VALUE", ["/a/b"], {b"g"}),
        ("VALUE", ["/l/1/n"], {b"two"}),
        ("ALL", ["/l/0", "/a/c"], {b"n", b"1", b"d"}),
        ("VALUE", ["/x~1y"], {b"~"}),
        ("VALUE", ["/absent", "/a/c/d", "/l/2"], set()),
        ("VALUE", ["/"], {b"d", b"g", b"1", b"two", b"~"}),
        ("VALUE", None, {b"d", b"g", b"1", b"two", b"~"}),
        ("KEY", None, {b"a", b"c", b"b", b"e", b"f", b"l", b"n", b"x/y"}),
    ],
)
def test_json_pointers(scope: str, paths: list[str] | None, expected: set[bytes]) -> None:
    """The first three are AWS's own example: the key that a pointer leads to is not looked at."""
    assert set(json_values(scope, paths).values) == expected


def test_invalid_json() -> None:
    """Up to the defect without a fallback, as a string, or as the fallback says."""
    broken = b'{"a":"b",c}'
    assert json_values("ALL", None, broken) == Values((b"a", b"b"))
    assert json_values("ALL", None, broken, InvalidFallbackBehavior="EVALUATE_AS_STRING") == Values((broken,))
    assert json_values("ALL", None, broken, InvalidFallbackBehavior="MATCH") == Values((), True)
    assert json_values("ALL", None, broken, InvalidFallbackBehavior="NO_MATCH") == Values((), False)
    assert json_values("ALL", None, JSON, InvalidFallbackBehavior="MATCH").fallback is None


def test_json_that_is_too_much() -> None:
    """What follows the bounds is looked at as it stands."""
    found = json_values("VALUE", None, b'["' + b'a","' * 12_000 + b'evil"]')
    assert b"evil" in found.values[-1]


def test_json_in_utf_16() -> None:
    """Parsers find out, and so does this."""
    assert json_values("VALUE", None, '["evil"]'.encode("utf-16")).values == (b"evil",)
