"""How detectors are asked, and of several pieces of evidence the strongest."""

from collections.abc import Callable, Collection

from masugata.engines.waf.context import Context
from masugata.engines.waf.detectors import Account, Detector, Evidence, HintedDetector, Place

Ask = Callable[[bytes, Place, Collection[int], Account], Evidence | None]
"""A value, where it stood, the hints that match in it, and who pays."""

MOST_VALUES = 128
"""A detector is asked about so many values of one field or part of a request; with more, it matches."""


class Doubt(Evidence, frozen=True):
    """There is more than is looked at: whatever is looked for may be there, or not."""


def answer(found: Evidence | None, minimum: int, context: Context, *, doubt: bool) -> bool:
    """Whether the evidence has this score; `doubt` is the answer where nobody knows, which is noted."""
    if isinstance(found, Doubt):
        context.doubted = True
        return doubt
    return found is not None and found.score >= minimum


def asking(detector: Detector) -> Ask:
    """How a detector is asked: told of its hints, if it makes use of that."""
    if isinstance(detector, HintedDetector):
        return detector.detect_hinted
    return lambda value, place, _, __: detector.detect(value, place)


def stronger(one: Evidence | None, other: Evidence | None) -> Evidence | None:
    """The one with the higher score; of equals the first."""
    if one is None or other is None:
        return one or other
    return other if other.score > one.score else one


def too_many(family: str) -> Doubt:
    """What a request is taken for that has more suspicious values than are looked at."""
    return Doubt(family, f"more than {MOST_VALUES} values look suspicious", ())


def too_much(family: str) -> Doubt:
    """What a part of a request is taken for that comes to more values or bytes than are looked at."""
    return Doubt(family, "more is in it, once decoded, than is looked at", ())


def shown(evidence: Evidence | None) -> tuple[str, ...]:
    """What was found, as text."""
    if evidence is None:
        return ()
    return tuple(part.decode(errors="backslashreplace") for part in evidence.matched)
