"""Reads tokens as the continuation of a query, and notes what only an attacker would write.

It recognizes an expression grammar that all dialects share, with a stack for parentheses and no tree: after an operand an operator
must follow, after an operator an operand. Prose breaks that rule within a word or two, which ends the reading. It accepts more
than any one database would: it need not answer the query, only tell a query from text.
"""

from collections.abc import Callable

from masugata.engines.waf.detectors.sql.frame import Frame, Holds, Start
from masugata.engines.waf.detectors.sql.judging import Finding, Judge
from masugata.engines.waf.detectors.sql.lexer import Lexer
from masugata.engines.waf.detectors.sql.signs import Ending, Sign
from masugata.engines.waf.detectors.sql.statements import statement_end
from masugata.engines.waf.detectors.sql.words import CATALOGUES, DANGEROUS, ORDINARY, TELLING, Kind

_OPERANDS = {
    Kind.NUMBER: Holds.NUMBER,
    Kind.STRING: Holds.STRING,
    Kind.OPEN_STRING: Holds.STRING,
    Kind.CONSTANT: Holds.WORD,
    Kind.VARIABLE: Holds.VARIABLE,
    Kind.NAME: Holds.NAME,
}
_SIGNS = frozenset((b"-", b"+", b"~", b"!", b"@"))
# Words of the grammar that name functions where a parenthesis follows: IF(…), LIKE(…), REPLACE(…).
_ALSO_FUNCTIONS = frozenset((Kind.STATEMENT, Kind.COMPARISON, Kind.ARITHMETIC))
_IN_UNION = frozenset((Kind.SELECT, Kind.LEFT, Kind.PREFIX, Kind.ARITHMETIC))
_NAME_MARKS = b'[]`" \t\r\n'
_AFTER_IF = frozenset((Kind.LEFT, Kind.NUMBER, Kind.STRING, Kind.NOT, Kind.PREFIX))
_COMPUTED = frozenset((Kind.NUMBER, Kind.LEFT, Kind.CASE))
_DEEPEST = 100
_CHOICES = frozenset((b"IF", b"IIF", b"DECODE"))
_KNOWN = ORDINARY | DANGEROUS | TELLING


class Reader:
    """One reading of a value from one place on."""

    def __init__(self, lexer: Lexer, start: Start) -> None:
        self.lexer = lexer
        self.start = start
        self.judge = Judge(start)
        self.frame = Frame(start.position, led=bool(start.quote))
        self.frame.holds = Holds.STRING if start.quote else Holds.NOTHING
        self.above: list[Frame] = []
        self.wanted = not start.quote  # an operand, not an operator
        self.union = False  # only a query may come next
        self.plus = False  # the last token was a plus, which may stand for a space
        self.read_any = False
        self.closed = 0
        self.procedural = False
        self.last = Kind.STRING if start.quote else Kind.OTHER
        self.last_text = b""

    def read(self) -> Finding | None:
        """Read to the end, or to the first token that no query has there; the strongest sign of an attack."""
        going = True
        while going:
            kind = self.lexer.advance()
            if kind == Kind.FINISH:
                break
            going = (self._operand if self.wanted else self._operator)(kind)
        ending = self._ending(broken=not going or (self.wanted and self.read_any))
        self._end(ending)
        return self.judge.strongest(ending)

    def _ending(self, *, broken: bool) -> Ending:
        if broken and self.last != Kind.SELECT:
            return Ending.BROKEN
        if self.lexer.comment is not None:
            return Ending.COMMENT
        if self.last == Kind.OPEN_STRING:
            if self.last_text[:1] == self.start.quote:
                return Ending.QUOTE
            return Ending.BROKEN if self.start.quote else Ending.PLAIN
        return Ending.PLAIN

    # Where an operand is wanted.

    def _operand(self, kind: int) -> bool:
        if self.union and kind not in _IN_UNION:
            return False
        holds = _OPERANDS.get(kind)
        if holds is not None:
            return self._plain_operand(kind, holds)
        if kind in _ALSO_FUNCTIONS and self._next() == Kind.LEFT and self.lexer.text.isalpha():
            return self._plain_operand(Kind.NAME, Holds.NAME)
        handler = _AT_OPERAND.get(kind)
        if handler is not None:
            return handler(self, kind)
        if not self.read_any or self.plus:
            if kind == Kind.STATEMENT and not self.plus:
                return self._statement(self.lexer.begin, Sign.FIRST_STATEMENT if self.start.whole else Sign.STACKED)
            # The value goes on from the application's own operand: `) or 1=1`.
            self.judge.continues = self.judge.continues or not self.read_any
            self.wanted = False
            return self._operator(kind)
        return False

    def _next(self) -> int:
        return self.lexer.fork().advance()

    def _plain_operand(self, kind: int, holds: int) -> bool:
        frame = self.frame
        text = self.lexer.text
        if not self.read_any:
            self.judge.first, self.judge.first_text = holds, text
        if frame.clause == Kind.FROM:
            if holds not in _TABLES:
                return False
            frame.tables += 1
            frame.catalogue = frame.catalogue or text.translate(None, _NAME_MARKS).startswith(CATALOGUES)
            frame.filtered = frame.filtered or text[:1] in {b"`", b"["}
            if frame.catalogue and not frame.query:
                self.judge.note(Sign.CATALOGUE, self.lexer.begin, self.lexer.position)
        elif frame.clause == Kind.SELECT and holds != Holds.NAME:
            frame.rich = True
        if holds == Holds.VARIABLE and text[:2] == b"@@" and len(text) > 2:
            self.judge.note(Sign.SERVER_VARIABLE, self.lexer.begin, self.lexer.position)
        frame.holds |= holds
        self._took(kind, text)
        return True

    def _took(self, kind: int, text: bytes = b"") -> None:
        self.frame.empty = False
        self.wanted = False
        self.plus = False
        self.read_any = True
        self.last, self.last_text = kind, text

    def _wants(self, kind: int) -> bool:
        """An operand must follow."""
        self.wanted = True
        self.plus = False
        self.read_any = True
        self.last = kind
        return True

    def _sign(self, kind: int) -> bool:
        """A sign before an operand, or an asterisk for all columns."""
        text = self.lexer.text
        frame = self.frame
        if text == b"*" and (frame.clause == Kind.SELECT or (frame.name and frame.empty)):
            frame.holds |= Holds.NAME
            frame.filtered = True
            self._took(kind)
            return True
        if text.isalpha():
            return False
        self.plus = text == b"+"
        return text in _SIGNS or not self.read_any

    def _prefix(self, _: int) -> bool:
        self.judge.marked = self.judge.marked or self.lexer.text == b"BINARY"
        return True

    def _open(self, kind: int, name: bytes = b"") -> bool:
        if len(self.above) >= _DEEPEST:
            return False
        frame = self.frame
        led = frame.led or frame.conditional or self.judge.operators > 0
        inner = Frame(self.lexer.begin, name=name, led=led)
        inner.conditional = frame.conditional or name in _CHOICES
        inner.connected = frame.connected
        inner.inquery = frame.inquery
        if name in _KNOWN and not self.judge.operators and len(self.above) == 0 and frame.holds == Holds.NOTHING and not self.start.quote:
            self.judge.first = Holds.CALL
        if self.union:
            inner.origin = Kind.UNION
        frame.empty = False
        self.above.append(frame)
        self.frame = inner
        self._wants(kind)
        if kind == Kind.BRACE:
            # An ODBC escape, {fn now()} or {d '2020-01-01'}: its first word is none of the query's.
            return self.lexer.advance() in {Kind.NAME, Kind.STATEMENT}
        return True

    def _nothing(self, _: int) -> bool:
        """A parenthesis closes where an operand should be: arguments that are none, or one of the application's."""
        if self.above and self.frame.empty:
            self._close(Kind.RIGHT)
            return True
        if self.read_any:
            return False
        self.judge.continues = True
        self.closed += 1
        self.wanted = False
        return True

    def _select(self, kind: int) -> bool:
        frame = self.frame
        if self.lexer.text == b"VALUES" and not self.union:
            return False
        led = self.last == Kind.CONNECTIVE and not frame.query
        if not led and (not frame.empty or frame.query or not (self.union or self.above or not self.read_any)):
            return False
        frame.query = frame.inquery = True
        if frame.origin == Kind.OTHER:
            frame.origin = Kind.UNION if self.union else Kind.LEFT if self.above or led else Kind.STATEMENT
        frame.clause = Kind.SELECT
        frame.conditional = False
        frame.holds = Holds.NOTHING
        self.union = False
        return self._wants(kind)

    def _case(self, _: int) -> bool:
        if not self._open(Kind.LEFT, b"CASE"):
            return False
        self.frame.conditional = False
        ahead = self.lexer.fork()
        if ahead.advance() == Kind.BRANCH and ahead.text == b"WHEN":
            self.lexer.advance()
            self.frame.conditional = True
        return True

    def _outfile(self, kind: int) -> bool:
        if self.last != Kind.INTO:
            return False
        self.judge.note(Sign.OUTFILE, self.lexer.begin, self.lexer.position)
        return True

    # Where an operator is wanted.

    def _operator(self, kind: int) -> bool:
        handler = _AT_OPERATOR.get(kind)
        return handler is not None and handler(self, kind)

    def _connective(self, kind: int) -> bool:
        frame = self.frame
        if frame.between:
            frame.between = False
            return self._wants(kind)
        self._end_condition()
        frame.conditional = frame.connected = True
        return self._wants(kind)

    def _comparison(self, kind: int) -> bool:
        text = self.lexer.text
        if text == b"SOUNDS" and (self.lexer.advance() != Kind.COMPARISON or self.lexer.text != b"LIKE"):
            return False
        if text == b"SIMILAR" and self.lexer.advance() != Kind.NAME:
            return False
        if text == b"IN" and self._boolean_mode():
            return True
        frame = self.frame
        if not frame.compared:
            frame.left, frame.left_text = frame.holds, self.last_text
            frame.holds = Holds.NOTHING
        frame.compared = True
        frame.between = text == b"BETWEEN"
        self.judge.operators += 1
        if text in {b"ISNULL", b"NOTNULL"}:
            frame.holds = Holds.WORD
            self._took(Kind.CONSTANT)
            return True
        return self._wants(kind)

    def _boolean_mode(self) -> bool:
        """MySQL's AGAINST ('…' IN BOOLEAN MODE); it changes nothing."""
        ahead = self.lexer.fork()
        if ahead.advance() != Kind.NAME or ahead.text not in {b"BOOLEAN", b"NATURAL"}:
            return False
        while ahead.advance() == Kind.NAME:
            self.lexer.skip_to(ahead.position)
        return True

    def _not(self, _: int) -> bool:
        """NOT LIKE and its like."""
        return self.lexer.advance() == Kind.COMPARISON and self._comparison(Kind.COMPARISON)

    def _arithmetic(self, kind: int) -> bool:
        text = self.lexer.text
        if text in {b"!", b"~"}:
            return False
        self.judge.operators += 1
        self._wants(kind)
        self.plus = text == b"+"
        return True

    def _cast(self, _: int) -> bool:
        begin = self.lexer.begin
        if self.lexer.advance() != Kind.NAME:
            return False
        if self.last_text[:1] == b"'" or self.last == Kind.RIGHT:
            self.judge.note(Sign.CAST, begin, self.lexer.position)
        if self.lexer.text == b"DOUBLE":
            self.lexer.advance()
        return True

    def _beside(self, kind: int) -> bool:
        """An operand beside an operand: strings are joined, casts and sets of characters go before them, and selected things have names."""
        frame = self.frame
        if kind in {Kind.STRING, Kind.OPEN_STRING}:
            joins = self.last == Kind.STRING and bool(self.last_text)
            if joins or (self.last == Kind.VARIABLE and self.last_text == b"@"):
                self._took(kind, self.lexer.text)
                return True
        if self.last == Kind.NAME and self.lexer.text[:1] == b"[":
            return True  # an array
        if kind == Kind.VARIABLE or frame.alias:
            return False
        if frame.clause in {Kind.SELECT, Kind.FROM} or (kind == Kind.NAME and self.last == Kind.RIGHT):
            frame.alias = True
            self.last = Kind.OTHER
            return True
        return False

    def _open_call(self, kind: int) -> bool:
        """A parenthesis behind a name opens arguments."""
        if self.last in {Kind.NAME, Kind.CONSTANT}:
            self.frame.holds &= ~Holds.NAME
            name = self.last_text.translate(None, _NAME_MARKS)
            self.frame.calls += name in _KNOWN
            return self._open(kind, name)
        return False

    def _close(self, _: int) -> bool:
        if not self.above:
            # It closes a parenthesis of the application's.
            self.closed += 1
            self._end_condition()
            self.frame.holds = Holds.STRING
            self.frame.conditional = False
            self._took(Kind.RIGHT)
            return True
        self._end_frame()
        self._pop()
        return True

    def _pop(self) -> None:
        inner = self.frame
        frame = self.frame = self.above.pop()
        frame.holds |= inner.stands_for
        frame.calls += inner.calls
        if not inner.query:
            frame.tables += inner.tables  # parentheses that do not match
        if frame.clause == Kind.SELECT and inner.stands_for != Holds.NAME:
            frame.rich = True
        elif frame.clause == Kind.FROM:
            frame.tables += 1
            frame.rich = frame.rich or inner.rich
            frame.catalogue = frame.catalogue or inner.catalogue
        self._took(Kind.RIGHT)

    def _comma(self, kind: int) -> bool:
        frame = self.frame
        self._end_condition()
        if frame.clause == Kind.SELECT:
            frame.items += 1
        frame.alias = False
        if not frame.name:
            frame.conditional = False
        return self._wants(kind)

    def _semicolon(self, _: int) -> bool:
        """Behind it come nothing, another statement, or text."""
        self._end_all()
        lexer = self.lexer
        begin = lexer.begin
        kind = lexer.advance()
        while kind == Kind.SEMICOLON:
            kind = lexer.advance()
        frame = self.frame = Frame(begin, led=True)
        if kind == Kind.FINISH:
            self.closed += 1
            self.last = Kind.SEMICOLON
            return True
        if kind in {Kind.STATEMENT, Kind.NAME, Kind.SUFFIX}:
            return self._statement(begin, Sign.STACKED)
        if kind in {Kind.SELECT, Kind.LEFT}:
            frame.origin = Kind.SEMICOLON
            read_any, self.read_any = self.read_any, False
            going = self._select(kind) if kind == Kind.SELECT else self._open(kind)
            self.read_any = read_any or going
            return going
        return False

    def _statement(self, begin: int, sign: Sign) -> bool:
        lexer = self.lexer
        end, certain = statement_end(lexer)
        if certain or sign is Sign.STACKED:
            self.judge.note(sign if certain else Sign.STACKED_NAME, begin, end)
        if end > 0:
            lexer.skip_to(end)
            self._took(Kind.STATEMENT)
            self.frame.clause = Kind.OTHER
            return self._rest_of_statement()
        if lexer.text in {b"IF", b"WHILE"} and self._next() in _AFTER_IF:
            self.procedural = self.frame.conditional = True
            return self._wants(Kind.STATEMENT)
        return False

    def _rest_of_statement(self) -> bool:
        """Over a statement that was told by its beginning; what is in it does not matter, but whether a comment ends it."""
        while self.lexer.advance() != Kind.FINISH:
            if self.lexer.kind == Kind.SEMICOLON:
                return self._semicolon(Kind.SEMICOLON)
        return True

    def _later_statement(self, _: int) -> bool:
        """IF 1=1 DROP TABLE x, and SQL Server's statements without a semicolon between."""
        self._end_condition()
        continued = self.start.outermost if self.start.quote else self.judge.first == Holds.NUMBER
        if self.procedural or continued or self.closed:
            return self._statement(self.lexer.begin, Sign.STACKED)
        return False

    def _union(self, kind: int) -> bool:
        led = self.frame.led or self.read_any
        self._end_frame()
        self.frame = Frame(self.lexer.begin, name=self.frame.name, led=led)
        self.union = True
        return self._wants(kind)

    def _from(self, kind: int) -> bool:
        frame = self.frame
        if frame.name and not frame.query:
            frame.tables += 1
            return self._wants(kind)  # substring(x from 1)
        if frame.clause == Kind.SELECT:
            frame.items += 1
        self._end_condition()
        frame.clause = kind
        frame.alias = False
        return self._wants(kind)

    def _condition(self, kind: int) -> bool:
        self._end_condition()
        frame = self.frame
        frame.conditional = True
        frame.connected = False
        frame.filtered = frame.clause != Kind.FROM or frame.tables > 0
        if self.lexer.text == b"HAVING" and not frame.query:
            self.judge.note(Sign.HAVING, self.lexer.begin, self.lexer.position)
        frame.clause = kind
        return self._wants(kind)

    def _order(self, kind: int) -> bool:
        begin = self.lexer.begin
        grouping = self.lexer.text == b"GROUP"
        self._end_condition()
        if self.lexer.advance() != Kind.BY:
            return False
        frame = self.frame
        frame.clause = kind
        frame.conditional = False
        if not self.above and not frame.query:
            number = self._next() in _COMPUTED or self._calls_next()
            sign = Sign.GROUP if grouping else Sign.ORDER_NUMBER if number else Sign.ORDER_NAME
            self.judge.note(sign, begin, self.lexer.position)
        return self._wants(kind)

    def _calls_next(self) -> bool:
        ahead = self.lexer.fork()
        ahead.advance()
        return ahead.text in _KNOWN and ahead.advance() == Kind.LEFT

    def _limit(self, kind: int) -> bool:
        self._end_condition()
        frame = self.frame
        frame.clause = kind
        frame.conditional = False
        frame.filtered = True
        if not self.above and not frame.query and self._next() == Kind.NUMBER:
            self.judge.note(Sign.LIMIT, self.lexer.begin, self.lexer.position)
        return self._wants(kind)

    def _into(self, kind: int) -> bool:
        self._end_condition()
        self.frame.clause = kind
        self.frame.conditional = False
        return self._wants(kind)

    def _procedure(self, _: int) -> bool:
        begin = self.lexer.begin
        if self.lexer.advance() != Kind.NAME or self.lexer.text not in {b"ANALYSE", b"ANALYZE"}:
            return False
        self.judge.note(Sign.PROCEDURE, begin, self.lexer.position)
        self._took(Kind.NAME, self.lexer.text)
        return True

    def _join(self, kind: int) -> bool:
        if self.frame.clause not in {Kind.FROM, Kind.CONDITION}:
            return False
        self.frame.alias = False
        self.frame.clause = Kind.FROM
        while self._next() == Kind.JOIN:
            self.lexer.advance()
        return self._wants(kind)

    def _branch(self, kind: int) -> bool:
        if self.frame.name != b"CASE":
            return False
        self._end_condition()
        self.frame.conditional = self.lexer.text == b"WHEN"
        return self._wants(kind)

    def _end_case(self, _: int) -> bool:
        if self.frame.name != b"CASE":
            return False
        self._end_frame()
        self._pop()
        return True

    def _link(self, kind: int) -> bool:
        """AS and its like: a name, a type or another part of a call follows."""
        frame = self.frame
        text = self.lexer.text
        if text == b"AS" and not frame.name:
            if self.lexer.advance() not in {Kind.NAME, Kind.STRING}:
                return False
            frame.alias = True
            self.last = Kind.OTHER
            return True
        if text == b"FOR" and not frame.name:
            self.lexer.advance()
            if self.lexer.text in {b"XML", b"JSON"}:
                return self.lexer.advance() == Kind.NAME
            return self.lexer.text in {b"UPDATE", b"SHARE", b"BROWSE"}
        return bool(self.above) and self._wants(kind)

    def _suffix(self, _: int) -> bool:
        return self.frame.clause in {Kind.ORDER, Kind.LIMIT}

    # The ends of things.

    def _end_condition(self, *, broken: bool = False) -> None:
        frame = self.frame
        if not broken:
            self.judge.condition(frame, self.last_text, self.lexer.position, top=not self.above)
        frame.stands_for |= Holds.NUMBER if frame.compared else frame.holds
        frame.compared = frame.between = False
        frame.left = frame.holds = Holds.NOTHING

    def _end_frame(self, *, broken: bool = False) -> None:
        frame = self.frame
        if frame.clause == Kind.SELECT and frame.query and not self.wanted:
            frame.items += 1
        self._end_condition(broken=self.wanted)
        end = self.lexer.position
        if frame.query:
            frame.calls += self.lexer.glued
            self.judge.query(frame, end, self.above[-1].name if self.above else b"")
            frame.stands_for = Holds.QUERY
        elif frame.name == b"CASE":
            frame.stands_for = Holds.CALL
            if not broken:
                self.judge.note(Sign.CASES, frame.begin, end)
        elif frame.name:
            names = frame.stands_for == Holds.NAME
            frame.stands_for = self.judge.call(frame, end, names=names, broken=broken)

    def _end_all(self, *, broken: bool = False) -> None:
        self._end_frame(broken=broken)
        while self.above:
            self._pop()
            self._end_frame(broken=broken)

    def _end(self, ending: Ending) -> None:
        lexer, start, judge = self.lexer, self.start, self.judge
        if start.quote and start.outermost and self.last in {Kind.STRING, Kind.RIGHT, Kind.SEMICOLON} and not self.last_text:
            if ending is Ending.COMMENT and not judge.operators:
                judge.cut(lexer.comment or b"", self.closed, lexer.position)
            elif self.last == Kind.SEMICOLON and not self.read_any and start.short and start.quote == b"'":
                judge.note(Sign.SINGLE_CLOSED, start.position - 1, lexer.position)
        if ending is Ending.BROKEN:
            self._cut_off()
        self._end_all(broken=ending is Ending.BROKEN)
        if judge.marked:
            judge.note(Sign.MARKED, start.position, lexer.position)


    def _cut_off(self) -> None:
        """A condition or call that is not read to its end: an attack that is split over several fields, or goes on in ways not known here."""
        end = self.lexer.position
        frames = [*self.above, self.frame]
        for frame, inner in zip(frames, [*frames[1:], None], strict=True):
            constants = frame.left and not frame.left & ~(Holds.NUMBER | Holds.STRING)
            if frame.compared and frame.conditional and constants and not frame.inquery:
                called = inner is not None and inner.name in _KNOWN
                if called or (self.lexer.kind == Kind.FINISH and self.wanted and not frame.holds):
                    self.judge.note(Sign.CUT_CONDITION, frame.begin, end)
        if self.lexer.kind == Kind.FINISH and self.frame.empty and self.frame.name in DANGEROUS:
            self.judge.note(Sign.CUT_CALL, self.frame.begin - len(self.frame.name), end)


_TABLES = frozenset((Holds.NAME, Holds.VARIABLE))
_Handler = Callable[[Reader, int], bool]
_AT_OPERAND: dict[int, _Handler] = {
    Kind.ARITHMETIC: Reader._sign,
    Kind.NOT: Reader._prefix,
    Kind.PREFIX: Reader._prefix,
    Kind.LEFT: Reader._open,
    Kind.BRACE: Reader._open,
    Kind.RIGHT: Reader._nothing,
    Kind.SELECT: Reader._select,
    Kind.CASE: Reader._case,
    Kind.OUTFILE: Reader._outfile,
}
_AT_OPERATOR: dict[int, _Handler] = {
    Kind.CONNECTIVE: Reader._connective,
    Kind.COMPARISON: Reader._comparison,
    Kind.NOT: Reader._not,
    Kind.ARITHMETIC: Reader._arithmetic,
    Kind.CAST: Reader._cast,
    Kind.STRING: Reader._beside,
    Kind.OPEN_STRING: Reader._beside,
    Kind.NAME: Reader._beside,
    Kind.VARIABLE: Reader._beside,
    Kind.LEFT: Reader._open_call,
    Kind.RIGHT: Reader._close,
    Kind.COMMA: Reader._comma,
    Kind.SEMICOLON: Reader._semicolon,
    Kind.STATEMENT: Reader._later_statement,
    Kind.UNION: Reader._union,
    Kind.FROM: Reader._from,
    Kind.CONDITION: Reader._condition,
    Kind.ORDER: Reader._order,
    Kind.LIMIT: Reader._limit,
    Kind.INTO: Reader._into,
    Kind.PROCEDURE: Reader._procedure,
    Kind.JOIN: Reader._join,
    Kind.BRANCH: Reader._branch,
    Kind.END: Reader._end_case,
    Kind.LINK: Reader._link,
    Kind.SUFFIX: Reader._suffix,
}
