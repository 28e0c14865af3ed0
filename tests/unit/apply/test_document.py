"""YAML as trees with places, and what of YAML is refused."""

import pytest

from masugata.apply.document import DEEPEST, LARGEST, read_document
from masugata.apply.problems import InvalidFileError


def test_values_and_places():
    """Scalars are texts but for truth values and null, and everything knows where it stands."""
    root = read_document(
        "店舗: [2012-10-17, no, true, ~, 'true']\nb: {\"c\": 012345678901}\n".encode(), "f.yaml"
    )
    assert root.plain() == {"店舗": ["2012-10-17", "no", True, None, "true"], "b": {"c": "012345678901"}}
    shops, b = root.value
    assert str(shops.place) == "f.yaml:1:1"
    assert str(root.value[shops].value[1].place) == "f.yaml:1:18"
    assert str(next(iter(root.value[b].value)).place) == "f.yaml:2:5"


def test_json_is_yaml():
    """JSON reads as it is, characters beyond the first plane in two escapes included."""
    assert read_document(b'{"a": ["\\ud83d\\ude00", false]}', "f").plain() == {"a": ["😀", False]}


@pytest.mark.parametrize(
    ("content", "place", "rule"),
    [
        pytest.param(b"", "1:1", "the file is empty", id="empty"),
        pytest.param(b"\xff", "1:1", "this is not UTF-8", id="not-utf-8"),
        pytest.param(b"a: \xe3\x81", "1:4", "this is not UTF-8", id="half-a-character"),
        pytest.param(b"a: 1\nb: 2\na: 3", "3:1", "the name `a` occurs twice", id="name-twice"),
        pytest.param(b"a: [1, 2", "1:9", "this is not YAML", id="open-sequence"),
        pytest.param(b"a: b: c", "1:5", "this is not YAML", id="mapping-in-line"),
        pytest.param(b"a:\n\t- b", "2:1", "this is not YAML", id="tab"),
        pytest.param(b"a: &x 1", "1:4", "anchors and aliases are not allowed", id="anchor"),
        pytest.param(b"a: *x", "1:4", "anchors and aliases are not allowed", id="alias"),
        pytest.param(b"a: !!python/object:os.system {}", "1:4", "tags are not allowed", id="tag"),
        pytest.param(b"a: !x 1", "1:4", "tags are not allowed", id="own-tag"),
        pytest.param(b"<<: {a: b}", "1:1", "a name must be a text", id="merge-key"),
        pytest.param(b"? [a]\n: b", "1:3", "a name must be a text", id="sequence-as-name"),
        pytest.param(b"?\n: b", "1:2", "a name must be a text", id="no-name"),
        pytest.param(b"a: 1\n---\nb: 1", "2:1", "one file has one document", id="two-documents"),
        pytest.param(b"a: '\x00'", "1:5", "the character U+0000 is not allowed here", id="nul"),
        pytest.param(b'a: "\\ud800"', "1:4", "half of a surrogate pair is not text", id="half-surrogate"),
        pytest.param(b'a: "\\U00110000"', "1:1", "this is not YAML", id="beyond-unicode"),
        pytest.param(b"[" * (DEEPEST + 1), f"1:{DEEPEST + 1}", "this is nested deeper", id="deep-flow"),
        pytest.param(
            b"- " * (DEEPEST + 1) + b"a", f"1:{2 * DEEPEST + 1}", "this is nested deeper", id="deep"
        ),
        pytest.param(b"[" * 100_000, f"1:{DEEPEST + 1}", "this is nested deeper", id="very-deep"),
        pytest.param(b"a" * (LARGEST + 1), "1:1", "the file is larger than 4 MiB", id="large"),
        pytest.param(b"%YAML 2.0\n---\na: 1", "1:1", "this is not YAML", id="other-version"),
    ],
)
def test_what_is_refused(content, place, rule):
    """The first thing wrong is told with its place, in time that does not depend on what follows."""
    with pytest.raises(InvalidFileError) as refused:
        read_document(content, "f.yaml")
    [problem] = refused.value.problems
    assert str(problem.place) == f"f.yaml:{place}"
    assert problem.rule.startswith(rule)


def test_too_many_values(monkeypatch):
    """A file with endless values ends at a bound."""
    monkeypatch.setattr("masugata.apply.document._MOST_NODES", 100)
    with pytest.raises(InvalidFileError, match="more than 100 values"):
        read_document(b"[" + b"a," * 200 + b"]", "f.yaml")
