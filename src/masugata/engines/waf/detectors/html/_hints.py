"""What a value must contain for any verdict, for Hyperscan: wider than they are, and rare in honest text."""

from masugata.engines.waf.detectors.html._shapes import BREAKOUT, SHAPES
from masugata.engines.waf.detectors.html._values import (
    DATA_WORDS,
    ENCODED_MARKUP,
    OTHER_SCHEMES,
    SCRIPT_SCHEMES,
)

_CONTROLS = r"[\x00-\x1f\x7f]*"
# Controls that end no name. Filters take them out of names, and the detector out of style sheets.
_CONTROL = r"[\x00-\x08\x0b\x0e-\x1f\x7f]"
# What a browser skips within a scheme, but for other controls, and references by number: a hint of their own.
_SKIPPED_WITHIN = r"(?:[\t\n\f\r]|&(?:tab|newline);?)"
# References by number to what may spell a scheme: controls, a hyphen, a colon, letters. Honest text has
# hardly any.
_SPELLED = (
    r"&#(?:0*(?:[12]?[0-9]|3[01]|45|58|6[5-9]|[78][0-9]|9[0789]|1[01][0-9]|12[0-27])(?:[^0-9]|$)|"
    r"x0*(?:1?[0-9a-f]|2d|3a|[46][1-9a-f]|5[0-9a]|7[0-9af])(?:[^0-9a-f]|$))"
)


_any = "|".join


def _parted(word: str, skipped: str = _SKIPPED_WITHIN) -> str:
    """The word with something skipped in it."""
    rest = f"{skipped}*".join(word[1:])
    further = f"|{_parted(word[1:], skipped)}" if len(word) > 2 else ""
    return f"{word[0]}(?:{skipped}+{rest}{further})"


def _interrupted(*words: str) -> str:
    """One of these words with a control in it."""
    return _any(_parted(word, r"[\x00-\x1f\x7f]") for word in words)


def _element(names: str) -> str:
    """One of these elements, perhaps with controls in its name."""
    return f"<(?:{_any(f'{_CONTROL}*'.join(name) for name in names.split())})"


# Before what begins an address: no letter, unless it ends a reference to what is skipped there.
_FIRST = r"(?:^|[^a-z]|&(?:nbsp|tab|newline|#x0*[12a]?[0-9a-f]))"
INVISIBLE = r"(?:\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad)"
"""Characters of no width, in UTF-8: spaces, joiners, marks of direction, soft hyphens."""
_SPACE = r"[\t\n\f\r ]*"
_SKIPPED = r"(?:[\x00-\x20\x7f]|&(?:tab|newline|nbsp|#[0-9]+|#x[0-9a-f]+);?)*"
_SPACES = r"[\x00-\x20\x7f]*"
# A colon, or what begins a reference to one or to what is skipped before it.
_SIGN = r"[:#&]"
# What a document in an address begins with: a type that acts, markup, markup in base64, a script; or a
# reference that may be part of any of these. Controls count nowhere, pictures never.
_DOCUMENT = "|".join(
    [_CONTROLS.join(kind) for kind in ("text/", "image/svg", "application/")]
    + [
        r"[^,]*<",
        (
            rf"[^,]*;{_CONTROLS}{_CONTROLS.join('base64')}{_CONTROLS}_?{_CONTROLS},[\x00-\x20\x7f]*"
            rf"(?:{'|'.join(_CONTROLS.join(text) for text in ENCODED_MARKUP)})"
        ),
        rf",[\x00-\x20\x7f]*(?:{'|'.join(_CONTROLS.join(word) for word in DATA_WORDS)})",
        r"[^,]*(?:,[\w+/\x00-\x20\x7f]*)?&",
    ]
)
# Names, as far as they act, but for controls.
_IN_NAMES = r"[\w:.@()-]"
_MARKUP = (
    rf"</?(?:[a-z][^\s/>]*:)?{f'{_CONTROL}*'.join('script')}",
    rf"<(?:[a-z][^\s/>]*:)?{f'{_CONTROL}*'.join('style')}",
    _element(
        "iframe frame object embed applet base meta link animat set t:set t:anim import ilayer layer "
        "bgsound isindex mpy- py-"
    ),
    r"<\?(?:import|xml-|xml:)",
    rf"(?:^|[\s/\"'`])on\w{{2,}}{_SPACE}=",
    # That, and other names that act, with controls before their first letters or behind them.
    (
        rf"(?:^|[\s/\"'`])(?:{_CONTROL}+[dfhnosvx@(]|[dfhnosvx@(]{_IN_NAMES}*{_CONTROL})(?:{_IN_NAMES}|{_CONTROL})*"
        rf"{_SPACE}="
    ),
    # Properties and functions of style sheets with controls in them.
    _interrupted("moz-binding", "-o-link"),
    rf"(?:{_interrupted('behavior', 'behaviour')}|behavi(?:o|ou)r\s*{_CONTROL})(?:\s|{_CONTROL})*[:&]",
    rf"(?:{_interrupted('expression')}|expression\s*{_CONTROL})(?:\s|{_CONTROL})*[(&]",
    rf"(?:@|&commat;?|&#0*64;?|&#x0*40;?)(?:{_CONTROL}+import|{_interrupted('import')})",
    # A tag that is cut where it begins to act, or a handler behind a quote.
    r"<[a-z].*[\s/\"'](?:on[a-z]{3,40}|src|data|srcdoc|xlink:href|formaction)\s*=?\s*$",
    r"[\"']on[a-z]{3,40}\s*=\s*$",
    _SPELLED,
    rf"(?:{_any(SCRIPT_SCHEMES)}){_SPACES}{_SIGN}",
    rf"{_FIRST}(?:{_any(OTHER_SCHEMES)}){_SPACES}{_SIGN}",
    rf"{_FIRST}data{_SPACES}{_SIGN}{_SKIPPED}(?:{_DOCUMENT})",
    rf"(?:{_any(map(_parted, SCRIPT_SCHEMES))}){_SPACES}{_SIGN}",
    rf"{_FIRST}(?:{_any(map(_parted, OTHER_SCHEMES))}){_SPACES}{_SIGN}",
    rf"{_FIRST}{_parted('data')}{_SPACES}{_SIGN}{_SKIPPED}(?:{_DOCUMENT})",
    # The same with other controls, alone, and beside references.
    rf"(?:{_interrupted(*SCRIPT_SCHEMES, 'data', *OTHER_SCHEMES)}){_SPACES}{_SIGN}",
    rf"&(?:tab|newline)(?:[;a-z-]|{_SKIPPED_WITHIN})*{_CONTROL}|{_CONTROL}(?:[a-z-]|{_SKIPPED_WITHIN})*&(?:tab|newline)",
    r"expression\s*[(&]",
    r"moz-binding",
    r"behavi(?:o|ou)r\s*[:&]",
    r"-o-link",
    r"(?:@|&commat;?|&#0*64;?|&#x0*40;?)import",
    r"style\s*=.*(?:\\|/\*|&#)",
    r"srcdoc|formaction",
    r"data(?:src|fld|formatas)\s*=",
    r"(?:^|[\s/\"'-])ng[-:_][a-z]",
    r"[\s/\"'](?:v-(?:on|html|bind)|x-(?:on|init|html|data|effect)|hx-on|@[a-z][\w.:-]*=|\(\w+\)=)",
    # Tags inside words, which filters take out; the wide letters that become the narrow ones.
    r"[a-z]<[a-z]{1,10}/?>[a-z(]",
    r"\xef\xbc\x9c",
    # What joins nothing of ASCII, but for the ends of a value, makes no word.
    rf"(?:^|[\x00-\x7f]){INVISIBLE}+(?:[\x00-\x7f]|$)",
    # A comment that may part a word; in `image/*, */*` each is followed by an asterisk.
    r"/\*.*\*/(?:[^*]|$)",
    BREAKOUT,
)
# What is before the word narrows a hint, unless that may be the beginning of the value.
_SCRIPTS = tuple(
    (f"(?:{shape.before})" if shape.before and "^" not in shape.before else "") + shape.behind
    for _, _, shapes in SHAPES
    for shape in shapes
)
HINTS: tuple[str, ...] = _MARKUP + _SCRIPTS
