"""Collects findings, within bounds."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from masugata.engines.policy.validation._tree import Lines, Node
from masugata.engines.policy.validation.codes import finding_type
from masugata.engines.policy.validation.findings import Finding, Location
from masugata.engines.policy.validation.knowledge import Knowledge

# Comparisons of names with patterns; no AWS managed policy takes a tenth of it.
STEPS: Final = 500_000
_SUGGESTIONS = 16  # searches for a name that was meant, each over thousands of names
_LOCATIONS = 100  # places of one finding
_SHOWN = 100  # characters of an offending text


class Report:
    """The findings about one document; `spent` tells whether the steps ran out and checks were cut short."""

    def __init__(self, lines: Lines, knowledge: Knowledge, steps: int = STEPS) -> None:
        self.knowledge: Final = knowledge
        self.findings: list[Finding] = []
        self.spent = False
        self._lines = lines
        self._steps = steps
        self._suggestions = _SUGGESTIONS

    def add(self, code: str, message: str, *nodes: Node) -> None:
        """Report `code` at `nodes`, the first of which is where it is shown."""
        locations = tuple(
            Location(node.path, self._lines.position(node.start), self._lines.position(node.end))
            for node in nodes[:_LOCATIONS]
        )
        self.findings.append(Finding(finding_type(code), code, printable(message), locations))

    def spend(self, steps: int) -> bool:
        """Whether `steps` more may be done."""
        if steps > self._steps:
            self.spent = True
            return False
        self._steps -= steps
        return True

    def meant(self, text: str, names: Iterable[str]) -> str:
        """`; did you mean …?` if one of `names` is near, or nothing; case does not count."""
        if not self._suggestions or len(text) > _SHOWN:
            return ""
        self._suggestions -= 1
        spelled = {name.lower(): name for name in names}
        near = get_close_matches(text.lower(), spelled, n=1, cutoff=0.75)
        return f"; did you mean `{spelled[near[0]]}`?" if near else ""


def show(text: str) -> str:
    """An offending text in backticks, cut if it is long, on one line."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"`{printable(short)}`"


def printable(text: str) -> str:
    """The text on one line and without what terminals obey."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
