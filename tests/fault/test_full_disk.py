"""A store on a full disk loses nothing that it accepted and accepts nothing that it may lose."""

import pytest

from masugata.store import StoreUnavailableError, open_store, writer
from masugata.store.sqlite import store as sqlite_store
from unit.store.things import KINDS, event


def test_full_disk(tmp_path, monkeypatch):
    """Events are refused as soon as a commit failed; when there is room again all others are there."""
    connect = sqlite_store.connect

    def connect_to_small_disk(path, busy_timeout, **more):
        connection = connect(path, busy_timeout, **more)
        connection.execute("PRAGMA max_page_count = 100").fetchone()
        return connection

    store = open_store(tmp_path / "masugata.db", KINDS)
    accepted = []

    def record(count):
        for _ in range(count):
            row = event(len(accepted), body=b" " * 10_000)
            store.record_event(row)
            accepted.append(row.event_id)

    try:
        with monkeypatch.context() as small:
            small.setattr(sqlite_store, "connect", connect_to_small_disk)
            record(5)
            store.flush().result()
            small.setattr(writer, "EVENT_DELAY", 1000.0)  # so that the flush is what fails first
            record(100)
            with pytest.raises(StoreUnavailableError, match="full"):
                store.flush().result()
            before = len(accepted)
            for _ in range(3):
                with pytest.raises(StoreUnavailableError, match="full"):
                    record(1)
            assert len(accepted) == before
            assert "full" in store.failing
            assert store.snapshot().revision == 0
        store.flush().result()
        assert store.failing is None
        record(1)
        store.flush().result()
        assert [row.event_id for row in store.events("1", "eu", limit=1000)] == accepted[::-1]
    finally:
        store.close()
