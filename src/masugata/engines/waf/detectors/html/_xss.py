"""Cross-site scripting: markup that acts, in each place of a page where the value may stand."""

import re
from collections.abc import Iterator
from itertools import islice

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
)
from masugata.engines.waf.detectors.html._scripts import breakout, scripts

# Tags and attributes that are not plainly inert, in one value, over all contexts.
_MOST_STEPS = 600
_MATCHED = 200
_GREATER = 0x3E
# What ends the comment, the raw text or the section in which a value may stand.
_ENDS = re.compile(
    rb"--!?>|\]\]>|[?%]>|</(?:script|style|title|textarea|noscript|noembed|noframes|xmp|iframe|template|select|svg|math)"
)
_MOST_ENDS = 5
_CONDITIONAL = re.compile(rb"\s*+\[(?:if|cdata)", re.IGNORECASE)
_STYLE_SHEET = re.compile(rb"xml-stylesheet|import\b|xml:namespace", re.IGNORECASE)


_XHTML = (b"www.w3.org/1999/xhtml", b"www.w3.org/2000/svg")
# What tells a script that begins from a sentence about scripts: its end, or anything but words.
_CODE = re.compile(rb"<[\\]{0,4}/script|[^\s][(`\[]|[={]|/\*|;\S|&#|&\w+;")


# A name and a value that a request has in two places, by the sign between them.
_CUT = re.compile(rb"[\t\n\f\r /\"'](?:on[a-z]{3,40}|src|srcdoc|xlink:href|formaction)\s*+\Z")
_INTERRUPTED = re.compile(rb"(?i)(?<=[a-z])<[a-z]{1,10}/?>(?=[a-z(])")


class _Scan:
    """One value; what one context has read, the next one does not read again."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.lowered = value.lower()
        self.steps = 0
        self._runs: list[tuple[int, int]] = []
        self._read: set[int] = set()
        self._position = 0
        self._styled = 0
        self._words_from: int | None = None

    def text(self, position: int) -> Iterator[Finding]:
        """From a place in the value where a page has text."""
        value = self.value
        if any(start <= position < end for start, end in self._runs):
            return
        while position < len(value):
            if position in self._read:
                return
            self._read.add(position)
            run = INERT.match(self.lowered, position)
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
            if token.end == token.close and (found := _CUT.search(self.lowered, max(0, len(value) - 64))):
                yield Finding(POSSIBLE, "a tag that ends where its handler or address begins", found[0])
            yield from _elements.tag(token.name, self._attributes(token.body, token.close), whole, self)
            if token.name.rpartition(b":")[2] == b"style":
                yield from self._style_sheet(token)
        elif token.kind is Kind.END_TAG:
            if token.name == b"script":
                yield Finding(POSSIBLE, "the end of a script element", value[token.start : token.end])
        elif token.kind is Kind.COMMENT:
            if _CONDITIONAL.match(value, token.body):
                yield from self.text(token.body)
        elif token.kind is Kind.BOGUS_COMMENT and token.name == b"?":
            yield from self._instruction(token)

    def _style_sheet(self, token: Token) -> Iterator[Finding]:
        if token.end < self._styled:
            return
        end = self.lowered.find(b"</style", token.end)
        self._styled = end if end >= 0 else len(self.value)
        if verdict := _values.style(self.lowered[token.end : self._styled]):
            yield Finding(*verdict, self.value[token.start : token.end + _MATCHED][:_MATCHED])

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
        while (position := _end_of(_DULL.match(self.lowered, position))) < len(value) and value[position] != _GREATER:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _TooLong
            found = ATTRIBUTE.match(value, position)
            if found is None:
                return
            yield from _elements.attribute(b"", *_bare(attribute(found)))
            position = found.end()
        if position + 1 < len(value):
            yield from self.text(position + 1)


def _end_of(found: re.Match[bytes] | None) -> int:
    return found.end() if found else 0


class _TooLong(Exception):
    """More markup than is looked at."""


_NAMES = rb"(?:on|style|src|href|action|formaction|data\b|xlink|background|poster|ng-|v-|x-|@|[\x00-\x08\x0b\x0e-\x1f])"
# Attributes whose names say that they only hold something.
_DULL = re.compile(
    rb"(?:[\t\n\f\r /]++|(?!" + _NAMES + rb")" + re.sub(rb"\((?!\?)", rb"(?:", ATTRIBUTE.pattern) + rb")*+"
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
        best = worst(list(self._findings(value)))
        if (best is None or best.score < POSSIBLE) and _INTERRUPTED.search(value):
            best = worst([*(best,) * (best is not None), *self._findings(_INTERRUPTED.sub(b"", value))])
        if best is None:
            return None
        return Evidence("xss", best.reason, (best.matched[:_MATCHED],), best.score)

    def _findings(self, value: bytes) -> Iterator[Finding]:
        scan = _Scan(value)
        try:
            for finding in self._markup(scan):
                yield finding
                if finding.score >= LIKELY:
                    return
        except _TooLong:
            yield Finding(POSSIBLE, "more markup that may act than is looked at", b"")
            return
        if verdict := _values.address(scan.lowered):
            yield Finding(*verdict, value[:_MATCHED])
        yield from scripts(value)
        if found := breakout(value):
            yield found

    def _markup(self, scan: _Scan) -> Iterator[Finding]:
        value = scan.value
        if b"<" in value:
            yield from scan.text(0)
            for end in islice(_ENDS.finditer(scan.lowered), _MOST_ENDS):
                yield from scan.text(end.start() if value[end.start()] == 0x3C else end.end())
        if b"=" in value:
            for quote in (b'"', b"'", b"`"):
                position = value.find(quote)
                if position >= 0:
                    yield from scan.inside_tag(position + 1)
            for finding in scan.inside_tag(0):
                yield finding._replace(score=min(finding.score, POSSIBLE))
                if finding.score >= POSSIBLE:
                    return


XSS = _Xss()
"""Finds cross-site scripting."""
