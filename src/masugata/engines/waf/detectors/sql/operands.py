"""What may stand where an operand is wanted, but for plain operands."""

from masugata.engines.waf.detectors.sql.frame import Holds
from masugata.engines.waf.detectors.sql.reading import Reading
from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.words import Kind

_SIGNS = frozenset((b"-", b"+", b"~", b"!", b"@"))


def sign(reading: Reading, kind: int) -> bool:
    """A sign before an operand, or an asterisk for all columns."""
    text = reading.lexer.text
    frame = reading.frame
    if text == b"*" and (frame.clause == Kind.SELECT or (frame.name and frame.empty)):
        frame.holds |= Holds.NAME
        frame.filtered = True
        reading.took(kind)
        return True
    if text.isalpha():
        return False
    reading.plus = text == b"+"
    return text in _SIGNS or not reading.read_any


def prefix(reading: Reading, _kind: int) -> bool:
    """NOT, BINARY and their like."""
    reading.judge.marked = reading.judge.marked or reading.lexer.text == b"BINARY"
    return True


def nothing(reading: Reading, _kind: int) -> bool:
    """A parenthesis closes where an operand should be: no arguments, or one of the application's."""
    if reading.above and reading.frame.empty:
        return reading.close()
    if reading.read_any:
        return False
    reading.judge.continues = True
    reading.closed += 1
    reading.wanted = False
    return True


def select(reading: Reading, kind: int) -> bool:
    """A query begins."""
    frame = reading.frame
    if reading.lexer.text == b"VALUES" and not reading.union:
        return False
    led = reading.last == Kind.CONNECTIVE and not frame.query
    if not led and (
        not frame.empty or frame.query or not (reading.union or reading.above or not reading.read_any)
    ):
        return False
    frame.query = frame.inquery = True
    if frame.origin == Kind.OTHER:
        frame.origin = Kind.UNION if reading.union else Kind.LEFT if reading.above or led else Kind.STATEMENT
    frame.clause = Kind.SELECT
    frame.conditional = False
    frame.holds = Holds.NOTHING
    reading.union = False
    return reading.wants(kind)


def case(reading: Reading, _kind: int) -> bool:
    """CASE, with or without an operand."""
    if not reading.open(Kind.LEFT, b"CASE"):
        return False
    reading.frame.conditional = False
    ahead = reading.lexer.fork()
    if ahead.advance() == Kind.BRANCH and ahead.text == b"WHEN":
        reading.lexer.advance()
        reading.frame.conditional = True
    return True


def outfile(reading: Reading, _kind: int) -> bool:
    """INTO OUTFILE and INTO DUMPFILE."""
    if reading.last != Kind.INTO:
        return False
    reading.judge.note(Sign.OUTFILE, reading.lexer.begin, reading.lexer.position)
    return True
