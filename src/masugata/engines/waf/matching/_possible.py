"""Whether an expression can match a text that has only certain bytes, told from how it is written."""

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(
    rb"\\x[0-9a-fA-F]{2}|\\."
    rb"|\[\^?\]?(?:\\.|[^\]\\])*\]"
    rb"|\((?:\?.)?"
    rb"|\{\d+(?:,\d*)?\}"
    rb"|.",
    re.DOTALL,
)
_READ = (b"(", b"(?:", b"(?>")
_VERTICAL = (rb"\v", rb"\n-\r\x85")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_TIMES = re.compile(rb"\{[\d,]+\}")


def can_match(expression: bytes, alphabet: bytes) -> bool:
    r"""Whether it may match a text of these bytes, whatever the case; `False` is certain.

    Each byte of a match comes of one class or character of the expression, so it cannot if one that must be
    there has none of these bytes. What is not read here, as `\Q` and `(?i)`, may match anything.
    """
    tokens = _tokens(expression)
    return tokens is None or _alternatives(iter(tokens), alphabet)


@lru_cache(maxsize=1_024)
def _tokens(expression: bytes) -> tuple[bytes, ...] | None:
    """None where something is not read here; kept, since several alphabets are tried in turn."""
    tokens = tuple(_TOKEN.findall(expression))
    return None if any(map(_unread, set(tokens))) else tokens


def _unread(token: bytes) -> bool:
    """Quoted text, options and named classes."""
    return (
        token in {rb"\Q", rb"\E"}
        or (token.startswith(b"(") and token not in _READ)
        or (token.startswith(b"[") and b"[:" in token[1:])
    )


def _alternatives(tokens: Iterator[bytes], alphabet: bytes) -> bool:
    """Whether one of them may, up to the parenthesis that closes them."""
    one = False
    rest = last = True
    for token in tokens:
        if token == b")":
            break
        if token == b"|":
            one = one or (rest and last)
            rest = last = True
        elif token in {b"*", b"?"} or token.startswith((b"{0,", b"{0}")):
            last = True
        elif token != b"+" and not _TIMES.fullmatch(token):
            rest = rest and last
            last = _alternatives(tokens, alphabet) if token.startswith(b"(") else _byte(token, alphabet)
    return one or (rest and last)


@lru_cache(maxsize=8_192)
def _byte(token: bytes, alphabet: bytes) -> bool:
    """Whether a class or a character may be one of these; kept, since hints have the same ones often."""
    if token in {b"^", b"$", rb"\b", rb"\B"}:
        return True
    spelled = _ESCAPED.sub(lambda found: _VERTICAL[1] if found[0] == _VERTICAL[0] else found[0], token)
    if spelled != token and not token.startswith(b"["):
        spelled = b"[" + spelled + b"]"
    try:
        return re.search(spelled, alphabet, re.IGNORECASE | re.DOTALL) is not None
    except re.error:
        return True
