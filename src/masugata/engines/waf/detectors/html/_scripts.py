"""Scripts without markup: what is put into a script, a template or an address that is there already.

Each shape is a word, found in C, and what must stand before and behind it. What stands there is written in the
syntax that `re` and Hyperscan share, and each repetition is bounded.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from masugata.engines.waf.detectors.html._finding import LIKELY, POSSIBLE, Finding

_REACH_BEFORE = 64
# How many words are looked at in one value, of which those weigh more that begin a shape.
_MOST_WORDS = 3000
_BEGUN = 25

_GAP = r"\s{0,6}"
_ASK = rf"{_GAP}(?:\?\.)?{_GAP}"
_WINDOW = r"(?:window|self|top|parent|frames|globalthis|this|document|content)"
# The word stands alone, or is a member of the window.
_ALONE = rf"(?:^|[^\w$.-]|--|[^\w]-|(?:{_WINDOW}|\))\s?[?]?\.\s?)"
_STRING = r"['\"`]"
_ARGUMENT = (
    rf"(?:-?\d|{_STRING}|/|\[|\{{|\(|document|window|location|self|top|parent|frames|this|name\)|origin\)|"
    r"domain\)|navigator|string\.|atob|btoa|unescape|decodeuri|eval|url\)|cookie|localstorage|"
    r"sessionstorage|xss|[a-z0-9_$]{1,12}\)\s{0,2}(?://|;|['\"`<]|-|\+|$))"
)
_DIALOGS = ("alert", "confirm", "prompt")
_DIALOG = r"(?:alert|confirm|prompt)"
_CALLED = rf"{_ASK}[(`]"


class Shape(NamedTuple):
    """Words, one of which must be there in lower case, and patterns for what is before and from the word on."""

    words: tuple[str, ...]
    before: str
    behind: str
    score: int
    reason: str


SHAPES = (
    Shape(_DIALOGS, _ALONE, rf"{_DIALOG}{_ASK}\({_GAP}{_ARGUMENT}", LIKELY, "a script that opens a dialog"),
    Shape(_DIALOGS, r"(?:^|[^\w$`-]|-\s?)", rf"{_DIALOG}{_ASK}`[^`\s]{{0,60}}`", LIKELY, "a script that opens a dialog"),
    Shape(_DIALOGS, r"[(\[,]\s?", rf"{_DIALOG}{_GAP}[)\]]{_ASK}(?:[(`\[]|\.\w{{1,20}}\()", LIKELY, "a function called in disguise"),
    Shape(_DIALOGS, r"[\w$)\]]\s?(?:\?\.)?(?:\[[^\]]{1,20}\]|\.\w{1,20})?\s?[(`](?:[^()]{0,40},)?\s?", rf"{_DIALOG}\s{{0,2}}[,)]{_GAP}(?:[;.)(`'\"]|//|$)", POSSIBLE, "a dialog passed to be called"),
    Shape(_DIALOGS, _ALONE, rf"{_DIALOG}{_ASK}\.{_GAP}(?:call|apply|bind){_CALLED}", LIKELY, "a function called in disguise"),
    Shape(_DIALOGS, r"[\w$\]}]\s?=\s?\[?", rf"{_DIALOG}\s{{0,2}}[;,}}\])].{{0,80}}(?:throw|[\w$)\]][(`])", LIKELY, "a function called in disguise"),
    Shape(("onerror",), "", rf"onerror[\]}}\s]{{0,4}}[=:]{_GAP}[\[{{\w].{{0,120}}throw", LIKELY, "an error that is thrown to a function"),
    Shape(("eval", "execscript"), _ALONE, rf"(?:eval|execscript){_ASK}[(`]{_GAP}(?:{_STRING}|/|\(|\[|atob|string\.|name\)|name\b|location|document|window|self|top|this|unescape|decodeuri|url\)|url\.|\w{{1,20}}\.\w{{1,20}}\s?[(.)\[]|\w{{1,20}}\(|\d)", POSSIBLE, "a script made from text (eval)"),
    Shape(("eval",), _ALONE, rf"eval{_ASK}\.{_GAP}(?:call|apply|bind){_CALLED}", LIKELY, "a script made from text (eval)"),
    Shape(("settimeout", "setinterval", "setimmediate"), _ALONE, rf"set(?:timeout|interval|immediate){_ASK}[(`]{_GAP}(?:{_STRING}|`|/|atob|{_DIALOG}|eval)", POSSIBLE, "a script made from text (a timer)"),
    Shape(("function",), _ALONE, rf"function(?:{_ASK}\({_GAP}(?:{_STRING}|atob|/)|`)", POSSIBLE, "a script made from text (Function)"),
    Shape(("constructor",), "", rf"constructor(?:{_STRING}\s?\]|\s|\.|\?|\[|{_STRING}){{1,6}}constructor", LIKELY, "the constructor of functions"),
    Shape(("constructor",), rf"(?:[.\[]\s?{_STRING}?)", rf"constructor{_STRING}?\s?\]?{_ASK}(?:\({_GAP}(?:{_STRING}|atob|\w{{1,12}}\))|`)", LIKELY, "the constructor of functions"),
    Shape(("document",), _ALONE, rf"document{_GAP}(?:\?\.|\.|\[{_GAP}{_STRING}){_GAP}(?:write|writeln){_STRING}?\]?{_CALLED}", POSSIBLE, "a script that writes into the page"),
    Shape(("document",), _ALONE, r"document\s{0,6}\)?(?:\?\.|\.|\[\s?['\"`])\s{0,6}(?:cookie|location|domain|referrer|url)['\"`]?\]?\s?(?:\.\s?(?:href|hash|search)\s?)?\+?=[^=]", POSSIBLE, "a script that sets what belongs to the document"),
    Shape(("document",), r"[(+=,{\[!`;.]\s?", r"document\s{0,6}\)?\s{0,6}(?:\?\.|\.|\[\s?['\"`])\s{0,6}(?:cookie|domain|location|documenturi|baseuri)", POSSIBLE, "a script that reads what belongs to the document"),
    Shape(tuple(word + sign for word in ("window", "self", "top", "parent", "frames", "globalthis") for sign in ("[", "?.[")), _ALONE, rf"{_WINDOW}(?:\?\.)?\[[\s(]{{0,4}}(?:['\"`/+({{\[!~]|\d[\d.]{{3}}|\w{{1,20}}[.(])[^;]{{0,120}}\]{_CALLED}", LIKELY, "a member of the window called by a computed name"),
    Shape(("self", "top", "window", "parent", "frames"), r"\[\s?", rf"{_WINDOW}\s?\]\s?\[\s?\d\s?\]\s?(?:\?\.)?\[", LIKELY, "a member of the window called by a computed name"),
    Shape(("![]", "+[]", "[][", "{}+"), "", r"(?:!\[\]|\+\[\]|\[\]\[|\{\}\+)[\[\]()!+{}]{14}", LIKELY, "a script of brackets (JSFuck)"),
    Shape(("fromcharcode", "fromcodepoint"), r"string\s?(?:\.|\[\s?['\"`])\s?", r"from(?:charcode|codepoint)['\"`\]]{0,2}\s?(?:\.\s?(?:apply|call)\s?)?\(", POSSIBLE, "text made from numbers"),
    Shape(("import",), r"(?:^|[^\w$.-])", rf"import{_GAP}\({_GAP}{_STRING}\s?(?:https?:|//|\\|data:\w|blob:|javascript:)", LIKELY, "a script that imports another one"),
    Shape(("importscripts", "getscript"), "", rf"(?:importscripts|getscript){_GAP}\({_GAP}{_STRING}", POSSIBLE, "a script that imports another one"),
    Shape(("fetch", "sendbeacon"), _ALONE, rf"(?:fetch|sendbeacon){_ASK}[(`][^;]{{0,160}}(?:cookie|localstorage|document\.|btoa)", POSSIBLE, "a script that sends what it read"),
    Shape(("image",), r"new\s{1,3}", r"image\s?(?:\(\s?\))?\s?[).]{0,2}\s?\.?src\s?=", POSSIBLE, "a script that sends what it read"),
    Shape(("location",), r"(?:^|[^\w$])", rf"location{_GAP}(?:\.\s?(?:href|hash|assign|replace)\s?|\[[^\]]{{1,20}}\]\s?)?[=(]{_GAP}(?:{_STRING}\s?(?:javas|data:|//|[^'\"`]{{0,20}}{_STRING}\s?\+)|name\b|atob|document\.|location|window|eval|this\.)", POSSIBLE, "a script that goes elsewhere"),
    Shape(("location",), r"(?:window|self|top|parent|document|this)\s?\.\s?", rf"location(?:\.href)?\s?=\s?{_STRING}", POSSIBLE, "a script that goes elsewhere"),
    Shape(("throw",), r"(?:onerror|\]\s?=\s?\[|eval).{0,50}", r"throw[\s/]", POSSIBLE, "an error that is thrown to a function"),
    Shape(("script:",), r"(?:java|vb|live)\s?", r"script:(?:(?:var|let|const|throw|function|eval|typeof|with)\b|[\w$.\[\]'\"%]{0,60}[(`={]|(?:\s|%0[ad]|%09){0,4}(?:/[/*].{0,240}[(`=]|[\w$.\[\]]{1,40}(?:\(|`|=\S))|[;'\"`+!~\[({-][^\s,]{0,80}[(`=])", POSSIBLE, "the URL of a script"),
    Shape((*_DIALOGS, "eval"), r"\[\s?['\"`]\s?", rf"(?:{_DIALOG}|eval)\s?['\"`]\s?\]{_CALLED}", LIKELY, "a member of the window called by a computed name"),
    Shape(("document",), r"^\s{0,6}\(?", r"document\s{0,6}\)?\s{0,6}(?:\?\.|\.|\[\s?['\"`])\s{0,6}cookie['\"`]?\]?\s{0,6}$", POSSIBLE, "a script that reads what belongs to the document"),
    Shape(("\xbcscript",), "", "\xbcscript[\xc2\xd0]?[\\s/>\xbe]", POSSIBLE, "markup in seven bits, as old browsers read it"),
    Shape(("call", "apply", "bind", "constructor", "map`", "sort`", "find`"), r"[\w$\])`}]\s?(?:\?\.)?\.\s?", r"[a-z]{3,11}\s{0,6}`[^`]{0,80}\$\{", POSSIBLE, "a function called in disguise"),
    Shape(("xmlhttprequest",), r"new\s{1,3}", r"xmlhttprequest\s?[(;]", POSSIBLE, "a script that sends what it read"),
    Shape(("+adw-",), "", r"\+adw-\s{0,2}[a-z/!]", POSSIBLE, "markup in UTF-7, as old browsers read it"),
    Shape(("&{",), "", r"&\{[^}]{0,60}\(", POSSIBLE, "a script for a character reference, in old browsers"),
    Shape(("constructor", "$eval", "$on", "$event", "$parse", "__proto__"), r"\{\{.{0,60}", r"(?:constructor|\$eval|\$on|\$event|\$parse|__proto__).{0,60}\(", POSSIBLE, "a template's expression that leaves its sandbox"),
)  # fmt: skip
# Ends for certain: what is looked at ends with the last end of a comment.
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
_BY_WORD: dict[bytes, list[tuple[re.Pattern[bytes], re.Pattern[bytes], Shape]]] = {}
for _shape in SHAPES:
    _parts = (
        re.compile(f"(?:{_shape.before})$".encode("latin-1"), re.DOTALL),
        re.compile(_shape.behind.encode("latin-1"), re.DOTALL),
        _shape,
    )
    for _word in _shape.words:
        _BY_WORD.setdefault(_word.encode("latin-1"), []).append(_parts)


def scripts(value: bytes) -> Iterator[Finding]:
    """The shapes in a value, with its comments and without them."""
    yield from _shapes(value)
    end = value.rfind(b"*/") + 2
    if end > 3 and (uncommented := _COMMENT.sub(b"", value[:end])) != value[:end]:
        yield from _shapes(uncommented + value[end:])


def _shapes(value: bytes) -> Iterator[Finding]:
    lowered = value.lower()
    looked = 0
    for word, parts in _BY_WORD.items():
        position = lowered.find(word)
        while position >= 0:
            looked += 1
            for before, behind, shape in parts:
                if (found := behind.match(lowered, position)) is None:
                    continue
                looked += _BEGUN
                if before.search(lowered, max(0, position - _REACH_BEFORE), position):
                    yield Finding(shape.score, shape.reason, value[max(0, position - 20) : found.end() + 20])
                    if shape.score >= LIKELY:
                        return
            if looked > _MOST_WORDS:
                yield Finding(POSSIBLE, "more words of scripts than are looked at", word)
                return
            position = lowered.find(word, position + len(word))


# Out of a string of a script, by the first quote of its kind: an operator, then a call, then a comment or a quote.
_BREAKOUT = re.compile(
    rb"\\?(['\"])[\s\\]{0,4}(?:[;,+*/%|&^?<>=)}\]-][\s)}\];]{0,8}){1,4}[\w$.\[\]]{1,60}\s?(?:\?\.)?[(`][^;'\"\n]{0,120}[)`][^\w]{0,12}?(?://|['\"`]|<!--)"
)


def breakout(value: bytes) -> Finding | None:
    """Whether the value leaves the string of a script that it may stand in, and calls something."""
    for quote in (b"'", b'"'):
        position = value.find(quote)
        if position < 0:
            continue
        found = _BREAKOUT.match(value, max(0, position - (value[position - 1 : position] == b"\\")))
        if found and found[1] == quote:
            return Finding(POSSIBLE, "a call outside the string of a script", found[0])
    return None


BREAKOUT = r"""['"][\s\\]{0,4}(?:[;,+*/%|&^?<>=)}\]-][\s)}\];]{0,8}){1,4}[\w$.\[\]]{1,60}\s?(?:\?\.)?[(`]"""
