"""The texts of an XML document: what stands between tags, in attributes, comments and declarations."""

import re

from masugata.engines.waf.parsing.query import Pair
from masugata.engines.waf.transformations import html_entity_decode

MAX_STEPS = 4_000
_SPACES = b" \t\r\n"
_TAG = re.compile(rb"""<(/?[^\s<>"'/=!?][^\s<>"'/=]*+)((?>(?:[^<>"']++|"[^"]*+"|'[^']*+')*))>""")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_SECTIONS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))


def parse_xml(document: bytes) -> tuple[tuple[Pair, ...], bytes]:
    """Names of elements or attributes with their texts, and what could not be read from some point on.

    References to characters and the predefined entities are decoded; no other entity is expanded, and what
    declares them (DOCTYPE) is a text of its own. At most 4,000 tags and texts; work is linear.
    """
    texts: list[Pair] = []
    name, position = b"", 0
    for _ in range(MAX_STEPS):
        start = document.find(b"<", position)
        if start < 0:
            break
        _add(texts, name, document[position:start])
        position = start
        match = _TAG.match(document, start)
        if match is not None:
            name = match[1].lstrip(b"/")
            if match[2]:
                for attribute, double, single in _ATTRIBUTE.findall(match[2]):
                    _add(texts, attribute, double or single)
            position = match.end()
            continue
        section = _section(document, start)
        if section is None:
            break
        text, position = section
        _add(texts, name, text)
    return tuple(texts), document[position:].strip(_SPACES)


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


def _add(texts: list[Pair], name: bytes, text: bytes) -> None:
    text = text.strip(_SPACES)
    if text:
        texts.append((name, html_entity_decode.transform(text)))
