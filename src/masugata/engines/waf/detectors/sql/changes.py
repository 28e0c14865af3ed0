"""What an application or a database may make of a value before it is a query, where that is another text.

Of a text that nobody sent, only what is rather sure is believed.

Sources: OWASP WSTG-INPV-05 (comments within words, strings joined); Unicode's best-fit mappings of code pages
1250 to 1258 to single bytes, which drivers and databases apply.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from masugata.engines.waf.detectors.sql.hints import ALL, OF_SPLIT_WORDS, SPLIT_WORD

# A comment within a word, for applications that take comments out.
_COMMENT = re.compile(rb"/\*(?<=[A-Za-z]/\*)[^*]{0,64}\*/(?=[A-Za-z])")
_SPLIT_WORD = re.compile(SPLIT_WORD.encode("latin-1"), re.IGNORECASE)
_REST_OF_WORDS = tuple(b"'" + word[cut:] for word in (b"union", b"select") for cut in range(1, len(word)))
_BETWEEN_STRINGS = re.compile(rb"""(?<=[a-z])\\?["'][\s,+.|&]{0,4}\\?["'](?=[a-z])""", re.IGNORECASE)
# What becomes a quote, and the dashes that text processors make of two hyphens; as long as it was, so that
# all else keeps its place.
_LOOKALIKES = tuple(
    (character.encode(), plain.ljust(len(character.encode())).encode())
    for characters, plain in (
        ("\u2018\u2019\u2032\u2035\u02bc\uff07", "'"),
        ("\u201c\u201d", '"'),
        ("\u2013\u2014", "--"),
    )
    for character in characters
)
_LEADS = (b"\xe2\x80", b"\xca\xbc", b"\xef\xbc\x87")
_RATHER_SURE = 80
# Of a longer value only its beginning is looked at, or what is near the split word.
_MOST_CHANGED = 4096
_MOST_TRIED = 64
_WORD = 16


class Change(NamedTuple):
    """Another text, and how sure a sign in it must be; `joined` where something was, which is a hint too."""

    value: bytes
    least: int
    joined: bool


def changes(value: bytes, hints: AbstractSet[int] = ALL) -> Iterator[Change]:
    """The texts that a value may become; none for most. No other hints than these match in it."""
    if b"/*" in value:
        whole = _COMMENT.sub(b"", value)
        if len(whole) < len(value):
            yield Change(whole, 0, joined=True)
    begin = None if hints.isdisjoint(OF_SPLIT_WORDS) else _split_word(value)
    if begin is not None:
        near = value[max(0, begin - _MOST_CHANGED // 2) : begin + _MOST_CHANGED // 2]
        yield Change(_BETWEEN_STRINGS.sub(b"", near), _RATHER_SURE, joined=True)
    if not value.isascii() and any(lead in value for lead in _LEADS):
        plain = value[:_MOST_CHANGED]
        for character, ascii_one in _LOOKALIKES:
            plain = plain.replace(character, ascii_one)
        if not value.startswith(plain):
            yield Change(plain, _RATHER_SURE, joined=False)


def _split_word(value: bytes) -> int | None:
    """Where a key word begins that is split over strings; it is found by its second part."""
    lowered = value.lower().replace(b'"', b"'")
    for rest in _REST_OF_WORDS:
        found = lowered.find(rest)
        for _ in range(_MOST_TRIED):
            if found < 0:
                break
            word = _SPLIT_WORD.search(value, max(0, found - _WORD), found + _WORD)
            if word is not None:
                return word.start()
            found = lowered.find(rest, found + 1)
    return None
