"""The longest run of text and plain formatting, found in one go, so that it costs no steps."""

import re

_END = rb"[\t\n\f\r />]"
# Elements that have a verdict of their own, by their first letters, so that most names fail at one.
_SPOKEN_OF = (
    rb"(?:script|style|set|i(?:frame|mport|layer|sindex)|frame(?:set)?|object|embed|"
    rb"a(?:pplet|nimat\w*)|b(?:ase|gsound)|m(?:eta|py-\w+)|l(?:ink|ayer)|py-\w+)" + _END
)
_NAME = (
    # With an `@` it is somebody's address, as changes and letters have it.
    rb"(?:[a-z][a-z0-9]?(?=" + _END + rb")|(?!" + _SPOKEN_OF + rb")[a-z][a-z0-9.@_+-]*+"
    rb"(?>(?::(?!(?:script|style|set|animate)" + _END + rb")[a-z0-9.@_+-]++)?))"
)
# Markdown's `<https://…>`. To a browser each segment is an attribute: one with a value has to have a name
# that nothing is called.
_IN_LINK = rb"/\x00-\x20\x7f<>\"'`"
_LINK = (
    rb"https?:(?>(?:/[^?=" + _IN_LINK + rb"]*+(?>(?:\?[^" + _IN_LINK + rb"]*+)?))*)>"
)  # fmt: skip
# Values in which no scheme of a script begins: by their first letter, or for want of a sign behind it.
_OTHER = rb"(?![\x00- \x7f]*+(?:[jvld&]|m[^a]|f[^i]))"
_COLOURED = rb"&\\(@]++|(?<=rgb)\(|(?<=rgba)\(|(?<=hsl)\(|(?<=hsla)\(|(?<=calc)\(|(?<=var)\()*)"
_QUIET = rb"(?!on|style|srcdoc|formaction|ng|v-|x-|hx-|data-ng|data(?:src|fld|formatas))[a-z]"
_ATTRIBUTE = (
    rb"(?:"
    # Most names are told from those that act by their first letter.
    rb"(?:[abcegijklmpqrtuwyz]|" + _QUIET + rb")[a-z0-9:-]*+(?>(?:=(?:"
    rb"[\w./-]++|\"(?:" + _OTHER + rb"[^\"<>]*+|[^\"<>:&#\x00-\x1f\x7f]*+)\""
    rb"|'(?:" + _OTHER + rb"[^'<>]*+|[^'<>:&#\x00-\x1f\x7f]*+)'))?)"
    rb"|(?:t(?:itle|arget)|alt|placeholder|class|id|name|rel|lang|width|height|aria-[a-z]++)"
    rb"=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[\w./#:-]++)"
    rb"|style=(?:\"(?![^\"<>]*(?:-o-|script))(?>(?:[^\"<>" + _COLOURED + rb"\""
    rb"|'(?![^'<>]*(?:-o-|script))(?>(?:[^'<>" + _COLOURED + rb"')"
    rb")"
)  # fmt: skip
INERT = re.compile(
    rb"(?>(?:[^<]*+<(?:/?[a-z][a-z0-9]?>|"
    + _LINK
    + rb"|/?"
    + _NAME
    + rb"(?>(?:[\t\n\f\r ]++"
    + _ATTRIBUTE
    + rb"(?="
    + _END
    # More than that no editor writes, and a tag that turns out not to end would be read twice.
    + rb")){0,32})"
    rb"[\t\n\f\r ]*+/?>|<*(?![a-z/!?<])))*)[^<]*+"
)
"""Matches at any place of the data state; the value is in lower case."""
