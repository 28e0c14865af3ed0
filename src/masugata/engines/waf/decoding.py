"""What a value may become on its way through servers and applications, until nothing is left to decode."""

import re
import sys
from binascii import Error, a2b_base64
from collections.abc import Sequence

from masugata.engines.waf.transformations import html_entity_decode
from masugata.engines.waf.transformations._escapes import Escapes, replace_escapes
from masugata.engines.waf.transformations._percent import decode_percents

DEEPEST = 3
"""Rounds of decoding; each gives at most two texts, none longer than what it was made from."""

_PLAIN = bytes(set(range(1, 0xC0)) - set(b"%&\\+")) + bytes(
    set(range(0xC2, 0x100)) - {0xE0, 0xE2, 0xE5, 0xEF, 0xF0, 0xF8, 0xFC}
)
_BETWEEN = b"\xff"
_PLAIN_BUT_BETWEEN = _PLAIN.replace(_BETWEEN, b"")
_MOST_BURIED = 6_144
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b"))
_LONG = 4_096
"""Bytes of values of which only whole rounds count: each layer is another text of this length to look at."""
_BINARY = 16
"""A long value with so many bytes to a control is none of text."""
_SHORTEST_BASE64 = 12
_BASE64 = re.compile(rb"\s*([A-Za-z0-9+/_-]{12,})={0,2}\s*")
_OF_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=" + rb"%\{}&#;"
"""What it has, and what it may be escaped with."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"

_UNICODE = re.compile(rb"(%[uU][0-9a-fA-F]{4})")
_ESCAPE = re.compile(rb"(\\(?:[uU](?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})|[xX][0-9a-fA-F]{2}))")
# Bytes that are no UTF-8, and what lenient decoders make of them: ASCII in more bytes than it takes (Unicode
# Standard, section 3.9, D92), and dots and slashes whose last byte does not even continue a character. And
# `_LOOKALIKES`. Each alternative begins with one byte: `re` then looks for nothing else first.
_DISGUISED = re.compile(
    rb"(\xc0[\x80-\xbf./\\]|\xc1[\x80-\xbf\x1c]|\xe0(?:[\x80\x81][\x80-\xbf]|\x40\xae)|"
    rb"\xf0\x80[\x80\x81][\x80-\xbf]|\xf8\x80\x80[\x80\x81][\x80-\xbf]|\xfc\x80\x80\x80[\x80\x81][\x80-\xbf]|"
    rb"\xef(?:\xbc[\x81-\xbf]|\xbd[\x80-\x9e])|\xe2(?:\x80\xa4|\x81\x84|\x88[\x95\x96])|\xe5\x98[\x8a\x8d])"
)
# Characters that software takes for ASCII: full-width forms, fraction slashes, the one-dot leader, and two
# characters whose lower bytes end a line.
_LOOKALIKES = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "\u2024": ".", "\u2044": "/", "\u2215": "/", "\u2216": "\\", "\u560a": "\n", "\u560d": "\r",
}  # fmt: skip
_NARROW = {wide.encode(): narrow.encode() for wide, narrow in _LOOKALIKES.items()}


def layers(value: bytes, most: int = sys.maxsize) -> tuple[bytes, ...]:
    """The value, and what each round of decoding makes of it, until these are more than `most` bytes.

    Work is linear in its length. Read are `+` for a space, percent escapes (`%u0041` too), references to
    characters (`&lt;`), escapes of JavaScript and JSON, base64 if it is the whole value and printable, UTF-8
    in too many bytes, and full-width letters; NULs go. A value without any of them is returned after one look
    at its bytes; of long ones only whole rounds count.
    """
    return (value,) if _is_plain(value) else _decoded(value, most)


def all_layers(values: Sequence[bytes], joined: bytes) -> list[tuple[bytes, ...]] | None:
    """What `layers` says of each of these values; None where nothing is to be decoded in any.

    `joined` is all of them with 0xFF between and around: one look at its bytes tells in which of them there
    are others than plain ones, and in most requests there are in none or in few.
    """
    rests = joined.translate(None, _PLAIN_BUT_BETWEEN).split(_BETWEEN)[1:-1]
    if len(rests) != len(values):  # some have such a byte of their own
        return [layers(value) for value in values]
    found: list[tuple[bytes, ...]] = []
    any_decoded = False
    for value, rest in zip(values, rests, strict=True):
        if rest or (len(value) >= _SHORTEST_BASE64 and not value.islower() and _BASE64.fullmatch(value)):
            any_decoded = True
            found.append(_decoded(value))
        else:
            found.append((value,))
    return found if any_decoded else None


def is_buried(found: tuple[bytes, ...]) -> bool:
    """Whether the last round of decoding that there is still finds escapes by the thousand.

    Logs have addresses in addresses in addresses, but not only these.
    """
    return len(found) > DEEPEST and len(found[-2]) - len(found[-1]) > _MOST_BURIED


def may_be_base64(value: bytes) -> bool:
    """Whether the whole value may become text in base64, so that a part of it says nothing of the rest."""
    return not value.strip().translate(None, _OF_BASE64)


def is_binary(value: bytes) -> bool:
    """Whether it is long and no text, as pictures and archives are not."""
    if len(value) < _LONG:
        return False
    return (len(value) - len(value.translate(None, _CONTROLS))) * _BINARY > len(value)


def _is_plain(value: bytes) -> bool:
    if value.translate(None, _PLAIN):
        return False
    return len(value) < _SHORTEST_BASE64 or value.islower() or _BASE64.fullmatch(value) is None


def _decoded(value: bytes, most: int = sys.maxsize) -> tuple[bytes, ...]:
    steps = (_transport, _characters) if len(value) < _LONG else (_round,)
    binary = is_binary(value)
    found = [value]
    left = most - len(value)
    latest = value
    for number in range(DEEPEST):
        if number and _is_plain(latest):
            break
        before = latest
        for decode in steps:
            decoded = decode(latest)
            if decoded != latest:
                found.append(decoded)
                latest = decoded
                left -= len(decoded)
        if latest == before or left < 0:
            break
        if number and binary and len(latest) == len(before):  # plus signs of chance have become spaces
            found.pop()
            break
    return tuple(found)


def _round(value: bytes) -> bytes:
    return _characters(_transport(value))


def _transport(value: bytes) -> bytes:
    """What was encoded as a whole, or for a URL."""
    matched = _BASE64.fullmatch(value)
    if matched is not None and not value.islower():
        text = _printable(matched[1])
        if text is not None:
            return text
    if b"+" in value:
        value = value.replace(b"+", b" ")
    if b"%" in value:
        if b"%u" in value or b"%U" in value:
            value = replace_escapes(_UNICODE, _SPELLED, value)
        value = decode_percents(value)
    return value


def _printable(digits: bytes) -> bytes | None:
    """The text in base64, unless it is none."""
    try:
        text = a2b_base64(digits.translate(_URL_SAFE) + b"=" * (-len(digits) % 4))
    except Error:
        return None
    return text if text and not text.translate(None, _PRINTABLE) else None


def _characters(value: bytes) -> bytes:
    """What stands for single characters."""
    if b"&" in value:
        value = html_entity_decode.transform(value)
    if b"\\" in value:
        value = replace_escapes(_ESCAPE, _ESCAPES, value)
    if not value.isascii():
        value = replace_escapes(_DISGUISED, _PLAINLY, value)
    return value.translate(None, b"\0") if b"\0" in value else value


def _unescaped(escape: bytes) -> bytes:
    """The character that an escape stands for; codes under 256 are one byte."""
    code = int(escape.lstrip(b"%\\uUxX{").rstrip(b"}") or b"0", 16)
    if code < 0x100:
        return bytes((code,))
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return escape
    character = chr(code).encode()
    return _NARROW.get(character, character)


def _spelled(escape: bytes) -> bytes:
    """The same, as escapes of bytes that are decoded next."""
    character = _unescaped(escape)
    return b"%%%02x" % ord(character) if len(character) == 1 else character


_BYTES = {digits: bytes((code,)) for code in range(256) for digits in (b"%02x" % code, b"%02X" % code)}
_ESCAPES = Escapes(_unescaped)
_ESCAPES.update(
    (written % digits, byte)
    for digits, byte in _BYTES.items()
    for written in (b"\\x%s", b"\\X%s", b"\\u00%s", b"\\U00%s")
)
"""Those of one byte are known before others fill it."""
_SPELLED = Escapes(_spelled)
_SPELLED.update((b"%%u00%s" % digits, b"%%%s" % digits) for digits in _BYTES)
_LEADS = (b"", b"\xe0", b"\xf0\x80", b"\xf8\x80\x80", b"\xfc\x80\x80\x80")
_SHORTENED = {
    lead + bytes((first | high, last)): bytes((high << 6 | last & 0x3F,))
    for lead in _LEADS
    for first in (b"\xc0"[0] if not lead else 0x80,)
    for high in (0, 1)
    for last in range(0x80, 0xC0)
} | {b"\xc0.": b".", b"\xc0/": b"/", b"\xc0\\": b"\\", b"\xc1\x1c": b"\\", b"\xe0\x40\xae": b"."}
"""The one byte that a lenient decoder reads."""
_PLAINLY = Escapes(bytes)
_PLAINLY.update(_SHORTENED | _NARROW)
