"""SQL injection, told from text by reading the value as the continuation of a query."""

import re
from collections.abc import Collection
from collections.abc import Set as AbstractSet

from masugata.engines.waf.detectors import Account, Evidence, Place
from masugata.engines.waf.detectors.sql.changes import changes
from masugata.engines.waf.detectors.sql.fragments import fragment
from masugata.engines.waf.detectors.sql.hints import ALL, COMMENT_END, FOR_RE, HINTS
from masugata.engines.waf.detectors.sql.judging import Finding
from masugata.engines.waf.detectors.sql.lexer import Budget, Lexer
from masugata.engines.waf.detectors.sql.reader import read
from masugata.engines.waf.detectors.sql.reading import Reading
from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.starts import MOST_QUOTES, MOST_TRIED, STACKED, starts, worded_quotes

_MOST_TOKENS = 1000
# For what is behind that, or behind the quotes that are tried: documents have up to 74 such quotes in it.
_MOST_LATER_TOKENS = 320
_TRIED_CHANGED = MOST_TRIED // 4
_CERTAIN = 95
_LONGEST_MATCH = 200


_HINTED = re.compile("|".join(f"(?:{hint})" for hint in FOR_RE).encode("latin-1"), re.IGNORECASE | re.DOTALL)
_COMMENT_END = re.compile(COMMENT_END.encode("latin-1"), re.IGNORECASE)
_ENDLESS_SCORE = 75
# Behind an expression that is too long to be read, what makes a query of it; searched by their first letters.
_QUERY_WORDS = tuple(
    re.compile(word, re.VERBOSE)
    for word in (
        rb"or(?<!\wor)(?!\w)",
        rb"and(?<!\wand)(?!\w)",
        rb"xor(?<!\wxor)(?!\w)",
        rb"\|\|",
        rb"&&",
        rb"union\W",
        rb"select\W",
        rb"sleep\W",
        STACKED,
    )
)
_FEWEST_OPERATORS = 200
# What reads like one expression for so many tokens; of 2,320 documents none does so for 140.
_LONG_READING = 192
_SEARCHED = 1024


class SqlDetector:
    """Behind `SqliMatchStatement`: LOW matches from score 75 on (`SURE`), HIGH from 50 on (`LIKELY`)."""

    family = "sqli"
    hints = HINTS

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; work is linear in the value, of which some thousand tokens are read."""
        return _detected(value, place, Budget(_MOST_TOKENS), Budget(_MOST_LATER_TOKENS), ALL, hinted=False)

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account | None = None
    ) -> Evidence | None:
        """The same; what none of these hints points at is not searched for, and each token is a step."""
        account = account or Account()
        tokens = max(0, min(_MOST_TOKENS, account.left))
        later = max(0, min(_MOST_LATER_TOKENS, account.left - tokens))
        budget, reserve = Budget(tokens), Budget(later)
        found = _detected(value, place, budget, reserve, frozenset(hints), hinted=True)
        account.left -= tokens - budget.left + later - reserve.left
        return found


def _detected(
    value: bytes, place: Place, budget: Budget, reserve: Budget, hints: AbstractSet[int], *, hinted: bool
) -> Evidence | None:
    """`hinted`: it is known that there is a hint in the value, without which there is no evidence."""
    best = _strongest(value, place, budget, hints, reserve=reserve)
    if best is not None and ((hinted and best.sign is Sign.ENDLESS) or _hinted(value, best)):
        return _evidence(value, best)
    piece = fragment(value)
    if piece is not None:
        return _evidence(value, Finding(*piece, 0, len(value)))
    for changed in changes(value, hints):
        best = _strongest(changed.value, place, budget, ALL, _TRIED_CHANGED)
        if best is None or best.score < changed.least:
            continue
        if changed.joined or _hinted(value, best):
            return _evidence(changed.value, best)
    return None


def _strongest(
    value: bytes,
    place: Place,
    budget: Budget,
    hints: AbstractSet[int],
    tries: int = MOST_TRIED,
    reserve: Budget | None = None,
) -> Finding | None:
    best: Finding | None = None
    quotes = reached = 0
    for start in starts(value, place, tries, hints):
        if start.quote:
            quotes, reached = quotes + 1, start.position
        left = budget.left
        lexer = Lexer(value, start.position, budget)
        reading = Reading(lexer, start)
        finding = read(reading)
        if finding is not None and (best is None or finding.score > best.score):
            best = finding
            if best.score >= _CERTAIN:
                break
        endless = reading.judge.operators >= _FEWEST_OPERATORS or left - budget.left >= _LONG_READING
        if lexer.stopped and endless and _is_weak(best) and _queries(value, lexer.position):
            best = Finding(_ENDLESS_SCORE, Sign.ENDLESS, start.position, len(value))
        if budget.spent:
            break
    if reserve is None or not _is_weak(best):
        return best
    if budget.spent or quotes >= MOST_QUOTES or _has_many_quotes(value):
        return _later(value, reached, reserve, best)
    return best


def _is_weak(best: Finding | None) -> bool:
    return best is None or best.score < _ENDLESS_SCORE


def _has_many_quotes(value: bytes) -> bool:
    return len(value) > MOST_TRIED and sum(map(value.count, (b"'", b'"', b"`"))) > MOST_TRIED


def _later(value: bytes, begin: int, reserve: Budget, best: Finding | None) -> Finding | None:
    """What is behind quotes that were not tried; to have more of these than are is evidence too."""
    for tried, start in enumerate(worded_quotes(value, begin)):
        if reserve.spent or tried == MOST_QUOTES:
            return Finding(_ENDLESS_SCORE, Sign.ENDLESS, start.position, len(value))
        finding = read(Reading(Lexer(value, start.position, reserve), start))
        if finding is not None and (best is None or finding.score > best.score):
            best = finding
            if best.score >= _CERTAIN:
                break
    return best


def _queries(value: bytes, position: int) -> bool:
    rest = value[position:].lower()
    return any(word.search(rest) for word in _QUERY_WORDS)


def _hinted(value: bytes, finding: Finding) -> bool:
    """Whether a hint would have led here: what nobody was asked about is no evidence."""
    reach = _SEARCHED if finding.sign is not Sign.ENDLESS else _SEARCHED // 4
    begin, end = max(0, finding.begin - reach), finding.end + reach
    if end - begin <= 4 * reach:
        return _has_hint(value, begin, end)
    near = finding.begin + reach, finding.end - reach
    return _has_hint(value, begin, near[0]) or _has_hint(value, near[1], end)


def _has_hint(value: bytes, begin: int, end: int) -> bool:
    if _HINTED.search(value, begin, end) is not None:
        return True
    comment = value.find(b"/*", begin, end)
    return comment >= 0 and _COMMENT_END.search(value, comment + len(b"/*"), end) is not None


def _evidence(value: bytes, finding: Finding) -> Evidence:
    return Evidence(
        "sqli", finding.sign.value, (value[finding.begin : finding.end][:_LONGEST_MATCH],), finding.score
    )


SQL = SqlDetector()
