"""What the values of attributes do: addresses with a script in them, styles with one, handlers.

All values are given in lower case.
"""

import re
from typing import TypeAlias

from masugata.engines.waf.detectors.html._finding import CERTAIN, FAINT, LIKELY, POSSIBLE, WEAK
from masugata.engines.waf.detectors.html._references import IGNORED, Spelling, decoded

Verdict: TypeAlias = tuple[int, str]

SCRIPT_SCHEMES = ("javascript", "vbscript", "livescript", "jscript", "mocha")
OTHER_SCHEMES = ("mhtml", "feed", "view-source", "jar")
_NAMES = (*SCRIPT_SCHEMES, "data", *OTHER_SCHEMES)
_SPELLED = Spelling()
# https://url.spec.whatwg.org/#concept-basic-url-parser; old browsers took other signs than a colon too.
_SCHEME = re.compile(
    _SPELLED.before
    + rb"(?:" + rb"|".join(rb"(" + _SPELLED.word(scheme) + rb")" for scheme in _NAMES) + rb")"
    + _SPELLED.before + rb"(" + _SPELLED.word(":") + rb"|[#&])"
)  # fmt: skip
_LOOKED_AT = 2048
_IDLE = re.compile(rb"(?:void[\s(]*+0?[\s)]*+|false|undefined|return(?:\s++(?:false|true))?)?\s*+;?\s*+")
ENCODED_MARKUP = ("phn", "pd94bw", "pgh", "pgk", "pgl", "pgz", "paw", "phk", "pgj", "pgm", "pg0k", "pcf")
"""How markup that acts begins in base64, in lower case: `<s`, `<?xml`, `<h`, `<i` and so on."""
DATA_WORDS = ("alert", "confirm", "prompt", "eval", "import")
"""What a script begins with that is an address by itself."""
_ACTIVE_DATA = re.compile(
    rb"\s*+(?:text/(?:html|xml|xsl|xslt|javascript|vbscript|ecmascript|x-[a-z-]*script|x-dom-event-stream)|image/svg|"
    rb"application/(?:xml|xhtml|x-?javascript|javascript|ecmascript|xsl|x-shockwave)|[^,]*<|[^,]*;base64_?,\s*+(?:"
    + "|".join(ENCODED_MARKUP).encode()
    + rb")|,\s*+(?:"
    + "|".join(DATA_WORDS).encode()
    + rb")\b)"
)
# What follows the scheme where it is no heading ("JavaScript: the good parts"): no space, and a call or so.
_SCRIPT = re.compile(
    rb"(?:[^\s][^\s(`=\[{]{0,200}|\s*+/[/*].{0,400}|\s*+[\w$.]{1,40})[(`=\[{]|\s*+[(\['\"`;+!~{-][^\s,]{0,200}[(`=\[{]",
    re.DOTALL,
)
_DOES = re.compile(rb"[(=`\[&{]|\\u|\\x|\b(?:throw|location|import|new|delete|alert|confirm|prompt|eval)\b")
_IDLE_HANDLER = re.compile(rb"\s*+(?:true|false|yes|no|on|off|null|none|[\d.]++)?\s*+;?\s*+")
# A function that nobody calls: what frameworks write (`onClick={() => save()}`), which as HTML runs nothing.
_UNCALLED = re.compile(
    rb"\{?\s*+(?:async\s++)?(?:\([\w\s,{}.]*+\)|\w++)\s*+=>|\{\s*+\(\s*+\)?\s*+$|\{[\w.]*+\}?$"
)
_ESCAPE = re.compile(rb"\\(?:([0-9a-f]{1,6})[ \t\n\f\r]?|(.))", re.DOTALL)
_MOST_ESCAPES = 500
_CSS_COMMENT = re.compile(rb"/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|\Z)")
_INVISIBLE = bytes(set(IGNORED) - set(b"\t\n\f\r"))
_STYLES = (
    (re.compile(rb"expression\s*+\("), LIKELY, "a style that calls a script (expression)"),
    (re.compile(rb"-moz-binding\s*+:"), LIKELY, "a style that binds a script (-moz-binding)"),
    (re.compile(rb"\bbehavi(?:o|ou)r\s*+:\s*+\S"), LIKELY, "a style that binds a script (behavior)"),
    (re.compile(rb"-o-link\s*+:"), POSSIBLE, "a style that links (-o-link)"),
    (re.compile(rb"(?:java|vb|live)script\s*+:"), LIKELY, "a style with the URL of a script"),
    (re.compile(rb"@import\s*+[\"']?\s*+[^\s\"';]"), POSSIBLE, "a style that imports another one"),
    (re.compile(rb"url\s*+\(\s*+[\"']?\s*+data:\s*+text/"), POSSIBLE, "a style with data for an address"),
)


def url(value: bytes) -> Verdict | None:
    """Whether a browser that goes there runs a script."""
    found = _scheme(value)
    if found is None:
        return None
    scheme, colon, rest = found
    if scheme == "data":
        return (
            (CERTAIN, "an address with a document in it (data:)")
            if colon and _ACTIVE_DATA.match(rest)
            else None
        )
    if scheme in OTHER_SCHEMES:
        return (POSSIBLE, f"an address of the scheme {scheme}") if colon else None
    if not colon or scheme != "javascript":
        return POSSIBLE, f"an address with a script, as old browsers read it ({scheme})"
    if _IDLE.fullmatch(rest):
        return FAINT, "an address with an idle script"
    return CERTAIN, "an address with a script in it (javascript:)"


def address(value: bytes) -> Verdict | None:
    """Whether the whole value, as the address of a link, a frame or a script, runs a script: words do not."""
    found = _scheme(value.lstrip(b"\"'` "))
    if found is None or not found[1]:
        return None
    scheme, _, rest = found
    if scheme == "data" and not rest.startswith(b" ") and _ACTIVE_DATA.match(rest):
        return LIKELY, "an address with a document in it (data:)"
    if scheme in {"javascript", "vbscript"} and _SCRIPT.match(rest):
        return LIKELY, f"an address with a script in it ({scheme}:)"
    if scheme in {"mhtml", "jar"} and rest.startswith((b"http", b"//")):
        return POSSIBLE, f"an address of the scheme {scheme}"
    return None


def _scheme(value: bytes) -> tuple[str, bool, bytes] | None:
    found = _SCHEME.match(value)
    if found is None:
        return None
    sign = found[len(_NAMES) + 1]
    rest = decoded(value[found.end() : found.end() + _LOOKED_AT]).translate(None, IGNORED)
    return _NAMES[_group(found)], sign not in {b"#", b"&"}, rest


def _group(found: re.Match[bytes]) -> int:
    return next(number for number, text in enumerate(found.groups()) if text is not None)


def style(value: bytes) -> Verdict | None:
    """Whether a style sheet or the value of a `style` attribute runs or fetches something."""
    text = decoded(value)
    if b"\\" in text:
        text = _ESCAPE.sub(_css_character, text, count=_MOST_ESCAPES).lower()
    if b"/*" in text:
        text = _CSS_COMMENT.sub(b"", text)
    text = text.translate(None, _INVISIBLE)
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
    if _UNCALLED.match(value) or _IDLE_HANDLER.fullmatch(value):
        return WEAK
    return CERTAIN if _DOES.search(value) else POSSIBLE
