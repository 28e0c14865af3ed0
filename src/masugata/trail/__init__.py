"""The event log: a CloudTrail record for every authenticated call, and for what services do by themselves."""

from masugata.trail.event import RecordedCall, cloudtrail_event, event_id_of
from masugata.trail.redaction import HIDDEN, redact, sensitive_members
from masugata.trail.service_event import service_event
from masugata.trail.sign_in_event import SIGN_IN_REGION, SignInAttempt, sign_in_event

__all__ = [
    "HIDDEN",
    "SIGN_IN_REGION",
    "RecordedCall",
    "SignInAttempt",
    "cloudtrail_event",
    "event_id_of",
    "redact",
    "sensitive_members",
    "service_event",
    "sign_in_event",
]
