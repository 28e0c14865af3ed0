"""What was found, before it is known to be the worst."""

from typing import NamedTuple

# Surely a script that runs; a script that runs after a click or in one context; active, and seen in honest
# pages too; what alone is no attack, and what is hardly ever part of one.
CERTAIN = 100
LIKELY = 80
POSSIBLE = 60
WEAK = 40
FAINT = 20


class Finding(NamedTuple):
    """How sure it is, what it is in words, and the part of the value that says so."""

    score: int
    reason: str
    matched: bytes


def worst(findings: "list[Finding]") -> Finding | None:
    """The strongest, the first of several."""
    return max(findings, key=lambda finding: finding.score, default=None)
