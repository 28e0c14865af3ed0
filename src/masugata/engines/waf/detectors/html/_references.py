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
_REFERENCE = re.compile(rb"&(?:#x(?=[0-9a-f])0*+([0-9a-f]*+)|#(?=[0-9])0*+([0-9]*+)|([a-z]{2,16}));?")
_MOST_DIGITS = 3
# Decoding calls Python for each. What stands behind so many is left as it is.
_MOST = 500
IGNORED = bytes(range(0x20)) + b"\x7f"
"""Controls: the URL parser takes them out before an address, tabs and newlines anywhere; filters all."""
# Those, and references to them, as they may stand between the letters of a scheme.
_TEN, _SIXTEEN = "[12]?[0-9]|3[01]|127", "1?[0-9a-f]|7f"


def decoded(lowered: bytes) -> bytes:
    """The text, in lower case, with its references to ASCII resolved; others become question marks."""
    return _REFERENCE.sub(_character, lowered, count=_MOST).lower() if b"&" in lowered else lowered


def _character(found: re.Match[bytes]) -> bytes:
    sixteen, ten, name = found.groups()
    if name is not None:
        return _NAMED.get(name, found[0])
    digits, base = (sixteen, 16) if sixteen is not None else (ten, 10)
    number = int(digits or b"0", base) if len(digits) <= _MOST_DIGITS else 0x80
    return bytes((number,)) if number < 0x80 else b"?"


class Spelling:
    """Regular expressions for words in which any letter may be a reference, with or without a semicolon."""

    def __init__(self) -> None:
        """For `re`: they look ahead, so that no reference ends amid its digits."""
        self._between = self._controls(r"[\x00-\x1f\x7f]", "tab|newline", _TEN, _SIXTEEN)
        self.before = self._controls(
            r"[\x00-\x20\x7f]", "tab|newline|nbsp", f"32|160|{_TEN}", f"20|a0|{_SIXTEEN}"
        ).encode()
        """What a browser skips before an address, spaces too."""

    def _controls(self, plain: str, named: str, ten: str, sixteen: str) -> str:
        reference = f"&(?:{named}|#0*(?:{ten})(?![0-9])|#x0*(?:{sixteen})(?![0-9a-f]));?"
        return f"{plain}*+(?>(?:{reference}{plain}*+)*)"

    def word(self, word: str) -> bytes:
        """The word, in lower case."""
        return self._between.join(map(self._letter, word)).encode()

    def _letter(self, letter: str) -> str:
        low, high = ord(letter), ord(letter.upper())
        ten = f"&#0*(?:{low}|{high})(?![0-9]);?"
        sixteen = f"&#x0*(?:{low:x}|{high:x})(?![0-9a-f]);?"
        named = "|&colon;?" if letter == ":" else ""
        return f"(?:{re.escape(letter)}|{ten}|{sixteen}{named})"
