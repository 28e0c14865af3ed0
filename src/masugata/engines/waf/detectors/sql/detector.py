"""SQL injection, told from text by reading the value as the continuation of a query."""

import re

from masugata.engines.waf.detectors import Evidence, Place
from masugata.engines.waf.detectors.sql.hints import HINTS
from masugata.engines.waf.detectors.sql.judging import Finding
from masugata.engines.waf.detectors.sql.lexer import Budget, Lexer
from masugata.engines.waf.detectors.sql.reader import Reader
from masugata.engines.waf.detectors.sql.starts import starts

_MOST_TOKENS = 4000
_CERTAIN = 95
_LONGEST_MATCH = 200


_HINTED = re.compile("|".join(f"(?:{hint})" for hint in HINTS).encode("latin-1"), re.IGNORECASE | re.DOTALL)
# A comment within a word, for applications that take comments out.
_SPLIT = re.compile(rb"(?<=[a-z])/\*[^*]{0,64}\*/(?=[a-z])", re.IGNORECASE)


class SqlDetector:
    """`SqliMatchStatement`: evidence from score 75 on is what sensitivity LOW matches, from 50 on what HIGH matches."""

    family = "sqli"
    hints = HINTS

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; work is linear in the value, and at most some thousand tokens of it are read."""
        budget = Budget(_MOST_TOKENS)
        best = _strongest(value, place, budget)
        if best is None and b"/*" in value:
            whole = _SPLIT.sub(b"", value)
            if len(whole) < len(value):
                best = _strongest(whole, place, budget)
                if best is not None:
                    return Evidence("sqli", best.sign.value, (whole[best.begin : best.end][:_LONGEST_MATCH],), best.score)
        if best is None or _HINTED.search(value) is None:
            return None
        return Evidence("sqli", best.sign.value, (value[best.begin : best.end][:_LONGEST_MATCH],), best.score)


def _strongest(value: bytes, place: Place, budget: Budget) -> Finding | None:
    best: Finding | None = None
    for start in starts(value, place):
        finding = Reader(Lexer(value, start.position, budget), start).read()
        if finding is not None and (best is None or finding.score > best.score):
            best = finding
            if best.score >= _CERTAIN:
                break
        if budget.spent:
            break
    return best


SQL = SqlDetector()
