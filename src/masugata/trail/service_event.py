"""Events of what a service did by itself, without a call.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from masugata.store import EventRow
from masugata.trail.event import EVENT_VERSION, resources_member
from masugata.trail.redaction import redact

_AWS = "AWS Internal"


def service_event(
    service: str,
    name: str,
    account: str,
    details: Mapping[str, Any],
    *,
    now: datetime,
    random: Callable[[int], bytes],
    region: str = "us-east-1",
    resources: tuple[tuple[str, str], ...] = (),
) -> EventRow:
    """The event `name` of a service, such as `organizations`, for an account; `details` say what happened.

    `resources` are pairs of type and ARN, as ("AWS::KMS::Key", "arn:…").
    """
    event_id = str(uuid.UUID(bytes=random(16), version=4))
    event = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": {"accountId": account, "invokedBy": _AWS},
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": _AWS,
        "userAgent": _AWS,
        "requestParameters": None,
        "responseElements": None,
        "eventID": event_id,
        "readOnly": False,
        **resources_member(resources),
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": account,
        "serviceEventDetails": redact(details),
        "eventCategory": "Management",
    }
    return EventRow(
        time=now,
        account=account,
        region=region,
        event_id=event_id,
        name=name,
        source=f"{service}.amazonaws.com",
        read_only=False,
        resources=resources,
        body=orjson.dumps(event),
    )
