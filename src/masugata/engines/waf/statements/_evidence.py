"""How detectors are asked, and of several pieces of evidence the strongest."""

from collections.abc import Callable, Collection

from masugata.engines.waf.detectors import Account, Detector, Evidence, HintedDetector, Place

Ask = Callable[[bytes, Place, Collection[int], Account], Evidence | None]
"""A value, where it stood, the hints that match in it, and who pays."""

MOST_VALUES = 128
"""A detector is asked about so many values of one field or part of a request; with more, it matches."""


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


def too_many(family: str) -> Evidence:
    """What a request is taken for that has more suspicious values than are looked at."""
    return Evidence(family, f"more than {MOST_VALUES} values look suspicious", ())


def too_much(family: str) -> Evidence:
    """What a part of a request is taken for that comes to more values or bytes than are looked at."""
    return Evidence(family, "more is in it, once decoded, than is looked at", ())


def shown(evidence: Evidence | None) -> tuple[str, ...]:
    """What was found, as text."""
    if evidence is None:
        return ()
    return tuple(part.decode(errors="backslashreplace") for part in evidence.matched)
