"""Cuts bytes into tokens of SQL as five dialects together would: spaces, strings and operators of all.

MySQL's conditional comments are read as their content, closed comments as white space; so is what a decoder
puts for bytes that are no text. Every token is found by one regular expression without backtracking or by
`bytes.find`; `Budget` bounds how many are looked at in all. The end of a value is a token too.
"""

import re

from masugata.engines.waf.detectors.sql.words import WORDS, Kind

# By the order of the groups in `_TOKEN`; the first two and names need a closer look.
_COMMENT, _WORD, _QUOTED_NAME = 1, 2, 3
_KINDS = (
    *(Kind.OTHER,) * 3,
    Kind.NAME,
    Kind.STRING,
    Kind.OPEN_STRING,
    Kind.NUMBER,
    Kind.COMPARISON,
    Kind.VARIABLE,
    Kind.CAST,
    Kind.COMPARISON,
    Kind.CONNECTIVE,
    Kind.ARITHMETIC,
    Kind.LEFT,
    Kind.RIGHT,
    Kind.BRACE,
    Kind.RIGHT,
    Kind.COMMA,
    Kind.SEMICOLON,
    Kind.CONSTANT,
    Kind.OTHER,
)
# Characters of UTF-8 beyond ASCII that are no white space; the first kind, which has none, in one step.
_WIDE = (
    rb"(?:[\xc3-\xe2\xe4-\xee\xf0-\xf4][\x80-\xbf\xc3-\xe2\xe4-\xee\xf0-\xf4]++"
    rb"|(?!\xc2\xa0|\xe3\x80\x80|\xef\xbf\xbd)[\xc2\xe3\xef][\x80-\xbf]++)"
)
_TOKEN = re.compile(
    rb"""
    # White space, and what MySQL takes for it: the end of a conditional comment, and `1.e`.
    (?>(?:[\x00-\x20\xa0]++ | \xc2\xa0 | \xe3\x80\x80 | \xef\xbf\xbd
      | \*/(?!\*) | \d++(?:\.\d*+)?e(?=[(.,|&%*^/)]))*)
    (?:
      (/\*!?\d*+ | -- | \#)                                                             # comments
    | ((?!(?:[nxbeq]|u&|_\w{1,16})')(?!\d)(?:\w|WIDE)
        (?>(?:[\w$]++|WIDE)*))                        # words
    | (`[^`]*+`?+ | \[[^\]\[]{0,256}+\])                                                      # quoted names
    | ((?:[nxbeq]|u&|_\w{1,16})?'[^'\\]*+(?>(?:(?:\\.|'')[^'\\]*+)*)'
      | "[^"\\]*+(?>(?:(?:\\.|"")[^"\\]*+)*)"
      | \$\w{0,16}\$[^$]{0,512}+\$\w{0,16}\$)                                                 # strings
    | ((?:[nxbeq]|u&|_\w{1,16})?['"].*+)  # a string that nothing ends
    | (0x[0-9a-f]*+ | 0b[01]++(?!\w) | (?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?(?:[fd](?=union))?)
    | (@> | <@(?=[\x00-\x20'"]) | @\? | @@(?=[\x00-\x20'"]))  # PostgreSQL's, on JSON
    | (@{1,2}(?>(?:[\w.$]++|WIDE)*))                   # variables
    | (::)
    | (<=> | << | >> | <> | != | !< | !> | <= | >= | == | [=<>] | !~\*?+ | ~\* | ~~\*?+ | \?[|&]?)
    | (\|\| | &&)
    | (:= | ->>? | [-+*/%^&|~!])
    | (\() | (\)) | (\{) | (\}) | (,) | (;)
    | (\\N\b)                                                                          # MySQL's NULL
    | (.))
    """.replace(b"WIDE", _WIDE),
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# No dialect has names of more than five parts.
_REST_OF_NAME = re.compile(
    rb"(?>(?:\.{1,3}(?:(?!\d)(?>(?:[\w$]++|WIDE)+)|`[^`]{0,256}+`|\[[^\]]{0,256}+\]|\*(?!/))){1,5})".replace(
        b"WIDE", _WIDE
    )
)
_LARGE, _LONG = 256, 4096
_BACKTICK = ord("`")
_LINE_END = re.compile(rb"[\r\n]")


class Budget:
    """How much more may be looked at in a value, so that work stays bounded whatever a stranger sends."""

    __slots__ = ("left",)

    def __init__(self, tokens: int) -> None:
        self.left = tokens

    @property
    def spent(self) -> bool:
        """Whether nothing more may be looked at."""
        return self.left <= 0


class Lexer:
    """The tokens of `value` from `position` on, one at a time.

    After `advance()` its kind is in `kind`, its text (of words, in upper case) in `text`, its place in
    `begin` and `position`. `glued`: a comment stood where text has a space, or MySQL's executed comments
    were there. `commented`: any comment was there. `stopped`: the budget ended before the value, or the
    reader goes no deeper. `comment` is what the comment that ended the value said, None without one.
    """

    __slots__ = (
        "_budget",
        "_match",
        "begin",
        "comment",
        "commented",
        "glued",
        "kind",
        "position",
        "stopped",
        "text",
        "value",
    )

    def __init__(self, value: bytes, position: int, budget: Budget) -> None:
        self.value = value
        self.position = self.begin = position
        self.kind = Kind.OTHER
        self.text = b""
        self.comment: bytes | None = None
        self.commented = False
        self.glued = False
        self.stopped = False
        self._budget = budget
        self._match = _TOKEN.match

    def advance(self) -> int:
        """Go to the next token, and say its kind; at the end, and where the budget is spent, FINISH."""
        budget = self._budget
        while self.comment is None:
            found = self._match(self.value, self.position)
            if found is None or budget.left <= 0:
                break
            group = found.lastindex or 0
            self.begin, self.position = begin, position = found.span(group)
            budget.left -= 1
            if position - begin >= _LARGE:
                self._pay_for_length()
            if group > _QUOTED_NAME:
                self.text = found[group]
                self.kind = _KINDS[group]
                return self.kind
            if group == _WORD:
                return self._word(found[group].upper())
            if group == _QUOTED_NAME:
                return self._quoted_name(found[group])
            self._skip_comment(found[group])
        self.stopped = self._budget.left <= 0 and self.comment is None
        if not self.stopped:
            self.position = len(self.value)
        self.begin = self.position
        self.text = b""
        self.kind = Kind.FINISH
        return self.kind

    def fork(self) -> "Lexer":
        """Another one at the same token, to look ahead."""
        other = Lexer(self.value, self.position, self._budget)
        other.kind, other.text, other.begin, other.comment = self.kind, self.text, self.begin, self.comment
        return other

    def skip_to(self, position: int) -> None:
        """Go on from a place that a fork has reached."""
        self.position = position

    def _pay_for_length(self) -> None:
        length = self.position - self.begin
        self._budget.left -= length >> 8
        if length > _LONG:
            # What is escaped takes a step of the expression each.
            self._budget.left -= self.value.count(b"\\", self.begin, self.position) >> 5

    def _quoted_name(self, name: bytes) -> int:
        self.text = name
        if len(name) == 1 or name[0] == _BACKTICK != name[-1]:
            self.kind = Kind.OPEN_STRING
        else:
            self._extend_name()
            self.kind = Kind.NAME
        return self.kind

    def _word(self, word: bytes) -> int:
        kind = WORDS.get(word, Kind.NAME)
        self.text = word
        if kind == Kind.NAME and self.value[self.position : self.position + 1] == b".":
            self._extend_name()
        self.kind = kind
        return kind

    def _extend_name(self) -> None:
        rest = _REST_OF_NAME.match(self.value, self.position)
        if rest is not None:
            self.position = rest.end()
            self.text = self.value[self.begin : self.position].upper()

    def _skip_comment(self, opening: bytes) -> None:
        """Over a comment; one that nothing ends takes the rest of the value with it."""
        value = self.value
        self.commented = True
        if opening[:3] == b"/*!":
            self.glued = True
            return
        if opening[:1] == b"/":
            self.position = self.begin + 2
            end = value.find(b"*/", self.position)
            after = end + 2
            self.glued = self.glued or (
                value[self.begin - 1 : self.begin].isalpha() and value[after : after + 1].isalpha()
            )
        else:
            found = _LINE_END.search(value, self.position)
            end = -1 if found is None else found.start()
            after = end
        if end < 0:
            self.comment = value[self.position :]
            after = len(value)
        self._budget.left -= (after - self.begin) >> 8
        self.position = after
