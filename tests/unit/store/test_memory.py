"""What the store in memory has beyond others."""

from datetime import UTC, datetime, timedelta

from masugata.store import EventRow
from masugata.store.memory import MemoryStore

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_history() -> None:
    """All events of one account, of any Region, in the order they came in, even if their clock went back."""
    store = MemoryStore([])
    for number, (account, region) in enumerate((("1", "a"), ("2", "a"), ("1", "b"))):
        store.record_event(
            EventRow(
                time=NOW - timedelta(hours=number),
                account=account,
                region=region,
                event_id=str(number),
                name="GetUser",
                source="iam.amazonaws.com",
                read_only=True,
                body=b"{}",
            )
        )
    assert [event.event_id for event in store.history("1")] == ["0", "2"]
    assert store.history("3") == []
