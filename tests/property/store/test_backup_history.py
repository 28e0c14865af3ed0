"""Whatever happened before a backup, a restore gives the same state: records, names, events, last uses."""

from datetime import timedelta

from hypothesis import given, settings, strategies

from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import USER, Tag, User
from masugata.server.backup import open_backup, write_backup
from masugata.store import open_store
from unit.store.things import NOON, event

ACCOUNTS = ("111122223333", "444455556666")
NAMES = ("a", "b", "Ärger", "x" * 64)

users = strategies.tuples(
    strategies.just("user"),
    strategies.sampled_from(ACCOUNTS),
    strategies.sampled_from(NAMES),
    strategies.dictionaries(strategies.text(max_size=5), strategies.text(max_size=20), max_size=3),
)
deletions = strategies.tuples(
    strategies.just("delete"), strategies.sampled_from(ACCOUNTS), strategies.sampled_from(NAMES)
)
events = strategies.tuples(
    strategies.just("event"),
    strategies.integers(-1000, 1000),
    strategies.binary(max_size=100),
    strategies.lists(strategies.tuples(*[strategies.sampled_from(("t", "é", ""))] * 2), max_size=3),
)
uses = strategies.tuples(
    strategies.just("use"), strategies.sampled_from(NAMES), strategies.binary(max_size=30)
)
forgetting = strategies.tuples(strategies.just("forget"), strategies.integers(-1000, 1000))
histories = strategies.lists(users | deletions | events | uses | forgetting, max_size=40)


def live(store, history):
    """Have it happen."""
    for account in ACCOUNTS:
        record = Account(id=account, root_email=f"{account}@example.com", create_date=NOON)
        store.submit(lambda t, a=account, r=record: t.put(ACCOUNT, a, r)).result()
    for what, *details in history:
        match what, details:
            case "user", (account, name, tags):
                tagged = tuple(Tag(k, v.replace("\0", "")) for k, v in tags.items() if "\0" not in k)
                user = User(name=name, id=f"{account}{name}", create_date=NOON, tags=tagged)
                store.submit(lambda t, a=account, u=user: t.put(USER, a, u)).result()
            case "delete", (account, name):
                if store.snapshot().get(USER, account, name.lower()) is not None:
                    store.submit(lambda t, a=account, n=name: t.delete(USER, a, n.lower())).result()
            case "event", (number, body, resources):
                store.record_event(event(number, body=body, resources=tuple(resources)))
            case "use", (name, body):
                store.touch(name, body)
            case "forget", (number,):
                store.flush().result()
                store.delete_events_before(NOON + timedelta(seconds=number)).result()
    store.flush().result()


def content(store):
    """All rows."""
    with store.export() as export:
        records = sorted((r.service, r.kind, r.account, r.region, r.key, r.body) for r in export.records)
        return (
            records,
            list(export.events),
            sorted((u.key, u.body) for u in export.last_uses),
            export.last_seq,
        )


@settings(max_examples=40)
@given(history=histories, durable=strategies.booleans())
def test_restored_is_what_was_backed_up(tmp_path_factory, history, durable):
    """A store filled from the file holds the same rows, and finds by the same names."""
    folder = tmp_path_factory.mktemp("history")
    keeper = open_keeper("ephemeral:", create=True)
    store = open_store(folder / "a.db" if durable else None, ALL_KINDS)
    target = open_store(folder / "b.db", ALL_KINDS)
    try:
        live(store, history)
        header = write_backup(store, keeper, folder / "file", NOON, lambda _, __: None)
        with open_backup(folder / "file") as backup:
            target.import_(backup.export(lambda _, __: None))
        assert content(target) == content(store)
        assert target.check() == []
        assert target.snapshot().revision > header.revision
        assert header.rows["events"] == len(content(store)[1])
        assert set(header.accounts) == set(ACCOUNTS)
        for account in ACCOUNTS:
            for user in store.snapshot().scan(USER, account):
                assert target.snapshot().by_name(USER, "id", user.id) == (account, "", user)
    finally:
        store.close()
        target.close()
        for file in folder.iterdir():
            file.unlink()
