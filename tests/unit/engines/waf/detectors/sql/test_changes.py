"""What an application or a database makes of a value is bounded, and made where something asks for it."""

import pytest

from masugata.engines.waf.detectors.sql.changes import changes


@pytest.mark.parametrize(
    "value", [b"", b"plain text", b"don't", b"'a','b'", b"['select', 'union']", "日本".encode()]
)
def test_most_values_stay(value: bytes) -> None:
    """Quotes, lists and characters beyond ASCII alone change nothing."""
    assert list(changes(value)) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"un/**/ion", b"union"),
        (b"SELE/*x*/CT", b"SELECT"),
        (b"sel','ect a','b", b"select ab"),
        (b'un\\",\\"ion', b"union"),
        ("\u2019 or \u20181\u2019".encode(), b"'   or '  1'  "),
        ("1\u2013".encode(), b"1-- "),
        ("\u201cx".encode(), b'"  x'),
    ],
)
def test_changed(value: bytes, expected: bytes) -> None:
    """Comments within words and strings that are joined go; quotes and dashes of text become those of SQL."""
    assert [change.value for change in changes(value)] == [expected]


def test_size() -> None:
    """Of a long value only the part that asks for it is changed."""
    for piece in (b"un','ion ", "\u2019 or ".encode()):
        assert all(len(change.value) <= 4096 for change in changes(piece * 10_000))
    far = b"x" * 30_000 + b" un','ion select 1"
    assert [b"union select 1" in change.value for change in changes(far)] == [True]
