"""What is special about the store on PostgreSQL: other nodes, lost connections, a server that fails."""

import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Barrier, Event
from urllib.parse import urlsplit

import psycopg
import pytest

from masugata.store import StoreIncompatibleError, StoreUnavailableError, holds_store, open_store
from masugata.store import writer as writing
from masugata.store.event import ATTRIBUTES, EVENT_OVERHEAD, microseconds
from masugata.store.postgres import connection as connections
from masugata.store.postgres import events
from masugata.store.postgres.address import address
from masugata.store.postgres.migrate import migrate
from masugata.store.query import EventQuery
from masugata.store.schema import migrations
from unit.store.commit_proxy import CommitProxy
from unit.store.things import KINDS, NOON, THING, Thing, busy_writer, event, put


def events_of(store):
    store.flush().result()
    return [row.event_id for row in store.events("1", "eu", limit=1000)]


def backends(postgres, condition="true"):
    """The server's processes for this database, but the one that asks."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    return postgres.edit(f"SELECT pid FROM pg_stat_activity WHERE {others} AND {condition}")  # noqa: S608


def end_backends(postgres, condition="true"):
    """Have the server end connections; gives how many."""
    found = backends(postgres, condition)
    for (pid,) in found:
        postgres.edit("SELECT pg_terminate_backend(?, 30000)", pid)
    return len(found)


@contextmanager
def configured(postgres_server, name, value):
    """The server with another setting for a while."""
    before = postgres_server.execute("SELECT current_setting(%s)", (name,))
    change_setting(postgres_server, f"SET {name} = '{value}'", name, [(value,)])
    try:
        yield
    finally:
        change_setting(postgres_server, f"RESET {name}", name, before)


def change_setting(postgres_server, clause, name, expected):
    postgres_server.execute(f"ALTER SYSTEM {clause}")
    postgres_server.execute("SELECT pg_reload_conf()")
    while postgres_server.execute("SELECT current_setting(%s)", (name,)) != expected:
        pass  # new connections have it as soon as the main process has read its file


def test_revoked_is_never_seen_again(open_postgres):
    """Once a delete is answered, no snapshot that is asked for afterwards, on any node, has the record."""
    first, second = open_postgres(), open_postgres()
    answered = [0]
    stop = Event()

    def look():
        looked = 0
        while not stop.is_set():
            expected = answered[0]
            snapshot = second.snapshot()
            assert snapshot.revision >= expected
            looked += 1
        return looked

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(look) for _ in range(3)]
        try:
            for number in range(1000):
                put(first, Thing(name="key", serial=str(number))).result()
                answered[0] = first.snapshot().revision
                assert second.snapshot().by_name(THING, "serial", str(number)) is not None
                first.submit(lambda t: t.delete(THING, "1", "key")).result()
                assert second.snapshot().get(THING, "1", "key") is None
        finally:
            stop.set()
        assert all(reader.result(30) > 0 for reader in readers)
    assert first.check() == []


def test_idle_node_catches_up_by_itself(open_postgres):
    """A node that nobody asks takes over other nodes' commits when it is notified."""
    first, second = open_postgres(), open_postgres()
    heard = Event()
    listener, hear = second._listener, second._listener._heard

    def note():
        hear()
        if second._published.snapshot.revision == 1:
            heard.set()

    listener._heard = note
    while not heard.is_set():
        # The listener may not listen yet when the first is sent.
        put(first, Thing(name="a")).result()
        if heard.wait(0.05) or second._published.snapshot.revision > 1:
            break
    assert second._published.snapshot.get(THING, "1", "a") is not None


def test_nothing_depends_on_notifications(open_postgres, postgres):
    """With its listening connection gone a node still sees every commit."""
    first, second = open_postgres(), open_postgres()
    while not end_backends(postgres, "query LIKE 'LISTEN%'"):
        pass
    for number in range(20):
        put(first, Thing(name=f"t{number}")).result()
        assert second.snapshot().count(THING, "1") == number + 1


def test_nodes_that_start_at_once_migrate_once(postgres):
    """Of many nodes that find an empty database one makes the tables, and all open it."""
    barrier = Barrier(8)

    def start(number):
        barrier.wait(30)
        store = open_store(postgres.place, KINDS)
        put(store, Thing(name=f"t{number}")).result()
        return store

    assert not holds_store(postgres.place)
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(start, range(8)))
    assert holds_store(postgres.place)
    assert {store.snapshot().count(THING, "1") for store in stores} == {8}
    assert {store.snapshot().revision for store in stores} == {8}
    for store in stores:
        store.close()


def test_other_tables_in_the_database_are_left_alone(open_postgres, postgres):
    """What belongs to others in the same database is neither used nor in the way, even under our names."""
    postgres.edit("CREATE TABLE public.record (diary text)")
    put(open_postgres(), Thing(name="a")).result()
    assert postgres.edit("SELECT * FROM public.record") == []
    postgres.edit("DROP TABLE public.record")


@pytest.mark.parametrize(
    "table", ["diary (entry text)", "head (entry text)", "head (application int, schema int)"]
)
def test_schema_of_another_program_is_refused(open_postgres, postgres, table):
    """A schema of our name that holds somebody else's tables gets none of ours."""
    postgres.edit("CREATE SCHEMA masugata")
    postgres.edit(f"CREATE TABLE masugata.{table}")
    for _ in range(2):
        with pytest.raises(StoreIncompatibleError, match="another program"):
            open_postgres()
    assert len(postgres.edit("SELECT 1 FROM pg_tables WHERE schemaname = 'masugata'")) == 1


def test_newer_schema_is_refused(open_postgres, postgres):
    """A database migrated by a newer program is not opened by an older one."""
    open_postgres().close()
    postgres.edit("UPDATE head SET schema = schema + 1")
    with pytest.raises(StoreIncompatibleError, match="schema `4`, this program knows up to 3"):
        open_postgres()


def test_events_of_the_first_schema(open_postgres, postgres):
    """They are all there after the migration: found by what they name, measured, and followed in number."""
    with closing(connections.connect(address(postgres.place), lock_seconds=5, statement_seconds=5)) as first:
        migrate(first, migrations("postgres")[:1])
    for seq in (3, 4):
        row = (
            seq,
            microseconds(NOON),
            "1",
            "eu",
            f"id-{seq}",
            "CreateThing",
            "test",
            "bob",
            "",
            1,
            b"x" * 500,
        )
        postgres.edit("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
    for position, name in enumerate(('b"', "a")):
        row = (3, position, "1", "eu", microseconds(NOON), "T", name)
        postgres.edit("INSERT INTO event_resource VALUES (?, ?, ?, ?, ?, ?, ?)", *row)
    postgres.edit("UPDATE head SET seq = 7")
    store = open_postgres()
    assert store.event_bytes() == 2 * (500 + EVENT_OVERHEAD)
    assert [row.seq for row in store.events("1", "eu", attribute=("Username", "bob"))] == [4, 3]
    (named,) = store.events("1", "eu", attribute=("ResourceName", 'b"'))
    assert (named.event_id, named.resources, named.body) == ("id-3", (("T", 'b"'), ("T", "a")), b"x" * 500)
    store.record_event(event(1))
    store.flush().result()
    assert [row.seq for row in store.events("1", "eu")] == [8, 4, 3]
    assert store.check() == []


def test_migration_is_all_or_nothing(open_postgres, postgres):
    """A migration that fails in the middle leaves the schema of before, and the next one continues it."""
    store = open_postgres()
    connection = store._connect(5.0)
    try:
        broken = "CREATE TABLE more (x integer);\n-- and then\nCREATE TABLE record (x integer);\n"
        with pytest.raises(psycopg.errors.DuplicateTable):
            migrate(connection, [*migrations("postgres"), (4, broken)])
        assert postgres.edit("SELECT schema, to_regclass('more') FROM head") == [(3, None)]
        migrate(connection, [*migrations("postgres"), (4, "CREATE TABLE more (x integer)")])
        assert postgres.edit("SELECT schema, to_regclass('more')::text FROM head") == [(4, "more")]
    finally:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM head", id="lost"),
        pytest.param("UPDATE head SET revision = 0", id="older"),
        pytest.param("UPDATE head SET stamp = stamp + 1", id="other-history-of-the-same-length"),
        pytest.param(
            "UPDATE head SET revision = 2, stamp = 7; UPDATE change SET stamp = 7",
            id="other-history-that-went-on",
        ),
        pytest.param("DROP TABLE head CASCADE", id="gone"),
    ],
)
def test_untrustworthy_revision_refuses(open_postgres, postgres, statement):
    """What is not the continuation of what was seen gives no snapshot and takes no change."""
    store = open_postgres()
    put(store, Thing(name="a")).result()
    store.snapshot()
    postgres.edit(statement)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            store.snapshot()
        with pytest.raises(StoreUnavailableError):
            put(store, Thing(name="b")).result()


@pytest.mark.parametrize("sort", ["fast", "immediate"])
def test_server_restarts(open_postgres, postgres_server, sort):
    """While the server is away all is refused, when it is back all that was acknowledged is there."""
    store, idle = open_postgres(), open_postgres()
    put(store, Thing(name="a", serial="S")).result()
    store.record_event(event(1))
    store.flush().result()
    postgres_server.stop(sort)
    try:
        for call in (
            store.snapshot,
            lambda: put(store, Thing(name="b")).result(),
            lambda: store.events("1", "eu"),
            lambda: store.touched("key"),
        ):
            with pytest.raises(StoreUnavailableError):
                call()
        assert store.failing is not None
        assert store.check() != []
    finally:
        postgres_server.start()
    for node in (store, idle):
        assert node.snapshot().by_name(THING, "serial", "S") is not None
        put(node, Thing(name="b")).result()
        assert node.failing is None
    assert events_of(idle) == ["id-1"]


def test_ended_connections_are_nobodys_error(open_postgres, postgres):
    """A server that ended all connections while they were idle is asked again, on new ones."""
    store = open_postgres()
    for number in range(3):
        put(store, Thing(name=f"t{number}")).result()
        store.events("1", "eu")
        assert store.snapshot().count(THING, "1") == number + 1
        assert end_backends(postgres) >= 3
    assert store.snapshot().count(THING, "1") == 3
    assert store.events("1", "eu") == []


@pytest.fixture
def proxy(postgres_server):
    """A way to the server that can be broken."""
    running = CommitProxy(postgres_server.port)
    yield running
    running.close()


@pytest.mark.parametrize(("when", "took_effect"), [("before", False), ("after", True)])
def test_connection_lost_in_a_commit(postgres, proxy, when, took_effect):
    """Nobody is told yes, the state is what the database says, and every event is there exactly once."""
    url = postgres.server.tcp_url(postgres.name, proxy.port)
    store = open_store(url, KINDS)
    try:
        put(store, Thing(name="a")).result()

        def job(transaction):
            transaction.put(THING, "1", Thing(name="b"))
            proxy.break_next = when

        with busy_writer(store):
            change = store.submit(job)
            for number in range(3):
                store.record_event(event(number))
        with pytest.raises(StoreUnavailableError, match="may have taken effect"):
            change.result()
        assert (store.snapshot().get(THING, "1", "b") is not None) == took_effect
        assert events_of(store) == ["id-2", "id-1", "id-0"]
        store.record_event(event(3))
        assert events_of(store) == ["id-3", "id-2", "id-1", "id-0"]
        assert store.check() == []
    finally:
        store.close()


def test_last_uses_survive_a_lost_commit(postgres, proxy):
    """A last use whose commit broke is written with the next one."""
    store = open_store(postgres.server.tcp_url(postgres.name, proxy.port), KINDS)
    try:
        store.flush().result()
        proxy.break_next = "before"
        store.touch("key", b"now")
        with pytest.raises(StoreUnavailableError):
            store.flush().result()
        assert store.touched("key") == b"now"
        store.flush().result()
        assert postgres.edit("SELECT body FROM last_used") == [(b"now",)]
    finally:
        store.close()


@pytest.mark.parametrize("end", ["pg_terminate_backend", "pg_cancel_backend"])
def test_waiting_for_a_standby_that_never_comes(open_postgres, postgres, postgres_server, monkeypatch, end):
    """A commit whose wait for its synchronous standby is broken off is not acknowledged, however it ends."""
    store = open_postgres()
    store.flush().result()
    monkeypatch.setattr(writing, "EVENT_DELAY", 1000.0)  # so that the event goes with the change
    with configured(postgres_server, "synchronous_standby_names", "nobody"):
        store.record_event(event(1))
        change = put(store, Thing(name="a"))
        while not (found := backends(postgres, "wait_event = 'SyncRep'")):
            assert not change.done()
        postgres.edit(f"SELECT {end}(?)", found[0][0])
        with pytest.raises(StoreUnavailableError):
            change.result()
    assert events_of(store) == ["id-1"]
    assert store.snapshot().count(THING, "1") == 1


def test_frozen_server_is_not_waited_for_for_ever(postgres, monkeypatch):
    """A server that is there and does not answer is given up, and used again when it answers."""
    monkeypatch.setattr(connections, "_GRACE", 0.2)
    server = postgres.server
    store = open_store(postgres.place, KINDS, busy_timeout=0.3)
    try:
        put(store, Thing(name="a")).result()
        store.events("1", "eu")
        server.signal(signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailableError, match="does not answer within"):
                store.snapshot()
            with pytest.raises(StoreUnavailableError, match="does not answer within"):
                put(store, Thing(name="b")).result()
            with pytest.raises(StoreUnavailableError, match="does not answer within"):
                store.events("1", "eu")
        finally:
            server.signal(signal.SIGCONT)
        while True:
            with suppress(StoreUnavailableError):
                assert store.snapshot().get(THING, "1", "a") is not None
                put(store, Thing(name="c")).result()
                break
    finally:
        store.close()


def test_node_that_holds_the_lock_too_long(postgres, open_postgres):
    """While another holds the head the changes are refused after a time, and reading goes on."""
    store = open_postgres(busy_timeout=0.1)
    with psycopg.connect(postgres.place) as other:
        other.execute("SELECT * FROM masugata.head FOR UPDATE")
        with pytest.raises(StoreUnavailableError, match="lock timeout"):
            put(store, Thing(name="a")).result()
        assert store.snapshot().revision == 0
        other.rollback()
    put(store, Thing(name="a")).result()


def role(postgres, *statements):
    """A role of this database's own, and the URL with which it connects."""
    name = postgres.server.new_name("role")
    postgres.edit(f"CREATE ROLE {name} LOGIN")
    for statement in statements:
        postgres.edit(statement.format(role=name))
    return postgres.server.url(postgres.name, name)


def test_role_that_may_not_make_the_schema(postgres):
    """Where a role may not make the schema the error says so, and an administrator may make it instead."""
    url = role(postgres)
    with pytest.raises(StoreUnavailableError, match="permission denied for database"):
        open_store(url, KINDS)
    name = urlsplit(url).username
    postgres.edit(f"CREATE SCHEMA masugata AUTHORIZATION {name}")
    store = open_store(url, KINDS)
    put(store, Thing(name="a")).result()
    store.close()


def test_role_that_may_only_read(open_postgres, postgres):
    """A role without the right to write opens nothing half: the first change says what is missing."""
    open_postgres()
    url = role(
        postgres,
        "GRANT USAGE ON SCHEMA masugata TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA masugata TO {role}",
    )
    store = open_store(url, KINDS)
    with pytest.raises(StoreUnavailableError, match="permission denied for table head"):
        put(store, Thing(name="a")).result()
    store.close()


def test_defaults_of_a_role_cannot_weaken_a_commit(postgres, open_postgres):
    """Whatever defaults a role was given, commits are durable and read what the lock protects."""
    open_postgres()
    url = role(
        postgres,
        "GRANT ALL ON SCHEMA masugata TO {role}",
        "GRANT ALL ON ALL TABLES IN SCHEMA masugata TO {role}",
        "ALTER ROLE {role} SET synchronous_commit = off",
        "ALTER ROLE {role} SET default_transaction_isolation = serializable",
        "ALTER ROLE {role} SET search_path = public",
        "ALTER ROLE {role} SET statement_timeout = '5min'",
    )
    stores = [open_store(url, KINDS), open_store(url, KINDS)]
    names = ("synchronous_commit", "transaction_isolation", "statement_timeout")
    show = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    said = stores[0]._submit_on_database(lambda connection: connection.execute(show).fetchone()).result()
    assert said == ("on", "read committed", "20s")
    for number in range(10):
        futures = [put(store, Thing(name=f"t{number}-{index}")) for index, store in enumerate(stores)]
        for future in futures:
            future.result()
    assert {store.snapshot().count(THING, "1") for store in stores} == {20}
    for store in stores:
        store.close()


def test_server_that_does_not_keep_what_it_says_is_refused(open_postgres, postgres_server):
    """With fsync=off nothing that is acknowledged is safe, so nothing is."""
    with (
        configured(postgres_server, "fsync", "off"),
        pytest.raises(StoreUnavailableError, match="fsync=off"),
    ):
        open_postgres()
    with configured(postgres_server, "full_page_writes", "off"):
        assert "full_page_writes=off" in " ".join(open_postgres().check())


def test_other_encodings_are_refused(postgres_server):
    """A database that cannot hold every text is refused."""
    name = postgres_server.new_name("latin")
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(StoreIncompatibleError, match="LATIN1"):
        open_store(postgres_server.url(name), KINDS)


def test_password_is_in_no_log(postgres, postgres_server, caplog):
    """Neither a store in use, nor a wrong password, nor a lost server puts the password into a log."""
    caplog.set_level(logging.DEBUG)
    store = open_store(postgres_server.tcp_url(postgres.name), KINDS)
    put(store, Thing(name="a")).result()
    assert postgres_server.password not in repr(store)
    end_backends(postgres)
    store.snapshot()
    store.close()
    wrong = postgres_server.tcp_url(postgres.name).replace(postgres_server.password, "wrong-and-secret")
    with pytest.raises(StoreUnavailableError, match="password authentication failed"):
        open_store(wrong, KINDS)
    assert postgres_server.password not in caplog.text
    assert "wrong-and-secret" not in caplog.text


def test_values_of_rows_are_not_in_errors(open_postgres, postgres):
    """What the database says about a refused row is not passed on with the row's values."""
    store = open_postgres()
    put(store, Thing(name="a", serial="very-secret")).result()
    postgres.edit("ALTER TABLE record ADD CONSTRAINT small CHECK (octet_length(body) < 10) NOT VALID")
    with pytest.raises(StoreUnavailableError, match='constraint "small"') as raised:
        put(store, Thing(name="a", serial="other-secret")).result()
    assert "secret" not in str(raised.value)


def test_look_ups_use_an_index(open_postgres):
    """No look-up of events walks the whole log, whatever the attribute."""
    store = open_postgres()
    for number in range(50):
        store.record_event(event(number, name="true", resources=(("true", "true"),)))
    store.flush().result()
    start, end = microseconds(NOON), microseconds(NOON) + 15_000_000
    connection, lines = store._connect(5.0), []
    execute = connection.execute

    def explaining(statement, parameters=()):
        lines.extend(line for (line,) in execute("EXPLAIN " + statement, parameters).fetchall())
        return execute(statement, parameters)

    try:
        execute("ANALYZE")
        execute("SELECT set_config('enable_seqscan', 'off', false)")
        connection.execute = explaining
        for attribute in (None, *ATTRIBUTES):
            pair = attribute and (attribute, "true")
            events.find(connection, EventQuery("1", "eu", start, end, pair, before_seq=10, limit=5))
    finally:
        del connection.execute
        connection.close()
    used = {line.split(" using ")[1].split(" on ")[0] for line in lines if " using " in line}
    assert used == {"event_pkey", "event_by_id", "event_posting_pkey"}
    assert not [line for line in lines if "Seq Scan on event" in line]
