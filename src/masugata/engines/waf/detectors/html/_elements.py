"""What a start tag makes a browser do."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from masugata.engines.waf.detectors.html._attributes import attribute
from masugata.engines.waf.detectors.html._finding import CERTAIN, LIKELY, POSSIBLE, WEAK, Finding
from masugata.engines.waf.detectors.html._markup import Attribute, plain
from masugata.engines.waf.detectors.html._references import decoded
from masugata.engines.waf.detectors.html._values import Verdict

_DATA_SCRIPT = re.compile(
    rb"(?:application/(?:ld\+)?json|text/(?:template|x-template|x-handlebars|x-mathjax-config|plain))\Z"
)
_IMPORTING = re.compile(rb"stylesheet|import|prerender|preload|prefetch|serviceworker|manifest|xsl")
_SECURE = re.compile(rb"\s*+(?:https:)?//[\w.-]++[/?#]?|/|about:blank\s*+$|\s*+$")
_HEADER = re.compile(
    rb"\s*+(?:refresh|set-cookie|link|content-security-policy|x-xss-protection|location)\s*+\Z"
)
_ANIMATED = frozenset(b"href src innerhtml style data".split())
# What loads a program into the page, by which attributes.
_PLUG_INS = {
    b"object": (b"data", b"classid", b"codebase", b"archive", b"type"),
    b"embed": (b"src", b"code", b"type"),
    b"applet": (b"code", b"archive", b"object", b"codebase"),
}


class Rest(Protocol):
    """What the rest of the value says about a tag."""

    @property
    def speaks_html(self) -> bool:
        """Whether HTML's or SVG's namespace is named anywhere."""

    def is_code(self) -> bool:
        """Whether what is behind the tag may be a script."""


class Held(dict[bytes, bytes]):
    """The values of an element's attributes, in lower case; `bare` if its source has no quotes."""

    bare = False


def tag(name: bytes, found: Iterable[Attribute], whole: bytes, rest: Rest) -> Iterator[Finding]:
    """What a start tag of this name, without controls, does; `whole` is the tag as it is to be shown."""
    held = Held()
    for each in found:
        named = plain(each.name)
        held.setdefault(named, each.value.lower())
        held.bare = held.bare or (named == b"src" and each.bare)
        if verdict := attribute(name, named, each):
            yield Finding(*verdict, whole)
    prefix, _, last = name.rpartition(b":")
    if last == b"script":
        yield Finding(*_script(prefix, held, rest), whole)
    elif name in _BY_NAME and (verdict := _BY_NAME[name](name, held)):
        yield Finding(*verdict, whole)


def _script(prefix: bytes, held: Held, rest: Rest) -> Verdict:
    if prefix and not rest.speaks_html:
        return WEAK, "an element named script, of some vocabulary"
    if _DATA_SCRIPT.match(held.get(b"type", b"").strip()) and b"src" not in held:
        return WEAK, "a script element that only holds data"
    if not any(named.rpartition(b":")[2] in {b"src", b"href"} for named in held) and not rest.is_code():
        return WEAK, "the word script in angle brackets"
    return CERTAIN, "a script element"


def _frame(_name: bytes, held: Held) -> Verdict:
    if not held.bare and _SECURE.match(held.get(b"src", b"")):
        return WEAK, "a frame"
    return POSSIBLE, "a frame as no editor writes it: its source is not https, or has no quotes"


def _plug_in(name: bytes, held: Held) -> Verdict:
    loads = any(held.get(source) for source in _PLUG_INS[name])
    return (POSSIBLE if loads else WEAK), f"an element that loads a program ({name.decode()})"


def _base(_name: bytes, held: Held) -> Verdict | None:
    return (LIKELY, "a base element, which moves every address of the page") if b"href" in held else None


def _meta(_name: bytes, held: Held) -> Verdict | None:
    if b"content" in held and _HEADER.match(decoded(held.get(b"http-equiv", b""))):
        return LIKELY, "a meta element that acts as a header"
    if any(b"utf-7" in held.get(named, b"") for named in (b"charset", b"content")):
        return POSSIBLE, "a meta element that has old browsers read UTF-7"
    return None


def _link(_name: bytes, held: Held) -> Verdict | None:
    if _IMPORTING.search(held.get(b"rel", b"")) and held.get(b"href"):
        return POSSIBLE, "a link element that imports"
    return None


def _animation(_name: bytes, held: Held) -> Verdict | None:
    target = decoded(held.get(b"attributename", b"")).strip()
    if target.startswith(b"on") or target.rpartition(b":")[2] in _ANIMATED:
        return LIKELY, "an animation of an attribute that can run a script"
    return None


def _python(name: bytes, _held: Held) -> Verdict:
    return LIKELY, f"a script element of PyScript ({name.decode()})"


def _old(name: bytes, held: Held) -> Verdict | None:
    return (POSSIBLE, f"an element that only old browsers obey ({name.decode()})") if held else None


_BY_NAME: dict[bytes, Callable[[bytes, Held], Verdict | None]] = {
    b"iframe": _frame,
    b"frame": _frame,
    **dict.fromkeys(_PLUG_INS, _plug_in),
    b"base": _base,
    b"meta": _meta,
    b"link": _link,
    **dict.fromkeys(
        b"animate set animatetransform animatemotion animatecolor animation t:set t:animate".split(),
        _animation,
    ),
    **dict.fromkeys(b"py-script mpy-script py-repl".split(), _python),
    **dict.fromkeys(b"layer ilayer bgsound isindex import frameset".split(), _old),
}
