"""What SQLite keeps of records that were deleted: of a secret kind nothing."""

import msgspec

from masugata.records.kind import Kind
from masugata.store.sqlite import SqliteStore

ACCOUNT = "111122223333"


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """Something of which nothing may be left."""

    version: int = 1
    name: str
    text: str


SECRET = Kind(
    "test", "secret", Secret, key=lambda r: r.name, names=lambda _: [], references=lambda _: [], secret=True
)


def holds(folder, text):
    """The names of the files in which a text is."""
    return sorted(path.name for path in folder.iterdir() if text.encode() in path.read_bytes())


def put(store, name, text):
    """Store one."""
    record = Secret(name=name, text=text)
    store.submit(lambda transaction: transaction.put(SECRET, ACCOUNT, record)).result()


def test_a_replaced_record_leaves_nothing(tmp_path):
    """A new body in the place of the old one is as good as a deletion."""
    store = SqliteStore(tmp_path / "db", [SECRET])
    put(store, "a", "first" * 2000)
    assert holds(tmp_path, "firstfirst")
    put(store, "a", "second")
    assert holds(tmp_path, "firstfirst") == []
    assert holds(tmp_path, "second")
    store.close()


def test_a_record_of_many_pages_leaves_nothing(tmp_path):
    """The pages that it took are overwritten though they are free."""
    store = SqliteStore(tmp_path / "db", [SECRET])
    for number in range(20):
        put(store, str(number), f"<{number}>" * 3000)
    store.submit(lambda transaction: transaction.delete(SECRET, ACCOUNT, "7")).result()
    assert holds(tmp_path, "<7><7>") == []
    assert all(holds(tmp_path, f"<{number}><{number}>") for number in range(20) if number != 7)
    store.close()


def test_whoever_opens_a_database_ends_what_a_killed_process_began(tmp_path):
    """A log that was not cut, as its process died too early, is cut at the next process's first commit."""
    killed = SqliteStore(tmp_path / "db", [SECRET])
    put(killed, "a", "first" * 2000)
    following = SqliteStore(tmp_path / "db", [SECRET])
    following.submit(lambda _: None).result()
    assert (tmp_path / "db-wal").stat().st_size == 0
    following.close()
    killed.close()
