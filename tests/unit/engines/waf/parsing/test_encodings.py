"""Compressed bodies, and bodies in encodings whose bytes are not those of ASCII."""

import gzip
import zlib

import pytest

from masugata.engines.waf.parsing.content_types import split_parameters
from masugata.engines.waf.parsing.inflating import MAX_MEMBERS, inflate
from masugata.engines.waf.parsing.recoding import recode

LIMIT = 65_536
TEXT = b"q=<script>alert(1)</script>"


def raw_deflate(text: bytes) -> bytes:
    """Deflate without the header of zlib, which some clients send."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


def gzipped(data: bytes) -> bytes:
    """Without the time, so that tests are called the same in all processes."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        (gzipped(TEXT), b"gzip"),
        (gzipped(TEXT), b" GZip ,identity"),
        (gzipped(TEXT), b"x-gzip"),
        (gzipped(TEXT), b", gzip"),
        (gzipped(TEXT), b"gzip,,"),
        (zlib.compress(TEXT), b"deflate"),
        (raw_deflate(TEXT), b"deflate"),
        (gzipped(zlib.compress(TEXT)), b"deflate, gzip"),
        (gzipped(TEXT[:9]) + gzipped(TEXT[9:]), b"gzip"),
        (gzipped(b"") * 100 + gzipped(TEXT), b"gzip"),
        (gzipped(TEXT) + b"trailing", b"gzip"),
        (gzipped(TEXT)[:-8], b"gzip"),
    ],
)
def test_inflated(body: bytes, encodings: bytes) -> None:
    """Whatever servers inflate: both kinds of deflate, several layers and members, without a good end."""
    assert inflate(body, encodings, LIMIT) == (TEXT, False)


@pytest.mark.parametrize("encodings", [b"", b"identity", b"br", b"zstd", b"gzip"])
def test_not_compressed(encodings: bytes) -> None:
    """What is not compressed as it says stays as it is."""
    assert inflate(TEXT, encodings, LIMIT) == (b"", False)


def test_a_bomb() -> None:
    """No more than the limit comes out, and it is said that there is more."""
    bomb = gzip.compress(bytes(50_000_000))
    assert inflate(bomb, b"gzip", LIMIT) == (bytes(LIMIT), True)
    assert inflate(gzip.compress(bomb), b"gzip,gzip", LIMIT) == (bytes(LIMIT), True)
    assert inflate(gzip.compress(b"") * (MAX_MEMBERS + 1) + gzip.compress(TEXT), b"gzip", LIMIT) == (
        b"",
        True,
    )
    assert inflate(TEXT, b"gzip,gzip,gzip,gzip", LIMIT) == (b"", True)


@pytest.mark.parametrize(
    ("codec", "charset"),
    [
        ("utf-16", b"utf-16"),
        ("utf-16-le", b"UTF-16LE"),
        ("utf-16-be", b"utf_16be"),
        ("utf-32", b"utf-32"),
        ("utf-7", b"utf-7"),
        ("cp037", b"IBM037"),
        ("cp500", b"ibm500"),
        ("cp1026", b"cp1026"),
        ("iso-2022-jp", b"iso-2022-jp"),
        ("utf-16", b""),
        ("utf-16-le", b""),
        ("utf-32-be", b"utf-8"),
    ],
)
def test_recoded(codec: str, charset: bytes) -> None:
    """By its name, or by the bytes at its beginning, the text is read as applications read it."""
    assert (recode(TEXT.decode().encode(codec), charset) or b"").removeprefix(b"\xef\xbb\xbf") == TEXT


@pytest.mark.parametrize("declared", ["utf-7", "ibm037", "utf-16"])
def test_an_xml_declaration(declared: str) -> None:
    """XML parsers believe it."""
    codec = {"ibm037": "cp037"}.get(declared, declared)
    document = f'<?xml version="1.0" encoding="{declared}"?><a>+ADw-</a>'
    recoded = recode(document.encode(codec) if codec != "utf-7" else document.encode(), b"")
    assert recoded is not None
    assert b"<a>" in recoded


@pytest.mark.parametrize("charset", [b"", b"utf-8", b"iso-8859-1", b"bogus", b"ibm999", b"rot13", b"zip"])
def test_what_is_like_ascii_stays(charset: bytes) -> None:
    """Other names, Python's own codecs among them, change nothing."""
    assert recode(TEXT, charset) is None
    assert recode(b"", charset) is None


@pytest.mark.parametrize(
    ("header", "value", "parameters"),
    [
        (b"Text/HTML", b"text/html", ()),
        (b"a/b; charset=UTF-8", b"a/b", ((b"charset", b"UTF-8"),)),
        (b'a/b;boundary="x; y" ;c=d', b"a/b", ((b"boundary", b"x; y"), (b"c", b"d"))),
        (b'a/b; x="a\\"b"', b"a/b", ((b"x", b'a"b'),)),
        (b'a/b; x="open', b"a/b", ((b"x", b"open"),)),
        (b"a/b; x=1; x=2", b"a/b", ((b"x", b"1"), (b"x", b"2"))),
    ],
)
def test_parameters(header: bytes, value: bytes, parameters: tuple[tuple[bytes, bytes], ...]) -> None:
    """Quoted, bare, without an end, and twice."""
    assert split_parameters(header) == (value, parameters)
