"""What a single attribute makes a browser do."""

import re

from masugata.engines.waf.detectors.html import _names, _values
from masugata.engines.waf.detectors.html._finding import CERTAIN, LIKELY, POSSIBLE, WEAK
from masugata.engines.waf.detectors.html._markup import Attribute
from masugata.engines.waf.detectors.html._references import decoded
from masugata.engines.waf.detectors.html._values import Verdict

# Directives of AngularJS, Vue, Alpine and htmx whose values are expressions.
_DIRECTIVE = re.compile(
    rb"(?:data-|x-)?ng[-:_](?:click|dblclick|mouse\w+|key\w+|focus|blur|init|bind-html\S*|include|src\S*|on\S*|csp|app|"
    rb"submit|change|copy|cut|paste)$|v-(?:on:\S+|html|bind:\S+)|@[a-z][\w.:-]*$|x-(?:on:\S+|init|html|data|effect)|"
    rb"hx-on\S*|\(\w+\)$"
)
_CALL = re.compile(rb"[\w$\])'\"`]\s*(?:\?\.)?\s*[(`]|=[^=>]")
_QUOTES = b" '\"\t\r\n"


def attribute(element: bytes, name: bytes, each: Attribute) -> Verdict | None:
    """What it does; the name is without controls. An `element` that is not in the value is empty."""
    value = each.value.lower()
    if not value:
        return None
    if name.startswith(b"on"):
        return _event(element, name, value)
    if name in _BY_NAME:
        return _BY_NAME[name](element, value)
    if name in _names.TEXT:
        return None
    if (element or name.startswith(b"ng")) and _DIRECTIVE.match(name):
        return _directive(value)
    return _values.url(value)


def _event(element: bytes, name: bytes, value: bytes) -> Verdict | None:
    score = _values.handler(value)
    if name in _names.EVENTS:
        if not element and score < CERTAIN:
            # `?onload=ready` names a function to a program, and is no attribute.
            score = WEAK
        return score, f"an event handler ({name.decode()})"
    # Nobody knows all events; but without its element a name that only looks like one may be any word.
    if not element or not name.isalnum() or len(name) < 4 or name in _names.ORDINARY:
        return None
    return LIKELY if score == CERTAIN else WEAK, f"an attribute named like an event handler ({name.decode()})"


def _style(_element: bytes, value: bytes) -> Verdict | None:
    return _values.style(value)


def _srcdoc(_element: bytes, _value: bytes) -> Verdict:
    return LIKELY, "a document in an attribute (srcdoc)"


def _formaction(_element: bytes, value: bytes) -> Verdict:
    return _values.url(value) or (POSSIBLE, "a button that sends the form elsewhere (formaction)")


def _content(element: bytes, value: bytes) -> Verdict | None:
    """The address in `0; url=…`, and what else a header has behind a semicolon."""
    if element != b"meta":
        return None
    pieces = (piece for part in value.split(b";", 3) for piece in (part, part.partition(b"=")[2]))
    return next(filter(None, (_values.url(piece.strip(_QUOTES)) for piece in pieces)), None)


def _binding(_element: bytes, _value: bytes) -> Verdict:
    return POSSIBLE, "an attribute that binds data as HTML, in old browsers"


def _directive(value: bytes) -> Verdict | None:
    if _CALL.search(decoded(value)):
        return POSSIBLE, "a template's directive with an expression that calls"
    return None


_BY_NAME = {
    b"style": _style,
    b"srcdoc": _srcdoc,
    b"formaction": _formaction,
    b"content": _content,
    b"datasrc": _binding,
    b"datafld": _binding,
    b"dataformatas": _binding,
}
