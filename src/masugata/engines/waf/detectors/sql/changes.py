"""What an application or a database may make of a value before it is a query, where that is another text.

Of a text that nobody sent, only what is rather sure is believed.

Sources: OWASP WSTG-INPV-05 (comments within words, strings joined); Unicode's best-fit mappings of code pages
1250 to 1258 to single bytes, which drivers and databases apply.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from masugata.engines.waf.detectors.sql.hints import SPLIT_WORD

# A comment within a word, for applications that take comments out.
_COMMENT = re.compile(rb"(?<=[a-z])/\*[^*]{0,64}\*/(?=[a-z])", re.IGNORECASE)
_SPLIT_WORD = re.compile(SPLIT_WORD.encode("latin-1"), re.IGNORECASE)
_BETWEEN_STRINGS = re.compile(rb"""(?<=[a-z])\\?["'][\s,+.|&]{0,4}\\?["'](?=[a-z])""", re.IGNORECASE)
# What becomes a quote, and a dash that a text processor made of two hyphens.
_LOOKALIKE = re.compile(
    rb"(?P<single>\xe2\x80[\x98\x99\xb2\xb5]|\xca\xbc|\xef\xbc\x87)|\xe2\x80[\x93\x94]"
    rb"|(?P<double>\xe2\x80[\x9c\x9d])"
)
_LEADS = (b"\xe2\x80", b"\xca\xbc", b"\xef\xbc\x87")
_RATHER_SURE = 80


class Change(NamedTuple):
    """Another text, and how sure a sign in it must be."""

    value: bytes
    least: int


def changes(value: bytes) -> Iterator[Change]:
    """The texts that a value may become; none for most."""
    if b"/*" in value:
        whole = _COMMENT.sub(b"", value)
        if len(whole) < len(value):
            yield Change(whole, 0)
    if _SPLIT_WORD.search(value):
        yield Change(_BETWEEN_STRINGS.sub(b"", value), _RATHER_SURE)
    if any(lead in value for lead in _LEADS):
        plain = _LOOKALIKE.sub(_plain, value)
        if plain != value:
            yield Change(plain, _RATHER_SURE)


def _plain(found: re.Match[bytes]) -> bytes:
    """As long as what it stands for, so that all else keeps its place."""
    text = b"'" if found["single"] else b'"' if found["double"] else b"--"
    return text.ljust(len(found[0]))
