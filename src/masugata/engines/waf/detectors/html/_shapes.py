"""The shapes of scripts that stand in a script, a template or an address that is there already.

A shape is a word, found in C, and what must stand before it and from it on. Both are written in the syntax
that `re` and Hyperscan share, and each repetition is bounded. All texts are in lower case, without comments.
"""

from typing import NamedTuple

from masugata.engines.waf.detectors.html._finding import LIKELY, POSSIBLE

_GAP = r"\s{0,6}"
_ASK = rf"{_GAP}(?:\?\.)?{_GAP}"
_CALLED = rf"{_ASK}[(`]"
_STRING = r"['\"`]"
_WINDOW = r"(?:window|self|top|parent|frames|globalthis|this|document|content)"
# The word stands alone, or is a member of the window or of what a call has given.
_ALONE = rf"(?:^|[^\w$.-]|--|[^\w]-|(?:{_WINDOW}|\))\s?[?]?\.\s?)"
_DIALOGS = ("alert", "confirm", "prompt")
_DIALOG = r"(?:alert|confirm|prompt)"
_DOT = rf"(?:\?\.|\.|\[\s?{_STRING})"
_OF_DOCUMENT = rf"document{_GAP}\)?{_GAP}{_DOT}{_GAP}"
# What tests and thieves show in a dialog: prose in parentheses is no argument.
_ARGUMENT = (
    rf"(?:-?\d|{_STRING}|/|\[|\{{|\(|document|window|location|self|top|parent|frames|this|name\)|origin\)|domain\)|"
    r"navigator|string\.|atob|btoa|unescape|decodeuri|eval|url\)|cookie|localstorage|sessionstorage|xss|"
    r"[a-z0-9_$]{1,12}\)\s{0,2}(?://|;|['\"`<]|-|\+|$))"
)
_CODE_OF_TEXT = (
    rf"(?:{_STRING}|/|\(|\[|\d|atob|string\.|name\)|name\b|location|document|window|self|top|this|unescape|decodeuri|"
    r"url\)|url\.|\w{1,20}\.\w{1,20}\s?[(.)\[]|\w{1,20}\()"
)
_PLACE = (
    rf"(?:{_STRING}\s?(?:javas|data:|//|[^'\"`]{{0,20}}{_STRING}\s?\+)|"
    r"name\b|atob|document\.|location|window|eval|this\.)"
)


class Shape(NamedTuple):
    """Words, one of which must be there, and patterns for what is before it and from it on."""

    words: tuple[str, ...]
    before: str
    behind: str


_OPENS_A_DIALOG = (
    Shape(_DIALOGS, _ALONE, rf"{_DIALOG}{_ASK}\({_GAP}{_ARGUMENT}"),
    Shape(_DIALOGS, r"(?:^|[^\w$`-]|-\s?)", rf"{_DIALOG}{_ASK}`[^`\s]{{0,60}}`"),
)
_CALLS_IN_DISGUISE = (
    # (alert)(1), [alert][0](1)
    Shape(_DIALOGS, r"[(\[,]\s?", rf"{_DIALOG}{_GAP}[)\]]{_ASK}(?:[(`\[]|\.\w{{1,20}}\()"),
    # alert.call(0, 1)
    Shape((*_DIALOGS, "eval"), _ALONE, rf"(?:{_DIALOG}|eval){_ASK}\.{_GAP}(?:call|apply|bind){_CALLED}"),
    # a=alert;a(1)
    Shape(_DIALOGS, r"[\w$\]}]\s?=\s?\[?", rf"{_DIALOG}\s{{0,2}}[;,}}\])].{{0,80}}(?:throw|[\w$)\]][(`])"),
    # onerror=alert;throw 1
    Shape(("onerror",), "", rf"onerror[\]}}\s]{{0,4}}[=:]{_GAP}[\[{{\w].{{0,120}}throw"),
    # top['al'+'ert'](1), self[/al/.source+'ert'](1), x['alert'](1), [self][0]['alert']
    Shape(
        ("window", "self", "top", "parent", "frames", "globalthis"),
        _ALONE,
        rf"{_WINDOW}(?:\?\.)?\[[\s(]{{0,4}}(?:['\"`/+({{\[!~]|\d[\d.]{{3}}|\w{{1,20}}[.(])[^;]{{0,120}}\]{_CALLED}",
    ),
    Shape((*_DIALOGS, "eval"), rf"\[\s?{_STRING}\s?", rf"(?:{_DIALOG}|eval)\s?{_STRING}\s?\]{_CALLED}"),
    Shape(
        ("self", "top", "window", "parent", "frames"),
        r"\[\s?",
        rf"{_WINDOW}\s?\]\s?\[\s?\d\s?\]\s?(?:\?\.)?\[",
    ),
    Shape(("![]", "+[]", "[][", "{}+"), "", r"(?:!\[\]|\+\[\]|\[\]\[|\{\}\+)[\[\]()!+{}]{14}"),
)
_CALLS_IN_DISGUISE_PERHAPS = (
    # [1].map(alert)
    Shape(
        _DIALOGS,
        r"[\w$)\]]\s?(?:\?\.)?(?:\[[^\]]{1,20}\]|\.\w{1,20})?\s?[(`](?:[^()]{0,40},)?\s?",
        rf"{_DIALOG}\s{{0,2}}[,)]{_GAP}(?:[;.)(`'\"]|//|$)",
    ),
    # [].sort.call`${alert}1`
    Shape(
        ("call", "apply", "bind", "constructor", "map`", "sort`", "find`"),
        r"[\w$\])`}]\s?(?:\?\.)?\.\s?",
        r"[a-z]{3,11}\s{0,6}`[^`]{0,80}\$\{",
    ),
    Shape(("throw",), r"(?:onerror|\]\s?=\s?\[|eval).{0,50}", r"throw[\s/]"),
)
_WHOLE_CALLS = (
    # Nothing but a call: what tries whether a function is filtered.
    Shape(
        (*_DIALOGS, "atob", "btoa"),
        r"^\s{0,6}",
        r"(?:alert|confirm|prompt|atob|btoa)\s{0,2}\(\s{0,2}\)\s{0,2};?\s{0,2}$",
    ),
)
_CONSTRUCTORS = (
    Shape(("constructor",), "", rf"constructor(?:{_STRING}\s?\]|\s|\.|\?|\[|{_STRING}){{1,6}}constructor"),
    Shape(
        ("constructor",),
        rf"(?:[.\[]\s?{_STRING}?)",
        rf"constructor{_STRING}?\s?\]?{_ASK}(?:\({_GAP}(?:{_STRING}|atob|\w{{1,12}}\))|`)",
    ),
)
_MADE_FROM_TEXT = (
    Shape(("eval", "execscript"), _ALONE, rf"(?:eval|execscript){_ASK}[(`]{_GAP}{_CODE_OF_TEXT}"),
    Shape(
        ("settimeout", "setinterval", "setimmediate"),
        _ALONE,
        rf"set(?:timeout|interval|immediate){_ASK}[(`]{_GAP}(?:{_STRING}|/|atob|{_DIALOG}|eval)",
    ),
    Shape(("function",), _ALONE, rf"function(?:{_ASK}\({_GAP}(?:{_STRING}|atob|/)|`)"),
    Shape(
        ("fromcharcode", "fromcodepoint"),
        rf"string\s?(?:\.|\[\s?{_STRING})\s?",
        r"from(?:charcode|codepoint)['\"`\]]{0,2}\s?(?:\.\s?(?:apply|call)\s?)?\(",
    ),
)
_DOCUMENT = (
    Shape(("document",), _ALONE, rf"{_OF_DOCUMENT}(?:write|writeln){_STRING}?\]?{_CALLED}"),
    Shape(
        ("document",),
        _ALONE,
        rf"{_OF_DOCUMENT}(?:cookie|location|domain|referrer|url){_STRING}?\]?\s?"
        r"(?:\.\s?(?:href|hash|search)\s?)?\+?=[^=]",
    ),
    Shape(
        ("document",), r"[(+=,{\[!`;.]\s?", rf"{_OF_DOCUMENT}(?:cookie|domain|location|documenturi|baseuri)"
    ),
    Shape(("document",), r"^\s{0,6}\(?", rf"{_OF_DOCUMENT}cookie{_STRING}?\]?\s{{0,6}}$"),
)
_IMPORTS = (
    Shape(
        ("import",),
        r"(?:^|[^\w$.-])",
        rf"import{_GAP}\({_GAP}{_STRING}\s?(?:https?:|//|\\|data:\w|blob:|javascript:)",
    ),
    Shape(("importscripts", "getscript"), "", rf"(?:importscripts|getscript){_GAP}\({_GAP}{_STRING}"),
)
_SENDS = (
    Shape(
        ("fetch", "sendbeacon"),
        _ALONE,
        rf"(?:fetch|sendbeacon){_ASK}[(`][^;]{{0,160}}(?:cookie|localstorage|document\.|btoa)",
    ),
    Shape(("image",), r"new\s{1,3}", r"image\s?(?:\(\s?\))?\s?[).]{0,2}\s?\.?src\s?="),
    Shape(("xmlhttprequest",), r"new\s{1,3}", r"xmlhttprequest\s?[(;]"),
)
_GOES = (
    Shape(
        ("location",),
        r"(?:^|[^\w$])",
        rf"location{_GAP}(?:\.\s?(?:href|hash|assign|replace)\s?|\[[^\]]{{1,20}}\]\s?)?[=(]{_GAP}{_PLACE}",
    ),
    Shape(
        ("location",),
        r"(?:window|self|top|parent|document|this)\s?\.\s?",
        rf"location(?:\.href)?\s?=\s?{_STRING}",
    ),
    Shape(
        ("script:",),
        r"(?:java|vb|live)\s?",
        r"script:(?:(?:var|let|const|throw|function|eval|typeof|with)\b|"
        # Not void(0), with which pages say that an address is none.
        r"(?:v[a-np-z]|[a-uw-z0-9_$.\[\]'\"%])[\w$.\[\]'\"%]{0,60}[(`={]|[(`={]|"
        r"(?:\s|%0[ad]|%09){0,4}/[/*].{0,240}[(`=]|(?:\s|%0[ad]|%09){1,4}[\w$.\[\]]{1,40}(?:\(|`|=\S)|"
        r"[;'\"`+!~\[({-][^\s,]{0,80}[(`=])",
    ),
)
_LEAVES_A_TEMPLATE = (
    Shape(
        ("constructor", "$eval", "$on", "$event", "$parse", "__proto__"),
        r"\{\{.{0,60}",
        r"(?:constructor|\$eval|\$on|\$event|\$parse|__proto__).{0,60}\(",
    ),
)
# What only Internet Explorer 6 to 9 and Netscape 4 obeyed.
_OF_OLD = (
    Shape(("\xbcscript",), "", "\xbcscript[\xc2\xd0]?[\\s/>\xbe]"),
    Shape(("+adw-",), "", r"\+adw-\s{0,2}[a-z/!]"),
    Shape(("&{",), "", r"&\{[ -|~]{0,60}\("),
)

SHAPES: tuple[tuple[int, str, tuple[Shape, ...]], ...] = (
    (LIKELY, "a script that opens a dialog", _OPENS_A_DIALOG),
    (LIKELY, "a function called in disguise", _CALLS_IN_DISGUISE),
    (LIKELY, "the constructor of functions", _CONSTRUCTORS),
    (LIKELY, "a script that imports another one", _IMPORTS),
    (POSSIBLE, "a function called in disguise", _CALLS_IN_DISGUISE_PERHAPS),
    (POSSIBLE, "nothing but the call of a function of the window", _WHOLE_CALLS),
    (POSSIBLE, "a script made from text", _MADE_FROM_TEXT),
    (POSSIBLE, "a script that reads or writes what belongs to the document", _DOCUMENT),
    (POSSIBLE, "a script that sends what it read", _SENDS),
    (POSSIBLE, "a script that goes elsewhere", _GOES),
    (POSSIBLE, "a template's expression that leaves its sandbox", _LEAVES_A_TEMPLATE),
    (POSSIBLE, "a script as only old browsers read it", _OF_OLD),
)
# Out of a string of a script: an operator, then a call.
BREAKOUT = r"(['\"])[\s\\]{0,4}(?:[;,+*/%|&^?<>=)}\]-][\s)}\];]{0,8}){1,4}[\w$.\[\]]{1,60}\s?(?:\?\.)?[(`]"
