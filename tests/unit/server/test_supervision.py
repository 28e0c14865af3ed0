"""What the supervisor, its workers and systemd say to each other."""

import socket
from pathlib import Path

import pytest

from masugata.processes import WorkerFailedError
from masugata.server import control
from masugata.server.notify import notify_ready, notify_reloading
from masugata.settings import Settings


def test_assignment_survives_the_way():
    """Settings of every kind come out as they went in, secrets and all, in one line."""
    settings = Settings(
        data=Path("a b\n"),
        workers=3,
        allowed_hosts=("x.example",),
        root_access_key_id="ROOTROOTROOT",
        root_secret_access_key="very-secret",
        tls="auto",
    )
    assignment = control.Assignment(number=2, settings=settings, prepare=True, certificate=Path("c"))
    line = control.encode(assignment)
    assert line.count(b"\n") == 1
    assert control.decode_assignment(line) == assignment
    assert settings.without_root_key().root_secret_access_key is None


@pytest.mark.parametrize(
    "answer",
    [
        control.Ready("111122223333"),
        control.Ready("1", Path("c"), Path("k"), Path("a")),
    ],
)
def test_answers_survive_the_way(answer):
    """The same for what a worker answers."""
    line = control.encode(answer)
    assert line.count(b"\n") == 1
    assert control.decode_answer(line) == answer


def test_a_failure_is_raised_with_its_reason():
    """In one line, whatever the reason has."""
    line = control.encode(control.Failed("枡形\nis full"))
    assert line.count(b"\n") == 1
    with pytest.raises(WorkerFailedError, match="枡形\nis full") as raised:
        control.decode_answer(line)
    assert raised.value.reasoned


@pytest.mark.parametrize("abstract", [True, False])
def test_systemd_is_told(tmp_path, monkeypatch, abstract):
    """Messages go to the socket that systemd names, on the disk or not."""
    name = f"@masugata-{tmp_path}"[-100:] if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        address = f"@{name.lstrip('@')}" if abstract else name
        systemd.bind("\0" + address[1:] if abstract else address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify_ready()
        assert systemd.recv(100) == b"READY=1"
        notify_reloading()
        assert systemd.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


@pytest.mark.parametrize("address", [None, "", "/nowhere/notify"])
def test_nobody_to_tell(monkeypatch, address):
    """Without systemd, or with one that is gone, telling does nothing."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify_ready()
