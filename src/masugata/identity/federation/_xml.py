"""XML of strangers: UTF-8 without document types or entities, bounded, read by lxml.

lxml and signxml come with the extra `federation` and are loaded on first use.
"""

import re
from datetime import UTC, datetime
from typing import Any

from masugata.errors import AwsError

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_MOST_ELEMENTS = 20_000
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


class BadXmlError(ValueError):
    """The document is not one that is read."""


def need_extra() -> None:
    """SAML needs the extra; raises an error of status 501 that names it."""
    try:
        import signxml  # noqa: F401, PLC0415
    except ImportError as error:
        raise AwsError(
            "NotImplemented",
            "SAML needs what the extra `federation` brings: install masugata[federation].",
            501,
        ) from error


def parse(text: str) -> Any:
    """The root element of a document; raises `BadXmlError`.

    A document type is refused before anything is parsed, and the encoding is UTF-8 whatever the
    declaration says, so that it cannot hide in another.
    """
    from lxml import etree  # noqa: PLC0415

    if "<!DOCTYPE" in text or "<!ENTITY" in text or "\0" in text:
        raise BadXmlError("it has a document type or entities")
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXmlError(f"it is not well-formed: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise BadXmlError("it has a document type")
    for count, node in enumerate(root.iter(), 1):
        if count > _MOST_ELEMENTS:
            raise BadXmlError(f"it has more than {_MOST_ELEMENTS} elements")
        if node.tag is etree.Entity:
            raise BadXmlError("it has entities")
    return root


def children(element: Any, namespace: str, name: str) -> list[Any]:
    """The children of this name."""
    return list(element.findall(f"{{{namespace}}}{name}"))


def only_child(element: Any, namespace: str, name: str) -> Any:
    """The one child of this name; raises `BadXmlError` if there are none or several."""
    found = children(element, namespace, name)
    if len(found) != 1:
        raise BadXmlError(f"it has {len(found)} elements {name} where one must be")
    return found[0]


def value(element: Any) -> str:
    """The text of an element that holds nothing else; raises `BadXmlError`.

    A comment inside would end the text for one reader and not for another. White space around it belongs
    to it: without, one subject would be taken for another.
    """
    if len(element):
        raise BadXmlError(f"{element.tag} holds more than text")
    return element.text or ""


def moment(text: str) -> datetime:
    """An xs:dateTime as aware UTC; without a zone it is UTC, as SAML says. Raises `BadXmlError`."""
    if _DATE_TIME.fullmatch(text) is None:
        raise BadXmlError(f"`{text[:40]}` is not a date and time")
    try:
        # at most six digits of a fraction are read
        parsed = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadXmlError(f"`{text[:40]}` is not a date and time") from error
