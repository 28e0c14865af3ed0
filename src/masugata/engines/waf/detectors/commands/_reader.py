"""Commands in a value: where one may begin, what it is called, and what it is called with."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from masugata.engines.waf.detectors._detector import Account, Place
from masugata.engines.waf.detectors._prose import has_spans, is_document, is_prose
from masugata.engines.waf.detectors._signs import ADDRESSES
from masugata.engines.waf.detectors.commands._shapes import flat
from masugata.engines.waf.detectors.commands._words import NAMES

# By its first byte, which `re` then skips to; in front of the value nothing needs to be.
_SEPARATOR = rb"[;|&\n\r`({$<>\\](?:(?<=[;|&\n\r`({])|(?<=[$<>])\(|(?<=\\)n)"
_OF_ONE_BYTE = rb"[;|&\n\r`({]"
# What may stand between a separator and a command.
_BETWEEN = (
    rb"[\s'\"()}!;|&@+,]{0,12}+(?:(?:sudo|env|exec|command|nohup|time|"
    rb"eval|builtin|start|call|\.)\s+(?!-)|\w{3,20}=[^\s;|&,'\"]{0,20}\s+|"
    rb"\$\w{1,8}\s+){0,2}"
)
_BEHIND = _BETWEEN + rb"(?!\d{1,9}[\s;|&`()<>])(?=((?!\{[{}])[^\s;|&`()<>,=+][^\s;|&`()<>]{0,63}))"
_FIRST = re.compile(_BEHIND)
_HEADS = {
    (long, quiet): re.compile((separator.replace(rb"\n\r", b"") if quiet else separator) + _BEHIND)
    for long, separator in ((True, _SEPARATOR), (False, _OF_ONE_BYTE))
    for quiet in (True, False)
}
# A name behind its folders. Backslashes are gone by then.
_CALLED = (
    rb"(?:[^\s/]{0,30}/){0,8}(?:(?:[a-z]:)?windows(?:system32|"
    rb"syswow64)?(?:windowspowershellv1\.0)?)?([\w.?*\[\]-]{1,24})"
)
_NAME = re.compile(_CALLED)
# Behind these bytes it is another word: nothing is called so.
_FOREIGN = rb"\x00-\x08\x0e-\x1f\x7f-\xff"
_NAMES = re.compile(rb"\n" + _CALLED.replace(b"24}", b"24}+") + rb"(?![" + _FOREIGN + rb"])")
_ANOTHER_WORD = re.compile(rb"[" + _FOREIGN + rb"]")
_EXTENSION = re.compile(rb"\.(?:exe|com|bat|cmd)\Z|(?<=[a-z])\d\.\d{1,2}\Z")
_ALIASES = (b"{", b"$", b"'", b'"', b"\\", b"^", b"`", b"@", b"%")
_LEADING = b" '\"0123456789)};.,%\\"
_LINE_END = re.compile(rb"[\r\n]")
# Nothing, put out by a command between two letters; and a line end that is written, not sent.
_EMPTY = re.compile(rb"``(?<!```)(?!`)")
_PARTED = re.compile(rb"``(?<=\w``)\w")
_ESCAPED_END = re.compile(rb"\\[nr](?=[\s;|&`'\")\\]|\Z)")
_TAIL = 200
_MOST_READ = 256
_STEPS_A_CALL = 8
_PLACES_A_STEP, _WORDS_A_STEP = 4, 2
_NUMBERS_A_STEP = 16
_MANY_PLACES = 2_000
_SHORT, _BYTES_A_STEP = 256, 32
_FEW_LINES = 2
_NO_SEPARATOR = bytes(set(range(256)) - set(b";|&\n\r`({"))
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_NO_ALIAS = bytes(set(range(256)) - set(b"{$'\"\\^`@%"))
# Of what begins a command within a word: all others end the word before them, and are read once.
_MOST_WITHIN = 4_096


Named = tuple[re.Match[bytes], bytes]
"""A place where a command may begin, with the command's name."""


class Call(NamedTuple):
    """A known command in a value: its name without quotes and folders, and the rest, flattened."""

    name: bytes
    rest: bytes
    separator: bytes
    begin: int
    end: int
    foldered: bool
    hidden: bool


class Text:
    """A value as a shell reads it; what is found out about it, the readers for all systems share."""

    __slots__ = ("_named", "_prose", "ended", "many_lines", "parted", "text")

    def __init__(self, value: bytes) -> None:
        """Nothing is looked for yet."""
        self.text = value.lower()
        self.parted = False
        if b"``" in self.text:
            self.parted = _PARTED.search(self.text) is not None
            self.text = _EMPTY.sub(b"", self.text)
        if b"\\" in self.text:
            self.text = _ESCAPED_END.sub(b" \n", self.text)
        self.ended = self.text.endswith(b"\n") and value[-1:] != b"\n"
        self.many_lines = self.text.count(b"\n") > _FEW_LINES
        self._prose: bool | None = None
        self._named: dict[bool, Sequence[Named] | None] = {}

    @property
    def prose(self) -> bool:
        """Whether people wrote it."""
        if self._prose is None:
            self._prose = is_prose(self.text) or is_document(self.text)
        return self._prose

    def named(self, place: Place, account: Account) -> Sequence[Named] | None:
        """Where the name of a command of any system stands as if to be run; None where that may be too often.

        Bodies that people write are searched for hidden names only, and not at each line's end: nothing else
        is ever held against them.
        """
        written = place not in ADDRESSES and self.prose
        if written not in self._named:
            quiet = written and self.many_lines
            account.left -= _steps(self.text, _NO_SEPARATOR + b"\r\n" if quiet else _NO_SEPARATOR)
            crowded = account.left <= 0 or _crowded(self.text)
            head = _HEADS[_has_long_separators(self.text), quiet]
            self._named[written] = None if crowded else _named(self.text, head, account, hidden=written)
        return self._named[written]


class Reader:
    """One value, read for the commands of one system."""

    def __init__(self, value: bytes, place: Place, names: frozenset[bytes], account: Account) -> None:
        """`names` are the commands that are looked for; reading them is paid from the account."""
        self.account = account
        self._place = place
        self._whole = account.once(Text, value)
        self.text = self._whole.text
        self.ended = self._whole.ended
        self.many_lines = self._whole.many_lines
        self._names = names
        self._leading: int | None = None
        self.exhausted = False

    def leads(self, position: int) -> bool:
        """Whether nothing but quotes, digits and ends of what stood before comes before this position."""
        if self._leading is None:
            self._leading = len(self.text) - len(self.text.lstrip(_LEADING))
        return position <= self._leading

    @property
    def prose(self) -> bool:
        """Whether people wrote it."""
        return self._whole.prose

    def spans(self) -> bool:
        """Whether what stands between its backticks is a word among words."""
        return b"`" in self.text and has_spans(self.text)

    def calls(self) -> Iterator[Call]:
        """Known commands where commands may begin, at most 256 of them; most values are done with in C."""
        named = self._whole.named(self._place, self.account)
        if named is None:
            self.exhausted = True
            return
        for read, (found, name) in enumerate(named):
            if read == _MOST_READ or self.account.left <= 0:
                self.exhausted = True
                return
            if name not in self._names:
                continue
            self.account.left -= _STEPS_A_CALL
            call = _call(self.text, found)
            if call is not None:
                yield call._replace(hidden=True) if self._whole.parted and not self.prose else call


def _has_long_separators(text: bytes) -> bool:
    return (b"(" in text and (b"$(" in text or b"<(" in text or b">(" in text)) or b"\\n" in text


def _crowded(text: bytes) -> bool:
    """Whether so many commands may begin within words that the words are read too often."""
    if len(text) <= _MOST_WITHIN:
        return False
    return text.count(b"{") > _MOST_WITHIN or text.count(b"\\n") > _MOST_WITHIN


def _steps(text: bytes, others: bytes) -> int:
    """What it takes to go through all places where commands may begin; in tables, numbers stand there."""
    if len(text) <= _SHORT:
        return len(text) // _BYTES_A_STEP
    places = len(text.translate(None, others))
    numbers = 0
    if places > _MANY_PLACES:
        digits = text.translate(_DIGITS)
        numbers = sum(digits.count(separator + b"0") for separator in (b";", b"|", b"\n"))
    return max(0, places - numbers) // _PLACES_A_STEP + numbers // _NUMBERS_A_STEP


def _named(text: bytes, head: re.Pattern[bytes], account: Account, *, hidden: bool) -> Sequence[Named]:
    """At most one more than is read; which words to look at is found out in C."""
    first = _FIRST.match(text)
    begin = 0 if first is None else first.end()
    found = head.findall(text, begin)
    words = [*dict.fromkeys(found if first is None else [first[1], *found])]
    if hidden:
        words = [word for word in words if word.translate(None, _NO_ALIAS)]
    account.left -= len(words) // _WORDS_A_STEP
    known = _known(words)
    if not known:
        return ()
    places = chain(() if first is None else (first,), head.finditer(text, begin))
    named = ((place, known[place[1]]) for place in places if place[1] in known)
    return tuple(islice(named, _MOST_READ + 1))


def _known(words: Iterable[bytes]) -> dict[bytes, bytes]:
    """Those of these words that name a command of any system, with that name."""
    # No name begins with another byte than ASCII has, but a folder may.
    heads = [head for head in words if head < b"\x7f" or b"/" in head]
    # What stands for nothing may end a word within its braces: `{cat,$()/tmp/x}`.
    closed = [head + b"}" if head[:1] == b"{" and b"}" not in head else head for head in heads]
    joined = flat(b"\n".join(closed))
    names = {name: bare for name in set(_NAMES.findall(b"\n" + joined)) if (bare := _bare(name)) in NAMES}
    if not names:
        return {}
    lines = joined.split(b"\n")
    if len(lines) != len(heads):  # what hides a command reached into the next one
        lines = [flat(head) for head in closed]
    return {
        head: names[match[1]]
        for head, line in zip(heads, lines, strict=True)
        if (match := _NAME.match(line)) is not None
        and match[1] in names
        and head != match[1] + b":"  # `Date:` begins a line of a header
        and _ANOTHER_WORD.match(line, match.end()) is None
    }


def _bare(name: bytes) -> bytes:
    return _EXTENSION.sub(b"", name) if b"." in name else name


def _call(text: bytes, found: re.Match[bytes]) -> Call | None:
    begin = found.start(1)
    raw = text[begin : begin + _TAIL]
    whole = flat(raw)
    matched = _NAME.match(whole)
    if matched is None:
        return None
    name = matched[1]
    separator = text[found.start() : begin]
    length = matched.end()
    prefix = whole[: matched.start(1)]
    hidden = raw[:length] != whole[:length] and any(sign in raw[: length + 1] for sign in _ALIASES)
    if hidden:
        # Quotes around the whole word hide nothing.
        bare = raw.strip(b"'\"\\ ")
        hidden = bare[:length] != whole[:length]
    return Call(
        _bare(name),
        _LINE_END.split(whole[length:], maxsplit=1)[0],
        separator,
        found.start(),
        min(len(text), begin + _TAIL),
        b"bin/" in prefix or b"windows" in prefix,
        hidden,
    )
