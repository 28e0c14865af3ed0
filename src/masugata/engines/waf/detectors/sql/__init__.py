"""SQL injection: a lexer of five dialects, a reader of expressions, and signs with their worth."""

from masugata.engines.waf.detectors.sql.detector import SQL

__all__ = ["SQL"]
