"""Of several pieces of evidence the strongest."""

from masugata.engines.waf.detectors import Evidence

MOST_VALUES = 128
"""A detector is asked about so many values of one field or part of a request; with more, it matches."""


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
