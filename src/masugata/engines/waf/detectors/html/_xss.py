"""The detector of cross-site scripting."""

import re
from collections.abc import Collection, Iterator

from masugata.engines.waf.detectors._detector import Account, Evidence, Place
from masugata.engines.waf.detectors.html import _values
from masugata.engines.waf.detectors.html._finding import LIKELY, POSSIBLE, Finding, worst
from masugata.engines.waf.detectors.html._hints import HINTS, INVISIBLE
from masugata.engines.waf.detectors.html._scan import Scan
from masugata.engines.waf.detectors.html._scripts import breakout, scripts
from masugata.engines.waf.detectors.html._steps import MOST_STEPS, Steps, TooLongError

_SHOWN = 200
# Tags in the middle of words, which a filter takes out and so joins what they part (`o<x>nclick`). What is
# before them is looked at last: for a pattern that begins with a sign `re` looks at nothing else.
_INTERRUPTED = re.compile(rb"<(?<=[a-zA-Z]<)[a-zA-Z]{1,10}/?>(?=[a-zA-Z(])")
_INVISIBLE = re.compile(INVISIBLE.encode("latin-1"))
# What some databases and web servers turn into ASCII: U+FF1C and the like.
_WIDE = tuple(zip((character.encode() for character in "＜＞＝／（）＂＇：｀"), b"<>=/()\"':`", strict=True))  # noqa: RUF001


class _Xss:
    """Looks for what acts; it keeps nothing between values."""

    @property
    def family(self) -> str:
        """AWS's name is XSS."""
        return "xss"

    @property
    def hints(self) -> tuple[str, ...]:
        """What each value with evidence contains, but for those with more than is looked at."""
        return HINTS

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it, the same in all places: where it will be shown nobody knows yet."""
        return self.detect_hinted(value, place, ())

    def detect_hinted(
        self,
        value: bytes,
        place: Place,  # noqa: ARG002 - the protocol's
        hints: Collection[int],  # noqa: ARG002 - likewise
        account: Account | None = None,
    ) -> Evidence | None:
        """The same, whatever the hints are."""
        account = account or Account()
        steps = Steps(min(MOST_STEPS, account.left))
        found = _detected(value, steps)
        account.left -= steps.taken
        return found


def _detected(value: bytes, steps: Steps) -> Evidence | None:
    best: Finding | None = None
    for text in _readings(value):
        found = worst([*_findings(text, steps)])
        if found is not None and (best is None or found.score > best.score):
            best = found
        if best is not None and best.score >= POSSIBLE:
            break
    if best is None:
        return None
    return Evidence("xss", best.reason, (best.matched[:_SHOWN],), best.score)


def _readings(value: bytes) -> Iterator[bytes]:
    """The value, and what a filter or a database makes of it."""
    yield value
    joined = value
    if _WIDE[0][0] in joined:
        for wide, narrow in _WIDE:
            joined = joined.replace(wide, bytes((narrow,)))
    if not joined.isascii():
        joined = _INVISIBLE.sub(b"", joined)
    if b"<" in joined:
        joined = _INTERRUPTED.sub(b"", joined)
    if joined != value:
        yield joined


def _findings(value: bytes, steps: Steps) -> Iterator[Finding]:
    try:
        yield from _acting(value, steps)
    except TooLongError:
        yield Finding(POSSIBLE, "more that may act than is looked at", b"")


def _acting(value: bytes, steps: Steps) -> Iterator[Finding]:
    scan = Scan(value, steps)
    for finding in scan.findings():
        yield finding
        if finding.score >= LIKELY:
            return
    if verdict := _values.address(scan.lowered):
        yield Finding(*verdict, value[:_SHOWN])
    for finding in scripts(value, steps):
        yield finding
        if finding.score >= LIKELY:
            return
    if found := breakout(value):
        yield found


XSS = _Xss()
"""Finds cross-site scripting."""
