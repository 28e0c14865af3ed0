"""Tells from what a reading met in a condition, a call or a query which signs of an attack it shows."""

from typing import NamedTuple

from masugata.engines.waf.detectors.sql.frame import Frame, Holds, Start
from masugata.engines.waf.detectors.sql.signs import LIKELY, Anchor, Ending, Sign, worth
from masugata.engines.waf.detectors.sql.words import DANGEROUS, ORDINARY, TELLING, UNCOMMON, Kind

# Comments that only cut off what follows say no more than this: `-- -`, `--+`, `-- x`.
_LONGEST_CUT = 3
_SCHEMAS = frozenset((b"", b"SYS", b"DBO", b"MASTER.", b"MASTER.DBO", b"PG_CATALOG", b"PUBLIC", b"MYSQL"))
_BARE = (
    (Holds.CALL, Sign.BARE_CALL),
    (Holds.VARIABLE, Sign.BARE_VARIABLE),
    (Holds.NUMBER, Sign.BARE_NUMBER),
    (Holds.WORD, Sign.BARE_WORD),
    (Holds.STRING, Sign.BARE_STRING),
)


class Finding(NamedTuple):
    """The strongest sign of a reading: how sure, what, and where in the value."""

    score: int
    sign: Sign
    begin: int
    end: int


class Judge:
    """Collects the signs of one reading; what they are worth is told when its end is known."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.first: int = Holds.NOTHING
        self.first_text = b""
        self.continues = False  # the value begins with what follows an operand
        self.listed = False  # … which is a comma
        self.operators = 0
        self.marked = False
        self._signs: dict[Sign, tuple[int, int]] = {}

    def note(self, sign: Sign, begin: int, end: int) -> None:
        """A sign was seen there."""
        self._signs.setdefault(sign, (begin, end))

    @property
    def noted(self) -> bool:
        """Whether any was seen."""
        return bool(self._signs)

    def condition(self, frame: Frame, text: bytes, end: int, *, top: bool) -> None:
        """A condition, or what may be one, has ended in good order; `text` is its last operand."""
        if frame.inquery:
            return
        if frame.conditional:
            sign = self._condition(frame, text)
        elif top and self.start.quote and self.start.outermost:
            sign = self._after_quote(frame, text)
        else:
            sign = None
        if sign is not None:
            self.note(sign, frame.begin, end)

    def _condition(self, frame: Frame, text: bytes) -> Sign | None:
        if frame.compared:
            sign = _compared(frame, text)
            if sign is Sign.NAMES_COMPARED and self.continues and frame.equated:
                sign = Sign.LED_NAMES
            return sign if frame.connected or sign is Sign.TAUTOLOGY or self.start.quote else None
        return self._bare(frame, text) if frame.connected else None

    def _bare(self, frame: Frame, text: bytes) -> Sign | None:
        holds = frame.holds
        if holds & Holds.NAME:
            return Sign.BARE_NAME if holds == Holds.NAME else None
        for bit, sign in _BARE:
            if holds & bit:
                if sign is Sign.BARE_STRING and self.start.quote and not self.start.short:
                    return None
                return Sign.BARE_SAME if sign is Sign.BARE_NUMBER and text == self.first_text else sign
        return None

    def _after_quote(self, frame: Frame, text: bytes) -> Sign | None:
        """The string that was closed is compared or calculated with."""
        holds = frame.left | frame.holds
        if not self.operators:
            return None
        if holds & Holds.NAME:
            return Sign.NAME_JOINED if self.start.short and self.start.quote == b"'" else None
        if holds & Holds.CALL:
            return Sign.CALL_JOINED
        if not self.start.short or self.start.quote != b"'" or len(text[1:].split()) > 1:
            return None  # `'=' is the sign for …`
        return Sign.COMPARED if frame.compared else Sign.CALCULATED

    def call(self, frame: Frame, end: int, *, names: bool, broken: bool) -> int:
        """The arguments of a call are read; says what the call is to the expression around it."""
        name = frame.name
        begin = frame.begin - len(name)
        schema, _, plain = name.rpartition(b".")
        known = plain in DANGEROUS and schema in _SCHEMAS
        if name in DANGEROUS or known or (plain[:3] in {b"XP_", b"SP_"} and not broken):
            # Text may call a thing so too; but not with a constant.
            if not names and not frame.empty:
                self.note(Sign.DANGEROUS_LED if frame.led else Sign.DANGEROUS, begin, end)
            return Holds.CALL
        if broken:
            constants = not names and not frame.empty and (name in ORDINARY or name in TELLING)
            return Holds.CALL if constants else Holds.NAME
        if frame.empty:
            if name in TELLING:
                self.note(Sign.TELLING_CALL, begin, end)
                return Holds.CALL
            return Holds.CALL if name in ORDINARY else Holds.NAME
        if name in ORDINARY or name in TELLING:
            if not names:
                if frame.calls:
                    self.note(Sign.NESTED_CALL, begin, end)
                if self.listed and name in UNCOMMON:
                    self.note(Sign.LED_CALL, begin, end)
            return Holds.CALL
        return Holds.NAME

    def query(self, frame: Frame, end: int) -> None:
        """A SELECT is read as far as it goes."""
        if frame.origin == Kind.UNION:
            sign = self._second_query(frame)
        elif frame.origin == Kind.SEMICOLON:
            some = frame.items and (frame.rich or frame.tables or frame.filtered)
            sign = Sign.STACKED if some else None
        elif frame.origin == Kind.STATEMENT:
            sign = _first_query(frame)
        else:
            sign = _subquery(frame)
        if sign is not None:
            self.note(sign, frame.begin, end)

    def _second_query(self, frame: Frame) -> Sign | None:
        """What UNION leads to; in the midst of text, the words UNION SELECT alone are none."""
        whole = self.start.whole
        several = frame.items > 1
        if frame.rich and (whole or several or frame.tables or frame.calls):
            return Sign.UNION_LIST
        if several and (whole or frame.tables):
            return Sign.UNION_LIST
        if not frame.items:
            return Sign.UNION_BARE
        continues = whole and (self.start.quote or self.start.position or self.first)
        tables = frame.tables or frame.clause == Kind.FROM
        return Sign.UNION_NAME if tables or continues else None

    def cut(self, comment: bytes, closed: int, end: int) -> None:
        """Between the quote and the comment that takes the rest is nothing but what closes."""
        said = comment.partition(b"&")[0].strip(b"-+ \t\r\n;/*#")
        if len(said) > _LONGEST_CUT:
            return
        if closed:
            self.note(Sign.CLOSED_AND_CUT, self.start.position - 1, end)
        elif self.start.quote not in b"`" + comment and (self.start.quote == b"'" or not said):
            self.note(Sign.CUT, self.start.position - 1, end)

    def strongest(self, ending: Ending) -> Finding | None:
        """What the signs are worth, now that the end is known; None if they are no evidence."""
        best: Finding | None = None
        anchor = self._anchor()
        for sign, (begin, end) in self._signs.items():
            score = worth(sign, anchor, ending)
            if score >= LIKELY and (best is None or score > best.score):
                best = Finding(score, sign, begin, end)
        return best

    def _anchor(self) -> Anchor:
        start = self.start
        if start.quote:
            return Anchor.OUTER if start.outermost else Anchor.INNER
        if not start.whole:
            return Anchor.INSIDE
        named = (start.named or self.first in {Holds.NAME, Holds.WORD}) and not self.continues
        return Anchor.NAME if named else Anchor.NUMBER


def _compared(frame: Frame, text: bytes) -> Sign:
    left, right = frame.left & Holds.NAME, frame.holds & Holds.NAME
    if not left and not right:
        return Sign.TAUTOLOGY
    if left and right:
        return Sign.SAME_NAMES if frame.left_text == text else Sign.NAMES_COMPARED
    return Sign.NAME_COMPARED


def _first_query(frame: Frame) -> Sign | None:
    """The value begins with a query; one that only names columns and tables may be text about SQL."""
    if frame.catalogue or (frame.calls and (frame.tables or frame.rich)):
        return Sign.FIRST_QUERY
    if frame.rich and frame.tables and (frame.items > 1 or frame.filtered):
        return Sign.FIRST_LIST
    return None


def _subquery(frame: Frame) -> Sign | None:
    if frame.tables:
        telling = frame.rich or frame.catalogue or frame.filtered
        return Sign.CATALOGUE_QUERY if telling else Sign.TABLE_QUERY
    if frame.filtered and frame.items:
        return Sign.TABLE_QUERY
    argument = not frame.name or frame.name in ORDINARY or frame.name in DANGEROUS
    return Sign.ITEM_QUERY if frame.rich and argument else None
