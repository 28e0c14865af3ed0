"""A real server process with its own data directory, and real clients of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import botocore.config
import orjson
import pytest

from masugata.server import Credentials, read_credentials


@dataclass
class Server:
    """A `masugata up` process; `start` and `kill` may follow each other on one data directory."""

    data: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    account: str = ""

    def start(self, stderr: BinaryIO | None = None) -> "Server":
        """Start, and wait for the line that says it is ready; its log may go to a file."""
        command = [sys.executable, "-m", "masugata", "up", "--json", "--port", "0", "--data", str(self.data)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
        self.process = subprocess.Popen(
            [*command, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment | self.environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server ended before it was ready"
        ready = orjson.loads(line)
        self.url, self.account = ready["url"], ready["account"]
        return self

    def stop(self) -> int:
        """Ask it to stop, as an operator would; returns its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def kill(self) -> int:
        """Kill it without a word, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        return self._ended()

    @property
    def children(self) -> set[int]:
        """The ids of the processes that it has started."""
        assert self.process is not None
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()  # the keeper is started again by a thread
        return {int(child) for task in tasks for child in (task / "children").read_text().split()}

    @property
    def keepers(self) -> set[int]:
        """The id of its keeper, if there is one just now."""
        return {pid for pid in self.children if b"masugata.keeper.process" in _command(pid)}

    def _ended(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None
        return status

    def admin(self) -> Credentials:
        """The administrator's credentials, from the file that the server wrote."""
        return read_credentials(self.data / "credentials", "admin")

    def client(
        self, service: str, credentials: Any = None, *, region: str = "us-east-1", token: str | None = None
    ) -> Any:
        """A boto3 client; by default the administrator's."""
        key = credentials or self.admin()
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            aws_session_token=token,
            config=botocore.config.Config(
                retries={"total_max_attempts": 1}, connect_timeout=10, parameter_validation=False
            ),
        )

    def user(self, name: str, **policies: dict[str, Any]) -> Credentials:
        """A new user with inline policies and an access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        for policy, document in policies.items():
            iam.put_user_policy(
                UserName=name, PolicyName=policy, PolicyDocument=orjson.dumps(document).decode()
            )
        return self.key(name)

    def key(self, name: str) -> Credentials:
        """A new access key of a user."""
        key = self.client("iam").create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def session(self, credentials: dict[str, Any], service: str) -> Any:
        """A client with temporary credentials as STS answers them."""
        return self.client(
            service,
            (credentials["AccessKeyId"], credentials["SecretAccessKey"]),
            token=credentials["SessionToken"],
        )


def _command(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it is gone meanwhile
        return []


def running(data: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """A server for the time of a fixture."""
    server = Server(data, arguments, environment).start()
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with default settings, shared by the tests of a module."""
    yield from running(tmp_path_factory.mktemp("data"))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of one test's own."""
    yield from running(tmp_path / "data")


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}
