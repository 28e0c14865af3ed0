"""The event log: one CloudTrail record for every authenticated call."""

from masugata.trail.event import RecordedCall, cloudtrail_event
from masugata.trail.redaction import HIDDEN, redact

__all__ = ["HIDDEN", "RecordedCall", "cloudtrail_event", "redact"]
