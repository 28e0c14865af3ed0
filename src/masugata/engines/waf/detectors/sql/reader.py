"""Reads tokens as the continuation of a query, and notes what only an attacker would write.

It recognizes an expression grammar that all dialects share, with a stack for parentheses and no tree: after
an operand an operator must follow, after an operator an operand. Prose breaks that rule within a word or
two, which ends the reading. It accepts more than any one database would: it need not answer the query, only
tell a query from text.
"""

from collections.abc import Callable

from masugata.engines.waf.detectors.sql import clauses, operands, operators
from masugata.engines.waf.detectors.sql.frame import Holds
from masugata.engines.waf.detectors.sql.judging import Finding
from masugata.engines.waf.detectors.sql.operators import NAME_MARKS
from masugata.engines.waf.detectors.sql.reading import KNOWN, Reading
from masugata.engines.waf.detectors.sql.signs import Ending, Sign
from masugata.engines.waf.detectors.sql.words import CATALOGUES, DANGEROUS, UNCOMMON, Kind

_OPERANDS = {
    Kind.NUMBER: Holds.NUMBER,
    Kind.STRING: Holds.STRING,
    Kind.OPEN_STRING: Holds.STRING,
    Kind.CONSTANT: Holds.WORD,
    Kind.VARIABLE: Holds.VARIABLE,
    Kind.NAME: Holds.NAME,
}
# Words of the grammar that name functions where a parenthesis follows: IF(…), LIKE(…), REPLACE(…).
_ALSO_FUNCTIONS = frozenset((Kind.STATEMENT, Kind.COMPARISON, Kind.ARITHMETIC))
_IN_UNION = frozenset((Kind.SELECT, Kind.LEFT, Kind.PREFIX, Kind.ARITHMETIC))
_TABLES = frozenset((Holds.NAME, Holds.VARIABLE))
_CUT_CALLS = DANGEROUS | UNCOMMON
_NOTHING_READ = frozenset((Kind.STRING, Kind.RIGHT, Kind.SEMICOLON))
_Handler = Callable[[Reading, int], bool]
_AT_OPERAND: dict[int, _Handler] = {
    Kind.ARITHMETIC: operands.sign,
    Kind.NOT: operands.prefix,
    Kind.PREFIX: operands.prefix,
    Kind.LEFT: Reading.open,
    Kind.BRACE: Reading.open,
    Kind.RIGHT: operands.nothing,
    Kind.SELECT: operands.select,
    Kind.CASE: operands.case,
    Kind.OUTFILE: operands.outfile,
}
_AT_OPERATOR: dict[int, _Handler] = {
    Kind.CONNECTIVE: operators.connective,
    Kind.COMPARISON: operators.comparison,
    Kind.NOT: operators.negation,
    Kind.ARITHMETIC: operators.arithmetic,
    Kind.CAST: operators.cast,
    Kind.STRING: operators.beside,
    Kind.OPEN_STRING: operators.beside,
    Kind.NAME: operators.beside,
    Kind.VARIABLE: operators.beside,
    Kind.LEFT: operators.open_call,
    Kind.RIGHT: operators.close,
    Kind.COMMA: operators.comma,
    Kind.BRANCH: operators.branch,
    Kind.END: operators.end_case,
    Kind.LINK: operators.link,
    Kind.SUFFIX: operators.suffix,
    Kind.SEMICOLON: clauses.semicolon,
    Kind.STATEMENT: clauses.later_statement,
    Kind.UNION: clauses.union,
    Kind.FROM: clauses.from_tables,
    Kind.CONDITION: clauses.condition,
    Kind.ORDER: clauses.order,
    Kind.LIMIT: clauses.limit,
    Kind.INTO: clauses.into,
    Kind.PROCEDURE: clauses.procedure,
    Kind.JOIN: clauses.join,
}


def read(reading: Reading) -> Finding | None:
    """Read to the end, or to the first token that no query has there; the strongest sign of an attack."""
    going = True
    while going:
        kind = reading.lexer.advance()
        if kind == Kind.FINISH:
            break
        going = (_operand if reading.wanted else _operator)(reading, kind)
    if not going and _fruitless(reading):
        return None
    ending = _ending(reading, broken=not going or (reading.wanted and reading.read_any))
    _end(reading, ending)
    return reading.judge.strongest(ending)


def _fruitless(reading: Reading) -> bool:
    """Whether a broken reading surely has no sign that is worth something; most of them are of prose."""
    frame = reading.frame
    return not (
        reading.above
        or reading.judge.noted
        or frame.query
        or frame.name
        or (frame.compared and frame.conditional)
        or reading.last == Kind.SELECT
        or reading.lexer.kind == Kind.FINISH
    )


def _ending(reading: Reading, *, broken: bool) -> Ending:
    if broken and reading.last != Kind.SELECT:
        return Ending.BROKEN
    if reading.lexer.comment is not None:
        return Ending.COMMENT
    if reading.last == Kind.OPEN_STRING:
        if reading.last_text[:1] == reading.start.quote:
            return Ending.QUOTE
        return Ending.BROKEN if reading.start.quote else Ending.PLAIN
    return Ending.PLAIN


def _operand(reading: Reading, kind: int) -> bool:
    if reading.union and kind not in _IN_UNION:
        return False
    holds = _OPERANDS.get(kind)
    if holds is not None:
        return _plain_operand(reading, kind, holds)
    if kind in _ALSO_FUNCTIONS and reading.next_kind() == Kind.LEFT and reading.lexer.text.isalpha():
        return _plain_operand(reading, Kind.NAME, Holds.NAME)
    handler = _AT_OPERAND.get(kind)
    if handler is not None:
        return handler(reading, kind)
    if not reading.read_any or reading.plus:
        if kind == Kind.STATEMENT and not reading.plus:
            return clauses.statement(
                reading, reading.lexer.begin, Sign.FIRST_STATEMENT if reading.start.whole else Sign.STACKED
            )
        # The value goes on from the application's own operand: `) or 1=1`.
        reading.judge.continues = reading.judge.continues or not reading.read_any
        reading.wanted = False
        return _operator(reading, kind)
    return False


def _plain_operand(reading: Reading, kind: int, holds: int) -> bool:
    frame = reading.frame
    text = reading.lexer.text
    if not reading.read_any:
        reading.judge.first, reading.judge.first_text = holds, text
    if frame.clause == Kind.FROM:
        if holds not in _TABLES:
            return False
        frame.tables += 1
        frame.catalogue = frame.catalogue or text.translate(None, NAME_MARKS).upper().startswith(CATALOGUES)
        frame.filtered = frame.filtered or text[:1] in {b"`", b"["}
        if frame.catalogue and not frame.query:
            reading.judge.note(Sign.CATALOGUE, reading.lexer.begin, reading.lexer.position)
    elif frame.clause == Kind.SELECT and holds != Holds.NAME:
        frame.rich = True
    if holds == Holds.VARIABLE and b"." in text and text[:2] != b"@@":
        return False  # the end of an address
    if holds == Holds.VARIABLE and text[:2] == b"@@" and len(text) > 2:
        reading.judge.note(Sign.SERVER_VARIABLE, reading.lexer.begin, reading.lexer.position)
    frame.holds |= holds
    reading.took(kind, text)
    return True


def _operator(reading: Reading, kind: int) -> bool:
    handler = _AT_OPERATOR.get(kind)
    return handler is not None and handler(reading, kind)


def _end(reading: Reading, ending: Ending) -> None:
    lexer, start, judge = reading.lexer, reading.start, reading.judge
    if start.quote and start.outermost and reading.last in _NOTHING_READ and not reading.last_text:
        if ending is Ending.COMMENT and not judge.operators:
            judge.cut(lexer.comment or b"", reading.closed, lexer.position)
        elif reading.last == Kind.SEMICOLON and not reading.read_any and start.short and start.quote == b"'":
            judge.note(Sign.SINGLE_CLOSED, start.position - 1, lexer.position)
    if ending is Ending.BROKEN:
        _cut_off(reading)
    reading.end_all(broken=ending is Ending.BROKEN)
    if judge.marked:
        judge.note(Sign.MARKED, start.position, lexer.position)


def _cut_off(reading: Reading) -> None:
    """A condition or call not read to its end: split over several fields, or going on in unknown ways."""
    end = reading.lexer.position
    frames = [*reading.above, reading.frame]
    for frame, inner in zip(frames, [*frames[1:], None], strict=True):
        constants = frame.left and not frame.left & ~(Holds.NUMBER | Holds.STRING)
        if frame.compared and frame.conditional and constants and not frame.inquery:
            called = inner is not None and inner.name in KNOWN
            if called or (reading.lexer.kind == Kind.FINISH and reading.wanted and not frame.holds):
                reading.judge.note(Sign.CUT_CONDITION, frame.begin, end)
    if reading.lexer.kind != Kind.FINISH:
        return
    judge, frame = reading.judge, reading.frame
    if reading.union and reading.lexer.commented and (judge.first or reading.start.quote):
        judge.note(Sign.UNION_CUT, frame.begin, end)
    if reading.wanted and judge.continues and any(frame.equated and frame.conditional for frame in frames):
        judge.note(Sign.LED_CUT, reading.start.position, end)
    if reading.tail:
        judge.note(Sign.TAIL_CUT, reading.start.position, end)
    if reading.frame.empty and reading.frame.name in _CUT_CALLS:
        reading.judge.note(Sign.CUT_CALL, reading.frame.begin - len(reading.frame.name), end)
