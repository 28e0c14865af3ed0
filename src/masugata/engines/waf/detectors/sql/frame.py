"""Where a reading begins, and one level of the parentheses in it."""

import msgspec

from masugata.engines.waf.detectors.sql.words import Kind


class Start(msgspec.Struct, frozen=True):
    """Where a reading begins, and what stands around it.

    `quote` is the quote whose string is closed there, empty outside of strings. `outermost`: an even number
    of that quote stands before, so it closes what the application opened, not what the text did. `whole`:
    the reading begins with the value (or with a part of a path), not in the midst of text. `short`: at most
    a word stands before the quote, which is the first of its kind. `named`: a name and `=` stand before,
    which may be a form's, or a condition's of some other language.
    """

    position: int
    quote: bytes = b""
    outermost: bool = True
    whole: bool = True
    short: bool = True
    named: bool = False


class Holds:
    """What one side of a condition is made of, as bits."""

    NOTHING = 0
    NUMBER = 1
    STRING = 2
    WORD = 4  # TRUE, NULL, CURRENT_USER
    VARIABLE = 8
    CALL = 16
    QUERY = 32
    NAME = 64


class Frame:
    """A level of parentheses: the call or query that it is, and the condition that is being read in it."""

    __slots__ = (
        "alias",
        "begin",
        "between",
        "calls",
        "catalogue",
        "clause",
        "compared",
        "conditional",
        "connected",
        "empty",
        "equated",
        "filtered",
        "holds",
        "inquery",
        "items",
        "led",
        "left",
        "left_text",
        "name",
        "origin",
        "query",
        "rich",
        "stands_for",
        "tables",
    )

    def __init__(self, begin: int, *, name: bytes = b"", led: bool = False) -> None:
        self.begin = begin
        self.name = name  # of the function whose arguments these are
        self.led = led  # an operator, or the quote that was closed, stands before
        self.empty = True
        self.query = False
        self.origin = Kind.OTHER  # what led to its query: UNION, a parenthesis, a semicolon
        self.clause = Kind.CONDITION
        self.items = 0
        self.rich = False  # a selected item is more than a name
        self.tables = 0
        self.alias = False
        self.calls = 0
        self.catalogue = False  # a table is one in which the database describes itself
        self.filtered = False  # it has a WHERE or a LIMIT
        self.between = False  # an AND belongs to BETWEEN
        self.conditional = False  # a connective, WHERE or IF stands before what is read
        self.connected = False  # it is a connective
        self.inquery = False  # it is a condition of the value's own query, which may be as it likes
        self.compared = False
        self.equated = False  # by a sign that no text has, such as != and =
        self.left = self.holds = self.stands_for = Holds.NOTHING
        self.left_text = b""
