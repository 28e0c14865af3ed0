"""The keeper as a service of its own, and a server that asks it."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.conftest import Server
from e2e.test_keeper import NOBODY, ROOT_ONLY, asked_by
from masugata.keeper.client import RemoteKeeper

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder where other users may go, who may not below that of the tests."""
    with tempfile.TemporaryDirectory(prefix="masugata-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a keeper which has the folder `keeper` to itself."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "masugata", "keeper", "--data", str(tmp_path / "keeper")]
        options = ["--socket", str(tmp_path / "keeper.sock"), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
        started.append(subprocess.Popen([*command, *options], stderr=subprocess.PIPE, env=environment))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_server_with_a_keeper_of_its_own(tmp_path: Path, start: Start) -> None:
    """The root key is the keeper's alone; a keeper that is killed and started again costs no request."""
    keeper = start()
    server = Server(tmp_path / "data", ("--keeper", f"unix:{tmp_path / 'keeper.sock'}")).start()
    try:
        assert server.children == set()
        assert (tmp_path / "keeper" / "root.key").exists()
        assert not list(server.data.rglob("*.key"))
        kms = server.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
        keeper.send_signal(signal.SIGKILL)
        keeper.wait()
        start()
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
        assert server.stop() == 0
        server.start()  # on what is there already
        assert server.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    finally:
        if server.process is not None:
            server.stop()
    assert RemoteKeeper(tmp_path / "keeper.sock").fingerprint


def test_service_ends_when_told(tmp_path: Path, start: Start) -> None:
    """SIGTERM ends it with status 0, and nothing is left at its address."""
    keeper = start()
    RemoteKeeper(tmp_path / "keeper.sock").open(create=True)
    keeper.terminate()
    assert keeper.wait(30) == 0
    assert not (tmp_path / "keeper.sock").exists()


def test_address_that_is_taken(tmp_path: Path, start: Start) -> None:
    """Where another keeper answers, or something else is, no second one begins."""
    start()
    RemoteKeeper(tmp_path / "keeper.sock").open(create=True)
    second = start()
    assert second.wait(60) == 2
    assert second.stderr is not None
    assert b"answers at" in second.stderr.read()
    assert RemoteKeeper(tmp_path / "keeper.sock").fingerprint


CHANGE = """
import os, sys
from pathlib import Path
from masugata.errors import MasugataError
from masugata.keeper.client import RemoteKeeper
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
try:
    print(RemoteKeeper(Path(sys.argv[1])).add_root_key(1))
except MasugataError as error:
    print(error)
"""


def change_by(user: int, path: Path) -> str:
    """What becomes of a change of the root keys by a process of another user."""
    command = [sys.executable, "-c", CHANGE, str(path), str(user)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@ROOT_ONLY
def test_user_who_may_ask(tmp_path: Path, start: Start) -> None:
    """The user who is named is answered, in his group alone; any other is not."""
    start("--allow-user", pwd.getpwuid(NOBODY).pw_name)
    RemoteKeeper(tmp_path / "keeper.sock").open(create=True)
    assert (tmp_path / "keeper.sock").stat().st_mode & 0o777 == 0o660
    assert asked_by(NOBODY, tmp_path / "keeper.sock") == "answered"
    assert "only the user whose keeper this is" in change_by(NOBODY, tmp_path / "keeper.sock")
    assert asked_by(12345, tmp_path / "keeper.sock") == "PermissionError"
    (tmp_path / "keeper.sock").chmod(0o666)
    assert asked_by(12345, tmp_path / "keeper.sock") in ("closed", "ConnectionResetError", "BrokenPipeError")


def test_user_who_does_not_exist(start: Start) -> None:
    """A misspelt name is told, and nobody is let in for it."""
    process = start("--allow-user", "no-such-user-here")
    assert process.wait(60) == 2
    assert process.stderr is not None
    assert b"there is no user `no-such-user-here`" in process.stderr.read()


def test_folder_that_does_not_exist(tmp_path: Path, start: Start) -> None:
    """It is told which socket cannot be made."""
    process = start("--socket", str(tmp_path / "missing" / "keeper.sock"))
    assert process.wait(60) == 2
    assert process.stderr is not None
    assert b"missing/keeper.sock`: No such file" in process.stderr.read()
