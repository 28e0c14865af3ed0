"""What the values of attributes do: URLs with a script in them, styles with one, handlers."""

import html
import re
from typing import TypeAlias

from masugata.engines.waf.detectors.html._finding import CERTAIN, LIKELY, POSSIBLE, WEAK

Verdict: TypeAlias = tuple[int, str]

# Decoding calls Python for each reference or escape. No honest value has as many.
_MOST_ESCAPES = 500
_TOO_MANY: Verdict = (POSSIBLE, "more references and escapes than are decoded")

# What the URL parser takes out (https://url.spec.whatwg.org/#concept-basic-url-parser): leading C0 controls and
# spaces, tabs and newlines anywhere. Filters in between take out other controls.
_IGNORED = bytes(range(0x20)) + b"\x7f"
_SCHEME = re.compile(rb"\s*+((?:java|vb|live|j)script|mocha|data|mhtml|feed|view-source|jar)\s*+([:#&])(.*)", re.DOTALL)
_IDLE = re.compile(rb"(?:void[\s(]*+0?[\s)]*+|false|undefined|return(?:\s++(?:false|true))?)?\s*+;?\s*+")
_ACTIVE_DATA = re.compile(
    rb"\s*+(?:text/(?:html|xml|xsl|xslt|javascript|vbscript|ecmascript|x-[a-z-]*script|x-dom-event-stream)|image/svg|"
    rb"application/(?:xml|xhtml|x-?javascript|javascript|ecmascript|xsl|x-shockwave)|[^,]*<|[^,]*;base64_?,\s*+"
    rb"(?:phn|pd94bw|pgh|pgk|pgl|pgz|paw|phk|pgj|pgm|pg0k|pcf))"
)
# What follows the scheme where it is no heading ("JavaScript: the good parts"): no space, and a call or so.
_SCRIPT = re.compile(rb"(?:[^\s][^\s(`=\[{]{0,200}|\s*+/[/*].{0,400}|\s*+[\w$.]{1,40})[(`=\[{]|\s*+[(\['\"`;+!~{-]", re.DOTALL)
_DOES = re.compile(rb"[(=`\[&{]|\\u|\\x|\b(?:throw|location|import|new|delete|alert|confirm|prompt|eval)\b")
_IDLE_HANDLER = re.compile(rb"\s*+(?:true|false|yes|no|on|off|null|none|[\d.]++)?\s*+;?\s*+")
# A function that nobody calls: what frameworks write (`onClick={() => save()}`), and what runs nothing as HTML.
_UNCALLED = re.compile(rb"\{?\s*+(?:async\s++)?(?:\([\w\s,{}.]*+\)|\w++)\s*+=>|\{\s*+\(\s*+\)?\s*+$|\{[\w.]*+\}?$")
_ESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{1,6})[ \t\n\f\r]?|(.))", re.DOTALL)
_CSS_COMMENT = re.compile(rb"/\*(?:[^*]|\*(?!/))*+\*/")
_STYLES = (
    (re.compile(rb"expression\s*+\("), LIKELY, "a style that calls a script (expression)"),
    (re.compile(rb"-moz-binding\s*+:"), LIKELY, "a style that binds a script (-moz-binding)"),
    (re.compile(rb"\bbehaviou?r\s*+:\s*+\S"), LIKELY, "a style that binds a script (behavior)"),
    (re.compile(rb"-o-link\s*+:"), POSSIBLE, "a style that links (-o-link)"),
    (re.compile(rb"(?:java|vb|live)script\s*+:"), LIKELY, "a style with the URL of a script"),
    (re.compile(rb"@import\s*+[\"']?\s*+[^\s\"';]"), POSSIBLE, "a style that imports another one"),
    (re.compile(rb"url\s*+\(\s*+[\"']?\s*+data:\s*+(?:text/|image/svg[^,]*+,[^)]*<script)"), POSSIBLE, "a style with data for a URL"),
)


def decoded(value: bytes) -> bytes | None:
    """The value without character references, in lower case; None if it has too many to look at."""
    if b"&" in value:
        if value.count(b"&") > _MOST_ESCAPES:
            return None
        value = html.unescape(value.decode("latin-1")).encode("utf-8", "surrogatepass")
    return value.lower()


def url(value: bytes) -> Verdict | None:
    """Whether a browser that goes there runs a script."""
    text = decoded(value)
    if text is None:
        return _TOO_MANY
    found = _SCHEME.match(text.translate(None, _IGNORED))
    if found is None:
        return None
    scheme, sign, rest = found.groups()
    if scheme == b"data":
        return (CERTAIN, "a URL with a document in it") if sign == b":" and _ACTIVE_DATA.match(rest) else None
    if scheme in {b"mhtml", b"feed", b"jar", b"view-source"}:
        return POSSIBLE, f"a URL of the scheme {scheme.decode()}"
    if sign != b":" or scheme != b"javascript":
        return POSSIBLE, f"a URL with a script, as old browsers read it ({scheme.decode()})"
    if _IDLE.fullmatch(rest):
        return (20, "a URL with an idle script")
    return CERTAIN, "a URL with a script in it (javascript:)"


def style(value: bytes) -> Verdict | None:
    """Whether a style sheet or the value of a `style` attribute runs or fetches something."""
    text = decoded(value)
    if text is None or text.count(b"\\") + text.count(b"/*") > _MOST_ESCAPES:
        return _TOO_MANY
    if b"\\" in text:
        text = _ESCAPE.sub(_css_character, text).lower()
    if b"/*" in text:
        text = _CSS_COMMENT.sub(b"", text)
    text = text.translate(None, _IGNORED)
    for pattern, score, reason in _STYLES:
        if pattern.search(text):
            return score, reason
    return None


def _css_character(found: re.Match[bytes]) -> bytes:
    digits, other = found.groups()
    if digits is None:
        return other or b""
    number = int(digits, 16)
    return bytes((number,)) if number < 0x80 else b"?"


def handler(value: bytes) -> int:
    """How sure it is that a handler with this body does something."""
    text = decoded(value)
    if text is None:
        return POSSIBLE
    text = text.translate(None, _IGNORED)
    if _UNCALLED.match(text) or _IDLE_HANDLER.fullmatch(text):
        return WEAK
    return CERTAIN if _DOES.search(text) else POSSIBLE


def address(value: bytes) -> Verdict | None:
    """Whether the whole value, made the address of a link, a frame or a script, runs a script: words do not."""
    found = _SCHEME.match(value.translate(None, _IGNORED).lstrip(b"\"'` ").lower())
    if found is None or found[2] != b":":
        return None
    scheme, _, rest = found.groups()
    if scheme == b"data" and not rest.startswith(b" ") and _ACTIVE_DATA.match(rest):
        return LIKELY, "an address with a document in it (data:)"
    if scheme in {b"javascript", b"vbscript"} and _SCRIPT.match(rest):
        return LIKELY, f"an address with a script in it ({scheme.decode()}:)"
    if scheme in {b"mhtml", b"jar"} and rest.startswith((b"http", b"//")):
        return POSSIBLE, f"an address of the scheme {scheme.decode()}"
    return None
