"""The keeper's process: what it alone holds, and who may ask it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import Server
from e2e.memory import found_in_memory
from e2e.workers import readable, supervised
from masugata.keeper import Material, open_keeper
from masugata.keeper.child import running_keepers
from masugata.keeper.client import RemoteKeeper
from masugata.keeper.local_materials import MATERIAL_PURPOSE, material_identity
from masugata.records import ALL_KINDS
from masugata.records.kms import KEY, KEY_MATERIAL
from masugata.store import open_store

NOBODY = 65534
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def secrets_of(server: Server) -> dict[str, bytes]:
    """What must be nowhere but in the keeper: the root key, keys derived from it, material of KMS keys."""
    keeper = open_keeper(None, create=False, folder=server.data)
    ring, opened = keeper._ring, keeper._keeper
    assert ring is not None
    assert opened is not None
    number = ring.newest
    root = ring.get(number)
    assert root is not None
    secrets = {"root key": root}
    for purpose in ("access-key", MATERIAL_PURPOSE):
        secrets[f"key of the purpose {purpose}"] = opened._purpose_key(number, purpose)
    store = open_store(server.data / "masugata.db", ALL_KINDS)
    try:
        records = store.snapshot()
        keys = {key.id: key for key in records.scan(KEY, server.account, "us-east-1")}
        for record in records.scan(KEY_MATERIAL, server.account, "us-east-1"):
            key = keys[record.key_id]
            row = Material(server.account, key.id, record.id, key.spec, key.usage, record.sealed)
            material = opened.unseal(MATERIAL_PURPOSE, row.sealed, material_identity(row))
            secrets[f"material of {record.key_id}"] = material[-32:]
    finally:
        store.close()
    return secrets


@contextmanager
def busy(server: Server, keys: list[str]) -> Iterator[list[str]]:
    """A server that is asked to use these keys, and new access keys, all the time; gives what went wrong."""
    enough, wrong, going = threading.Event(), list[str](), threading.Semaphore(0)

    def use(number: int) -> None:
        kms, iam = server.client("kms"), server.client("iam")
        name = f"barista-{number}"
        iam.create_user(UserName=name)
        while not enough.is_set():
            try:
                use_once(kms, keys, server, iam, name)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is told
                wrong.append(repr(error))
                enough.set()
            going.release()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert going.acquire(timeout=120)
    try:
        yield wrong
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def use_once(kms: Any, keys: list[str], server: Server, iam: Any, name: str) -> None:
    """Use each key, and make, use and delete an access key."""
    for key in keys:
        blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    access_key = server.key(name)
    server.client("sts", access_key).get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=access_key.access_key_id)
    kms.generate_data_key(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], KeySpec="AES_256")


@pytest.mark.parametrize("workers", [1, 2])
def test_requests_are_parsed_where_no_key_is(tmp_path: Path, workers: int) -> None:
    """Neither root key nor material nor a key between them is in the memory of who serves, under load.

    The same search finds all of them in the keeper's.
    """
    with supervised(tmp_path / "data", workers) as (server, _):
        kms = server.client("kms")
        keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
        for key in keys:
            kms.encrypt(KeyId=key, Plaintext=b"once in any case")
        secrets = secrets_of(server)
        assert len(secrets) >= 6
        assert server.process is not None
        with busy(server, keys) as wrong:
            for _ in range(2):
                for pid in {server.process.pid, *server.workers}:
                    assert found_in_memory(pid, secrets) == set()
        assert wrong == []
        for pid in {server.process.pid, *server.workers}:
            assert found_in_memory(pid, secrets) == set()
        [keeper] = server.keepers
        assert found_in_memory(keeper, secrets) == set(secrets)
        assert server.stop() == 0


def test_memory_is_kept_to_itself(own_server: Server) -> None:
    """The keeper's memory goes into no core dump, to no debugger but root's, and is locked if it may be."""
    [pid] = own_server.keepers
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    [core] = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
    assert core == ["0", "0"]
    status = dict(line.split(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    [address] = running_keepers(own_server.data)
    described = RemoteKeeper(address).describe()
    assert (described.process, described.dumpable) == (pid, False)
    assert described.memory_locked == (int(status["VmLck"].split()[0]) > 0)
    if os.geteuid() == 0:
        assert described.memory_locked
    assert Path(f"/proc/{pid}/mem").stat().st_uid == 0  # of a process that can be dumped it is its user's
    opened = {int(file.name): str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
    kinds = {file.partition(":")[0] for number, file in opened.items() if number > 2}
    assert kinds == {"socket", "pipe"}
    assert own_server.process is not None
    limits = Path(f"/proc/{own_server.process.pid}/limits").read_text().splitlines()
    [core] = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
    assert core == ["0", "0"]


ASK = """
import os, sys
from pathlib import Path
from masugata.keeper.address import connect
from masugata.keeper.framing import read_frame
from masugata.keeper.messages import Fingerprint, encode_message
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
try:
    connection = connect(Path(sys.argv[1]), 10.0)
    connection.sendall(encode_message(Fingerprint()))
    answer = read_frame(connection)
except OSError as error:
    print(type(error).__name__)
else:
    print("answered" if answer else "closed")
"""


def asked_by(user: int, path: Path) -> str:
    """What becomes of a question to the keeper by a process of another user."""
    command = [sys.executable, "-c", ASK, str(path), str(user)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


@ROOT_ONLY
def test_strangers_are_not_answered(own_server: Server) -> None:
    """Another user does not come through the folder, nor the socket; if he does, he is not answered."""
    [address] = running_keepers(own_server.data)
    assert asked_by(0, address) == "answered"
    assert asked_by(NOBODY, address) == "PermissionError"
    for folder in (address.parent, *address.parents):
        if folder.is_relative_to(own_server.data.parents[3]):
            folder.chmod(0o755)
    assert asked_by(NOBODY, address) == "PermissionError"
    address.chmod(0o666)
    assert asked_by(NOBODY, address) in ("closed", "ConnectionResetError", "BrokenPipeError")
    assert own_server.client("sts").get_caller_identity()


def test_keeper_ends_last_and_with_its_server(tmp_path: Path) -> None:
    """SIGTERM ends the keeper after those who ask it; so does the end of a server that was killed."""
    server = Server(tmp_path / "data").start()
    [pid] = server.keepers
    watched = os.pidfd_open(pid)
    [address] = running_keepers(server.data)
    assert server.stop() == 0
    assert gone(watched)
    assert not address.exists()
    server.start()
    [pid] = server.keepers
    watched = os.pidfd_open(pid)
    server.kill()
    assert gone(watched)
    assert running_keepers(server.data) == []
    server.start()  # the socket that was left behind is removed
    [address] = (server.data / "run").glob("keeper-*.sock")
    assert running_keepers(server.data) == [address]
    server.stop()


def gone(watched: int) -> bool:
    """Whether a process ends."""
    try:
        return readable(watched)
    finally:
        os.close(watched)


def test_data_directory_with_a_long_name(tmp_path: Path) -> None:
    """A socket whose path is longer than the system lets its name be is reached all the same."""
    server = Server(tmp_path / ("n" * 100) / "data").start()
    [address] = running_keepers(server.data)
    with socket.socket(socket.AF_UNIX) as plain, pytest.raises(OSError, match="too long"):
        plain.connect(str(address))
    assert server.client("sts").get_caller_identity()
    assert server.stop() == 0
