"""Where in a value a reading may begin: with it, behind a quote that closes a string, or at what no text says without a query."""

import re
from collections.abc import Iterator

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql.frame import Start
from masugata.engines.waf.detectors.sql.words import WORDS, Kind

# A quote, and behind it what can follow an operand. Most quotes of prose are followed by a letter.
_QUOTE = (
    rb"""(?P<quote>['"`])(?=(?:[\x00-\x20\xa0)]|\xc2\xa0)*+(?:
    ; | -- | \# | /[*1-9 ] | (?<=')/[^>] | ,[\x00-\x20\xa0]*+\( | [-+*%^|<=~!] | >[^a-z<] | &[^a-z] | \?['"|& ] | ::
  | (?:x?or|and|not|div|mod|r?like|regexp|ilike|glob|sounds|is|in|between|union|except|intersect|minus|where|having|on
    |order|group|limit|offset|fetch|into|procedure|collate|for|as|using|waitfor|escape|against|similar|when|then|else|end|from|"""
    + b"|".join(word.lower() for word, kind in WORDS.items() if kind is Kind.STATEMENT)
    + rb""")(?![a-z])
  ))"""
)
_INSIDE = rb"""
    (?P<inside>
      (?<![a-z_])union(?=[^a-z0-9_]{1,64}+(?:all|distinct|select|values|n?\W)|/)
    | \((?=[^a-z0-9;:.,'"]{0,40}+select(?![\w]))
    | ;(?=[^\w'":=<>]{0,40}+(?:\d{5}+)?(?:insert|update|delete|drop|create|alter|truncate|exec|execute|declare|set|waitfor|shutdown|grant
        |merge|call|begin|if|show|do|copy|load|handler|backup|restore|attach|pragma|with|prepare|bulk|select)(?![a-z]))
    | (?<!\w)waitfor(?=[^\w]+(?:delay|time))
    | (?<!\w)into(?=[^\w]+(?:outfile|dumpfile))
    | (?<!\w)procedure(?=[^\w]+analyse)
    | (?<!\w)(?:pg_sleep\w*|benchmark|extractvalue|updatexml|load_file|dbms_pipe\.receive_message|dbms_lock\.sleep|utl_inaddr\.\w+|utl_http\.request
        |xp_cmdshell|randomblob|sys_eval|json_keys|gtid_subset)(?=[^\w'";,(]{0,20}+\()
    )"""
_STARTS = re.compile(_QUOTE + rb"|" + _INSIDE, re.VERBOSE | re.IGNORECASE)
_PARTS = {Place.PATH: re.compile(rb"/"), Place.RAW_BODY: re.compile(rb"[=&]")}
_SPACE = re.compile(rb"\s")
_MOST_PARTS = 16
_SHORT = 24


def starts(value: bytes, place: Place) -> Iterator[Start]:
    """The places to begin a reading at, in order of the value."""
    yield Start(position=0)
    part = _PARTS.get(place)
    if part is not None:
        for count, found in enumerate(part.finditer(value)):
            if count >= _MOST_PARTS:
                break
            yield Start(position=found.end())
    seen = {b"'": 0, b'"': 0, b"`": 0}
    reached = 0
    for found in _STARTS.finditer(value):
        begin = found.start()
        quote = found["quote"]
        if quote is None:
            yield Start(position=begin, whole=not _SPACE.search(value, 0, begin))
            continue
        for mark in seen:
            seen[mark] += value.count(mark, reached, begin)
        reached = begin
        before = value[:begin]
        yield Start(
            position=begin + 1,
            quote=quote,
            outermost=seen[quote] % 2 == 0,
            short=begin <= _SHORT and len(before.split()) <= 1,
        )
