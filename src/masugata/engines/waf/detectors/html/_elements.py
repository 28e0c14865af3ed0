"""What a start tag, or attributes without one, make a browser do."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from masugata.engines.waf.detectors.html import _names, _values
from masugata.engines.waf.detectors.html._finding import CERTAIN, LIKELY, POSSIBLE, WEAK, Finding
from masugata.engines.waf.detectors.html._markup import Attribute, plain
from masugata.engines.waf.detectors.html._references import decoded

# Directives of Angular, AngularJS, Vue, Alpine, htmx and Svelte whose values are expressions.
_DIRECTIVE = re.compile(
    rb"(?:data-|x-)?ng[-:_](?:click|dblclick|mouse\w+|key\w+|focus|blur|init|bind-html\S*|include|src\S*|on\S*|csp|app|"
    rb"submit|change|copy|cut|paste)$|v-(?:on:\S+|html|bind:\S+)|@[a-z][\w.:-]*$|x-(?:on:\S+|init|html|data|effect)|"
    rb"hx-on\S*|\(\w+\)$"
)
_CALL = re.compile(rb"[\w$\])'\"`]\s*(?:\?\.)?\s*[(`]|=[^=>]")
_INERT_SCRIPT = re.compile(
    rb"(?:application/(?:ld\+)?json|text/(?:template|x-template|x-handlebars|x-mathjax-config|plain))\Z"
)
_IMPORTING = re.compile(rb"stylesheet|import|prerender|preload|prefetch|serviceworker|manifest|xsl")
_OUTSIDE = re.compile(rb"\s*+(?:https?:)?[/\\]{2}")
_SECURE = re.compile(rb"\s*+(?:https:)?//[\w.-]++[/?#]?|/|about:blank\s*+$|\s*+$")
_REFRESH = re.compile(
    rb"\s*+(?:refresh|set-cookie|link|content-security-policy|x-xss-protection|location)\s*+\Z"
)


class Rest(Protocol):
    """What the rest of the value says about a tag."""

    @property
    def speaks_html(self) -> bool:
        """Whether HTML's or SVG's namespace is named anywhere."""

    def is_code(self) -> bool:
        """Whether there is anything but words behind the tag."""


def tag(name: bytes, found: Iterable[Attribute], whole: bytes, rest: Rest) -> Iterator[Finding]:
    """What a start tag of this name, without controls, does; `whole` is the tag as it is to be shown."""
    held: dict[bytes, bytes] = {}
    bare = False
    for each in found:
        named = plain(each.name)
        held.setdefault(named, each.value.lower())
        bare = bare or (named == b"src" and each.end - each.start == len(each.name) + 1 + len(each.value))
        yield from attribute(name, named, each, whole)
    prefix, _, last = name.rpartition(b":")
    if last == b"script":
        yield _script(prefix, held, whole, rest)
    elif verdict := _element(name, held, bare=bare):
        yield Finding(*verdict, whole)


def _script(prefix: bytes, held: dict[bytes, bytes], whole: bytes, rest: Rest) -> Finding:
    if prefix and not rest.speaks_html:
        return Finding(WEAK, "an element named script, of some vocabulary", whole)
    if _INERT_SCRIPT.match(held.get(b"type", b"").strip()) and b"src" not in held:
        return Finding(WEAK, "a script element that only holds data", whole)
    if not any(named.rpartition(b":")[2] in {b"src", b"href"} for named in held) and not rest.is_code():
        return Finding(WEAK, "the word script in angle brackets", whole)
    return Finding(CERTAIN, "a script element", whole)


def _element(name: bytes, held: dict[bytes, bytes], *, bare: bool) -> _values.Verdict | None:
    match name:
        case b"iframe" | b"frame":
            return _frame(held, bare=bare)
        case b"object" | b"embed" | b"applet":
            active = any(held.get(source) for source in _names.PLUG_INS[name])
            return (POSSIBLE if active else WEAK), f"an element that loads a program ({name.decode()})"
        case b"base":
            return (
                (LIKELY, "a base element, which moves every address of the page") if b"href" in held else None
            )
        case b"meta":
            if b"content" in held and _REFRESH.match(decoded(held.get(b"http-equiv", b""))):
                return LIKELY, "a meta element that acts as a header"
        case b"link":
            if _IMPORTING.search(held.get(b"rel", b"")) and held.get(b"href"):
                return POSSIBLE, "a link element that imports"
        case b"import" | b"?import":
            return POSSIBLE, "an import of a namespace, as old browsers read it"
        case b"py-script" | b"mpy-script" | b"py-repl":
            return LIKELY, "a script element of PyScript"
        case b"form":
            return WEAK - 10, "a form"
        case _ if name in _names.ANIMATIONS:
            return _animation(held)
        case _ if name in _names.LEGACY and held:
            return POSSIBLE, f"an element that only old browsers obey ({name.decode()})"
    return None


def _frame(held: dict[bytes, bytes], *, bare: bool) -> _values.Verdict:
    if b"srcdoc" in held:
        return LIKELY, "a frame with a document in it (srcdoc)"
    if not bare and _SECURE.match(held.get(b"src", b"")):
        return WEAK, "a frame"
    return POSSIBLE, "a frame as no editor writes it: its source is not https, or has no quotes"


def _animation(held: dict[bytes, bytes]) -> _values.Verdict | None:
    target = decoded(held.get(b"attributename", b"")).strip()
    if target.rpartition(b":")[2] in {b"href", b"src", b"innerhtml", b"style", b"data"} or target.startswith(
        b"on"
    ):
        return LIKELY, "an animation of an attribute that can run a script"
    return None


def attribute(element: bytes, name: bytes, each: Attribute, whole: bytes) -> Iterator[Finding]:
    """What an attribute does; its name is without controls. An empty `element` is one that is not in the value."""
    value = each.value.lower()
    if name.startswith(b"on"):
        yield from _event(element, name, value, whole)
        return
    if not value:
        return
    local = name.rpartition(b":")[2]
    if name == b"style":
        if verdict := _values.style(value):
            yield Finding(*verdict, whole)
    elif name == b"srcdoc":
        yield Finding(LIKELY, "a document in an attribute (srcdoc)", whole)
    elif name in _names.DATA_BINDING:
        yield Finding(POSSIBLE, "an attribute that binds data as HTML, in old browsers", whole)
    elif (element or name.startswith(b"ng")) and _DIRECTIVE.match(name):
        if _CALL.search(decoded(value)):
            yield Finding(POSSIBLE, "a template's directive with an expression that calls", whole)
    elif name == b"content" and element == b"meta":
        yield from _refresh(value, whole)
    elif name not in _names.TEXT and (verdict := _values.url(value)):
        yield Finding(*verdict, whole)
    elif name == b"formaction":
        yield Finding(POSSIBLE, "a button that sends the form elsewhere (formaction)", whole)
    elif (
        local in {b"src", b"href", b"action", b"data", b"background"}
        and not each.complete
        and _OUTSIDE.match(value)
    ):
        yield Finding(WEAK, "an address that never ends (dangling markup)", whole)


def _event(element: bytes, name: bytes, value: bytes, whole: bytes) -> Iterator[Finding]:
    if name in _names.EVENTS:
        if value:
            yield Finding(_values.handler(value), f"an event handler ({name.decode()})", whole)
    elif name.isalnum() and len(name) > 3 and name not in _names.ORDINARY and value:
        score = _values.handler(value)
        score = (LIKELY if element else WEAK) if score == CERTAIN else WEAK
        yield Finding(score, f"an attribute named like an event handler ({name.decode()})", whole)


def _refresh(value: bytes, whole: bytes) -> Iterator[Finding]:
    for part in value.split(b"=") if value.count(b"=") < 9 else (value,):
        for piece in part.split(b";", 3):
            if verdict := _values.url(piece.strip(b" '\"\t\r\n")):
                yield Finding(*verdict, whole)
                return
