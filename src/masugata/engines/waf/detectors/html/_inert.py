"""The longest run of text and plain formatting, found in one go, so that it costs no steps."""

import re

# Elements that have a verdict of their own.
_SPOKEN_OF = (
    rb"script|style|i?frame|frameset|object|embed|applet|base|meta|link|form|animate\w*|animation|set|import|"
    rb"i?layer|bgsound|isindex|m?py-\w+"
)
_END = rb"[\t\n\f\r />]"
_NAME = (
    rb"(?!(?:" + _SPOKEN_OF + rb")" + _END + rb")[a-z][a-z0-9.-]*+"
    rb"(?>(?::(?!(?:script|style|set|animate)" + _END + rb")[a-z0-9.-]++)?)"
)
# Values in which no scheme of a script begins: by their first letter, or for want of a sign behind it.
_OTHER = rb"(?![\x00- \x7f]*+(?:[jvld&]|m[^a]|f[^i]))"
_COLOURED = rb"&\\(@]++|(?<=rgb)\(|(?<=rgba)\(|(?<=hsl)\(|(?<=hsla)\(|(?<=calc)\(|(?<=var)\()*)"
_ATTRIBUTE = (
    rb"(?:"
    rb"(?:title|alt|placeholder|class|id|name|rel|target|lang|width|height|aria-[a-z]++)"
    rb"=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[\w./#:-]++)"
    rb"|style=(?:\"(?![^\"<>]*(?:-o-|script))(?>(?:[^\"<>" + _COLOURED + rb"\""
    rb"|'(?![^'<>]*(?:-o-|script))(?>(?:[^'<>" + _COLOURED + rb"')"
    rb"|(?!on|style|srcdoc|formaction|ng|v-|x-|hx-|data-ng|data(?:src|fld|formatas))[a-z][a-z0-9-]*+"
    rb"(?>(?::[a-z0-9-]++)?)(?>(?:=(?:"
    rb"\"(?:" + _OTHER + rb"[^\"<>]*+|[^\"<>:&#\x00-\x1f\x7f]*+)\""
    rb"|'(?:" + _OTHER + rb"[^'<>]*+|[^'<>:&#\x00-\x1f\x7f]*+)'"
    rb"|[\w./-]++))?)"
    rb")"
)  # fmt: skip
INERT = re.compile(
    rb"(?>(?:[^<]++|<(?![a-z/!?])|</?[a-z][a-z0-9]?>|</?"
    + _NAME
    + rb"(?>(?:[\t\n\f\r ]++"
    + _ATTRIBUTE
    + rb"(?="
    + _END
    + rb"))*)"
    rb"[\t\n\f\r ]*+/?>)*)"
)
"""Matches at any place of the data state; the value is in lower case."""
