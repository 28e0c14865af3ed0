"""HTML as browsers cut it into tokens: https://html.spec.whatwg.org/multipage/parsing.html#tokenization."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

# What the standard skips between attributes; a carriage return has become a line feed before (13.2.3.5).
_SPACE = rb"[\t\n\f\r ]"
SEPARATOR = rb"[\t\n\f\r /]"
_NAME = rb"[^\t\n\f\r />][^\t\n\f\r />=]*+"
_VALUE = (
    _SPACE + rb"*+=" + _SPACE + rb"*+"
    rb"(?>(?:([^\t\n\f\r >\"'][^\t\n\f\r >]*+)|\"([^\"]*+)\"?+|'([^']*+)'?+)?)"
)  # fmt: skip
ATTRIBUTE = re.compile(rb"(" + _NAME + rb")(?>(?:" + _VALUE + rb")?)")
# Behind a name without a value, at once: all such names up to the end of the tag, or up to the name whose
# value it is, or to a sign that begins a name. Whatever is looked at to find out is skipped then. The last
# is looked for first where it is at once.
_MORE_NAMES = (
    _SPACE + rb"*+/" + SEPARATOR + rb"*+(?==)|"
    rb"[^=>]++(?=>|\Z)|[^=>]*" + SEPARATOR + rb"(?=[^\t\n\f\r />=]++" + _SPACE + rb"*+=)|[^=>]*/"
    + SEPARATOR + rb"*+(?==)"
)  # fmt: skip
_REST = rb"(?>(?:" + re.sub(rb"\((?!\?)", rb"(?:", _VALUE) + rb"|" + _MORE_NAMES + rb")?)"
_SKIPPED = _NAME + _REST
PLAIN = rb"[^\x00-\x20/>\x7f][^\x00-\x20/>=\x7f]*+(?![\x00-\x08\x0b\x0e-\x1f\x7f])" + _REST
"""An attribute without controls in its name, with all that follow it until one has a value."""
# The whole of a tag between its name and its `>`: exactly the attributes, so that a `>` in quotes is none.
_ATTRIBUTES = re.compile(rb"(?>(?:" + SEPARATOR + rb"++|" + _SKIPPED + rb")*)")
_OPENING = re.compile(rb"<(?:(/?+)([a-zA-Z][^\t\n\f\r />]*+)|(!--)|([!?/]))")
_COMMENT_END = re.compile(rb"--!?>")
_CONTROLS = bytes(range(0x20)) + b"\x7f"

RAW_TEXT = frozenset(b"script style title textarea xmp iframe noembed noframes noscript plaintext".split())


class Kind(Enum):
    """The kinds of tokens that are not text."""

    START_TAG = "start tag"
    END_TAG = "end tag"
    COMMENT = "comment"
    BOGUS_COMMENT = "bogus comment"


class Token(NamedTuple):
    """A piece of markup: `data[start:end]`, its attributes or its text in `data[body:close]`.

    Names are in lower case. A tag or comment that the data cut off ends with them: a browser would drop it,
    but what follows the value on the page may complete it.
    """

    kind: Kind
    name: bytes
    start: int
    body: int
    close: int
    end: int


class Attribute(NamedTuple):
    """An attribute, its name in lower case; `bare` without quotes."""

    name: bytes
    value: bytes
    bare: bool


def next_token(data: bytes, position: int = 0) -> Token | None:
    """The first markup at or after the position, which is in the data state."""
    opening = _OPENING.search(data, position)
    if opening is None:
        return None
    start = opening.start()
    closing, name, comment, _ = opening.groups()
    if name is not None:
        found = _ATTRIBUTES.match(data, opening.end())
        close = found.end() if found else opening.end()
        kind = Kind.END_TAG if closing else Kind.START_TAG
        return Token(kind, name.lower(), start, opening.end(), close, min(close + 1, len(data)))
    if comment is not None:
        return _comment(data, start, opening.end())
    body = opening.end()
    close = data.find(b">", body)
    if close < 0:
        close = len(data)
    return Token(Kind.BOGUS_COMMENT, data[start + 1 : body], start, body, close, min(close + 1, len(data)))


def _comment(data: bytes, start: int, body: int) -> Token:
    for abrupt in (b">", b"->"):
        if data.startswith(abrupt, body):
            return Token(Kind.COMMENT, b"", start, body, body, body + len(abrupt))
    ending = _COMMENT_END.search(data, body)
    close, end = ending.span() if ending else (len(data), len(data))
    return Token(Kind.COMMENT, b"", start, body, close, end)


def attribute(found: re.Match[bytes]) -> Attribute:
    """What `ATTRIBUTE` has found, in parts."""
    name, bare, double, single = found.groups()
    if bare is not None:
        return Attribute(name.lower(), bare, bare=True)
    return Attribute(name.lower(), double or single or b"", bare=False)


def tokens(data: bytes, position: int = 0, *, raw_text: bool = True) -> Iterator[Token]:
    """All markup from the position on, with or without the raw text that scripts, styles and titles hold."""
    while (token := next_token(data, position)) is not None:
        yield token
        position = token.end
        if raw_text and token.kind is Kind.START_TAG and token.name in RAW_TEXT:
            position = raw_text_end(data, position, token.name)


def raw_text_end(data: bytes, position: int, name: bytes) -> int:
    """Where the end tag begins that ends the raw text of this element; the end of the data if none does."""
    if name == b"plaintext":
        return len(data)
    found = re.compile(rb"(?i)</" + name + rb"[\t\n\f\r />]").search(data, position)
    return found.start() if found else len(data)


def plain(name: bytes) -> bytes:
    """A name without the control characters that a filter in between may take out of it."""
    return name if name.isalnum() else name.translate(None, _CONTROLS)
