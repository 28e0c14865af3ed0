"""What a value must contain at least one of before it is read, as Hyperscan takes it: caseless, over bytes.

Every sign of a reading needs one of these, to which the detector holds itself. Prose rarely has any.
"""

from masugata.engines.waf.detectors.sql import fragments
from masugata.engines.waf.detectors.sql.words import DANGEROUS, ORDINARY, TELLING, WORDS, Kind

_SPACE = r"[\x00-\x20\xa0\xc2\xe3\x80\xef\xbf\xbd]"
_GAP = r"[^a-z0-9_]+"
_ANY_GAP = r"[^a-z0-9_]*"
_FUNCTIONS = "|".join(
    sorted(name.decode().lower().replace(".", r"\.") for name in DANGEROUS | ORDINARY | TELLING)
)
_STATEMENTS = "|".join(
    sorted(word.decode().lower() for word, kind in WORDS.items() if kind == Kind.STATEMENT)
)
_CONNECTIVE = r"(?:\|\||&&|(?:^|[^a-z_])(?:or|and|xor|where|having|on|when))"
_AFTER_OPERAND = (
    r"(?:x?or|and|not|div|mod|r?like|regexp|ilike|glob|sounds|is|in|between"
    r"|union|except|intersect|minus|where|having|on"
    r"|order|group|limit|offset|fetch|into|procedure|collate|for|as|using|waitfor|escape|against|similar|"
    + _STATEMENTS
    + r"|when|then|else|end|from)[^a-z]"
)

_JOINED = r"\\?[\"'][\s,+.|&]{0,4}\\?[\"']"
SPLIT_WORD = "|".join(
    word[:cut] + _JOINED + word[cut:] for word in ("union", "select") for cut in range(1, len(word))
)
"""A key word that an application joins of two strings."""

_COMMENT = r"/\*.*\*/" + _SPACE + r"*[a-z0-9('\"@]"
_UNION = r"(?:union|except|intersect|minus)(?:" + _SPACE + r"*(?:/\*|--|#)|.{0,64}(?:select|values))"
# Before these spaces there may be more parentheses and other spaces: the last of them is such a byte, too.
_SUBQUERY = r"(?:^|[^a-z0-9_ ]|/\*!?[0-9]*) *select[^a-z_]"
_FIRST_QUERY = r"^" + _SPACE + r"*select"
_WAITING = r"waitfor" + _GAP + r"(?:delay|time)"
_CALL = r"(?:^|[^a-z0-9_])(?:" + _FUNCTIONS + r")" + _ANY_GAP + r"\("
_LIMIT = r"(?:limit|offset|fetch|procedure)" + _GAP + r"(?:[0-9]|anal)"
_OUTFILE = r"into" + _GAP + r"(?:outfile|dumpfile)"
HINTS: tuple[str, ...] = (
    # A quote, and behind it what follows an operand.
    r"['\"`]"
    + _SPACE
    + r"*\)*"
    + _SPACE
    + r"*(?:;|--|#|/[*1-9 ]|[-+*%^|<=~!]|>[^a-z<]|&[^a-z]|\?['\"|& ]|::|,"
    + _SPACE
    + r"*\()",
    r"'[\x00-\x20\xa0\xc2\xe3\x80\xef\xbf\xbd)]*(?:/[^>]|>[a-z])",
    r"['\"`][\x00-\x20\xa0\xc2\xe3\x80\xef\xbf\xbd)]*" + _AFTER_OPERAND,
    r"['\"`][\x00-\x20\xa0\xc2\xe3\x80\xef\xbf\xbd)]*/?\s*&&",
    # A connective, and behind it what prose seldom has there.
    _CONNECTIVE + _ANY_GAP + r"[0-9'\"@\\`~]",
    _CONNECTIVE
    + _ANY_GAP
    + r"(?:null|true|false|not|exists|binary|case|select|current_|sysdate|rownum|n'|0x)",
    _CONNECTIVE
    + _GAP
    + r"[a-z_][a-z0-9_.$]{0,63}"
    + _ANY_GAP
    + r"(?:[=<>!(~|^&]|[^a-z](?:r?like|in|is|not|between|regexp|sounds|glob|similar)[^a-z])",
    # Comments for spaces.
    _CONNECTIVE + _SPACE + r"*(?:--|#)",
    _COMMENT,
    r";" + _SPACE + r"*(?:--|#|/\*)",
    # A second query, or a first one.
    _UNION,
    _SUBQUERY,
    _FIRST_QUERY,
    # Statements.
    r";[^a-z0-9_'\";]{0,40}(?:" + _STATEMENTS + r"|select|iif|desc)[^a-z]",
    r"^[^a-z0-9]{0,24}(?:" + _STATEMENTS + r")[^a-z]",
    r"/(?:" + _STATEMENTS + r")[\x20+]",
    r"[0-9]" + _ANY_GAP + r"(?:" + _STATEMENTS + r")[^a-z]",
    _WAITING,
    # Calls of functions that only SQL has, or that SQL has too.
    _CALL,
    # The rest of a query.
    r"(?:order|group)" + _GAP + r"by" + _ANY_GAP,
    r"^(?:[^\s=&'\"]+=)?[^a-z0-9_]*from[^a-z]",
    _LIMIT,
    _OUTFILE,
    r"(?:having|binary)[^a-z]",
    r"case" + _GAP + r"(?:when|[0-9'\"(])",
    r"@@[a-z]",
    r"::" + _SPACE + r"*[a-z\"]",
    r"from" + _GAP + r"(?:information_schema|mysql|pg_|performance_schema|sys|master|msdb|tempdb|msys|sqlite_"
    r"|all_|user_|dba_|dual|v\$|rdb\$|domain|innodb_)",
    *fragments.HINTS,
    SPLIT_WORD,
)


# `re` tries each connective of a row with all that follow it. The last one of them is enough: what is between
# need not reach beyond it, unless a name follows it at once, for then it is itself what is between.
_NO_SIGN = r"[^a-z0-9_|&]|\|(?!\|)|&(?!&)"
_SPELT_FOR_RE = {
    _CONNECTIVE + _ANY_GAP: _CONNECTIVE + rf"(?:{_NO_SIGN})*",
    _CONNECTIVE + _GAP: _CONNECTIVE + rf"(?:{_NO_SIGN}|(?:\|\||&&)(?=[a-z_]))+",
}


def _spelt_for_re(hint: str) -> str:
    for beginning, other in _SPELT_FOR_RE.items():
        if hint.startswith(beginning):
            return other + hint.removeprefix(beginning)
    return hint


FOR_RE = tuple(_spelt_for_re(hint) for hint in HINTS if hint != _COMMENT)
"""The same, in time that is linear, but for the comment: it is looked for by its `COMMENT_END`."""
COMMENT_END = _COMMENT.removeprefix(r"/\*.*")


def _numbers(*hints: str) -> frozenset[int]:
    return frozenset(HINTS.index(hint) for hint in hints)


ALL = frozenset(range(len(HINTS)))
OF_UNIONS = _numbers(_UNION, _SUBQUERY, _COMMENT)
"""One of these is there where UNION leads to a query; likewise the others."""
OF_QUERIES = _numbers(_UNION, _SUBQUERY, _FIRST_QUERY, _COMMENT)
OF_CALLS = _numbers(_CALL, _COMMENT)
OF_WAITING = _numbers(_WAITING)
OF_PROCEDURES = _numbers(_LIMIT)
OF_FILES = _numbers(_OUTFILE)
OF_SPLIT_WORDS = _numbers(SPLIT_WORD)
