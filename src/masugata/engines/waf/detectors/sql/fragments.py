"""Values that are nothing but a piece of a query: what attackers send who split a query over several fields.

They show that somebody tries, not that an application would run it: none is more than `LIKELY`. Each kind is
told by one expression for the whole value, which Hyperscan has as a hint too. A piece may stand behind a
name and `=`, as in a form within a form.

Sources: OWASP WSTG-INPV-04 (HTTP parameter pollution), WSTG-INPV-05; for names and functions see `words`.
"""

import re
from typing import NamedTuple

from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.words import CLIPPED, DANGEROUS, LONE, ORDINARY, TELLING

LONGEST = 256
# All are for short values and have no part that may match in two ways, so nothing in them needs a bound.
_BEFORE = r"^(?:[^\s=&]+=)?[\s'\"`]*"
_SPACE = r"[\s/*]+"
_ANY_SPACE = r"[\s/*]*"
_NAME = r"['\"`\[]?[a-z_][a-z0-9_.$]*['\"`\]]?"
_CONSTANT = r"(?:[+-]?[0-9]+|'[^'\\,]*'|\"[^\"\\,]*\")"


def _any_of(words: frozenset[bytes]) -> str:
    return "|".join(sorted(re.escape(word.decode().lower()) for word in words))


class _Kind(NamedTuple):
    sign: Sign
    score: int
    pattern: str


_KINDS = (
    _Kind(Sign.LONE_NAME, 52, rf"{_BEFORE}[|;,(/-]*(?:{_any_of(LONE)})[\s'\"`;)-]*$"),
    _Kind(
        Sign.LONE_CALL,
        52,
        rf"{_BEFORE}(?:{_any_of(DANGEROUS | ORDINARY | TELLING | CLIPPED)}){_ANY_SPACE}\\?\([\s'\"@(]*$",
    ),
    _Kind(Sign.LONE_ALIAS, 55, rf"{_BEFORE}\){_ANY_SPACE}as{_SPACE}{_NAME}{_SPACE}from\s*$"),
    _Kind(Sign.LONE_ALIAS, 55, rf"^(?:[^\s=&]+=)?`{_ANY_SPACE}as{_SPACE}`[^`]*`{_ANY_SPACE}from\s*$"),
    _Kind(
        Sign.LONE_EXPONENT,
        52,
        rf"{_BEFORE}(?:select[^a-z]*[^a-z0-9])?[0-9]+\.e(?:\([a-z_]{{4,}}\)|\.[a-z_]{{4,}})[\s)}}]*$",
    ),
    _Kind(
        Sign.LONE_LIST,
        52,
        rf"{_BEFORE}(?:not{_SPACE})?in{_ANY_SPACE}\(\s*{_CONSTANT}(?:\s*,\s*{_CONSTANT})+\s*\)[\s)]*$",
    ),
    _Kind(Sign.LONE_QUERY, 55, rf"(?:^|[=,(<>|+])\s*\({_ANY_SPACE}select\s*$"),
    _Kind(Sign.LONE_QUERY, 55, rf"{_BEFORE}select{_ANY_SPACE}\({_ANY_SPACE}(?:case|select)\s*$"),
    _Kind(
        Sign.LONE_STATEMENT,
        55,
        rf"{_BEFORE};{_ANY_SPACE}(?:insert{_SPACE}into|delete{_SPACE}from"
        rf"|(?:drop|create|alter|truncate){_SPACE}(?:table|database|user|login|view|function|procedure))\s*$",
    ),
    _Kind(Sign.LONE_BRANCH, 55, rf"{_BEFORE}\){_ANY_SPACE}when{_SPACE}{_CONSTANT}{_SPACE}then\s*$"),
)
HINTS = tuple(kind.pattern for kind in _KINDS)
_FRAGMENTS = tuple(
    (kind.score, kind.sign, re.compile(kind.pattern.encode(), re.IGNORECASE)) for kind in _KINDS
)


def fragment(value: bytes) -> tuple[int, Sign] | None:
    """How sure, and what, if the value is a piece of a query and nothing else."""
    if len(value) > LONGEST:
        return None
    for score, sign, pattern in _FRAGMENTS:
        if pattern.search(value):
            return score, sign
    return None
