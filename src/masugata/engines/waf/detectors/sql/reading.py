"""The state of a reading, and what all its steps do: take an operand, want one, open and close."""

from masugata.engines.waf.detectors.sql.frame import Frame, Holds, Start
from masugata.engines.waf.detectors.sql.judging import Judge
from masugata.engines.waf.detectors.sql.lexer import Lexer
from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.words import DANGEROUS, ORDINARY, TELLING, Kind

KNOWN = ORDINARY | DANGEROUS | TELLING
_CHOICES = frozenset((b"IF", b"IIF", b"DECODE"))
_DEEPEST = 250


class Reading:
    """How far a value was read from one place on."""

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
        self.from_first = False  # the value begins with FROM
        self.tail = False  # and has a clause behind the table
        self.last = Kind.STRING if start.quote else Kind.OTHER
        self.last_text = b""

    def next_kind(self) -> int:
        """What comes after the current token."""
        return self.lexer.fork().advance()

    def took(self, kind: int, text: bytes = b"") -> None:
        """An operand is read; an operator must follow."""
        self.frame.empty = False
        self.wanted = False
        self.plus = False
        self.read_any = True
        self.last, self.last_text = kind, text

    def wants(self, kind: int) -> bool:
        """An operand must follow."""
        self.wanted = True
        self.plus = False
        self.read_any = True
        self.last = kind
        return True

    def open(self, kind: int, name: bytes = b"") -> bool:
        """A parenthesis opens, the arguments of `name` if it has one."""
        if len(self.above) >= _DEEPEST:
            self.lexer.stopped = True
            return False
        frame = self.frame
        led = frame.led or frame.conditional or self.judge.operators > 0
        inner = Frame(self.lexer.begin, name=name, led=led)
        inner.conditional = frame.conditional or name in _CHOICES
        inner.connected = frame.connected
        inner.inquery = frame.inquery
        if name in KNOWN and not (self.above or frame.holds or self.judge.operators or self.start.quote):
            self.judge.first = Holds.CALL
        if self.union:
            inner.origin = Kind.UNION
        frame.empty = False
        self.above.append(frame)
        self.frame = inner
        self.wants(kind)
        if kind == Kind.BRACE:
            # An ODBC escape, {fn now()} or {d '2020-01-01'}: its first word is none of the query's.
            return self.lexer.advance() in {Kind.NAME, Kind.STATEMENT}
        return True

    def close(self) -> bool:
        """A parenthesis closes: the last that was opened, or one of the application's."""
        if not self.above:
            self.closed += 1
            self.end_condition()
            self.frame.holds = Holds.STRING
            self.frame.conditional = False
            self.took(Kind.RIGHT)
            return True
        self.end_frame()
        self.pop()
        return True

    def pop(self) -> None:
        """Go on in the frame above, with what the inner one stands for."""
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
        self.took(Kind.RIGHT)

    def end_condition(self, *, broken: bool = False) -> None:
        """What may have been a condition is over; broken where an operand is missing."""
        frame = self.frame
        if not broken:
            self.judge.condition(frame, self.last_text, self.lexer.position, top=not self.above)
        if frame.equated and frame.clause == Kind.CONDITION and not broken:
            self.end_tail()
        frame.stands_for |= Holds.NUMBER if frame.compared else frame.holds
        frame.compared = frame.equated = frame.between = False
        frame.left = frame.holds = Holds.NOTHING

    def end_tail(self) -> None:
        """A clause behind FROM and a table, with which the value began."""
        if self.from_first and self.frame.tables and not self.above:
            self.tail = True
            self.judge.note(Sign.TAIL, self.start.position, self.lexer.position)

    def end_frame(self, *, broken: bool = False) -> None:
        """A level of parentheses, or the whole, is over; broken where it was not closed."""
        frame = self.frame
        if frame.clause == Kind.SELECT and frame.query and not self.wanted:
            frame.items += 1
        self.end_condition(broken=self.wanted)
        end = self.lexer.position
        if frame.query:
            frame.calls += self.lexer.glued
            self.judge.query(frame, end)
            frame.stands_for = Holds.QUERY
        elif frame.name == b"CASE":
            frame.stands_for = Holds.CALL
            if not broken:
                self.judge.note(Sign.CASES, frame.begin, end)
        elif frame.name:
            names = frame.stands_for == Holds.NAME
            frame.stands_for = self.judge.call(frame, end, names=names, broken=broken)

    def end_all(self, *, broken: bool = False) -> None:
        """All levels are over."""
        self.end_frame(broken=broken)
        while self.above:
            self.pop()
            self.end_frame(broken=broken)
