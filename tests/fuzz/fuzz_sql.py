"""Fuzz target: whatever a value holds, the SQL lexer goes forward and ends; evidence is of what was sent.

Or of what an application may make of it: without the comment or the end of a string within a word.
"""

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.detectors.sql.changes import changes
from masugata.engines.waf.detectors.sql.lexer import Budget, Lexer
from masugata.engines.waf.detectors.sql.words import Kind

SEEDS = (
    b"1' or 1=1-- -",
    b"-1 union all select 1,concat(0x3a,user(),@@version) from information_schema.tables#",
    b"1;if(1=1) waitfor delay '0:0:5'--",
    b'x")) and case when 1=1 then sleep(5) else 0 end and (("a"="a',
    b"'/*!50000or*/'1'like'1",
    b"-1 union all s''elect 0,concat(0x3a)",
    b"It's 5 o'clock; don't be late -- thanks",
)
PIECES = (
    *(
        b"'",
        b'"',
        b"`",
        b"\\",
        b"(",
        b")",
        b",",
        b";",
        b"--",
        b"#",
        b"/*",
        b"*/",
        b"/*!",
        b"=",
        b"||",
        b"&&",
        b"::",
    ),
    *(
        b" or ",
        b" and ",
        b"union",
        b" select ",
        b" from ",
        b" where ",
        b" order by ",
        b" having ",
        b"case ",
        b" when ",
    ),
    *(
        b"1",
        b"0x41",
        b"1.e",
        b"@@a",
        b"[a]",
        b"$$",
        b"null",
        b"sleep(",
        b"user()",
        b"{x ",
        b"}",
        b"\xa0",
        b"\xc2\xa0",
        b"\0",
    ),
    *(
        b"drop table a",
        b"waitfor delay",
        b" in ",
        b" as ",
        b" is ",
        b" not ",
        b"values",
        b" into outfile ",
        b"end",
        b"if(",
    ),
)


def fuzz_one(data: bytes) -> None:
    """A finding is a token without length, no way forward, or evidence of another text."""
    budget = Budget(len(data) + 1)
    lexer = Lexer(data, 0, budget)
    before = 0
    while lexer.advance() != Kind.FINISH:
        if not before <= lexer.begin < lexer.position <= len(data):
            raise AssertionError(f"no way forward from {before}: {lexer.begin} to {lexer.position}")
        before = lexer.position
    for place in (Place.QUERY_ARGUMENT, Place.PATH, Place.RAW_BODY):
        evidence = SQL.detect(data, place)
        if evidence is None:
            continue
        if not 50 <= evidence.score <= 100:
            raise AssertionError(f"no score of an attack: {evidence.score}")
        texts = (data, *(change.value for change in changes(data)))
        if not any(evidence.matched[0] in text for text in texts):
            raise AssertionError(f"not in the value: {evidence.matched[0]!r}")
