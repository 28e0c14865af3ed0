"""Commands in a value: where one may begin, what it is called, and what it is called with."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from masugata.engines.waf.detectors._detector import Account
from masugata.engines.waf.detectors._prose import has_spans, is_document, is_prose
from masugata.engines.waf.detectors.commands._shapes import flat
from masugata.engines.waf.detectors.commands._words import NAMES

# By its first byte, which `re` then skips to; in front of the value nothing needs to be.
_SEPARATOR = rb"[;|&\n\r`({$<>\\](?:(?<=[;|&\n\r`({])|(?<=[$<>])\(|(?<=\\)n)"
# What may stand between a separator and a command.
_BETWEEN = (
    rb"[\s'\"()}!;|&@+,]{0,12}+(?:(?:sudo|env|exec|command|nohup|time|"
    rb"eval|builtin|start|call|\.)\s+(?!-)|\w{3,20}=[^\s;|&,'\"]{0,20}\s+|"
    rb"\$\w{1,8}\s+){0,2}"
)
_BEHIND = _BETWEEN + rb"(?=((?!\{[{}])[^\s;|&`()<>,=+][^\s;|&`()<>]{0,63}))"
_FIRST = re.compile(_BEHIND)
_HEAD = re.compile(_SEPARATOR + _BEHIND)
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
_PARTED = re.compile(rb"``(?<=\w``)\w")
_ESCAPED_END = re.compile(rb"\\[nr](?=[\s;|&`'\")\\]|\Z)")
_TAIL = 200
# Texts of which is known what may be commands in them: the layers of a part, for Unix and then for Windows.
_REMEMBERED = 8
_MOST_READ = 256
_STEPS_A_CALL = 8
# Each is tried; no text that is more than half of these is honest, tables of single digits included.
_SEPARATING = b";|&\n\r`({"
_MOST_SEPARATORS = 36_864
# Of what begins a command within a word: all others end the word before them, and are read once.
_MOST_WITHIN = 4_096


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

    __slots__ = ("_heads", "_prose", "ended", "parted", "text")

    def __init__(self, value: bytes) -> None:
        """Nothing is looked for yet."""
        self.text = value.lower()
        self.parted = False
        if b"``" in self.text and b"```" not in self.text:
            self.parted = _PARTED.search(self.text) is not None
            self.text = self.text.replace(b"``", b"")
        if b"\\" in self.text:
            self.text = _ESCAPED_END.sub(b" \n", self.text)
        self.ended = self.text.endswith(b"\n") and value[-1:] != b"\n"
        self._prose: bool | None = None
        self._heads: dict[bytes, bytes] | None = None

    @property
    def prose(self) -> bool:
        """Whether people wrote it."""
        if self._prose is None:
            self._prose = is_prose(self.text) or is_document(self.text)
        return self._prose

    @property
    def heads(self) -> dict[bytes, bytes]:
        """What stands where commands may begin and names one of any system, with that name."""
        if self._heads is None:
            self._heads = _known(self.text)
        return self._heads


_text_of = lru_cache(maxsize=_REMEMBERED)(Text)


class Reader:
    """One value, read for the commands of one system."""

    def __init__(self, value: bytes, names: frozenset[bytes], account: Account) -> None:
        """`names` are the commands that are looked for; reading them is paid from the account."""
        self.account = account
        self._whole = _text_of(value)
        self.text = self._whole.text
        self.ended = self._whole.ended
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
        if _crowded(self.text):
            self.exhausted = True
            return
        # `Date:` begins a line of a header: nothing is called so.
        known = {
            head for head, name in self._whole.heads.items() if name in self._names and head != name + b":"
        }
        if not known:
            return
        for read, found in enumerate(match for match in _places(self.text) if match[1] in known):
            if read == _MOST_READ or self.account.left <= 0:
                self.exhausted = True
                return
            self.account.left -= _STEPS_A_CALL
            call = _call(self.text, found)
            if call is not None:
                yield call._replace(hidden=True) if self._whole.parted and not self.prose else call


def _crowded(text: bytes) -> bool:
    """Whether commands may begin in more places than are looked at."""
    if len(text) <= _MOST_WITHIN:
        return False
    return (
        text.count(b"{") > _MOST_WITHIN
        or text.count(b"\\n") > _MOST_WITHIN
        or len(text) - len(text.translate(None, _SEPARATING)) > _MOST_SEPARATORS
    )


def _places(text: bytes) -> Iterator[re.Match[bytes]]:
    """Where commands may begin."""
    first = _FIRST.match(text)
    if first is not None:
        yield first
    yield from _HEAD.finditer(text, 0 if first is None else first.end())


def _known(text: bytes) -> dict[bytes, bytes]:
    first = _FIRST.match(text)
    found = [] if first is None else [first[1]]
    found += _HEAD.findall(text, 0 if first is None else first.end())
    # No name begins with another byte than ASCII has, but a folder may.
    heads = [head for head in dict.fromkeys(found) if head < b"\x7f" or b"/" in head]
    joined = flat(b"\n".join(heads))
    names = {name: bare for name in set(_NAMES.findall(b"\n" + joined)) if (bare := _bare(name)) in NAMES}
    if not names:
        return {}
    lines = joined.split(b"\n")
    if len(lines) != len(heads):  # what hides a command reached into the next one
        lines = [flat(head) for head in heads]
    return {
        head: names[match[1]]
        for head, line in zip(heads, lines, strict=True)
        if (match := _NAME.match(line)) is not None
        and match[1] in names
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
