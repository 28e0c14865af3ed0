"""The longest run of text and plain formatting, found in one go, so that nothing of it costs a step of its own."""

import re

# Elements that have a verdict of their own.
_SPOKEN_OF = (
    rb"script|style|i?frame|frameset|object|embed|applet|base|meta|link|form|animate\w*|animation|set|import|"
    rb"i?layer|bgsound|isindex|xml"
)
_NAME = rb"(?!(?:[a-z0-9.-]++:)?(?:" + _SPOKEN_OF + rb")[\t\n\f\r />])[a-z][a-z0-9:.-]*+"
# Attributes with text, whatever it says but markup; with an address by a scheme that is safe; with a style of
# plain words, numbers and colours; and any other with a value of plain words.
_TEXT = rb"(?:title|alt|placeholder|class|id|name|rel|target|lang|aria-[a-z]++)"
_ADDRESS = rb"(?:https?:/|mailto:|tel:|\.{0,2}/|#)"
_URLS = rb"(?:href|src|srcset|cite|action|poster)"
_COLOURED = rb"&\\(@]++|rgba?\(|hsla?\(|calc\()*+"
_ATTRIBUTE = (
    rb"(?:"
    + _TEXT + rb"=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[\w./#:-]++)"
    + rb"|" + _URLS + rb"=(?:\"" + _ADDRESS + rb"[^\"<>]*+\"|'" + _ADDRESS + rb"[^'<>]*+')"
    + rb"|style=(?:\"(?![^\"<>]*(?:-o-|script))(?:[^\"<>" + _COLOURED + rb"\"|'(?![^'<>]*(?:-o-|script))(?:[^'<>" + _COLOURED + rb"')"
    + rb"|(?!on|style|srcdoc|formaction)[a-z][a-z0-9-]*+(?:=(?:\"[^\"<>:&(\\\x00-\x1f]*+\"|'[^'<>:&(\\\x00-\x1f]*+'|[\w./#-]++))?+"
    + rb")"
)  # fmt: skip
INERT = re.compile(
    rb"(?:[^<]++|<(?![a-z/!?])|</?" + _NAME + rb"(?:[\t\n\f\r ]++" + _ATTRIBUTE + rb"(?=[\t\n\f\r />]))*+"
    rb"[\t\n\f\r ]*+/?>)*+",
    re.IGNORECASE,
)
