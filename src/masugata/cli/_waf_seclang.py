"""Reading SecLang, the rule language of ModSecurity: files into directives, and directives into their parts.

Source: https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-(v3.x)
"""

import re
from collections.abc import Iterator

import msgspec

from masugata.errors import MasugataError

MOST_DIRECTIVES = 100_000
MOST_PARTS = 2_000
"""Arguments, variables or actions of one directive."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r"@([A-Za-z_]\w*)(?:\s+(.*))?", re.DOTALL)


class SecLangError(MasugataError):
    """Text that is not SecLang as it is known here; the message is without file and line."""


class Directive(msgspec.Struct, frozen=True):
    """Its name as it was written, its arguments without quotes, and the line where it begins.

    `problem` says why the arguments could not be read.
    """

    name: str
    arguments: tuple[str, ...]
    line: int
    problem: str = ""


class Variable(msgspec.Struct, frozen=True):
    """`!` excludes, `&` counts. `selector` follows the colon; `pattern`: it is a regular expression."""

    name: str
    selector: str | None = None
    excluded: bool = False
    counted: bool = False
    pattern: bool = False


class Operator(msgspec.Struct, frozen=True):
    """Without the `@`, in lower case."""

    name: str
    argument: str
    negated: bool = False


class Action(msgspec.Struct, frozen=True):
    """A name in lower case, and the text after its colon without quotes."""

    name: str
    value: str = ""


def read_directives(text: str) -> Iterator[Directive]:
    """All directives of a file, in order; raises SecLangError if there are too many."""
    for count, (line, logical) in enumerate(_logical_lines(text), 1):
        if count > MOST_DIRECTIVES:
            raise SecLangError(f"more than {MOST_DIRECTIVES} directives")
        name, _, rest = logical.partition(" ")
        try:
            yield Directive(name, tuple(_arguments(rest)), line)
        except SecLangError as error:
            yield Directive(name, (), line, str(error))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that a backslash does not continue, without comments and empty ones; tabs are spaces."""
    held: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.rstrip("\r")
        if not held:
            if not stripped.strip() or stripped.lstrip().startswith("#"):
                continue
            start = number
        if stripped.endswith("\\"):
            held.append(stripped[:-1])
            continue
        held.append(stripped)
        whole = "".join(held).strip().replace("\t", " ")
        held = []
        if whole:
            yield start, whole
    if held and (whole := "".join(held).strip()):
        yield start, whole


def _arguments(text: str) -> Iterator[str]:
    """Words, or texts in quotes, in which a backslash takes the quote's meaning from it and only from it."""
    position, count = 0, 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        count += 1
        if count > MOST_PARTS:
            raise SecLangError(f"more than {MOST_PARTS} arguments")
        if text[position] in "\"'":
            quote = text[position]
            end = _closing(text, position + 1, quote)
            yield text[position + 1 : end].replace(f"\\{quote}", quote)
            position = end + 1
        else:
            end = text.find(" ", position)
            end = len(text) if end < 0 else end
            yield text[position:end]
            position = end


def _closing(text: str, position: int, quote: str) -> int:
    while True:
        position = text.find(quote, position)
        if position < 0:
            raise SecLangError(f"a {quote} is not closed")
        if not _escaped(text, position):
            return position
        position += 1


def _escaped(text: str, position: int) -> bool:
    """Whether a backslash stands before it."""
    return position > 0 and text[position - 1] == "\\"


def read_variables(text: str) -> list[Variable]:
    """Such as `ARGS|!ARGS:password|&REQUEST_HEADERS:host`; raises SecLangError."""
    found: list[Variable] = []
    position = 0
    while position <= len(text):
        if len(found) >= MOST_PARTS:
            raise SecLangError(f"more than {MOST_PARTS} variables")
        variable, position = _variable(text, position)
        found.append(variable)
    return found


def _variable(text: str, position: int) -> tuple[Variable, int]:
    """The one that begins here, and where the next one does."""
    excluded = text.startswith("!", position)
    counted = text.startswith("&", position)
    position += excluded or counted
    name = _NAME.match(text, position)
    if name is None:
        raise SecLangError(f"`{text[position : position + 60]}` is not a variable")
    position = name.end()
    selector: str | None = None
    pattern = False
    if text.startswith(":", position):
        selector, position, pattern = _selector(text, position + 1)
    if position < len(text) and text[position] != "|":
        raise SecLangError(f"`|` must follow the variable `{name[0]}`")
    return Variable(name[0].upper(), selector, excluded, counted, pattern), position + 1


def _selector(text: str, position: int) -> tuple[str, int, bool]:
    """The text, where it ends, and whether it is a regular expression."""
    for opening, closing in (("'/", "/'"), ("/", "/"), ("'", "'")):
        if not text.startswith(opening, position):
            continue
        start = position + len(opening)
        end = text.find(closing, start)
        while end >= 0 and (_escaped(text, end) or not _ends(text, end + len(closing))):
            end = text.find(closing, end + 1)
        if end >= 0:
            return text[start:end], end + len(closing), "/" in opening
    end = text.find("|", position)
    end = len(text) if end < 0 else end
    return text[position:end], end, text.startswith("/", position)


def _ends(text: str, position: int) -> bool:
    return position == len(text) or text[position] == "|"


def read_operator(text: str) -> Operator:
    """Such as `!@within GET POST`; without a name it is `rx`."""
    negated = text.startswith("!")
    rest = text[1:] if negated else text
    found = _OPERATOR.fullmatch(rest.lstrip()) if rest.lstrip().startswith("@") else None
    if found is None:
        return Operator("rx", rest, negated)
    return Operator(found[1].lower(), (found[2] or "").rstrip(), negated)


def read_actions(text: str) -> list[Action]:
    """Such as `id:1,phase:2,deny,msg:'No, thanks'`; raises SecLangError."""
    found: list[Action] = []
    position = 0
    while position < len(text):
        if text[position] in ", ":
            position += 1
            continue
        if len(found) >= MOST_PARTS:
            raise SecLangError(f"more than {MOST_PARTS} actions")
        name = _NAME.match(text, position)
        if name is None:
            raise SecLangError(f"`{text[position : position + 60]}` is not an action")
        position = name.end()
        value = ""
        if text.startswith(":", position):
            value, position = _value(text, position + 1)
        found.append(Action(name[0].lower(), value))
    return found


def _value(text: str, position: int) -> tuple[str, int]:
    if text.startswith("'", position):
        end = _closing(text, position + 1, "'")
        return text[position + 1 : end].replace("\\'", "'"), end + 1
    # The value of setvar and others may have a part in quotes: `setvar:'tx.a=b'` and `setvar:tx.a='b,c'`.
    end = position
    while end < len(text) and text[end] != ",":
        end = _closing(text, end + 1, "'") + 1 if text[end] == "'" else end + 1
    return text[position:end].strip(), end
