"""A private PostgreSQL server for tests: its own data, its own port, durable like a real one."""

import glob
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
shared_buffers = 16MB
max_connections = 200
max_wal_size = 128MB
recovery_init_sync_method = syncfs
log_min_messages = warning
"""


def programs() -> Path | None:
    """Where the newest server's programs are, or None; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))  # noqa: PTH207
    return Path(debian[-1]).parent if debian else None


class PostgresServer:
    """A server, from `start` to `remove`; in between it may be stopped and started at will."""

    def __init__(self) -> None:
        bin_folder = programs()
        assert bin_folder is not None
        self._programs = bin_folder
        self.folder = Path(tempfile.mkdtemp(prefix="masugata-postgres-"))
        self._numbers = count(1)
        self._free: list[str] = []
        self.password = secrets.token_hex(16)
        # PostgreSQL refuses to run as root, so root takes the part of somebody who may nothing.
        self._as = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self) -> "PostgresServer":
        """Make the data at the first time, then run; returns once connections are accepted."""
        data = self.folder / "data"
        if not data.exists():
            password = self.folder / "password"
            password.write_text(self.password)
            password.chmod(0o644)  # in a folder that nobody else can enter
            self._run("initdb", "-D", data, "-U", "owner", "-E", "UTF8", "--locale=C", "--no-sync",
                      "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}")  # fmt: skip
            with (data / "postgresql.conf").open("a") as file:
                file.write(_CONFIGURATION.format(port=self.port, folder=self.folder))
        self._run("pg_ctl", "-D", data, "-l", self.folder / "log", "-w", "-t", "60", "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        """Stop; `immediate` is like a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "-t", "60", "stop")

    def signal(self, number: int) -> None:
        """Send a signal to all its processes, such as SIGSTOP."""
        for process in self._processes():
            os.kill(process, number)

    def remove(self) -> None:
        """Stop and delete everything."""
        try:
            if (self.folder / "data" / "postmaster.pid").exists():
                self.signal(signal.SIGCONT)
                self.stop("immediate")
        finally:
            shutil.rmtree(self.folder)

    def url(self, database: str = "postgres", user: str = "owner") -> str:
        """The URL of a database, through the Unix socket."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str, port: int | None = None) -> str:
        """The URL of a database through TCP, with the password in it."""
        return f"postgresql://owner:{self.password}@127.0.0.1:{port or self.port}/{database}"

    def database(self) -> str:
        """The name of an empty database; making one takes time, so those given back are used again."""
        if self._free:
            return self._free.pop()
        name = self.new_name("database")
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database that nobody needs any more."""
        self.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        self.execute("DROP SCHEMA IF EXISTS masugata CASCADE", database=name)
        self._free.append(name)

    def new_name(self, prefix: str) -> str:
        """A name that nothing on this server has."""
        return f"{prefix}_{next(self._numbers)}"

    def execute(self, statement: str, parameters: tuple = (), database: str = "postgres") -> list[tuple]:
        """Execute something as the owner of everything; gives the rows, if there are any."""
        with closing(
            psycopg.connect(self.url(database), autocommit=True, options="-c search_path=masugata")
        ) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: object) -> None:
        log = self.folder / f"{program}.log"
        with log.open("wb") as file:
            command = [self._programs / program, *map(str, arguments)]
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd="/", check=False, **self._as
            )
        if done.returncode:
            raise AssertionError(f"{program} failed: {log.read_text()}")

    def _processes(self) -> list[int]:
        main = int((self.folder / "data" / "postmaster.pid").read_text().split("\n")[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]


def running_server():
    """A server for the time of a fixture; skips, and says so, where PostgreSQL is not installed."""
    if programs() is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()
