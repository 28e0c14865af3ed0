"""The parts of the store on PostgreSQL that need no server: addresses, sessions, shared reads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

psycopg = pytest.importorskip("psycopg")

from masugata.store import StoreError, StoreUnavailableError, open_store  # noqa: E402
from masugata.store.postgres.address import address  # noqa: E402
from masugata.store.postgres.session import Session  # noqa: E402
from masugata.store.postgres.shared_read import SharedRead  # noqa: E402

PASSWORD = "kept-to-ourselves"


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        pytest.param("postgresql:///db", None, id="unix-socket"),
        pytest.param("postgresql:///db?host=/run/x", None, id="unix-socket-by-path"),
        pytest.param("postgresql://u@localhost/db", None, id="loopback-name"),
        pytest.param("postgresql://u@127.0.0.1,[::1]/db", None, id="loopback-addresses"),
        pytest.param("postgresql://u@db.example.com/db", "verify-full", id="elsewhere"),
        pytest.param("postgresql://u@localhost,db.example.com/db", "verify-full", id="one-of-two-elsewhere"),
        pytest.param("postgresql://u@localhost/db?hostaddr=192.0.2.1", "verify-full", id="other-address"),
        pytest.param("postgresql://u@db.example.com/db?sslmode=disable", "disable", id="said-explicitly"),
    ],
)
def test_tls_beyond_this_machine(url, mode):
    """A verified certificate is asked for as soon as any host is elsewhere, unless the URL says other."""
    assert address(url).parameters.get("sslmode") == mode


def test_environment_counts(monkeypatch):
    """Hosts and modes in libpq's variables are seen, so that they cannot weaken the rule."""
    monkeypatch.setenv("PGHOST", "db.example.com")
    assert address("postgresql:///db").parameters["sslmode"] == "verify-full"
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "sslmode" not in address("postgresql:///db").parameters
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.delenv("PGSSLMODE")
    assert address("postgresql://localhost/db").parameters["sslmode"] == "verify-full"


def test_standbys_are_never_asked():
    """Whatever the URL says, only a server that takes writes is read from: others may be behind."""
    parameters = address("postgresql://h/db?target_session_attrs=any&sslmode=require").parameters
    assert parameters["target_session_attrs"] == "read-write"


def test_service_is_refused():
    """A service file could name any host, so the URL must."""
    with pytest.raises(StoreUnavailableError, match="service"):
        address("postgresql:///?service=prod")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"postgresql://u:{PASSWORD}%zz@h/db", id="bad-escape"),
        pytest.param(f"postgresql://u:{PASSWORD}@[::1/db", id="bad-bracket"),
        pytest.param(f"postgresql://h/db?{PASSWORD}=1", id="unknown-parameter"),
        pytest.param(f"postgresql://u:{PASSWORD}@127.0.0.1:1/db?connect_timeout=2", id="nobody-there"),
    ],
)
def test_password_is_never_shown(url):
    """Neither an error, nor its causes, nor a representation has the password."""
    with pytest.raises(StoreUnavailableError) as raised:
        open_store(url, ())
    error = raised.value
    while error is not None:
        assert PASSWORD not in str(error)
        error = error.__cause__
    assert PASSWORD not in repr(address(f"postgresql://u:{PASSWORD}@h/db"))
    assert address(f"postgresql://u:{PASSWORD}@h:5433/db").name == "postgresql://h:5433/db"


def test_psycopg_is_missing(monkeypatch):
    """Without the extra the error says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'masugata\[postgres\]'"):
        open_store("postgresql:///db", ())


def test_nothing_is_loaded_for_sqlite(tmp_path):
    """A store on SQLite starts without loading psycopg."""
    program = (
        "import sys\nfrom masugata.store import open_store\n"
        f"open_store({str(tmp_path / 'x.db')!r}, ()).close()\n"
        "sys.exit(any(m == 'psycopg' or 'postgres' in m for m in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


class Line:
    """A connection that works until it is `broken`."""

    def __init__(self):
        self.broken = False
        self.closed = False

    def close(self):
        self.closed = True


class Server:
    """Gives connections until it is `down`; each attempt to connect then takes `takes` seconds."""

    def __init__(self):
        self.now, self.takes, self.down, self.lines = 0.0, 0.0, False, []

    def connect(self):
        self.now += self.takes
        if self.down:
            raise psycopg.OperationalError("down")
        self.lines.append(Line())
        return self.lines[-1]

    def session(self):
        return Session(self.connect, clock=lambda: self.now)


def ask(line):
    """Something that needs a working connection."""
    if line.broken:
        raise psycopg.OperationalError("server closed the connection")
    return "answer"


def test_lost_connection_is_made_again():
    """A connection that was lost since it was last used is nobody's error."""
    server = Server()
    session = server.session()
    assert session.run(ask) == "answer"
    server.lines[0].broken = True
    assert session.run(ask) == "answer"
    assert server.lines[0].closed
    assert len(server.lines) == 2


def test_new_connection_that_breaks_is_an_error():
    """What fails on a connection just made is not tried for ever."""
    server = Server()
    session = server.session()

    def break_it(line):
        line.broken = True
        return ask(line)

    with pytest.raises(psycopg.OperationalError):
        session.run(break_it)
    assert len(server.lines) == 1
    assert server.lines[0].closed
    assert session.run(ask) == "answer"


def test_slow_failures_are_remembered():
    """A server that takes time to fail is asked at most half of the time; one that is back is used again."""
    server = Server()
    session = server.session()
    server.down, server.takes = True, 4.0
    with pytest.raises(psycopg.OperationalError):
        session.run(ask)
    for moment in (4.0, 7.9):
        server.now = moment
        with pytest.raises(StoreUnavailableError, match="down"):
            session.run(ask)
        assert server.now == moment
    server.now, server.down = 8.1, False
    assert session.run(ask) == "answer"


def test_server_that_says_something_is_not_avoided():
    """A slow error from the server itself, such as a lock's time-out, makes nobody else refused."""
    server = Server()
    session = server.session()

    def wait_for_lock(_):
        server.now += 4.0
        raise psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")

    with pytest.raises(psycopg.errors.LockNotAvailable):
        session.run(wait_for_lock)
    assert session.run(ask) == "answer"


def test_quick_failures_are_tried_again_at_once():
    """A server that refuses at once costs nothing, so the next call asks it again."""
    server = Server()
    session = server.session()
    server.down = True
    with pytest.raises(psycopg.OperationalError):
        session.run(ask)
    server.down = False
    assert session.run(ask) == "answer"


def test_closed_session_refuses():
    """After closing no connection is made any more."""
    session = Server().session()
    session.run(ask)
    session.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        session.run(ask)


class Reads:
    """Reads that end when the test lets them, each with its number as the result."""

    def __init__(self):
        self.begun, self.go, self.error = [], [], None
        self.started = Event()

    def read(self):
        self.begun.append(len(self.begun) + 1)
        mine = self.begun[-1]
        go = Event()
        self.go.append(go)
        self.started.set()
        assert go.wait(30)
        if self.error is not None:
            raise self.error
        return mine

    def await_start(self):
        assert self.started.wait(30)
        self.started.clear()


def waiting(shared, count):
    """Until so many callers wait."""
    with shared._condition:
        return len(shared._condition._waiters) >= count


def test_read_is_shared_by_those_who_asked_before_it_began():
    """Who asks while a read runs does not get its result, but shares the next one with all others."""
    reads = Reads()
    shared = SharedRead(reads.read)
    with ThreadPoolExecutor(12) as pool:
        first = pool.submit(shared.get)
        reads.await_start()
        rest = [pool.submit(shared.get) for _ in range(10)]
        while not waiting(shared, 10):
            pass
        reads.go[0].set()
        assert first.result(30) == 1
        reads.await_start()
        assert not any(future.done() for future in rest)
        reads.go[1].set()
        assert {future.result(30) for future in rest} == {2}
    assert reads.begun == [1, 2]


def test_failure_is_shared_too():
    """A failing read refuses all who shared it, and the next one starts afresh."""
    reads = Reads()
    shared = SharedRead(reads.read)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(shared.get)
        reads.await_start()
        second, third = pool.submit(shared.get), pool.submit(shared.get)
        while not waiting(shared, 2):
            pass
        reads.error = StoreUnavailableError("no database")
        reads.go[0].set()
        reads.await_start()
        reads.go[1].set()
        for future in (first, second, third):
            with pytest.raises(StoreUnavailableError, match="no database"):
                future.result(30)
        reads.error = None
        again = pool.submit(shared.get)
        reads.await_start()
        reads.go[2].set()
        assert again.result(30) == 3
