"""Cookies of the `Cookie` headers (RFC 6265, section 4.2), as lenient as applications are."""

import re
from collections.abc import Iterable

from masugata.engines.waf.parsing.query import Pair

MAX_COOKIES = 200
MAX_COOKIES_SIZE = 8_192
_QUOTED = re.compile(rb'"([^"\\]*+(?>(?:\\.[^"\\]*+)*))"?', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)


def parse_cookies(headers: Iterable[bytes]) -> tuple[tuple[Pair, ...], bool]:
    """Names and values in order, with duplicates, and whether there is more than AWS looks at.

    At most 200 cookies within the first 8 KiB. A cookie without `=` is name and value at once, since
    applications do not agree on which of them it is.
    """
    text = b";".join(headers)
    oversize = len(text) > MAX_COOKIES_SIZE
    pieces = text[:MAX_COOKIES_SIZE].split(b";", MAX_COOKIES)
    if len(pieces) > MAX_COOKIES:
        oversize = oversize or bool(pieces.pop().strip())
    # One comprehension without a call: nearly every request has cookies.
    return tuple(
        [
            (name.rstrip(), value.lstrip()) if equals else (name, name)
            for piece in map(bytes.strip, pieces)
            if piece
            for name, equals, value in (piece.partition(b"="),)
        ]
    ), oversize


def quoted_texts(header: bytes) -> list[bytes]:
    r"""What quoted strings stand for that are more than text between quotes: escaped, or with a `;`.

    RFC 2109, which servers still read, has `\c` for a character; Python and others also octal `\073`.
    """
    if b"\\" not in header:
        return [text for text in header.split(b'"')[1::2] if b";" in text]
    return [
        _ESCAPE.sub(_unescaped, text) for text in _QUOTED.findall(header) if b"\\" in text or b";" in text
    ]


def _unescaped(found: re.Match[bytes]) -> bytes:
    octal, character = found.groups()
    return character if octal is None else bytes((int(octal, 8),))
