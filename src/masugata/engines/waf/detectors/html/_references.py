"""Character references in attribute values, as far as they can spell a script: those for ASCII."""

import re

# The named references to ASCII (https://html.spec.whatwg.org/multipage/named-characters.html), in lower case.
_NAMED = {
    b"tab": b"\t", b"newline": b"\n", b"excl": b"!", b"quot": b'"', b"num": b"#", b"dollar": b"$",
    b"percnt": b"%", b"amp": b"&", b"apos": b"'", b"lpar": b"(", b"rpar": b")", b"ast": b"*", b"midast": b"*",
    b"plus": b"+", b"comma": b",", b"period": b".", b"sol": b"/", b"colon": b":", b"semi": b";", b"lt": b"<",
    b"equals": b"=", b"gt": b">", b"quest": b"?", b"commat": b"@", b"lsqb": b"[", b"lbrack": b"[",
    b"bsol": b"\\", b"rsqb": b"]", b"rbrack": b"]", b"hat": b"^", b"lowbar": b"_", b"underbar": b"_",
    b"grave": b"`", b"diacriticalgrave": b"`", b"lcub": b"{", b"lbrace": b"{", b"verbar": b"|", b"vert": b"|",
    b"verticalline": b"|", b"rcub": b"}", b"rbrace": b"}",
}  # fmt: skip
_REFERENCE = re.compile(rb"&(?:#x([0-9a-f]{1,12})|#([0-9]{1,12})|([a-z]{2,16}));?")
# Decoding calls Python for each. What stands behind so many is left as it is.
_MOST = 500
IGNORED = bytes(range(0x20)) + b"\x7f"
"""Controls: the URL parser takes them out before an address, tabs and newlines anywhere; filters all."""
# Those, and references to them, as they may stand between the letters of a scheme.
BETWEEN = rb"(?:[\x00-\x1f\x7f]|&(?:tab|newline|#0{0,9}(?:[0-9]|[12][0-9]|3[01]|127)|#x0{0,9}1?[0-9a-f]);?)*"
BEFORE = (
    rb"(?:[\x00-\x20\x7f]|"
    rb"&(?:tab|newline|nbsp|#0{0,9}(?:[0-9]|[12][0-9]|3[012]|127)|#x0{0,9}(?:1?[0-9a-f]|20));?)*"
)
"""What a browser skips before an address, spaces too."""


def decoded(lowered: bytes) -> bytes:
    """The text, in lower case, with its references to ASCII resolved; others become question marks."""
    return _REFERENCE.sub(_character, lowered, count=_MOST).lower() if b"&" in lowered else lowered


def _character(found: re.Match[bytes]) -> bytes:
    sixteen, ten, name = found.groups()
    if name is not None:
        return _NAMED.get(name, found[0])
    number = int(sixteen, 16) if sixteen else int(ten)
    return bytes((number,)) if number < 0x80 else b"?"


def spelt(word: str) -> bytes:
    """A regular expression, for `re` and Hyperscan, for a word in which any letter may be a reference."""
    return BETWEEN.join(_letter(letter) for letter in word)


def _letter(letter: str) -> bytes:
    low, high = ord(letter), ord(letter.upper())
    tens, sixteens = f"(?:{low}|{high})", f"(?:{low:x}|{high:x})"
    named = "|&colon;?" if letter == ":" else ""
    return rf"(?:{re.escape(letter)}|&#0{{0,9}}{tens};?|&#x0{{0,9}}{sixteens};?{named})".encode()
