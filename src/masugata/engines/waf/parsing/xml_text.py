"""The texts of an XML document: what stands between tags, in attributes, comments and declarations."""

import re

from masugata.engines.waf.parsing.query import Pair
from masugata.engines.waf.transformations import html_entity_decode

MAX_STEPS = 4_000
_SPACES = b" \t\r\n"
_TAG = re.compile(rb"""<(/?[^\s<>"'/=!?][^\s<>"'/=]*+)((?>(?:[^<>"']++|"[^"]*+"|'[^']*+')*))>""")
# A name begins behind what is in none: tried from each of its bytes on, a long one would take seconds.
_ATTRIBUTE = re.compile(rb"""(?<![^\s=<>"'/])([^\s=<>"'/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_NAME = re.compile(rb"/?[\w:.\x80-\xff-]+")
_ATTRIBUTES = re.compile(rb"""(?>(?:[\s/]*[\w:.\x80-\xff-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)[\s/]*""")
_ENDS = frozenset((b"/", b" /"))  # of elements without attributes
_CDATA = b"<![CDATA["
_SECTIONS = ((b"<!--", b"-->"), (_CDATA, b"]]>"), (b"<?", b"?>"))


def parse_xml(document: bytes, most: int = MAX_STEPS) -> tuple[tuple[Pair, ...], bytes]:
    """Names of elements or attributes with their texts, and what could not be read from some point on.

    References to characters and the predefined entities are decoded; no other entity is expanded, and what
    declares them (DOCTYPE) is a text of its own, as is a tag that is not XML's. Texts that only comments and
    sections part come together too. At most 4,000 tags and texts, until there are `most` different ones; work
    is linear.
    """
    texts: dict[Pair, None] = {}
    name, position = b"", 0
    run: list[bytes] = []
    names: set[bytes] = set()
    for _ in range(MAX_STEPS):
        if len(texts) >= most:
            break
        match = _TAG.match(document, position)
        if match is None:
            start = document.find(b"<", position)
            if start < 0:
                break
            if position < start:
                text = document[position:start]
                _add(texts, name, text)
                run.append(text)
                position = start
                match = _TAG.match(document, position)
        if match is not None:
            if run:
                _add_together(texts, name, run)
                run = []
            name = match[1].lstrip(b"/")
            _add_tag(texts, match, names)
            position = match.end()
            continue
        section = _section(document, position)
        if section is None:
            break
        text, end = section
        _add(texts, name, text)
        if document.startswith(_CDATA, position):
            run.append(text)
        position = end
    _add_together(texts, name, run)
    return tuple(texts), document[position:].strip(_SPACES)


def _add_tag(texts: dict[Pair, None], tag: re.Match[bytes], names: set[bytes]) -> None:
    """Its attributes, and itself if it is not XML's; `names` are those that are known to be."""
    name, rest = tag[1], tag[2]
    if rest in _ENDS:
        rest = b""
    if rest:
        for attribute, double, single in _ATTRIBUTE.findall(rest):
            _add(texts, attribute, double or single)
    if name not in names and _NAME.fullmatch(name) is not None:
        names.add(name)
    if name not in names or (rest and _ATTRIBUTES.fullmatch(rest) is None):
        _add(texts, b"", tag[0])


def _add_together(texts: dict[Pair, None], name: bytes, run: list[bytes]) -> None:
    if sum(1 for text in run if text) > 1:
        _add(texts, name, b"".join(run))


def _section(document: bytes, start: int) -> tuple[bytes, int] | None:
    """The text of a comment, a CDATA section or a declaration, and where it ends; None where it does not."""
    for opening, closing in _SECTIONS:
        if document.startswith(opening, start):
            end = document.find(closing, start + len(opening))
            return None if end < 0 else (document[start + len(opening) : end], end + len(closing))
    if not document.startswith(b"<!", start):
        return None
    end = document.find(b">", start)
    subset = document.find(b"[", start, end) if end >= 0 else -1
    if subset >= 0:
        end = document.find(b"]", subset)
        end = document.find(b">", end) if end >= 0 else -1
    return None if end < 0 else (document[start : end + 1], end + 1)


def _add(texts: dict[Pair, None], name: bytes, text: bytes) -> None:
    text = text.strip(_SPACES)
    if text:
        texts[name, html_entity_decode.transform(text)] = None
