"""What a check finds, in the shape of Access Analyzer's ValidatePolicy.

Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html
"""

from enum import StrEnum
from typing import Any, NamedTuple

from masugata.engines.policy.validation._tree import Position, Step

_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


class FindingType(StrEnum):
    """How grave a finding is, gravest first."""

    ERROR = "ERROR"
    SECURITY_WARNING = "SECURITY_WARNING"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"


_ANCHORS = {FindingType.WARNING: "general-warning"}


class Location(NamedTuple):
    """A part of the document: the path that leads to it, and its span; `end` is not of it."""

    path: tuple[Step, ...]
    start: Position
    end: Position

    def to_dict(self) -> dict[str, Any]:
        """As ValidatePolicy answers it."""
        return {
            "path": [{"index": step} if isinstance(step, int) else {"value": step} for step in self.path],
            "span": {"start": self.start._asdict(), "end": self.end._asdict()},
        }


class Finding(NamedTuple):
    """One finding; `message` is in our own words, and there is always a location."""

    type: FindingType
    code: str
    message: str
    locations: tuple[Location, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ValidatePolicy answers it."""
        return {
            "findingDetails": self.message,
            "findingType": self.type.value,
            "issueCode": self.code,
            "learnMoreLink": learn_more(self.type, self.code),
            "locations": [location.to_dict() for location in self.locations],
        }


def learn_more(finding_type: FindingType, code: str) -> str:
    """AWS's page about a code."""
    kind = _ANCHORS.get(finding_type, finding_type.lower().replace("_", "-"))
    name = code.lower().replace("_", "-")
    return f"{_PAGE}#access-analyzer-reference-policy-checks-{kind}-{name}"
