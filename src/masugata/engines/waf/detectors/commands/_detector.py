"""Command injection: a separator, a command behind it, and arguments as that command has them."""

import re
from collections.abc import Collection, Iterator

from masugata.engines.waf.detectors._detector import Account, Evidence, Place
from masugata.engines.waf.detectors._signs import (
    ADDRESSES,
    LIKELY,
    MORE,
    POSSIBLE,
    WEAK,
    SignDetector,
)
from masugata.engines.waf.detectors.commands import _shapes
from masugata.engines.waf.detectors.commands._hints import UNIX_HINTS, hints, hints_for_re
from masugata.engines.waf.detectors.commands._reader import Call, Reader
from masugata.engines.waf.detectors.commands._words import CONNECTS, SHELLS

_SHOWN = 200
_AROUND = 8
_GLOBS = 200
_PATHS_A_STEP = 8
_BEHIND_TEXT = 64
_STEPS_A_HINT = 25
_STEPS_A_GLOB = 90

_FOLDER = re.compile(rb"(?:\s+-\w{1,8})?[\s<]+(?:/(?:etc|bin|var|tmp|proc|home|root|usr|dev)\b|/\Z)")
_CALLER = re.compile(rb"(?:system|exec|passthru|popen|spawn|eval|assert|execute|run|call|shell)\s{0,2}\Z")
_CALLED = frozenset({"argument", "word"})
_NOT_TYPED = frozenset({Place.HEADER, Place.COOKIE})
"""What programs fill: nobody searches for a command there."""
_REASON = "a command behind a separator"


class Commands:
    """The commands of one system, and the signs of its shell."""

    family = "cmdi"

    def __init__(
        self, sure: frozenset[bytes], wordy: frozenset[bytes], signs: SignDetector, *, windows: bool
    ) -> None:
        """`sure` are names that no text has; `signs` is what gives the shell away without any command."""
        self._sure = sure
        self._names = sure | wordy
        self._signs = signs
        self._windows = windows
        others = () if windows else UNIX_HINTS
        own = (*hints(self._names), *others)
        self._hinted = re.compile(
            "|".join(f"(?:{hint})" for hint in (*hints_for_re(self._names), *others)).encode(),
            re.IGNORECASE | re.DOTALL | re.MULTILINE,
        )
        self.hints = (*own, *signs.hints)
        self._own = len(own)

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it; text that people write about commands is weak evidence."""
        return self.detect_hinted(value, place, range(len(self.hints)))

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account | None = None
    ) -> Evidence | None:
        """The same, read for commands only if a hint of them is among these.

        What is read of each command, and each path, are some steps.
        """
        account = account or Account()
        of_signs = [number - self._own for number in hints if number >= self._own]
        best = self._signs.detect_hinted(value, place, of_signs, account) if of_signs else None
        if len(of_signs) == len(hints) or (best is not None and best.score >= LIKELY):
            return best
        reader = Reader(value, place, self._names, account)
        for score, reason, begin, end in self._findings(reader, place):
            if best is not None and best.score >= score:
                continue
            account.left -= _STEPS_A_HINT
            if self._hinted.search(value, max(0, begin - 1), min(len(value), end + _BEHIND_TEXT)) is None:
                continue
            best = Evidence(self.family, reason, (value[max(0, begin - _AROUND) : end][:_SHOWN],), score)
            if score >= LIKELY:
                break
        if reader.exhausted and (best is None or best.score < POSSIBLE):
            return Evidence(self.family, f"{MORE} of commands", (), POSSIBLE)
        return best

    def _findings(self, reader: Reader, place: Place) -> Iterator[tuple[int, str, int, int]]:
        leads = False
        for call in reader.calls():
            shape = self._shape(call)
            score = self._score(call, shape, reader, place)
            if not call.separator.strip():
                leads = bool(shape)
            elif leads and score < POSSIBLE and self._follows(call, shape, reader):
                score = POSSIBLE
            if score:
                yield score, _REASON, call.begin, call.end
        if (
            not self._windows
            and b"/" in reader.text
            and any(sign in reader.text for sign in (b"?", b"*", b"["))
        ):
            paths = _shapes.GLOBBED.findall(reader.text)
            reader.account.left -= len(paths) // _PATHS_A_STEP
            globbed = [path for path in dict.fromkeys(paths) if path.translate(None, b"?*[") != path]
            reader.exhausted = reader.exhausted or len(globbed) > _GLOBS
            for path in globbed[:_GLOBS]:
                if reader.account.left <= 0:
                    break
                reader.account.left -= _STEPS_A_GLOB
                if _shapes.globs_a_target(_shapes.flat(path)):
                    begin = reader.text.find(path)
                    yield (
                        LIKELY,
                        "a path that a shell completes to a program or to the accounts",
                        begin,
                        begin + len(path),
                    )

    @staticmethod
    def _follows(call: Call, shape: str, reader: Reader) -> bool:
        """Whether it is one of several commands in a row, from the beginning of the value on."""
        return call.separator[:1] in b";&|" and shape in _CALLED and not reader.prose

    def _score(self, call: Call, shape: str, reader: Reader, place: Place) -> int:
        if not call.separator.strip(b" '\"@+"):
            if place is Place.PATH:
                return 0
            if place in _NOT_TYPED and _shapes.LONG_OPTION.match(call.rest):
                return WEAK if reader.prose else POSSIBLE
            return self._alone(call, shape, reader)
        if call.rest[:1] in {b"=", b":"} or (call.rest[:1] == b"." and not call.foldered):
            return 0
        score = self._behind(call, shape, reader, place)
        if separator_is_span(call) and reader.spans():
            return min(score, WEAK)
        if reader.prose and not call.hidden:
            return POSSIBLE if place in ADDRESSES and score >= LIKELY else min(score, WEAK)
        if call.separator[:1] in b"\r\n" and place not in ADDRESSES and reader.many_lines:
            return min(score, WEAK)
        return score

    def _shape(self, call: Call) -> str:
        rest = call.rest
        if self._windows and _shapes.WINDOWS_ARGUMENT.match(rest):
            return "argument"
        if _shapes.OPTION.match(rest) or _shapes.PATH.match(rest) or _shapes.PLACE.match(rest):
            return "argument"
        if _shapes.END.match(rest):
            return "end"
        if call.name in {b"sleep", b"timeout", b"kill"} and _shapes.NUMBER.match(rest):
            return "argument"
        return "word" if _shapes.WORD.match(rest) else ""

    def _behind(self, call: Call, shape: str, reader: Reader, place: Place) -> int:
        """A command behind a separator."""
        separator = call.separator.strip()
        first = reader.leads(call.begin)
        loose = separator in {b"&", b"(", b"{", b"|", b"\n"} and not first
        called = (
            separator[:1] == b"("
            and _CALLER.search(reader.text, max(0, call.begin - 16), call.begin) is not None
        )
        if separator[:2] == b"{," and call.rest[:1] in {b",", b"}"}:
            return LIKELY if call.name in self._sure else POSSIBLE
        if not shape:
            return 0
        if call.hidden:
            return LIKELY if shape != "word" or call.name in self._sure else POSSIBLE
        if call.foldered:
            return LIKELY
        sure = call.name in self._sure
        if shape == "argument":
            if separator in {b"(", b"{"}:
                return (LIKELY if called else POSSIBLE) if sure or called else WEAK
            return LIKELY
        if shape == "end":
            if separator[:1] in {b"(", b"{"} and not called:
                return WEAK
            return self._ended(call, reader, place, first=first, loose=loose)
        if sure:
            return WEAK if loose else POSSIBLE
        return POSSIBLE if separator[:2] in {b"<(", b">("} else 0

    def _ended(self, call: Call, reader: Reader, place: Place, *, first: bool, loose: bool) -> int:
        """A command behind a separator, with nothing behind it."""
        separator = call.separator.strip()
        closing = (
            self._leaves_a_call(call, reader)
            or b")" in separator
            or separator[:1] == b"`"
            or separator[:2] in {b"$(", b"<("}
        )
        if call.name in self._sure:
            return WEAK if loose and not closing else LIKELY
        if place in ADDRESSES and (separator[:2] == b"\\n" or (reader.ended and not call.rest.strip())):
            return POSSIBLE
        return POSSIBLE if first or (closing and call.rest[:1] in {b";", b"|", b"`", b")", b""}) else WEAK

    def _alone(self, call: Call, shape: str, reader: Reader) -> int:
        """A value that begins with a command."""
        weight = WEAK if reader.prose else POSSIBLE
        if call.foldered and shape:
            return WEAK if reader.prose else LIKELY
        if call.hidden and shape == "word" and reader.text[call.begin :].lstrip().startswith(b"{"):
            return 0
        if call.hidden and shape:
            return LIKELY if shape == "argument" else POSSIBLE
        if call.name in SHELLS and _shapes.RUN.match(call.rest):
            return weight
        if call.name in CONNECTS and _shapes.OPTION.match(call.rest):
            return weight
        if (
            call.name in {b"ping", b"ping6"}
            and _shapes.OPTION.match(call.rest)
            and _shapes.PLACE.match(call.rest)
        ):
            return weight
        if shape == "argument" and call.name in self._sure and _FOLDER.match(call.rest):
            return weight
        return 0

    @staticmethod
    def _leaves_a_call(call: Call, reader: Reader) -> bool:
        """Whether a parenthesis that the value did not open ends before the separator."""
        before = reader.text[max(0, call.begin - _BEHIND_TEXT) : call.begin].rstrip()
        return before.endswith(b")") and b"(" not in before


def separator_is_span(call: Call) -> bool:
    """Whether a backtick is what makes it a command."""
    return b"`" in call.separator
