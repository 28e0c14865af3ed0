"""What may stand where an operator is wanted, and leads to another part of a query or another statement."""

from masugata.engines.waf.detectors.sql.frame import Frame, Holds
from masugata.engines.waf.detectors.sql.operands import select
from masugata.engines.waf.detectors.sql.reading import KNOWN, Reading
from masugata.engines.waf.detectors.sql.signs import Sign
from masugata.engines.waf.detectors.sql.statements import statement_end
from masugata.engines.waf.detectors.sql.words import Kind

_AFTER_IF = frozenset((Kind.LEFT, Kind.NUMBER, Kind.STRING, Kind.NOT, Kind.PREFIX))
_COMPUTED = frozenset((Kind.NUMBER, Kind.LEFT, Kind.CASE))


def semicolon(reading: Reading, _kind: int) -> bool:
    """Behind it come nothing, another statement, or text."""
    reading.end_all()
    lexer = reading.lexer
    begin = lexer.begin
    kind = lexer.advance()
    while kind == Kind.SEMICOLON:
        kind = lexer.advance()
    frame = reading.frame = Frame(begin, led=True)
    if kind == Kind.FINISH:
        reading.closed += 1
        reading.last = Kind.SEMICOLON
        return True
    if kind in {Kind.STATEMENT, Kind.NAME, Kind.SUFFIX}:
        return statement(reading, begin, Sign.STACKED)
    if kind in {Kind.SELECT, Kind.LEFT}:
        frame.origin = Kind.SEMICOLON
        read_any, reading.read_any = reading.read_any, False
        going = select(reading, kind) if kind == Kind.SELECT else reading.open(kind)
        reading.read_any = read_any or going
        return going
    return False


def statement(reading: Reading, begin: int, sign: Sign) -> bool:
    """A statement, if its first words tell one; IF and WHILE lead to a condition."""
    lexer = reading.lexer
    quote = reading.start.quote
    if quote and lexer.value[lexer.position : lexer.position + 1] == quote:
        return False  # a word in quotes: the `exec` that fails
    end, certain, marked = statement_end(lexer)
    if sign is Sign.FIRST_STATEMENT:
        sign = sign if marked else Sign.FIRST_WORDS
    elif not certain:
        sign = Sign.STACKED_NAME
    if end > 0:
        reading.judge.note(sign, begin, end)
        reading.took(Kind.STATEMENT)
        reading.frame.clause = Kind.OTHER
        return _rest_of_statement(reading)
    if lexer.text in {b"IF", b"WHILE"} and reading.next_kind() in _AFTER_IF:
        reading.procedural = reading.frame.conditional = True
        return reading.wants(Kind.STATEMENT)
    return False


def _rest_of_statement(reading: Reading) -> bool:
    """Over a statement that its beginning told; only whether a comment ends it matters."""
    while reading.lexer.advance() != Kind.FINISH:
        if reading.lexer.kind == Kind.SEMICOLON:
            return semicolon(reading, Kind.SEMICOLON)
    return True


def later_statement(reading: Reading, _kind: int) -> bool:
    """IF 1=1 DROP TABLE x, and SQL Server's statements without a semicolon between."""
    reading.end_condition()
    continued = reading.start.outermost if reading.start.quote else reading.judge.first == Holds.NUMBER
    if reading.procedural or continued or reading.closed:
        return statement(reading, reading.lexer.begin, Sign.STACKED)
    return False


def union(reading: Reading, kind: int) -> bool:
    """UNION and its like."""
    led = reading.frame.led or reading.read_any
    reading.end_frame()
    reading.frame = Frame(reading.lexer.begin, name=reading.frame.name, led=led)
    reading.union = True
    return reading.wants(kind)


def from_tables(reading: Reading, kind: int) -> bool:
    """FROM, in a query or between the arguments of a call."""
    frame = reading.frame
    reading.from_first = reading.from_first or not reading.read_any
    if frame.name and not frame.query:
        frame.tables += 1
        return reading.wants(kind)  # substring(x from 1)
    if frame.clause == Kind.SELECT:
        frame.items += 1
    reading.end_condition()
    frame.clause = kind
    frame.alias = False
    return reading.wants(kind)


def condition(reading: Reading, kind: int) -> bool:
    """WHERE, HAVING and ON."""
    reading.end_condition()
    frame = reading.frame
    if frame.clause == Kind.SELECT:
        frame.items += 1
    frame.conditional = True
    frame.connected = False
    frame.filtered = frame.clause != Kind.FROM or frame.tables > 0
    if reading.lexer.text == b"HAVING" and not frame.query:
        reading.judge.note(Sign.HAVING, reading.lexer.begin, reading.lexer.position)
    frame.clause = kind
    return reading.wants(kind)


def order(reading: Reading, kind: int) -> bool:
    """ORDER BY and GROUP BY."""
    begin = reading.lexer.begin
    grouping = reading.lexer.text == b"GROUP"
    reading.end_condition()
    if reading.lexer.advance() != Kind.BY:
        return False
    frame = reading.frame
    reading.end_tail()
    frame.clause = kind
    frame.conditional = False
    if not reading.above and not frame.query:
        number = reading.next_kind() in _COMPUTED or _calls_next(reading)
        sign = Sign.GROUP if grouping else Sign.ORDER_NUMBER if number else Sign.ORDER_NAME
        reading.judge.note(sign, begin, reading.lexer.position)
    return reading.wants(kind)


def _calls_next(reading: Reading) -> bool:
    ahead = reading.lexer.fork()
    ahead.advance()
    return ahead.text in KNOWN and ahead.advance() == Kind.LEFT


def limit(reading: Reading, kind: int) -> bool:
    """LIMIT, OFFSET and FETCH."""
    reading.end_condition()
    frame = reading.frame
    if frame.filtered or reading.next_kind() == Kind.NUMBER:
        reading.end_tail()
    frame.clause = kind
    frame.conditional = False
    frame.filtered = True
    if not reading.above and not frame.query and reading.next_kind() == Kind.NUMBER:
        reading.judge.note(Sign.LIMIT, reading.lexer.begin, reading.lexer.position)
    return reading.wants(kind)


def into(reading: Reading, kind: int) -> bool:
    """INTO a file or a variable."""
    reading.end_condition()
    reading.frame.clause = kind
    reading.frame.conditional = False
    return reading.wants(kind)


def procedure(reading: Reading, _kind: int) -> bool:
    """PROCEDURE ANALYSE."""
    begin = reading.lexer.begin
    if reading.lexer.advance() != Kind.NAME or reading.lexer.text not in {b"ANALYSE", b"ANALYZE"}:
        return False
    reading.judge.note(Sign.PROCEDURE, begin, reading.lexer.position)
    reading.took(Kind.NAME, reading.lexer.text)
    return True


def join(reading: Reading, kind: int) -> bool:
    """JOIN."""
    if reading.frame.clause not in {Kind.FROM, Kind.CONDITION}:
        return False
    reading.frame.alias = False
    reading.frame.clause = Kind.FROM
    while reading.next_kind() == Kind.JOIN:
        reading.lexer.advance()
    return reading.wants(kind)
