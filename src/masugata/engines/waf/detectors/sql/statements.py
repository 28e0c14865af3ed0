"""Statements that begin anew: behind a semicolon, or at the start of a value.

Each is told by its first words, written as one line: keywords and names as they are, `0` for numbers, `'` for
strings, `@` for variables, `$` for the end of the value or a comment that takes the rest.
"""

import re

from masugata.engines.waf.detectors.sql.lexer import Lexer
from masugata.engines.waf.detectors.sql.words import Kind

_LOOKED_AT = 7
_STANDS_FOR = {
    Kind.NUMBER: b"0",
    Kind.STRING: b"'",
    Kind.OPEN_STRING: b"'",
    Kind.VARIABLE: b"@",
    Kind.FINISH: b"$",
}
_NAME = rb"(?:[\w.\[\]`\x80-\xff]+)"
_CERTAIN = re.compile(
    rb"""
    (?: I?IF\ (?:\(\ )+(?:[0'@]|SELECT|EXISTS|NOT\ EXISTS)
    |   DROP\ (?:TABLE|DATABASE|SCHEMA|VIEW|INDEX|FUNCTION|PROCEDURE|TRIGGER|USER|LOGIN|ROLE|
          SEQUENCE)(?:\ IF\ EXISTS)?\ NAME (?=\ [;$,)&]|\ CASCADE|\ PURGE)
    |   TRUNCATE\ (?:TABLE\ )?NAME\ [;$,]
    |   (?:ALTER|RENAME)\ (?:TABLE|USER|LOGIN|DATABASE|ROLE|SESSION|SYSTEM)\ NAME\ (?:ADD|DROP|MODIFY|
          CHANGE|RENAME|ALTER|SET|TO|WITH|IDENTIFIED|DISABLE|ENABLE|ENGINE|')
    |   CREATE\ (?:OR\ REPLACE\ )?(?:TEMP\ |TEMPORARY\ |UNIQUE\ |GLOBAL\ )*(?:TABLE|DATABASE|VIEW|INDEX|
          FUNCTION|PROCEDURE|TRIGGER|USER|LOGIN|ROLE|EXTENSION|LANGUAGE|ALIAS|JAVA|
          DIRECTORY)\ (?:IF\ NOT\ EXISTS\ )?(?:NAME|')(?=\ [(;$']|\ AS|\ WITH|\ IDENTIFIED|\ ON|
          \ RETURNS|\ BEFORE|\ AFTER|\ FROM)
    |   (?:INSERT|REPLACE)\ (?:(?:IGNORE|LOW_PRIORITY|DELAYED)\ )?INTO\ NAME\ (?:\(|VALUES|SELECT|SET|
          DEFAULT)
    |   INSERT\ NAME\ (?:\(|VALUES|SELECT|EXEC|EXECUTE)
    |   UPDATE\ (?:ONLY\ |IGNORE\ )?NAME\ SET\ NAME\ =
    |   DELETE\ (?:(?:LOW_PRIORITY|QUICK|IGNORE)\ )?FROM\ NAME\ (?:[;$]|WHERE\ (?:NAME|0|')\ (?:[=<>!]+|
          LIKE|IN|IS|\())
    |   MERGE\ INTO\ NAME\ (?:USING|AS)
    |   EXEC(?:UTE)?\ (?:\(|@|IMMEDIATE\ ['@]|'|PROCEDURE_NAME|NAME\ ['@0])
    |   DECLARE\ (?:@|NAME\ (?:CURSOR|INT|INTEGER|VARCHAR|VARCHAR2|NVARCHAR|CHAR|NUMBER|TEXT))
    |   SET\ (?:@\ (?:=|:=|\$)|GLOBAL\ NAME|SESSION\ NAME|NAME\ =\ |IDENTITY_INSERT|NOCOUNT|XACT_ABORT|
          ANSI_NULLS|QUOTED_IDENTIFIER)
    |   WAITFOR\ (?:DELAY|TIME)\ ['@0]
    |   SHUTDOWN\ (?:[;$]|WITH\ NOWAIT|IMMEDIATE|ABORT)
    |   GRANT\ NAME\ (?:ON\ |,\ |TO\ NAME\ [;$])
    |   REVOKE\ NAME\ (?:ON\ |,\ |FROM\ NAME\ [;$])
    |   (?:GRANT|REVOKE)\ (?:ALL|SELECT|INSERT|UPDATE|EXECUTE)[ ]
    |   CALL\ NAME\ \(
    |   DO\ (?:SLEEP|BENCHMARK|NAME|')\ ?[($]
    |   DO\ '
    |   BEGIN\ (?:DECLARE|EXECUTE|EXEC|DBMS|NAME\ \(|NAME\ ;|SELECT|INSERT|UPDATE|DELETE|WAITFOR)
    |   SHOW\ (?:TABLES|DATABASES|SCHEMAS|VARIABLES|WARNINGS|ERRORS|COLUMNS|GRANTS|PROCESSLIST|STATUS|
          CREATE|FULL|PRIVILEGES|PLUGINS)(?=\ [;$]|\ FROM|\ LIKE|\ WHERE|\ FOR|\ TABLE|\ IN|\ COLUMNS)
    |   COPY\ (?:NAME|\()\ (?:FROM|TO)\ (?:PROGRAM\ |STDOUT|')
    |   LOAD\ (?:DATA|XML)\ (?:LOCAL\ )?(?:INFILE)
    |   LOAD\ '
    |   HANDLER\ NAME\ (?:OPEN|READ|CLOSE)
    |   (?:BACKUP|RESTORE)\ (?:DATABASE|LOG)\ NAME\ (?:TO|FROM|WITH)
    |   ATTACH\ (?:DATABASE\ )?'
    |   PRAGMA\ NAME\ (?:[=(;$])
    |   (?:VACUUM|ANALYZE|RECONFIGURE|COMMIT|ROLLBACK)\ (?:[;$]|INTO\ '|WITH\ OVERRIDE)
    |   WITH\ (?:RECURSIVE\ )?NAME\ AS\ \(
    |   PREPARE\ NAME\ FROM\ ['@]
    |   DBCC\ NAME
    |   BULK\ INSERT\ NAME
    |   LOCK\ TABLES?\ NAME\ (?:READ|WRITE|IN)
    |   FLUSH\ (?:PRIVILEGES|TABLES|LOGS|HOSTS|STATUS)\ [;$]
    |   (?:DESCRIBE|EXPLAIN)\ (?:SELECT|NAME)\ [;$(*0']
    |   PRINT\ (?:@|'\ [;$])
    )
    """.replace(rb"PROCEDURE_NAME", rb"[\w.\[\]]*\b[XS]P_\w+|[\w\[\]]+\.[\w.\[\]]+").replace(rb"NAME", _NAME),
    re.VERBOSE,
)
_MARK = re.compile(rb"[=('@.\[_]")
# Words that text puts behind a semicolon too.
_LIKELY = re.compile(
    rb"(?:(?:DROP|USE|EXEC|EXECUTE|DESC) NAME [;$]|KILL (?:0|@)|COPY NAME (?:FROM|TO) )".replace(
        rb"NAME", _NAME
    )
)


def statement_end(lexer: Lexer) -> tuple[int, bool, bool]:
    """Where the words end by which the statement at the current token is told, or 0 if it is none.

    Then, whether no text says them behind a semicolon, and whether none says them at all, for they have the
    marks of a query.
    """
    words: list[bytes] = []
    ahead = lexer.fork()
    while len(words) < _LOOKED_AT:
        words.append(_STANDS_FOR.get(ahead.kind, ahead.text))
        if ahead.kind == Kind.FINISH:
            break
        ahead.advance()
    shape = b" ".join(words)
    marked = ahead.glued or _MARK.search(shape) is not None
    if _CERTAIN.match(shape):
        return ahead.position, True, marked
    if _LIKELY.match(shape):
        return ahead.position, ahead.glued, ahead.glued
    return 0, False, False
