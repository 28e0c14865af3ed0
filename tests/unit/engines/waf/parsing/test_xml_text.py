"""The texts of XML, and what is left where it is none."""

import pytest

from masugata.engines.waf.parsing.xml_text import MAX_STEPS, parse_xml


@pytest.mark.parametrize(
    ("document", "texts"),
    [
        (b"<a>x</a>", [(b"a", b"x")]),
        (b"<a b=\"1\" c='2>3'/>", [(b"b", b"1"), (b"c", b"2>3")]),
        (b"<a>&lt;b&gt; &#39;&#x27;</a>", [(b"a", b"<b> ''")]),
        (b"<a><![CDATA[<b>&amp;]]></a>", [(b"a", b"<b>&")]),
        (b"<a><!-- c --></a>", [(b"a", b"c")]),
        (
            b"<a> b<![CDATA[<]]>c <d/>e</a>",
            [(b"a", b"b"), (b"a", b"<"), (b"a", b"c"), (b"a", b"b<c"), (b"d", b"e")],
        ),
        (b"<a>b<!-- c -->d</a>", [(b"a", b"b"), (b"a", b"c"), (b"a", b"d"), (b"a", b"bd")]),
        (b"<${a}/>", [(b"", b"<${a}/>")]),
        (b"<a ${b}=''/>", [(b"", b"<a ${b}=''/>")]),
        (b"<a b=${c}>d</a>", [(b"", b"<a b=${c}>"), (b"a", b"d")]),
        (b"<a b='1' ${c}>d</a>", [(b"b", b"1"), (b"", b"<a b='1' ${c}>"), (b"a", b"d")]),
        (b"<?xml version='1.0'?><a/>", [(b"", b"xml version='1.0'")]),
        (b"<a>x<b>y</b>z</a>", [(b"a", b"x"), (b"b", b"y"), (b"b", b"z")]),
        (b"\n <a> \n </a>\n", []),
        (
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            [(b"", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), (b"a", b"&x;")],
        ),
    ],
)
def test_texts(document: bytes, texts: list[tuple[bytes, bytes]]) -> None:
    """Texts, attributes, comments, sections and declarations; declared entities are not expanded."""
    assert parse_xml(document) == (tuple(texts), b"")


@pytest.mark.parametrize(
    ("document", "rest"),
    [
        (b"<a>x</a", b"</a"),
        (b"<a><!-- x", b"<!-- x"),
        (b"<a><![CDATA[x", b"<![CDATA[x"),
        (b"<a b='>", b"<a b='>"),
        (b"<a>1 < 2</a>", b"< 2</a>"),
        (b"<!DOCTYPE a [", b"<!DOCTYPE a ["),
        (b"<a/>trailing", b"trailing"),
        (b"no XML", b"no XML"),
    ],
)
def test_rest(document: bytes, rest: bytes) -> None:
    """What cannot be read is left as it stands."""
    assert parse_xml(document)[1] == rest


@pytest.mark.parametrize("inside", [b"b" * 1_000_000, b"b c" * 300_000, b"b \n" * 300_000])
def test_what_is_no_attribute_is_read_once(inside: bytes) -> None:
    """Each name is tried from its beginning alone: from each of its bytes on, this would take an hour."""
    tag = b"<a " + inside + b">"
    assert parse_xml(tag + b"x</a>") == (((b"", tag), (b"a", b"x")), b"")


def test_bounded() -> None:
    """After some thousand tags the rest is left as it stands."""
    assert parse_xml(b"<a/>" * (MAX_STEPS + 5))[1] == b"<a/>" * 5


def test_each_text_counts_once() -> None:
    """Reading ends with as many different ones as are asked for, however often they come."""
    document = b"<a>x</a>" * 9 + b"<a>y</a><a>z</a>"
    assert parse_xml(document, 2) == (((b"a", b"x"), (b"a", b"y")), b"<a>z</a>")
