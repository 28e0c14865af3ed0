"""What a reading can note, and how much each sign is worth, by where the reading began and how it ended.

From `SURE` on a sign matches at sensitivity LOW, from `LIKELY` on at HIGH; what is below is no evidence.
"""

from enum import Enum, IntEnum

SURE = 75
LIKELY = 50


class Anchor(IntEnum):
    """What a reading goes on from."""

    OUTER = 0  # a quote that closes the application's string
    INNER = 1  # a quote that closes one of the value's own
    NUMBER = 2  # a number, or nothing: the value continues what the application began
    NAME = 3  # a name
    INSIDE = 4  # the midst of a text


class Ending(IntEnum):
    """How a reading ended."""

    COMMENT = 0  # what the application has behind the value is commented out
    QUOTE = 1  # in a string that the application's own quote closes
    PLAIN = 2  # with the value, in good order
    BROKEN = 3  # where no query goes on so


class Sign(Enum):
    """One thing that text does not do."""

    UNION_LIST = "a second query by UNION"
    UNION_NAME = "a second query of one name by UNION"
    UNION_BARE = "UNION SELECT"
    UNION_CUT = "a comment, and UNION at the end"
    CATALOGUE_QUERY = "a subquery that calls, computes or asks the catalogue"
    TABLE_QUERY = "a subquery of a table"
    ITEM_QUERY = "a subquery of constants"
    FIRST_QUERY = "a query that calls, computes or asks the catalogue"
    FIRST_LIST = "a query of constants"
    STACKED = "another statement behind a semicolon"
    STACKED_NAME = "perhaps another statement behind a semicolon"
    FIRST_STATEMENT = "a statement"
    FIRST_WORDS = "the words of a statement"
    TAUTOLOGY = "a comparison of constants"
    SAME_NAMES = "a comparison of a name with itself"
    NAME_COMPARED = "a condition on a column"
    NAMES_COMPARED = "a condition on columns"
    LED_NAMES = "a condition on columns that goes on from another"
    LED_CUT = "a condition that goes on from another and is cut off"
    LED_CALL = "another item of a list, a call of SQL"
    TAIL = "FROM a table, and a clause behind it"
    TAIL_CUT = "FROM a table, and a clause behind it that is cut off"
    BARE_SAME = "a condition of the number before it"
    BARE_NUMBER = "a condition of a number"
    BARE_STRING = "a condition of a string"
    BARE_WORD = "a condition of TRUE, FALSE or NULL"
    BARE_VARIABLE = "a condition of a variable"
    BARE_CALL = "a condition of a function of SQL"
    BARE_NAME = "a condition of a name"
    COMPARED = "a string compared with a constant"
    CALCULATED = "a string calculated with"
    NAME_JOINED = "a string compared or calculated with a name, and the rest commented out"
    CAST = "a cast of PostgreSQL"
    CATALOGUE = "a catalogue of the database"
    CUT_CONDITION = "a condition that is cut off"
    ENDLESS = "an expression of hundreds of tokens before a query's words"
    CUT_CALL = "a call of a function of SQL that is cut off"
    CALL_JOINED = "a string calculated with a function of SQL"
    DANGEROUS_LED = "a call of a dangerous function in an expression"
    DANGEROUS = "a call of a dangerous function"
    NESTED_CALL = "nested calls of functions of SQL"
    TELLING_CALL = "a call that tells of the server"
    SERVER_VARIABLE = "a variable of the server"
    CASES = "a CASE of constants"
    ORDER_NUMBER = "ORDER BY a number"
    ORDER_NAME = "ORDER BY"
    GROUP = "GROUP BY"
    HAVING = "HAVING"
    LIMIT = "LIMIT"
    OUTFILE = "INTO OUTFILE"
    PROCEDURE = "PROCEDURE ANALYSE"
    CLOSED_AND_CUT = "what was open is closed and the rest commented out"
    CUT = "a quote and a comment"
    SINGLE_CLOSED = "a quote and a semicolon"
    MARKED = "a calculation in SQL before a comment"
    LONE_NAME = "a name that only a database has"
    LONE_CALL = "a call of a function of SQL without its end, alone"
    LONE_ALIAS = "what was open is closed, gets a name, and FROM follows"
    LONE_EXPONENT = "a number whose exponent has no digits, and a name"
    LONE_LIST = "a comparison with a list, without what is compared"
    LONE_QUERY = "a subquery without its end"
    LONE_STATEMENT = "another statement without its end"
    LONE_BRANCH = "a branch of CASE without its beginning"


# Columns: COMMENT QUOTE PLAIN BROKEN for each anchor, in the order of `Anchor`.
_ROWS = {
    Sign.UNION_LIST: "97 97 97 95  97 97 97 90  97 97 97 92  95 95 95 80  90 90 90 80",
    Sign.UNION_NAME: "95 95 90 60  85 80 80 50  95 80 85 55  85 70 70  0  55  0 55  0",
    Sign.UNION_BARE: "80 70 70  0  70  0  0  0  70 60 60  0  55  0  0  0   0  0  0  0",
    Sign.UNION_CUT: " 0  0  0 60   0  0  0  0   0  0  0 55   0  0  0  0   0  0  0  0",
    Sign.CATALOGUE_QUERY: "95 95 95 90  92 92 92 80  92 92 92 85  90 90 90 80  80 80 80 70",
    Sign.TABLE_QUERY: "90 90 85 60  80 70 70  0  85 80 80 55  75 60 60  0   0  0  0  0",
    Sign.ITEM_QUERY: "88 88 85 55  70 60 60  0  85 80 80 50  60 50 50  0   0  0  0  0",
    Sign.FIRST_QUERY: " 0  0  0  0   0  0  0  0  80 70 70 60  80 70 70 60   0  0  0  0",
    Sign.FIRST_LIST: " 0  0  0  0   0  0  0  0  70 55 55 50  60 55 55 50   0  0  0  0",
    Sign.STACKED: "97 97 95 95  92 92 90 90  95 95 92 92  90 90 85 85  85 85 85 85",
    Sign.STACKED_NAME: "85 75 75  0  60  0  0  0  80 60 60  0   0  0  0  0   0  0  0  0",
    Sign.FIRST_STATEMENT: "80  0 60 60  0  0  0  0  80  0 60 60  80  0 60 60   0  0  0  0",
    Sign.FIRST_WORDS: "65  0  0  0   0  0  0  0  65  0  0  0  65  0  0  0   0  0  0  0",
    Sign.TAUTOLOGY: "97 97 95 60  90 60 60  0  95 92 92  0  90 80 80  0   0  0  0  0",
    Sign.SAME_NAMES: "90 90 80  0  60  0  0  0  85 60 60  0  70  0  0  0   0  0  0  0",
    Sign.NAME_COMPARED: "88 80 65  0  60  0  0  0  80 55 60  0  60  0  0  0   0  0  0  0",
    Sign.NAMES_COMPARED: "60  0  0  0   0  0  0  0  55  0  0  0   0  0  0  0   0  0  0  0",
    Sign.LED_NAMES: "60  0  0  0   0  0  0  0  65  0 52  0   0  0  0  0   0  0  0  0",
    Sign.LED_CUT: " 0  0  0  0   0  0  0  0   0  0  0 55   0  0  0  0   0  0  0  0",
    Sign.LED_CALL: " 0  0  0  0   0  0  0  0  65  0 55  0   0  0  0  0   0  0  0  0",
    Sign.TAIL: " 0  0  0  0   0  0  0  0  65 55 55  0   0  0  0  0   0  0  0  0",
    Sign.TAIL_CUT: " 0  0  0  0   0  0  0  0   0  0  0 55   0  0  0  0   0  0  0  0",
    Sign.BARE_SAME: "88 80 60  0  55  0  0  0  80 55 55  0   0  0  0  0   0  0  0  0",
    Sign.BARE_NUMBER: "88 80 60  0  55  0  0  0  65  0  0  0  55  0  0  0   0  0  0  0",
    Sign.BARE_STRING: "80 65 55  0   0  0  0  0  60  0  0  0  50  0  0  0   0  0  0  0",
    Sign.BARE_WORD: "85 75 60  0   0  0  0  0  75 52 52  0  50  0  0  0   0  0  0  0",
    Sign.BARE_VARIABLE: "85 80 70  0  50  0  0  0  75 60 60  0  55  0  0  0   0  0  0  0",
    Sign.BARE_CALL: "88 85 70  0  60 50  0  0  80 65 65  0  60  0  0  0   0  0  0  0",
    Sign.BARE_NAME: "60  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.COMPARED: "65 65  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.CALCULATED: "60 55  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.NAME_JOINED: "60  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.CAST: "80 75 70  0  65 60  0  0  75 60 60  0  70 55 55  0   0  0  0  0",
    Sign.CATALOGUE: "80 75 70 55  60 50 50  0  70 60 60 55  60 55 55  0   0  0  0  0",
    Sign.CUT_CONDITION: " 0  0  0 65   0  0  0  0   0  0  0 55   0  0  0  0   0  0  0  0",
    Sign.CUT_CALL: " 0  0  0 60   0  0  0  0   0  0  0 52   0  0  0 52   0  0  0  0",
    Sign.CALL_JOINED: "70 65 60  0   0  0  0  0  60 55 55  0   0  0  0  0   0  0  0  0",
    Sign.DANGEROUS_LED: "95 95 95 90  90 90 90 80  92 92 92 85  85 85 85 75  80 80 80 60",
    Sign.DANGEROUS: "85 85 80 70  75 75 75  0  75 70 70  0  70  0 70  0  60 60 60 60",
    Sign.NESTED_CALL: "80 75 75  0  60  0  0  0  70 55 55  0  55  0  0  0   0  0  0  0",
    Sign.TELLING_CALL: "75 70 65  0  50  0  0  0  65 52 52  0  50  0  0  0   0  0  0  0",
    Sign.SERVER_VARIABLE: "80 70 70  0  60 50  0  0  65 60 60  0  55  0  0  0   0  0  0  0",
    Sign.CASES: "85 80 75  0  65  0  0  0  75 65 65  0  60  0  0  0   0  0  0  0",
    Sign.ORDER_NUMBER: "92 85 85  0  60  0  0  0  90 75 80  0  75  0 52  0   0  0  0  0",
    Sign.ORDER_NAME: "80 65 55  0   0  0  0  0  65  0  0  0  50  0  0  0   0  0  0  0",
    Sign.GROUP: "80 65 55  0   0  0  0  0  65  0  0  0  50  0  0  0   0  0  0  0",
    Sign.HAVING: "85 75 70  0  60  0  0  0  75 60 60  0  65  0 55  0   0  0  0  0",
    Sign.LIMIT: "75 60 55  0  50  0  0  0  60  0  0  0   0  0  0  0   0  0  0  0",
    Sign.OUTFILE: "95 95 95 90  90 90 90 80  92 92 92 85  90 90 90 80  85 85 85 80",
    Sign.PROCEDURE: "95 95 95 90  90 90 90 80  92 92 92 85  90 90 90 80  85 85 85 80",
    Sign.CLOSED_AND_CUT: "78  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.CUT: "65  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.SINGLE_CLOSED: " 0  0 55  0   0  0  0  0   0  0  0  0   0  0  0  0   0  0  0  0",
    Sign.MARKED: "65 55  0  0   0  0  0  0  60  0  0  0  55  0  0  0   0  0  0  0",
}
# ENDLESS has its worth from the detector, and LONE_… theirs from `fragments`.
_WORTH = {sign: tuple(map(int, row.split())) for sign, row in _ROWS.items()}


def worth(sign: Sign, anchor: Anchor, ending: Ending) -> int:
    """How sure a sign is, from 0 to 100."""
    return _WORTH[sign][anchor * len(Ending) + ending]
