"""HTML_ENTITY_DECODE: `&lt;`, `&#60;` and `&#x3c;` become `<`.

Source: https://html.spec.whatwg.org/multipage/named-characters.html
"""

import re
from html.entities import html5

from masugata.engines.waf.transformations._escapes import AMPERSAND, Escapes, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_NAMES = {
    name.rstrip(";").lower().encode(): character.encode("latin-1")
    for name, character in html5.items()
    if len(character) == 1 and (character.isascii() or character == "\xa0")
}
_WITHOUT_END = (b"quot", b"nbsp", b"amp", b"lt", b"gt")
_REFERENCE = re.compile(rb"(&(?:#[xX][0-9a-fA-F]+|#[0-9]+|[a-zA-Z]{2,24});?)")
_DIGITS = 7  # of the largest code, in decimal


def transform(value: bytes) -> bytes:
    """Names of ASCII and of the non-breaking space, in upper or lower case; codes under 256 are one byte.

    Larger codes become UTF-8. As browsers do, it reads codes and the oldest names without `;` too.
    """
    return replace_escapes(_REFERENCE, _REFERENCES, value) if AMPERSAND in value else value


def _decoded(reference: bytes) -> bytes:
    body = reference[1:].removesuffix(b";").lower()
    if not body.startswith(b"#"):
        return _named(reference, body)
    base = 16 if body.startswith(b"#x") else 10
    digits = body[2 if base == 16 else 1 :].lstrip(b"0") or b"0"
    code = int(digits, base) if len(digits) <= _DIGITS else -1
    if 0 <= code < 0x100:
        return bytes([code])
    if 0x100 <= code < 0xD800 or 0xE000 <= code < 0x110000:
        return chr(code).encode()
    return reference


def _named(reference: bytes, name: bytes) -> bytes:
    if reference.endswith(b";") and name in _NAMES:
        return _NAMES[name]
    for old in _WITHOUT_END:
        if name == old:
            return _NAMES[old]
        if name.startswith(old):
            return _NAMES[old] + reference[1 + len(old) :]
    return reference


_REFERENCES = Escapes(_decoded)

HTML_ENTITY_DECODE = Transformation(transform, (b"&",))
