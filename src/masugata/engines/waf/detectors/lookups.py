"""Lookups of Log4j (Log4Shell): what they come to is read as Log4j reads it, from the inside out.

Sources: CVE-2021-44228, CVE-2021-45046; the manual of Log4j 2, "Lookups"; CWE-917.
"""

import re

from masugata.engines.waf.detectors._detector import Evidence, Place
from masugata.engines.waf.detectors._prose import is_prose
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, MORE, POSSIBLE, WEAK

_KINDS = (
    r"(?:jndi|lower|upper|env|sys|java|ctx|main|docker|k8s|spring|"
    r"date|map|sd|web|log4j|marker|event|bundle|base64|url)"
)
_SCHEMES = r"(?:ldaps?|rmi|dns|iiop|corba|nis|nds|http|https|iiopname)"
_OPEN = re.compile(rb"\$\{")
_MARK = re.compile(rb"\$\{|\}")
_CALL = re.compile(rb"jndi\s{0,4}:")
_SHAPE = re.compile((r"jndi\s{0,4}:\s{0,4}" + _SCHEMES + r"\b").encode())
_LEAKS = re.compile(
    rb"(?:env|sys|java|ctx|main|docker|k8s|spring|web|log4j|bundle|"
    rb"base64)\s{0,4}:[a-z0-9_./:-]{2}"
)
_SHELLS = re.compile(rb"::?-")
_LONGEST = 512
_MOST_LOOKUPS = 1_000
"""Honest text has no more of them."""
_SHOWN = 200
_DEEPEST = 64


class Lookups:
    """Finds lookups that fetch code, and what is written with lookups in order not to be found."""

    family = "log4shell"
    hints = (
        r"\$\{[^{}]{0,64}\$\{",
        rf"\$\{{\s{{0,4}}['\"]?{_KINDS}\s{{0,4}}:",
        r"\$\{[^{}]{0,32}::?-",
        r"jndi\s{0,4}:\s{0,4}" + _SCHEMES + r"\b",
        r"\$\{\s{0,4}jndi",
    )

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it, wherever it stands."""
        del place
        lowered = value.lower()
        if b"${" not in lowered:
            return self._plain(value, lowered)
        reading = _Reading(lowered)
        if reading.calls:
            return self._evidence(CERTAIN, "a lookup that fetches an object through JNDI", reading.calls)
        plain = self._plain(value, lowered)
        if plain is not None and plain.score > POSSIBLE:
            return plain
        if reading.hidden:
            return self._evidence(LIKELY, "a text made of nested lookups", reading.hidden)
        if reading.leaks and not is_prose(value):
            return self._evidence(POSSIBLE, "a lookup that tells what the server knows", reading.leaks)
        if reading.too_many:
            return self._evidence(POSSIBLE, f"{MORE} of lookups", b"${")
        return plain

    def _plain(self, value: bytes, lowered: bytes) -> Evidence | None:
        found = _SHAPE.search(lowered)
        if found is None:
            return None
        return self._evidence(WEAK if is_prose(value) else LIKELY, "an address for JNDI", found[0])

    def _evidence(self, score: int, reason: str, matched: bytes) -> Evidence:
        return Evidence(self.family, reason, (matched[:_SHOWN],), score)


class _Reading:
    """The lookups in a text, each read once what it contains is known."""

    def __init__(self, text: bytes) -> None:
        self.calls = b""
        self.hidden = b""
        self.leaks = b""
        self.too_many = False
        open_: list[bytearray] = []
        position = opened = 0
        while mark := (_MARK if open_ else _OPEN).search(text, position):
            if open_:
                open_[-1] += text[position : min(mark.start(), position + _LONGEST)]
            position = mark.end()
            if mark[0] == b"}":
                self._close(open_)
                continue
            opened += 1
            if opened > _MOST_LOOKUPS:
                self.too_many = True
                break
            if len(open_) < _DEEPEST:
                open_.append(bytearray())
        if open_:
            open_[-1] += text[position : position + _LONGEST]
        # What the value does not end, the text behind it may.
        while open_:
            self._close(open_)

    def _close(self, open_: list[bytearray]) -> None:
        body = bytes(open_.pop()[:_LONGEST]).strip()
        nested = bool(open_)
        if _CALL.match(body):
            self.calls = self.calls or b"${" + body
        elif _LEAKS.match(body) and not _SHELLS.search(body):
            self.leaks = self.leaks or b"${" + body
        if nested:
            outer = open_[-1]
            resolved = _resolve(body)
            if len(resolved) <= 3 and _hides(body):
                self.hidden = self.hidden or b"${" + bytes(outer)[-40:] + b"${" + body
            outer += resolved[:_LONGEST]


def _resolve(body: bytes) -> bytes:
    """What a lookup comes to: its default where there is one, or the letters it changes."""
    _, found, default = body.partition(b":-")
    if found:
        return default
    kind, colon, rest = body.partition(b":")
    if colon and kind.strip() in {b"lower", b"upper", b"date", b"base64"}:
        return rest.strip(b"'\" ")
    return body if not colon else rest


def _hides(body: bytes) -> bool:
    return _SHELLS.search(body) is not None or body.partition(b":")[0] in {b"lower", b"upper", b"date"}


LOOKUPS = Lookups()
"""Finds Log4Shell and its kin."""
