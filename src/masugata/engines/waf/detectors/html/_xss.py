"""Cross-site scripting: markup that acts, in each place of a page where the value may stand."""

import re
from collections.abc import Iterator

from masugata.engines.waf.detectors._detector import Evidence, Place
from masugata.engines.waf.detectors.html import _elements, _values
from masugata.engines.waf.detectors.html._finding import LIKELY, POSSIBLE, WEAK, Finding, worst
from masugata.engines.waf.detectors.html._hints import HINTS
from masugata.engines.waf.detectors.html._inert import INERT
from masugata.engines.waf.detectors.html._markup import (
    ATTRIBUTE,
    Attribute,
    Kind,
    Token,
    attribute,
    next_token,
    tag_end,
)
from masugata.engines.waf.detectors.html._scripts import breakout, scripts

# Tags and attributes that are not plainly inert, in one value, over all contexts.
_MOST_STEPS = 1500
_MATCHED = 200
# What ends the comment, the raw text or the section in which a value may stand.
_ENDS = re.compile(
    rb"--!?>|\]\]>|[?%]>|</(?:script|style|title|textarea|noscript|noembed|noframes|xmp|iframe|template|select|svg|math)",
    re.IGNORECASE,
)
_MOST_ENDS = 8
_CONDITIONAL = re.compile(rb"\s*+\[(?:if|cdata)", re.IGNORECASE)
_STYLE_SHEET = re.compile(rb"xml-stylesheet|import\b|xml:namespace", re.IGNORECASE)


_XHTML = (b"www.w3.org/1999/xhtml", b"www.w3.org/2000/svg")
# What tells a script that begins from a sentence about scripts: its end, or anything but words.
_CODE = re.compile(rb"</script|[^\s][(`\[]|[={]|/\*|;\S|&#|&\w+;")


class _Scan:
    """One value; what one context has read, the next one does not read again."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.lowered = value.lower()
        self.steps = 0
        self._runs: list[tuple[int, int]] = []
        self._read: set[int] = set()
        self._position = 0
        self._words_from: int | None = None

    def text(self, position: int) -> Iterator[Finding]:
        """From a place in the value where a page has text."""
        value = self.value
        while position < len(value):
            if position in self._read or any(start <= position < end for start, end in self._runs[:64]):
                return
            self._read.add(position)
            run = INERT.match(value, position)
            if run and run.end() > position:
                self._runs.append(run.span())
                position = run.end()
                self._read.add(position)
            token = next_token(value, position)
            if token is None:
                return
            yield from self._token(token)
            position = token.end

    def _token(self, token: Token) -> Iterator[Finding]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise _TooLong
        value = self.value
        if token.kind is Kind.START_TAG:
            whole = value[token.start : token.end][:_MATCHED]
            self._position = token.end
            yield from _elements.tag(token.name, self._attributes(token.body, token.close), whole, self)
            if token.name.rpartition(b":")[2] == b"style":
                end = self.lowered.find(b"</style", token.end)
                if verdict := _values.style(value[token.end : end if end >= 0 else len(value)]):
                    yield Finding(*verdict, value[token.start : token.end + _MATCHED][:_MATCHED])
        elif token.kind is Kind.END_TAG:
            if token.name == b"script":
                yield Finding(POSSIBLE, "the end of a script element", value[token.start : token.end])
        elif token.kind is Kind.COMMENT:
            if _CONDITIONAL.match(value, token.body):
                yield from self.text(token.body)
        elif token.kind is Kind.BOGUS_COMMENT and token.name == b"?":
            yield from self._instruction(token)

    def _instruction(self, token: Token) -> Iterator[Finding]:
        if not _STYLE_SHEET.match(self.value, token.body):
            return
        whole = self.value[token.start : token.end][:_MATCHED]
        yield Finding(POSSIBLE, "an instruction that loads a style sheet or a behaviour", whole)

    def _attributes(self, body: int, close: int) -> Iterator[Attribute]:
        for found in ATTRIBUTE.finditer(self.value, body, close):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _TooLong
            yield attribute(found)

    @property
    def speaks_html(self) -> bool:
        """Whether HTML's or SVG's namespace is named anywhere."""
        return any(address in self.lowered for address in _XHTML)

    def is_code(self) -> bool:
        """Whether there is anything but words behind the tag that is being read."""
        if self._words_from is not None and self._position >= self._words_from:
            return False
        if _CODE.search(self.lowered, self._position):
            return True
        self._words_from = self._position
        return False

    def inside_tag(self, position: int) -> Iterator[Finding]:
        """From a place where a tag of the page goes on: out of the quotes of an attribute's value, or never in any."""
        value = self.value
        close, end = tag_end(value, position)
        while (position := _DULL.match(value, position, close).end()) < close:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _TooLong
            found = ATTRIBUTE.match(value, position, close)
            yield from _elements.attribute(b"", *_bare(attribute(found)))
            position = found.end()
        if end < len(value):
            yield from self.text(end)


class _TooLong(Exception):
    """More markup than is looked at."""


_NAMES = rb"(?:on|style|src|href|action|formaction|data\b|xlink|background|poster|ng-|v-|x-|@|[\x00-\x08\x0b\x0e-\x1f])"
# Attributes whose names say that they only hold something.
_DULL = re.compile(
    rb"(?:[\t\n\f\r /]++|(?!" + _NAMES + rb")" + re.sub(rb"\((?!\?)", rb"(?:", ATTRIBUTE.pattern) + rb")*+", re.IGNORECASE
)


def _bare(each: Attribute) -> tuple[bytes, Attribute, bytes]:
    name = each.name.translate(None, bytes(range(0x20)))
    return name, each, each.name + b"=" + each.value[:_MATCHED]


class _Xss:
    """The detector; it keeps nothing between values."""

    family = "xss"
    hints = HINTS

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it; work is linear in the length of the value."""
        best = worst(list(self._findings(value, place)))
        if best is None:
            return None
        return Evidence("xss", best.reason, (best.matched[:_MATCHED],), best.score)

    def _findings(self, value: bytes, place: Place) -> Iterator[Finding]:
        scan = _Scan(value)
        try:
            for finding in self._markup(scan, place):
                yield finding
                if finding.score >= LIKELY:
                    return
        except _TooLong:
            yield Finding(POSSIBLE, "more markup that may act than is looked at", b"")
        if verdict := _values.address(value[:4096]):
            yield Finding(*verdict, value)
        yield from scripts(scan.lowered, value)
        if found := breakout(value):
            yield found

    def _markup(self, scan: _Scan, place: Place) -> Iterator[Finding]:
        value = scan.value
        if b"<" in value:
            yield from scan.text(0)
            for end in list(_ENDS.finditer(value))[:_MOST_ENDS]:
                yield from scan.text(end.start() if value[end.start()] == 0x3C else end.end())
        if b"=" in value:
            for quote in (b'"', b"'", b"`"):
                position = value.find(quote)
                if position >= 0:
                    yield from scan.inside_tag(position + 1)
            for finding in scan.inside_tag(0):
                yield finding._replace(score=min(finding.score, POSSIBLE))


XSS = _Xss()
"""Finds cross-site scripting."""
