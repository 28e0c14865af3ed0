"""What may stand where an operator is wanted, within an expression."""

from masugata.engines.waf.detectors.sql.frame import Holds
from masugata.engines.waf.detectors.sql.reading import KNOWN, Reading
from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.words import Kind

_EQUATIONS = frozenset((b"=", b"==", b"!=", b"<>", b"<=", b">=", b"<=>"))
_JSON = frozenset((Kind.STRING, Kind.RIGHT))
NAME_MARKS = b'[]`" \t\r\n'


def connective(reading: Reading, kind: int) -> bool:
    """AND, OR and their like end a condition and lead to another."""
    frame = reading.frame
    if frame.between:
        frame.between = False
        return reading.wants(kind)
    reading.end_condition()
    frame.conditional = frame.connected = True
    return reading.wants(kind)


def comparison(reading: Reading, kind: int) -> bool:
    """A comparison, by sign or by word."""
    text = reading.lexer.text
    if text == b"SOUNDS" and (reading.lexer.advance() != Kind.COMPARISON or reading.lexer.text != b"LIKE"):
        return False
    if text[:1] == b"?" and reading.last not in _JSON:
        return False  # a question
    if text == b"SIMILAR" and reading.lexer.advance() != Kind.NAME:
        return False
    if text == b"IN" and _boolean_mode(reading):
        return True
    frame = reading.frame
    if not frame.compared:
        frame.left, frame.left_text = frame.holds, reading.last_text
        frame.holds = Holds.NOTHING
    frame.compared = True
    frame.equated = text in _EQUATIONS
    frame.between = text == b"BETWEEN"
    reading.judge.operators += 1
    if text in {b"ISNULL", b"NOTNULL"}:
        frame.holds = Holds.WORD
        reading.took(Kind.CONSTANT)
        return True
    return reading.wants(kind)


def _boolean_mode(reading: Reading) -> bool:
    """MySQL's AGAINST ('…' IN BOOLEAN MODE); it changes nothing."""
    ahead = reading.lexer.fork()
    if ahead.advance() != Kind.NAME or ahead.text not in {b"BOOLEAN", b"NATURAL"}:
        return False
    while ahead.advance() == Kind.NAME:
        reading.lexer.skip_to(ahead.position)
    return True


def negation(reading: Reading, _kind: int) -> bool:
    """NOT LIKE and its like."""
    return reading.lexer.advance() == Kind.COMPARISON and comparison(reading, Kind.COMPARISON)


def arithmetic(reading: Reading, kind: int) -> bool:
    """A calculation."""
    text = reading.lexer.text
    if text == b"~" and reading.frame.conditional:
        return comparison(reading, kind)  # PostgreSQL's LIKE
    if text in {b"!", b"~"}:
        return False
    reading.judge.operators += 1
    reading.wants(kind)
    reading.plus = text == b"+"
    return True


def cast(reading: Reading, _kind: int) -> bool:
    """PostgreSQL's cast, `::`."""
    begin = reading.lexer.begin
    if reading.lexer.advance() != Kind.NAME:
        return False
    if reading.last_text[:1] == b"'" or reading.last == Kind.RIGHT:
        reading.judge.note(Sign.CAST, begin, reading.lexer.position)
    if reading.lexer.text == b"DOUBLE":
        reading.lexer.advance()
    return True


def beside(reading: Reading, kind: int) -> bool:
    """An operand beside an operand: strings are joined, and what is selected has other names."""
    frame = reading.frame
    if kind in {Kind.STRING, Kind.OPEN_STRING}:
        joins = reading.last == Kind.STRING and bool(reading.last_text)
        if joins or (reading.last == Kind.VARIABLE and reading.last_text == b"@"):
            reading.took(kind, reading.lexer.text)
            return True
    if reading.last == Kind.NAME and reading.lexer.text[:1] == b"[":
        return True  # an array
    if kind == Kind.VARIABLE or frame.alias:
        return False
    if frame.clause in {Kind.SELECT, Kind.FROM} or (kind == Kind.NAME and reading.last == Kind.RIGHT):
        frame.alias = True
        reading.last = Kind.OTHER
        return True
    return False


def open_call(reading: Reading, kind: int) -> bool:
    """A parenthesis behind a name opens arguments."""
    if reading.last in {Kind.NAME, Kind.CONSTANT}:
        reading.frame.holds &= ~Holds.NAME
        name = reading.last_text.translate(None, NAME_MARKS)
        reading.frame.calls += name in KNOWN
        return reading.open(kind, name)
    return False


def close(reading: Reading, _kind: int) -> bool:
    """A parenthesis closes."""
    return reading.close()


def comma(reading: Reading, kind: int) -> bool:
    """Another of a list."""
    frame = reading.frame
    reading.judge.listed = reading.judge.listed or not reading.read_any
    reading.end_condition()
    if frame.clause == Kind.SELECT:
        frame.items += 1
    frame.alias = False
    if not frame.name:
        frame.conditional = False
    return reading.wants(kind)


def branch(reading: Reading, kind: int) -> bool:
    """WHEN, THEN or ELSE."""
    if reading.frame.name != b"CASE":
        return False
    reading.end_condition()
    reading.frame.conditional = reading.lexer.text == b"WHEN"
    return reading.wants(kind)


def end_case(reading: Reading, _kind: int) -> bool:
    """END of a CASE."""
    if reading.frame.name != b"CASE":
        return False
    reading.end_frame()
    reading.pop()
    return True


def link(reading: Reading, kind: int) -> bool:
    """AS and its like: a name, a type or another part of a call follows."""
    frame = reading.frame
    text = reading.lexer.text
    if text == b"AS" and not frame.name:
        if reading.lexer.advance() not in {Kind.NAME, Kind.STRING}:
            return False
        frame.alias = True
        reading.last = Kind.OTHER
        return True
    if text == b"FOR" and not frame.name:
        reading.lexer.advance()
        if reading.lexer.text in {b"XML", b"JSON"}:
            return reading.lexer.advance() == Kind.NAME
        return reading.lexer.text in {b"UPDATE", b"SHARE", b"BROWSE"}
    return bool(reading.above) and reading.wants(kind)


def suffix(reading: Reading, _kind: int) -> bool:
    """ASC, DESC and their like."""
    return reading.frame.clause in {Kind.ORDER, Kind.LIMIT}
