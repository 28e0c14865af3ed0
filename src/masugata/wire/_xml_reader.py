"""A strict reader of XML bodies: small trees, bounded, no document types and so no entities."""

from __future__ import annotations

from xml.parsers import expat

import msgspec

from masugata.errors import AwsError

MAX_DEPTH = 100
MAX_ELEMENTS = 100_000
_BETWEEN = " "  # of a namespace and a local name; no URI has a space


class Element(msgspec.Struct):
    """One element; names are without their namespaces, `text` is what stands directly in it."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = []
    text: str = ""


def read(body: bytes) -> Element:
    """The root element of `body`; AwsError MalformedInput if it is not sound or too large."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", _BETWEEN)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise _malformed("the body is not valid XML") from error
    if reader.root is None:
        raise _malformed("the body has no element")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise _malformed(f"more than {MAX_ELEMENTS} elements, or nested deeper than {MAX_DEPTH} levels")
        local = {_local(key): value for key, value in attributes.items()}
        if len(local) != len(attributes):
            raise _malformed("an attribute occurs in two namespaces")
        element = Element(_local(name), local)
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.root = element
        self._open.append((element, []))

    def end(self, _name: str) -> None:
        element, texts = self._open.pop()
        element.text = "".join(texts)

    def characters(self, text: str) -> None:
        self._open[-1][1].append(text)

    def doctype(self, *_: object) -> None:
        raise _malformed("a document type is not allowed")


def _local(name: str) -> str:
    return name.rpartition(_BETWEEN)[2]


def _malformed(text: str) -> AwsError:
    return AwsError("MalformedInput", text)
