"""LookupEvents: the event history of the last 90 days."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.store import EventRow

if TYPE_CHECKING:
    from masugata_types.cloudtrail import Event, LookupEventsRequest, LookupEventsResponse

_HISTORY = timedelta(days=90)
_PAGE = 50
_TOKEN = re.compile(rb"\x01([0-9]{1,18})")
"""A version, and the number of the last event shown, which fits any database's integers."""


def lookup_events(call: Call, request: "LookupEventsRequest") -> "LookupEventsResponse":
    """Management events of this account and Region, newest first, at most 50 a page.

    Raises InvalidLookupAttributesException, InvalidTimeRangeException,
    InvalidNextTokenException and InvalidEventCategoryException. Source:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    if "EventCategory" in request:
        raise AwsError("InvalidEventCategoryException", "Insights events are not kept here.")
    limit = request.get("MaxResults", _PAGE)
    start, end = _time_range(call.now, request.get("StartTime"), request.get("EndTime"))
    rows = call.store.events(
        call.account,
        call.region,
        start=start,
        end=end,
        attribute=_attribute(request),
        before_seq=_read_token(request.get("NextToken")),
        limit=limit + 1,
    )
    response: LookupEventsResponse = {"Events": [_event(row) for row in rows[:limit]]}
    if len(rows) > limit:
        response["NextToken"] = base64.urlsafe_b64encode(b"\x01%d" % rows[limit - 1].seq).decode()
    return response


def _time_range(
    now: datetime, start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime | None]:
    if start is not None and end is not None and start > end:
        raise AwsError(
            "InvalidTimeRangeException",
            "The end time must not be before the start time.",
        )
    oldest = now - _HISTORY
    return max(start or oldest, oldest).astimezone(UTC), end


def _attribute(request: "LookupEventsRequest") -> tuple[str, str] | None:
    attributes = request.get("LookupAttributes") or []
    if not attributes:
        return None
    if len(attributes) > 1:
        raise AwsError(
            "InvalidLookupAttributesException",
            "You can only specify one lookup attribute at a time.",
        )
    key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
    if "\0" in value:  # the store keeps no such text, so no event has it
        raise AwsError("InvalidLookupAttributesException", f"The value of {key} holds a zero character.")
    return key, value


def _read_token(token: str | None) -> int | None:
    if token is None:
        return None
    try:
        found = _TOKEN.fullmatch(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise AwsError("InvalidNextTokenException", "The NextToken is not valid.")
    return int(found[1])


def _event(row: EventRow) -> "Event":
    event: Event = {
        "EventId": row.event_id,
        "EventName": row.name,
        "ReadOnly": "true" if row.read_only else "false",
        "EventTime": row.time.replace(microsecond=0),
        "EventSource": row.source,
        "Username": row.username,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in row.resources],
        "CloudTrailEvent": row.body.decode(),
    }
    if row.access_key_id:
        event["AccessKeyId"] = row.access_key_id
    return event
