"""Transformations of any bytes: bounded, as the slow model has it, and sound about what they change."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.engines.waf.transformations import PRE_PARSE_TRANSFORMATIONS, TRANSFORMATIONS
from model.waf_model import normalized_path, url_decode

ALL = {**PRE_PARSE_TRANSFORMATIONS, **TRANSFORMATIONS}
PIECES = [
    b"%", b"%u", b"41", b"2F", b"+", b"\\", b"\\x", b"\\u", b"0041", b"ff21", b"{", b"}", b"&", b"&#", b"&#x",
    b";", b"lt", b"quot", b"/", b"..", b".", b"/*", b"*/", b"--", b"#", b" ", b"\t", b"\n", b"\xa0", b"a",
    b"B", b"'", b"^", b",", b"(", b"0x", b"7", b"=", b"\0", b"\xc0\xaf", b"\xe6\xbc\xa2", b"\xff",
]  # fmt: skip
values = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=12).map(b"".join)
IDEMPOTENT = [
    "NONE", "LOWERCASE", "UPPERCASE", "COMPRESS_WHITE_SPACE", "REMOVE_WHITESPACE", "TRIM", "TRIM_LEFT",
    "TRIM_RIGHT", "REMOVE_NULLS", "REPLACE_NULLS", "REPLACE_COMMENTS", "NORMALIZE_PATH", "NORMALIZE_PATH_WIN",
    "UTF8_TO_UNICODE", "CMD_LINE_UNIX", "REPLACE_SEMICOLONS_WITH_AMPERSANDS",
    "COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA",
]  # fmt: skip
MANY = settings(max_examples=600, deadline=None)
LONGEST = {"MD5": 16, "SHA256": 32}


@MANY
@given(name=st.sampled_from(list(ALL)), value=values)
def test_any_bytes(name: str, value: bytes) -> None:
    """Nothing raises; what is made is at most three times as long, so that chains stay bounded."""
    made = ALL[name].transform(value)
    assert len(made) <= max(3 * len(value), LONGEST.get(name, 0))


@MANY
@given(name=st.sampled_from(list(ALL)), value=values)
def test_triggers_are_sound(name: str, value: bytes) -> None:
    """A value without any trigger is left as it is."""
    transformation = ALL[name]
    if transformation.triggers is not None:
        pattern = b"|".join(map(re.escape, transformation.triggers)) or b"(?!)"
        value = re.sub(pattern, b"", value)
        if not re.search(pattern, value):
            assert transformation.transform(value) == value


@MANY
@given(name=st.sampled_from(IDEMPOTENT), value=values)
def test_idempotent(name: str, value: bytes) -> None:
    """Once is enough."""
    once = ALL[name].transform(value)
    assert ALL[name].transform(once) == once


@given(value=values)
def test_url_decode(value: bytes) -> None:
    """The slow reading decodes the same."""
    assert TRANSFORMATIONS["URL_DECODE"].transform(value) == url_decode(value)


@given(
    value=st.lists(st.sampled_from([b"/", b".", b"..", b"a", b"b", b"...", b"//"]), max_size=14).map(b"".join)
)
def test_normalize_path(value: bytes) -> None:
    """Leaving out one segment after the other comes to the same path."""
    assert TRANSFORMATIONS["NORMALIZE_PATH"].transform(value) == normalized_path(value)


@MANY
@given(name=st.sampled_from(list(ALL)), left=values, right=values)
def test_what_is_remembered_changes_nothing(name: str, left: bytes, right: bytes) -> None:
    """A value is rewritten in the same way before and after others were."""
    before = ALL[name].transform(left)
    ALL[name].transform(right)
    assert ALL[name].transform(left) == before


PERCENTS = (
    b"%41", b"%", b"%4", b"%g", b"+", b"a", b"4", b"=", b"%3D", b"%3d", b"%25", b"%01", b"\1", b"\2", b"\3",
    b"\n", b"\r", b"%0a", b"_", b" ",
)  # fmt: skip


@given(value=st.lists(st.sampled_from(PERCENTS), max_size=40).map(b"".join), more=st.booleans())
def test_url_decode_among_other_percent_signs(value: bytes, *, more: bool) -> None:
    """Where a great many are no escapes, decoding takes another way, to the same end."""
    sent = b"%g" * 1_001 + value if more else value
    assert TRANSFORMATIONS["URL_DECODE"].transform(sent) == url_decode(sent)
    assert TRANSFORMATIONS["URL_DECODE_UNI"].transform(sent) == url_decode(sent)
