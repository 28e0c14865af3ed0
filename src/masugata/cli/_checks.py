"""What one check of `masugata doctor` says."""

from enum import StrEnum

import msgspec


class Mark(StrEnum):
    """How a check ended."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Check(msgspec.Struct, frozen=True):
    """One finding: what was looked at, how it is, and what to do next (empty if nothing)."""

    name: str
    mark: Mark
    text: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """The finding as JSON."""
        return {"name": self.name, "mark": self.mark.value, "text": self.text, "advice": self.advice}


def fine(name: str, text: str) -> Check:
    """All is well."""
    return Check(name, Mark.FINE, text)


def warning(name: str, text: str, advice: str) -> Check:
    """It works, but should be looked at."""
    return Check(name, Mark.WARNING, text, advice)


def wrong(name: str, text: str, advice: str) -> Check:
    """It does not work, or is not safe."""
    return Check(name, Mark.WRONG, text, advice)


def unknown(name: str, text: str, advice: str) -> Check:
    """It could not be looked at."""
    return Check(name, Mark.UNKNOWN, text, advice)
