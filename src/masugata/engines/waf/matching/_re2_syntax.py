"""PCRE's regular expressions in RE2's syntax: text that means something else there is rewritten or refused.

Source: https://www.pcre.org/original/doc/html/pcrepattern.html, https://github.com/google/re2/wiki/Syntax
"""

import re
from collections.abc import Mapping

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching._pattern import Pattern

TOKEN = re.compile(
    rb"\\Q(?:[^\\]|\\(?!E))*(?:\\E)?"  # quoted
    rb"|\\."  # escaped
    rb"|\[:\^?[a-z]*:\]"  # a named class
    rb"|\[\^?\]?"  # begin of a class, and a bracket that is a member of it
    rb"|\(\?[a-zA-Z-]+[:)]"  # options
    rb"|.",
    re.DOTALL,
)
SPACE = rb"\t-\r\x20"
NO_SPACE = rb"\x00-\x08\x0e-\x1f\x21-\xff"
VERTICAL = rb"\n-\r\x85"
MEANINGS: Mapping[bytes, tuple[bytes, bytes]] = {
    # Within a class, and elsewhere.
    rb"\s": (SPACE, b"[" + SPACE + b"]"),
    rb"\S": (NO_SPACE, b"[" + NO_SPACE + b"]"),
    rb"\v": (VERTICAL, b"[" + VERTICAL + b"]"),
    rb"\Z": (b"", rb"(?:\n?\z)"),
}
REFUSED = {rb"\p": "properties", rb"\P": "properties", rb"\C": "`\\C`"}


def translate(pattern: Pattern) -> bytes:
    """The same for RE2; raises InvalidPatternError for what it would take for something else."""
    multiline = pattern.hint
    found = [b"(?ims)"] if pattern.hint else []
    within = False
    for number, match in enumerate(TOKEN.finditer(pattern.expression)):
        token = match[0]
        if token in REFUSED:
            raise InvalidPatternError(pattern.expression, f"{REFUSED[token]} are not supported by RE2 here")
        if token in MEANINGS:
            token = MEANINGS[token][0 if within else 1]
        elif token.startswith(b"[:") and not within:
            raise InvalidPatternError(pattern.expression, "a named class stands within brackets only")
        elif token.startswith(b"[") and not token.startswith(b"[:"):
            within, token = _open(within, token)
        elif token == b"]":
            within = False
        elif token == b"$" and not within and not multiline:
            token = rb"(?:\n?\z)"
        elif token == b"^" and not within and multiline and not pattern.hint:
            # PCRE's does not match behind a line feed that ends the text. To hints it makes no difference.
            raise InvalidPatternError(pattern.expression, "`^` with option `m` means something else to RE2")
        elif token.startswith(b"(?") and not within:
            multiline = _options(pattern, token, number, multiline)
        found.append(token)
    return b"".join(found)


def _open(within: bool, token: bytes) -> tuple[bool, bytes]:
    """A bracket begins a class; within one it is a member, and one behind it ends the class."""
    if not within:
        return True, token
    return not token.endswith(b"]"), b"\\" + token


def _options(pattern: Pattern, token: bytes, number: int, multiline: bool) -> bool:
    """Whether `$` is the end of a line from here on, which is understood at the beginning only."""
    options, _, off = token[2:-1].partition(b"-")
    if b"m" in off or (b"m" in options and not (number == 0 and token.endswith(b")"))):
        raise InvalidPatternError(pattern.expression, "option `m` is understood at the beginning only")
    return multiline or b"m" in options
