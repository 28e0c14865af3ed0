"""Where in a value a reading may begin: with it, behind a quote, or at what no text says without a query."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import islice

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql.frame import Start
from masugata.engines.waf.detectors.sql.hints import (
    ALL,
    OF_CALLS,
    OF_FILES,
    OF_PROCEDURES,
    OF_QUERIES,
    OF_UNIONS,
    OF_WAITING,
)
from masugata.engines.waf.detectors.sql.words import WORDS, Kind


def _any_of(words: Iterable[str]) -> bytes:
    """A pattern of words, by their first letters, so that most are not tried."""
    groups: dict[str, list[str]] = {}
    for word in sorted(words):
        groups.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in groups.items()).encode()


_STATEMENTS = [word.decode().lower() for word, kind in WORDS.items() if kind == Kind.STATEMENT]
_OPERATORS = [
    word.decode().lower()
    for word, kind in WORDS.items()
    if Kind.CONNECTIVE <= kind <= Kind.NOT
    or Kind.UNION <= kind <= Kind.INTO
    or Kind.PROCEDURE <= kind <= Kind.LINK
]
# The last of a run of quotes, and behind it what can follow an operand; of prose, a letter does. Lower case.
_QUOTE = re.compile(
    rb"""['"`](?<!['"`]['"`])['"`]*+(?=(?>(?:[\x00-\x20\xa0)]|\xc2\xa0|\xe3\x80\x80|\xef\xbf\xbd)*)(?=[^'"`.\d\\])(?:
    ; | -- | \# | /[*1-9 ] | (?<=')/[^>] | (?<=')>[a-z] | ,[\x00-\x20\xa0]*+\( | [-+*%^|<=~!] | >[^a-z<]
  | &[^a-z] | \?['"|& ] | ::
  | (?:"""
    + _any_of(_OPERATORS + _STATEMENTS)
    + rb""")(?![a-z])
  ))""",
    re.VERBOSE,
)
# What texts have by the dozen at most, other than code: a quote and behind it a word that goes on a query.
_WORDED = re.compile(
    rb"""['"`](?!['"`])[\x00-\x20\xa0)]*+(?:
    or | and | xor | \|\| | && | union | having | order | group | limit | procedure | into
  | ;[\x00-\x20\xa0(]*+(?:"""
    + _any_of(_STATEMENTS)
    + rb""")
  )(?![a-z])""",
    re.VERBOSE,
)
_AFTER_QUOTES = (
    b"or",
    b"and",
    b"||",
    b"&&",
    b"union",
    b"having",
    b"group",
    b"limit",
    b"procedure",
    b"into",
    b";",
)
STACKED = (
    rb";(?=[^\w'\":=<>;]{0,40}+(?:\d{5})?(?:"
    + _any_of(["select", "iif", "desc", *_STATEMENTS])
    + rb")(?![a-z]))"
)
"""A semicolon with another statement behind it, in lower case."""


def _called(name: bytes) -> bytes:
    """A name that is no end of another one; the version in a comment of MySQL may stand before it."""
    return name + rb"(?:(?<!\w%b)|(?<=/\*!\d{5}%b)|(?<=/\*!\d{6}%b))" % (name, name, name)


# What no text says without a query: a word that must be there, how the place is told, and hints of which one
# is there too, so that most texts are not searched for sixteen words.
_INSIDE = tuple(
    (word, re.compile(pattern, re.VERBOSE), hints)
    for word, pattern, hints in (
        (
            b"union",
            rb"union(?<![a-z_]union)(?=[^a-z0-9_]{1,64}+(?:all|distinct|select|values|n?\W)|/)",
            OF_UNIONS,
        ),
        (b"select", rb"\((?=[\x00-\x20\xa0(/*!+\d]{0,40}+select(?!\w))", OF_QUERIES),
        (b";", STACKED, ALL),
        (b"waitfor", rb"waitfor(?<!\wwaitfor)(?=\W+(?:delay|time))", OF_WAITING),
        (b"outfile", rb"into(?<!\winto)(?=\W+outfile)", OF_FILES),
        (b"dumpfile", rb"into(?<!\winto)(?=\W+dumpfile)", OF_FILES),
        (b"analyse", rb"procedure(?=\W+analyse)", OF_PROCEDURES),
        (b"pg_sleep", _called(rb"pg_sleep") + rb"(?=\w*[^\w'\";,(]{0,20}\()", OF_CALLS),
        (b"benchmark", _called(rb"benchmark") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
        (b"extractvalue", _called(rb"extractvalue") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
        (b"updatexml", _called(rb"updatexml") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
        (b"load_file", _called(rb"load_file") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
        (
            b"dbms_",
            _called(rb"dbms_")
            + rb"(?=(?:pipe\.receive_message|lock\.sleep|session\.sleep)[^\w'\";,(]{0,20}\()",
            OF_CALLS,
        ),
        (b"utl_", _called(rb"utl_") + rb"(?=(?:inaddr\.get_host|http\.request))", OF_CALLS),
        (b"xp_cmdshell", _called(rb"xp_cmdshell") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
        (b"randomblob", _called(rb"randomblob") + rb"(?=[^\w'\";,(]{0,20}\()", OF_CALLS),
    )
)
_QUOTES = (b"'", b'"', b"`")
_BEGIN_WITH = {
    b"select": (b"(",),
    b"outfile": (b"into",),
    b"dumpfile": (b"into",),
    b"analyse": (b"procedure",),
}
_PARTS = {Place.PATH: (b"/",), Place.RAW_BODY: (b"=", b"&")}
_NAMED = re.compile(rb"[^\s=&'\"]{1,64}=")
_SPACE = re.compile(rb"\s")
_MOST_PARTS = 16
MOST_TRIED = 4096
# Of those that are tried, only so many begin a reading: 128 quotes, and 16 places inside of each kind.
_TRIES_A_QUOTE, _TRIES_INSIDE = 32, 256
MOST_QUOTES = MOST_TRIED // _TRIES_A_QUOTE
_STEP = 4096
_SHORT = 24
# Behind these a double quote opens a string of JSON.
_OPENING = (b":", b",", b"[", b"{")


def starts(
    value: bytes, place: Place, tries: int = MOST_TRIED, hints: AbstractSet[int] = ALL
) -> Iterator[Start]:
    """The places to begin a reading at: the value, its parts, quotes in their order, then places inside.

    Of each kind as many as `tries` are looked at, a fraction of which begin a reading. No other hints than
    these match in the value.
    """
    yield Start(position=0)
    part = _PARTS.get(place)
    if part is not None:
        for position in _parts(value, part):
            yield Start(position=position, named=value[position - 1 : position] == b"=")
    elif (named := _NAMED.match(value)) is not None:
        yield Start(position=named.end(), named=True)
    lowered = value.lower()
    if b"'" in value or b'"' in value or b"`" in value:
        yield from _quotes(value, lowered, tries)
    words_begin: int | None = None
    for word, pattern, needed in _INSIDE:
        if not hints.isdisjoint(needed) and word in lowered:
            if words_begin is None:
                space = _SPACE.search(value)
                words_begin = len(value) if space is None else space.start()
            end = _tried(lowered, _BEGIN_WITH.get(word, (word,)), tries)
            for found in islice(pattern.finditer(lowered, 0, end), tries // _TRIES_INSIDE):
                yield Start(position=found.start(), whole=found.start() <= words_begin)


def worded_quotes(value: bytes, begin: int) -> Iterator[Start]:
    """Quotes from there on with a word of a query behind them, all of them."""
    lowered = value.lower()
    if not any(lowered.find(word, begin) >= 0 for word in _AFTER_QUOTES):
        return
    for found in _WORDED.finditer(lowered, begin):
        position = found.start() + 1
        yield Start(position=position, quote=value[position - 1 : position])


def _parts(value: bytes, ends: tuple[bytes, ...]) -> Iterator[int]:
    """Where the first parts begin, by what ends the one before."""
    following = [value.find(end) for end in ends]
    for _ in range(_MOST_PARTS):
        first = min([found for found in following if found >= 0], default=-1)
        if first < 0:
            break
        yield first + 1
        following = [
            value.find(end, first + 1) if found == first else found
            for end, found in zip(ends, following, strict=True)
        ]


def _quotes(value: bytes, lowered: bytes, tries: int) -> Iterator[Start]:
    seen = {b"'": 0, b'"': 0, b"`": 0}
    reached = {b"'": 0, b'"': 0, b"`": 0}
    for found in islice(
        _QUOTE.finditer(lowered, 0, _tried(lowered, _QUOTES, tries)), tries // _TRIES_A_QUOTE
    ):
        begin = found.end() - 1
        quote = value[begin : begin + 1]
        seen[quote] += value.count(quote, reached[quote], begin)
        reached[quote] = begin
        escaped = value[begin - 2 : begin] == b"\\" + quote  # which an application doubles
        yield Start(
            position=begin + 1,
            quote=quote,
            outermost=(seen[quote] % 2 == 0 or escaped)
            and not (quote == b'"' and value[max(0, begin - 8) : begin].rstrip()[-1:] in _OPENING),
            short=(seen[quote] == 0 or escaped) and begin <= _SHORT and len(value[:begin].split()) <= 1,
        )


def _tried(lowered: bytes, beginnings: tuple[bytes, ...], tries: int) -> int:
    """How far is searched for what begins so: each is tried, whether a reading begins there or not."""
    if len(lowered) <= tries:
        return len(lowered)
    left = tries
    for begin in range(0, len(lowered), _STEP):
        for beginning in beginnings:
            left -= lowered.count(beginning, begin, begin + _STEP)
        if left < 0:
            return begin + _STEP
    return len(lowered)
