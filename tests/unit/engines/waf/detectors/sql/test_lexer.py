"""The lexer cuts what any of the dialects would, and looks at no more than its budget allows."""

import pytest

from masugata.engines.waf.detectors.sql.lexer import Budget, Lexer
from masugata.engines.waf.detectors.sql.words import Kind

NAMES = {value: name for name, value in vars(Kind).items() if name.isupper()}

TABLE = [
    (b"1 or 1=1", "NUMBER CONNECTIVE NUMBER COMPARISON NUMBER"),
    (b"1/**/UNION/*x*/SELECT", "NUMBER UNION SELECT"),
    (b"/*!50000union*/select", "UNION SELECT"),
    (b"'a' \"b\" `c` [d]", "STRING STRING NAME NAME"),
    (b"'a''b' 'a\\'b' ''", "STRING STRING STRING"),
    (b"'never closed", "OPEN_STRING"),
    (b"'ends in a backslash\\", "OPEN_STRING"),
    (b"'ends in a doubled quote''", "OPEN_STRING"),
    (b"N'a' x'41' _utf8'a' $$a$$ $t$a$t$", "STRING STRING STRING STRING STRING"),
    (b"0x41 0b01 1.5e-3 .5 1.", "NUMBER NUMBER NUMBER NUMBER NUMBER"),
    (b"1.e(1)", "LEFT NUMBER RIGHT"),
    (b"1union -1fUNION", "NUMBER UNION ARITHMETIC NUMBER UNION"),
    (b"a.b master..xp_cmdshell [a].[b] `a`.b", "NAME NAME NAME NAME"),
    (b"@a @@version @", "VARIABLE VARIABLE VARIABLE"),
    (b"a::int \\N ->> @> <=> :=", "NAME CAST NAME CONSTANT ARITHMETIC COMPARISON COMPARISON ARITHMETIC"),
    (b"1\xa0or\x0b\x0c2\xc2\xa0and\x003", "NUMBER CONNECTIVE NUMBER CONNECTIVE NUMBER"),
    (b"\xc3\xa9t\xc3\xa9 O\xe2\x80\x99Brien", "NAME NAME"),
    (b"1--\nunion#x\rselect", "NUMBER UNION SELECT"),
    (b"select*/**/from t", "SELECT ARITHMETIC FROM NAME"),
    (b"a.b.c.d.e.f.g", "NAME OTHER NAME"),
    (b"{fn now()}", "BRACE NAME NAME LEFT RIGHT RIGHT"),
    (b"", ""),
]


def kinds(value: bytes, budget: int = 1000) -> str:
    """The names of the kinds of all tokens of a value."""
    lexer = Lexer(value, 0, Budget(budget))
    found = []
    while lexer.advance() != Kind.FINISH:
        found.append(NAMES[lexer.kind])
    return " ".join(found)


@pytest.mark.parametrize(("value", "expected"), TABLE)
def test_tokens(value: bytes, expected: str) -> None:
    """Words, strings, numbers, comments and white space of five dialects are told apart."""
    assert kinds(value) == expected


@pytest.mark.parametrize(
    ("value", "comment"),
    [(b"1-- x", b" x"), (b"1#", b""), (b"1/*y", b"y"), (b"1/*y*/", None), (b"1--\n2", None)],
)
def test_comment_that_takes_the_rest(value: bytes, comment: bytes | None) -> None:
    """Only a comment that ends with the value is told of."""
    lexer = Lexer(value, 0, Budget(100))
    while lexer.advance() != Kind.FINISH:
        pass
    assert lexer.comment == comment


def test_commented() -> None:
    """Whether a comment was passed over is told, wherever it stood."""
    for value, commented in ((b"1/**/2", True), (b"1#\n2", True), (b"1 2", False), (b"'--' 1", False)):
        lexer = Lexer(value, 0, Budget(100))
        while lexer.advance() != Kind.FINISH:
            pass
        assert lexer.commented is commented, value


def test_budget() -> None:
    """A spent budget ends the tokens, and long tokens cost more than short ones."""
    assert len(kinds(b"1+" * 500, budget=100).split()) == 100
    budget = Budget(1000)
    Lexer(b"'" + b"a" * 100_000 + b"'", 0, budget).advance()
    assert budget.left < 700
    budget = Budget(1000)
    Lexer(b"\\'" * 30_000, 1, budget).advance()
    assert budget.left < 100
    stopped = Lexer(b"1 2", 0, Budget(1))
    stopped.advance()
    assert stopped.advance() == Kind.FINISH
    assert stopped.stopped


def test_fork() -> None:
    """Looking ahead moves nothing but the budget."""
    lexer = Lexer(b"select 1", 0, Budget(10))
    lexer.advance()
    ahead = lexer.fork()
    assert ahead.advance() == Kind.NUMBER
    assert (lexer.kind, lexer.text) == (Kind.SELECT, b"SELECT")
    assert lexer.advance() == Kind.NUMBER
