"""AWS CloudTrail: reading the event log."""

from masugata.call import Operation, read
from masugata.services.cloudtrail import events

OPERATIONS: dict[str, Operation] = {
    "LookupEvents": read(events.lookup_events),
}
