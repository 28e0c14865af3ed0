"""One value as markup, in each state of a page's tokenizer in which it may be put."""

import re
from bisect import bisect
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from masugata.engines.waf.detectors.html import _elements, _values
from masugata.engines.waf.detectors.html._attributes import attribute as judged
from masugata.engines.waf.detectors.html._finding import POSSIBLE, Finding
from masugata.engines.waf.detectors.html._inert import INERT
from masugata.engines.waf.detectors.html._markup import (
    ATTRIBUTE,
    PLAIN,
    SEPARATOR,
    Attribute,
    Kind,
    Token,
    attribute,
    next_token,
    plain,
)
from masugata.engines.waf.detectors.html._names import EVENTS
from masugata.engines.waf.detectors.html._steps import Steps

# What a tag, an attribute with a value and one without take that are not plainly inert, and what more a tag
# takes if it is long: a step for so many bytes.
_TAG, _VALUED, _BARE = 8, 5, 2
_BYTES = 256
_SHOWN = 200
# What ends the comment, the raw text or the section in which a value may stand. The first few are enough:
# behind them all of it is text.
_ENDS = (
    # `re` finds a sign by itself, and looks at what is before it last, in a tenth of the time.
    re.compile(rb">(?<=[-!\]?%]>)(?:(?<=-->)|(?<=--!>)|(?<=\]\]>)|(?<=[?%]>))"),
    re.compile(
        rb"</(?:script|style|title|textarea|noscript|noembed|noframes|xmp|iframe|template|select|svg|math)"
    ),
)
_MOST_ENDS = 3
_CONDITIONAL = re.compile(rb"\s*+\[(?:if|cdata)", re.IGNORECASE)
_INSTRUCTION = re.compile(rb"xml-stylesheet|import\b|xml:namespace", re.IGNORECASE)
_XHTML = (b"www.w3.org/1999/xhtml", b"www.w3.org/2000/svg")
# What tells a script that begins from a sentence about scripts: its end, or anything but words.
_CODE = re.compile(rb"/\*|/script(?<=[<\\]/script)|\((?<=\S\()|`(?<=\S`)|\[(?<=\S\[)|=|\{|;\S|&#|&\w+;")
# Two words in a row, or a tag, are no script, but a syntax error that keeps all of it from running.
_PROSE = re.compile(
    rb"\s*+<[a-z]|[`\"')\].,:;]?[ ,]*+"
    rb"(?!(?:var|let|const|function|async|class|new|return|throw|typeof|void|delete|if|else|for|while|do|switch|"
    rb"case|try|with|import|export|yield|await|break|continue|debugger|static)\b)"
    rb"[a-z]{1,20}[ ,.]++(?!in\b|of\b|instanceof\b)[a-z]{1,20}[ ,.`]"
)
# A value cut where a request is: at its equals sign, an ampersand or a semicolon.
_CUT = re.compile(rb"[\t\n\f\r /\"'](on[a-z]{3,40}|srcdoc|xlink:href|formaction|src|data)\s*+=?\s*+\Z")
_CUT_REACH = 64
_SOURCES = (b"src", b"data")
_LOADING = (b"iframe", b"frame", b"embed", b"object")
_QUOTES = (b'"', b"'")
ACTIVE_NAMES = rb"(?:on|style|src|href|action|formaction|data|xlink|background|poster|ng)"
"""What names of attributes begin with that do more than hold something."""
# Words of a text behind a `<`: attributes without values, of names that no element is asked for. A `type`
# without one hides the next from a browser.
_WORDS = re.compile(
    SEPARATOR + rb"*+(?>(?:(?!" + ACTIVE_NAMES + rb"|type|content)[^\x00-\x20/>=\x7f]++(?=[\t\n\f\r />]|\Z)"
    rb"(?![\t\n\f\r ]*+=)" + SEPARATOR + rb"*+)*)"
)
# An attribute that does nothing, for all that its name says; a run of them, and where the last one begins.
_DULL = rb"(?!" + ACTIVE_NAMES + rb")" + PLAIN + SEPARATOR + rb"*+"
_DULL_ONE = re.compile(_DULL)
_DULL_ONES = re.compile(SEPARATOR + rb"*+(?>(?:" + _DULL + rb")*)")
_DULL_RUN = re.compile(SEPARATOR + rb"*+(?>(?:()" + _DULL + rb")*)")
# How far apart the places are at which readings of attributes that began in different states may meet, and
# how far behind the last beginning. To know where an attribute begins costs a sixth of the time.
_MEETING, _APART = 1024, 8192
# So many of them take a step.
_DULL_IN_A_STEP = 8


class Scan:
    """What markup in the value does; what one context has read, the next one does not read again."""

    def __init__(self, value: bytes, steps: Steps) -> None:
        self.value = value
        self.lowered = value.lower()
        self._steps = steps
        self._inert: list[tuple[int, int]] = []
        self._read: set[int] = set()
        self._between: set[int] = set()
        self._judged: set[int] = set()
        self._met = 0
        self._later: list[int] = []
        self._behind = 0
        self._words_from: int | None = None
        self._styled = 0
        self._opened = False

    def findings(self) -> Iterator[Finding]:
        """What is found in all contexts.

        Raises:
            TooLongError: the value has more that may act than is looked at.
        """
        if b"<" in self.value:
            yield from self._text(0)
            for position in self._ends():
                yield from self._text(position)
            for position in self._later:
                yield from self._text(position)
        if b"=" not in self.value:
            return
        starts = [position + 1 for quote in _QUOTES if (position := self.value.find(quote)) >= 0]
        self._met = max(starts) + _APART if starts else 0
        for position in starts:
            yield from self._inside_tag(position)
        if self.value.endswith(b"=") and (cut := self._cut(0)) and cut[1] in EVENTS and cut[0][:1] in _QUOTES:
            yield Finding(POSSIBLE, "a handler that is cut where it begins", cut[0])
        # Where no quote is left, words may look like attributes: less sure.
        for finding in self._inside_tag(0):
            yield finding._replace(score=min(finding.score, POSSIBLE))
            if finding.score >= POSSIBLE:
                return

    def _ends(self) -> list[int]:
        """Where the page may have text again; what two patterns look for, each fast, is then put in order."""
        signs, tags = (islice(ends.finditer(self.lowered), _MOST_ENDS) for ends in _ENDS)
        return sorted([*(sign.end() for sign in signs), *(tag.start() for tag in tags)])[:_MOST_ENDS]

    def _text(self, position: int) -> Iterator[Finding]:
        """From a place in the value where the page has text."""
        while position < len(self.value) and position not in self._read:
            self._read.add(position)
            # In an inert run each `<` and what follows each `>` is text to whoever comes there.
            number = bisect(self._inert, (position, len(self.value)))
            if number and position < self._inert[number - 1][1]:
                return
            limit = self._inert[number][0] if number < len(self._inert) else len(self.value)
            run = INERT.match(self.lowered, position, limit)
            if run and run.end() > position:
                self._inert.insert(number, run.span())
                position = run.end()
                self._read.add(position)
            token = next_token(self.value, position)
            if token is None:
                return
            values = self.value.count(b"=", token.body, token.close)
            self._steps.take(_TAG + (token.end - token.start) // _BYTES + values // _DULL_IN_A_STEP)
            yield from self._token(token)
            position = token.end

    def _token(self, token: Token) -> Iterator[Finding]:
        match token.kind:
            case Kind.START_TAG:
                yield from self._start_tag(token)
            case Kind.END_TAG:
                if token.name == b"script" and not self._opened:
                    yield Finding(
                        POSSIBLE, "the end of a script that is not in the value", self._shown(token)
                    )
            case Kind.COMMENT:
                if _CONDITIONAL.match(self.value, token.body):
                    self._later.append(token.body)
            case Kind.BOGUS_COMMENT:
                if token.name == b"?" and _INSTRUCTION.match(self.value, token.body):
                    reason = "an instruction that loads a style sheet or a behaviour"
                    yield Finding(POSSIBLE, reason, self._shown(token))

    def _shown(self, token: Token) -> bytes:
        return self.value[token.start : min(token.end, token.start + _SHOWN)]

    def _start_tag(self, token: Token) -> Iterator[Finding]:
        self._behind = token.end
        name = plain(token.name)
        self._opened = self._opened or name.endswith(b"script")
        if (
            token.end == token.close
            and (found := self._cut(token.start))
            and (name in _LOADING or found[1] not in _SOURCES)
        ):
            yield Finding(POSSIBLE, "a tag that ends where its handler or its address begins", found[0])
        yield from _elements.tag(name, self._attributes(token), self._shown(token), self)
        if name.rpartition(b":")[2] == b"style":
            yield from self._style_sheet(token)

    def _cut(self, start: int) -> re.Match[bytes] | None:
        return _CUT.search(self.lowered, max(start, len(self.value) - _CUT_REACH))

    def _attributes(self, token: Token) -> Iterator[Attribute]:
        position = token.body
        while (found := ATTRIBUTE.search(self.value, position, token.close)) is not None:
            self._steps.take(_VALUED if found.end() > found.end(1) else _BARE)
            yield attribute(found)
            words = _WORDS.match(self.lowered, found.end(), token.close)
            position = words.end() if words else found.end()

    def _style_sheet(self, token: Token) -> Iterator[Finding]:
        if token.end < self._styled:
            return
        end = self.lowered.find(b"</style", token.end)
        self._styled = end if end >= 0 else len(self.value)
        if verdict := _values.style(self.lowered[token.end : self._styled]):
            yield Finding(*verdict, self.value[token.start : min(self._styled, token.end + _SHOWN)])

    @cached_property
    def speaks_html(self) -> bool:
        """Whether HTML's or SVG's namespace is named anywhere."""
        return any(address in self.lowered for address in _XHTML)

    def is_code(self) -> bool:
        """Whether what is behind the tag that is being read may be a script."""
        if _PROSE.match(self.lowered, self._behind):
            return False
        if self._words_from is not None and self._behind >= self._words_from:
            return False
        if _CODE.search(self.lowered, self._behind):
            return True
        self._words_from = self._behind
        return False

    def _inside_tag(self, position: int) -> Iterator[Finding]:
        """From a place where a tag of the page goes on: behind the quote of a value, or among attributes."""
        value = self.value
        while position < len(value):
            behind = self._behind_dull(position)
            if behind is None or behind in self._judged:
                return
            position = behind
            self._judged.add(position)
            found = ATTRIBUTE.match(value, position)
            if found is None:
                break
            position = found.end()
            self._steps.take(_VALUED)
            each = attribute(found)
            if verdict := judged(b"", plain(each.name), each):
                yield Finding(*verdict, value[found.start() : min(position, found.start() + _SHOWN)])
        yield from self._text(position + 1)

    def _behind_dull(self, position: int) -> int | None:
        """Behind attributes that do nothing, unless another reading has been between two of them.

        Readings that began in different states soon see the same attributes. To find that out, each notes the
        first attribute behind certain places; what such a place has cut in two is looked at again as a whole.
        """
        lowered = self.lowered
        while True:
            alone = position >= self._met
            meeting = len(lowered) if alone else min(len(lowered), position + _MEETING - position % _MEETING)
            run = (_DULL_ONES if alone else _DULL_RUN).match(lowered, position, meeting)
            if run is None:
                return position
            end = run.end()
            self._steps.take(lowered.count(b"=", position, end) // _DULL_IN_A_STEP)
            if end < meeting or end == len(lowered):
                return end
            last = run.start(1)
            whole = _DULL_ONE.match(lowered, last) if last >= 0 else run
            if whole is None:
                return last
            position = whole.end()
            if position in self._between:
                return None
            self._between.add(position)
