"""SQL injection, told from text by reading the value as the continuation of a query."""

from masugata.engines.waf.detectors import Evidence, Place
from masugata.engines.waf.detectors.sql.judging import Finding
from masugata.engines.waf.detectors.sql.lexer import Budget, Lexer
from masugata.engines.waf.detectors.sql.reader import Reader
from masugata.engines.waf.detectors.sql.starts import starts

_MOST_TOKENS = 4000
_CERTAIN = 95
_LONGEST_MATCH = 200


class SqlDetector:
    """`SqliMatchStatement`: evidence from score 75 on is what sensitivity LOW matches, from 50 on what HIGH matches."""

    family = "sqli"
    hints: tuple[str, ...] = ()

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; work is linear in the value, and at most some thousand tokens are read."""
        budget = Budget(_MOST_TOKENS)
        best: Finding | None = None
        for start in starts(value, place):
            finding = Reader(Lexer(value, start.position, budget), start).read()
            if finding is not None and (best is None or finding.score > best.score):
                best = finding
                if best.score >= _CERTAIN:
                    break
            if budget.spent:
                break
        if best is None:
            return None
        return Evidence("sqli", best.sign.value, (value[best.begin : min(best.end, best.begin + _LONGEST_MATCH)],), best.score)


SQL = SqlDetector()
