"""Two processes on one database of either sort, and an ephemeral store, do what one dict does."""

import tempfile
from concurrent.futures import wait
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from databases import PostgresDatabase, SqliteDatabase
from masugata.store import DuplicateNameError, MissingRecordError, open_store
from masugata.store.event import ATTRIBUTES
from property.store.model import Model
from unit.store.things import KINDS, THING, Thing, event

ACCOUNTS = ("1", "2")
REGIONS = ("", "eu")
NAMES = ("a", "B", "b", "ä", "zz")
VALUES = ("x", "y")

places = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(REGIONS))
things = st.builds(
    Thing,
    name=st.sampled_from(NAMES),
    serial=st.sampled_from(("", *VALUES)),
    marks=st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
    owners=st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
    size=st.integers(0, 3),
)
steps = st.one_of(
    st.tuples(st.just("put"), places, things),
    st.tuples(st.just("put"), places, things),
    st.tuples(st.just("delete"), places, st.sampled_from([name.lower() for name in NAMES])),
    st.tuples(st.just("savepoint")),
    st.tuples(st.just("rollback")),
)
jobs = st.tuples(st.lists(steps, min_size=1, max_size=6), st.booleans())
events = st.builds(
    event,
    st.integers(0, 5),
    account=st.sampled_from(ACCOUNTS),
    event_id=st.sampled_from(VALUES),
    read_only=st.booleans(),
    resources=st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)), max_size=2).map(tuple),
)


class Stop(Exception):  # noqa: N818
    """Ends a job that shall leave nothing."""


def job_of(job):
    """The steps as a job for a store; its result says what each step did."""

    def run(transaction):
        said, savepoints = [], [transaction.savepoint()]
        for verb, *arguments in job[0]:
            try:
                if verb == "put":
                    (account, region), thing = arguments
                    transaction.put(THING, account, thing, region)
                elif verb == "delete":
                    (account, region), key = arguments
                    transaction.delete(THING, account, key, region)
                elif verb == "savepoint":
                    savepoints.append(transaction.savepoint())
                else:
                    transaction.rollback(savepoints.pop() if len(savepoints) > 1 else savepoints[0])
                said.append(True)
            except (DuplicateNameError, MissingRecordError):
                said.append(False)
        if job[1]:
            raise Stop
        return said

    return run


def do(model, job):
    """The steps on the model: the model after them, and what each step did."""
    now, said, savepoints = Model(model.things), [], [Model(model.things)]
    for verb, *arguments in job[0]:
        if verb == "put":
            said.append(now.put(*arguments[0], arguments[1]))
        elif verb == "delete":
            said.append(now.delete(*arguments[0], arguments[1]))
        elif verb == "savepoint":
            savepoints.append(Model(now.things))
            said.append(True)
        else:
            now = Model((savepoints.pop() if len(savepoints) > 1 else savepoints[0]).things)
            said.append(True)
    return (model, None) if job[1] else (now, said)


class StoreMachine(RuleBasedStateMachine):
    """Drives all stores and the model alike and compares everything that can be asked."""

    def new_database(self):
        """An empty one."""
        return SqliteDatabase(Path(tempfile.mkdtemp()) / "masugata.db")

    @initialize()
    def start(self):
        self.database = self.new_database()
        self.rows = import_module(f"masugata.store.{self.database.sort}.rows")
        self.memory = open_store(None, KINDS)
        self.durable = [open_store(self.database.place, KINDS), open_store(self.database.place, KINDS)]
        self.model = Model()
        self.events = []
        self.touched = {}

    @rule(batch=st.lists(jobs, min_size=1, max_size=4), by=st.sampled_from((0, 1)))
    def submit(self, batch, by):
        """Jobs submitted together, by either process, each see the ones before."""
        expected = []
        for job in batch:
            self.model, said = do(self.model, job)
            expected.append(said)
        for store in (self.memory, self.durable[by]):
            futures = [store.submit(job_of(job)) for job in batch]
            wait(futures)
            assert [None if f.exception() else f.result() for f in futures] == expected
            assert all(isinstance(f.exception(), Stop | None) for f in futures)

    @rule(row=events, in_a_job=st.booleans(), by=st.sampled_from((0, 1)))
    def emit(self, row, in_a_job, by):
        """Events, lazily or with a job."""
        self.events.append(row)
        for store in (self.memory, self.durable[by]):
            if in_a_job:
                store.submit(lambda transaction: transaction.emit(row)).result()
            else:
                store.record_event(row)
                store.flush().result()

    @rule(number=st.integers(0, 6))
    def expire(self, number):
        """Old events go."""
        cutoff = event(number).time
        gone = sum(row.time < cutoff for row in self.events)
        for store in (self.memory, self.durable[0]):
            assert store.delete_events_before(cutoff).result() == gone
        self.events = [row for row in self.events if row.time >= cutoff]

    @rule(key=st.sampled_from(VALUES), body=st.binary(max_size=3), by=st.sampled_from((0, 1)))
    def touch(self, key, body, by):
        """Last uses."""
        self.touched[key] = body
        for store in (self.memory, self.durable[by]):
            store.touch(key, body)
            assert store.touched(key) == body
            store.flush().result()

    @rule(by=st.sampled_from((0, 1)))
    def reopen(self, by):
        """A process stops and starts again."""
        self.durable[by].close()
        self.durable[by] = open_store(self.database.place, KINDS)

    @rule(by=st.sampled_from((0, 1)), keep=st.integers(0, 3))
    def compact(self, by, keep):
        """The change log is cut, so that a process behind it must read everything."""
        self.durable[by]._submit_on_database(lambda connection: self.rows.compact(connection, keep)).result()

    @rule(by=st.sampled_from((0, 1)))
    def compare_records(self, by):
        """One process looks, while the other may stay behind for long."""
        for snapshot in (self.memory.snapshot(), self.durable[by].snapshot()):
            self.compare(snapshot)

    @rule(
        by=st.sampled_from((0, 1)),
        account=st.sampled_from(ACCOUNTS),
        attribute=st.one_of(
            st.none(), st.tuples(st.sampled_from(list(ATTRIBUTES)), st.sampled_from((*VALUES, "true")))
        ),
        limit=st.integers(1, 3),
    )
    def compare_events(self, by, account, attribute, limit):
        """Any look-up, in pages."""
        pages = []
        for store in (self.memory, self.durable[by]):
            pages.append([])
            before = None
            while page := store.events(account, "eu", attribute=attribute, before_seq=before, limit=limit):
                pages[-1] += page
                before = page[-1].seq
        assert pages[0] == pages[1]
        matching = [
            row
            for row in self.events
            if row.account == account and (not attribute or ATTRIBUTES[attribute[0]](row, attribute[1]))
        ]
        assert [row.time for row in pages[0]] == sorted((row.time for row in matching), reverse=True)
        assert len({row.seq for row in pages[0]}) == len(matching)

    @invariant()
    def last_uses_are_kept(self):
        """The last use is known to both processes."""
        for key in VALUES:
            for store in (self.memory, *self.durable):
                assert store.touched(key) == self.touched.get(key)

    def compare(self, snapshot):
        """Everything that can be asked of a snapshot."""
        for account in ACCOUNTS:
            for region in REGIONS:
                expected = self.model.scan(account, region)
                assert list(snapshot.scan(THING, account, region)) == expected
                assert snapshot.count(THING, account, region) == len(expected)
                for name in NAMES:
                    key = name.lower()
                    assert snapshot.get(THING, account, key, region) == self.model.things.get(
                        (account, region, key)
                    )
                    behind = [thing for thing in expected if THING.key(thing) > key]
                    assert list(snapshot.scan(THING, account, region, after=key)) == behind
                for owner in VALUES:
                    referring = self.model.referring(account, region, owner)
                    assert snapshot.referring(THING, account, "owner", owner, region) == referring
                    counted = snapshot.count_referring(THING, account, "owner", owner, region)
                    assert counted == len(referring)
                    for name in NAMES:
                        key = name.lower()
                        found = snapshot.scan_referring(THING, account, "owner", owner, region, after=key)
                        assert list(found) == [thing for thing in referring if THING.key(thing) > key]
        for label in ("serial", "mark"):
            for value in VALUES:
                assert snapshot.by_name(THING, label, value) == self.model.by_name(label, value)
        assert snapshot.partitions(THING) == sorted({place[:2] for place in self.model.things})

    def teardown(self):
        """Nothing is damaged at the end."""
        try:
            assert self.durable[0].snapshot().revision == self.durable[1].snapshot().revision
            for store in self.durable:
                self.compare(store.snapshot())
                assert store.check() == []
        finally:
            for store in self.durable:
                store.close()
            self.database.remove()


StoreMachine.TestCase.settings = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class PostgresMachine(StoreMachine):
    """The same on PostgreSQL, whose server is set by a fixture."""

    server = None

    def new_database(self):
        """An empty one."""
        return PostgresDatabase(self.server)


@pytest.fixture(scope="module")
def machine_server(postgres_server):
    """Where the machine makes its databases."""
    PostgresMachine.server = postgres_server


class TestStoreMachine(StoreMachine.TestCase):
    """Random histories of two processes and an ephemeral store agree with the model."""


@pytest.mark.nightly
class TestStoreMachineForLong(StoreMachine.TestCase):
    """The same, many more and longer histories."""

    settings = settings(StoreMachine.TestCase.settings, max_examples=1000, stateful_step_count=60)


@pytest.mark.usefixtures("machine_server")
class TestPostgresMachine(PostgresMachine.TestCase):
    """Random histories of two nodes on PostgreSQL agree with the model."""

    settings = settings(StoreMachine.TestCase.settings, max_examples=12)


@pytest.mark.nightly
@pytest.mark.usefixtures("machine_server")
class TestPostgresMachineForLong(PostgresMachine.TestCase):
    """The same, many more and longer histories."""

    settings = settings(StoreMachine.TestCase.settings, max_examples=300, stateful_step_count=60)
