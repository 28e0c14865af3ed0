"""LookupEvents: attributes, pages, time and Region."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from masugata.store import EventRow, open_store
from support import ACCOUNT, House

NOW = datetime.now(UTC)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Cook"


@pytest.fixture(params=["memory", "file"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An installation with an empty log, in memory and on disk."""
    house = House(tmp_path)
    if request.param == "file":
        from masugata.records import ALL_KINDS
        from masugata.server import bootstrap, read_credentials

        house.store.close()
        house.store = house.gateway.store = open_store(tmp_path / "db.sqlite", ALL_KINDS)
        (tmp_path / "credentials").unlink()
        bootstrap(house.store, house.keeper, house.settings, house.clock(), lambda n: bytes(range(n)))
        house.admin = read_credentials(tmp_path / "credentials", "admin")
    yield house
    house.store.close()


def event(number: int, **fields: Any) -> EventRow:
    """An event, the older the higher its number."""
    values: dict[str, Any] = {
        "time": NOW - timedelta(minutes=number, microseconds=1),
        "account": ACCOUNT,
        "region": "us-east-1",
        "event_id": f"event-{number}",
        "name": "ListUsers",
        "source": "iam.amazonaws.com",
        "username": "alice",
        "access_key_id": "AKIAALICEALICEALICEA",
        "read_only": True,
        "body": b'{"eventVersion":"1.11"}',
        **fields,
    }
    return EventRow(**values)


def kept(house: House, *events: EventRow) -> None:
    """Put events into the log."""
    for row in events:
        house.store.record_event(row)
    house.store.flush().result(timeout=30)


def found(house: House, key: str, value: str) -> list[str]:
    """The ids of the events with this attribute."""
    attribute = {"AttributeKey": key, "AttributeValue": value}
    answer = house.client("cloudtrail").lookup_events(LookupAttributes=[attribute])
    return [event["EventId"] for event in answer["Events"]]


def refused(house: House, **arguments: Any) -> str:
    """The code with which a look-up is refused."""
    with pytest.raises(ClientError) as caught:
        house.client("cloudtrail").lookup_events(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(caught.value.response["Error"]["Code"])


def test_event_as_shown(house: House) -> None:
    """An event has all its members, its time in whole seconds and its record as text."""
    kept(house, event(1, resources=(("AWS::IAM::Role", ROLE), ("AWS::IAM::User", "bob"))))
    (shown,) = house.client("cloudtrail").lookup_events()["Events"]
    assert shown.pop("EventTime") == (NOW - timedelta(minutes=1, microseconds=1)).replace(microsecond=0)
    assert shown == {
        "EventId": "event-1",
        "EventName": "ListUsers",
        "ReadOnly": "true",
        "AccessKeyId": "AKIAALICEALICEALICEA",
        "EventSource": "iam.amazonaws.com",
        "Username": "alice",
        "Resources": [
            {"ResourceType": "AWS::IAM::Role", "ResourceName": ROLE},
            {"ResourceType": "AWS::IAM::User", "ResourceName": "bob"},
        ],
        "CloudTrailEvent": '{"eventVersion":"1.11"}',
    }


@pytest.mark.parametrize(
    ("key", "value", "fields"),
    [
        ("EventId", "mine", {"event_id": "mine"}),
        ("EventName", "CreateUser", {"name": "CreateUser"}),
        ("ReadOnly", "false", {"read_only": False}),
        ("Username", "bob", {"username": "bob"}),
        ("ResourceType", "AWS::IAM::Role", {"resources": (("AWS::IAM::Role", ROLE),)}),
        ("ResourceName", ROLE, {"resources": (("AWS::IAM::Role", ROLE),)}),
        ("EventSource", "kms.amazonaws.com", {"source": "kms.amazonaws.com"}),
        ("AccessKeyId", "AKIABOBBOBBOBBOBBOBB", {"access_key_id": "AKIABOBBOBBOBBOBBOBB"}),
    ],
)
def test_attributes(house: House, key: str, value: str, fields: dict[str, Any]) -> None:
    """Each attribute finds the events that have it, exactly and with regard to case, and no others."""
    kept(house, event(1), event(2, **fields), event(3))
    assert found(house, key, value) == [fields.get("event_id", "event-2")]
    for other in (value.swapcase(), value[:-1], f"{value}x"):
        assert found(house, key, other) == []


def test_one_attribute_at_a_time(house: House) -> None:
    """Two attributes are refused, an unknown one too, and a value that nothing can have."""
    kept(house, event(1))
    one = {"AttributeKey": "Username", "AttributeValue": "a"}
    assert refused(house, LookupAttributes=[one, one]) == "InvalidLookupAttributesException"
    assert refused(house, LookupAttributes=[{**one, "AttributeKey": "Nope"}]) == "ValidationException"
    zero = {**one, "AttributeValue": "a\0b"}
    assert refused(house, LookupAttributes=[zero]) == "InvalidLookupAttributesException"
    house.store.flush().result()
    assert house.client("cloudtrail").lookup_events(LookupAttributes=[])["Events"]


def test_pages(house: House) -> None:
    """Pages together hold every event once, newest first, also while new ones arrive."""
    kept(house, *(event(number) for number in range(120)))
    client = house.client("cloudtrail")
    attribute = [{"AttributeKey": "EventName", "AttributeValue": "ListUsers"}]
    first = client.lookup_events(LookupAttributes=attribute, MaxResults=7)
    assert [item["EventId"] for item in first["Events"]] == [f"event-{number}" for number in range(7)]
    kept(house, event(1000, event_id="late"), msgspec.structs.replace(event(0), event_id="new"))
    pages = client.get_paginator("lookup_events").paginate(
        LookupAttributes=attribute, PaginationConfig={"StartingToken": first["NextToken"], "PageSize": 50}
    )
    rest = [item["EventId"] for page in pages for item in page["Events"]]
    assert rest == [*(f"event-{number}" for number in range(7, 120)), "late"]


def test_last_page_has_no_token(house: House) -> None:
    """A page that holds all that is left ends the listing."""
    kept(house, *(event(number) for number in range(50)))
    client = house.client("cloudtrail")
    assert "NextToken" not in client.lookup_events(MaxResults=50)
    client = house.client("cloudtrail", region="us-west-2")
    assert client.lookup_events()["Events"] == []


def test_default_page_is_50(house: House) -> None:
    """Without MaxResults a page has 50 events."""
    kept(house, *(event(number) for number in range(60)))
    answer = house.client("cloudtrail").lookup_events()
    assert len(answer["Events"]) == 50
    assert answer["NextToken"]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "AAAA",
        "é",
        "",
        base64.urlsafe_b64encode(b"\x02" + b"5").decode(),
        base64.urlsafe_b64encode(b"\x01-5").decode(),
        base64.urlsafe_b64encode(b"\x01 5").decode(),
        base64.urlsafe_b64encode(b"\x01").decode(),
        base64.urlsafe_b64encode(b"\x019999999999999999999").decode(),
    ],
)
def test_bad_tokens(house: House, token: str) -> None:
    """A token that was never given is refused, whatever number is in it."""
    assert refused(house, NextToken=token) == "InvalidNextTokenException"


def test_token_of_an_event_that_is_gone(house: House) -> None:
    """A well-formed token whose event is gone ends the listing."""
    kept(house, event(1))
    token = base64.urlsafe_b64encode(b"\x01999999").decode()
    assert house.client("cloudtrail").lookup_events(NextToken=token)["Events"] == []


def test_time_range(house: House) -> None:
    """Start and end are both included; an end before the start is refused."""
    whole = NOW.replace(microsecond=0)
    kept(house, *(event(n, time=whole - timedelta(minutes=n)) for n in (10, 20, 30)))
    client = house.client("cloudtrail")

    def between(**limits: datetime) -> list[str]:
        return [item["EventId"] for item in client.lookup_events(**limits)["Events"]][-3:]

    ten, twenty = whole - timedelta(minutes=10), whole - timedelta(minutes=20)
    assert between(StartTime=twenty, EndTime=ten) == ["event-10", "event-20"]
    assert between(EndTime=twenty) == ["event-20", "event-30"]
    assert between(StartTime=ten, EndTime=ten) == ["event-10"]
    assert refused(house, StartTime=ten, EndTime=twenty) == "InvalidTimeRangeException"


def test_retention(house: House) -> None:
    """The history is of 90 days, whatever start is asked for."""
    kept(house, event(1, time=NOW - timedelta(days=89)), event(2, time=NOW - timedelta(days=91)))
    client = house.client("cloudtrail")
    for limits in (
        {},
        {"StartTime": NOW - timedelta(days=400)},
        {"StartTime": datetime(1, 1, 2, tzinfo=UTC)},
    ):
        attribute = [{"AttributeKey": "Username", "AttributeValue": "alice"}]
        events = client.lookup_events(LookupAttributes=attribute, **limits)["Events"]
        assert [item["EventId"] for item in events] == ["event-1"]


def test_region_and_account(house: House) -> None:
    """A look-up sees its own account and Region."""
    kept(house, event(1), event(2, region="eu-west-1"), event(3, account="444455556666"))
    ids = {
        region: [
            item["EventId"]
            for item in house.client("cloudtrail", region=region).lookup_events()["Events"]
            if item["EventId"].startswith("event-")
        ]
        for region in ("us-east-1", "eu-west-1", "eu-west-2")
    }
    assert ids == {"us-east-1": ["event-1"], "eu-west-1": ["event-2"], "eu-west-2": []}


@pytest.mark.parametrize("number", [0, -1, 51, 2**70])
def test_page_size(house: House, number: int) -> None:
    """A page has 1 to 50 events."""
    assert refused(house, MaxResults=number) == "ValidationException"


def test_insights(house: House) -> None:
    """Insights events are not kept, and asking for them says so."""
    assert refused(house, EventCategory="insight") == "InvalidEventCategoryException"
