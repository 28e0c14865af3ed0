"""HTML_ENTITY_DECODE: `&lt;`, `&#60;` and `&#x3c;` become `<`.

Source: https://html.spec.whatwg.org/multipage/named-characters.html
"""

import re
from html.entities import html5

from masugata.engines.waf.transformations._transformation import Transformation

_NAMES = {
    name.rstrip(";").lower().encode(): character.encode("latin-1")
    for name, character in html5.items()
    if len(character) == 1 and (character.isascii() or character == "\xa0")
}
_WITHOUT_END = (b"quot", b"nbsp", b"amp", b"lt", b"gt")
_REFERENCE = re.compile(rb"&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([a-zA-Z]{2,24});?)")
_DIGITS = 7  # of the largest code, in decimal


def transform(value: bytes) -> bytes:
    """Names of ASCII and of the non-breaking space, in upper or lower case; codes under 256 are one byte.

    Larger codes become UTF-8. As browsers do, it reads codes and the oldest names without `;` too.
    """
    if b"&" not in value:
        return value
    return _REFERENCE.sub(_decoded, value)


def _decoded(match: re.Match[bytes]) -> bytes:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _named(match[0], name.lower())
    digits = (hexadecimal or decimal).lstrip(b"0") or b"0"
    code = int(digits, 16 if hexadecimal else 10) if len(digits) <= _DIGITS else -1
    if 0 <= code < 0x100:
        return bytes([code])
    if 0x100 <= code < 0xD800 or 0xE000 <= code < 0x110000:
        return chr(code).encode()
    return match[0]


def _named(whole: bytes, name: bytes) -> bytes:
    if whole.endswith(b";") and name in _NAMES:
        return _NAMES[name]
    for old in _WITHOUT_END:
        if name.startswith(old):
            return _NAMES[old] + whole[1 + len(old) + (whole[1 + len(old) :] == b";") :]
    return whole


HTML_ENTITY_DECODE = Transformation(transform, (b"&",))
