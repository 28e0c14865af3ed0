"""`masugata edge` as a person starts it: several processes, replaced and killed under load."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from e2e.conftest import Server
from edge_house import Client, until
from edge_processes import EdgeProcess, Load, upstream
from masugata.edge import counters

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


def test_without_a_plan_nothing_goes_through() -> None:
    """An edge that has no plan refuses all traffic, and says why, until it is told to let it through."""
    with upstream() as recorder:
        with EdgeProcess(f"127.0.0.1:{recorder.port}", workers=1) as edge, edge.connect() as client:
            client.send(GET)
            status, _, body = client.response()
            assert (status, b"no plan" in body, recorder.requests) == (503, True, [])
        with (
            EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open", workers=1) as edge,
            edge.connect() as client,
        ):
            client.send(GET)
            assert client.response()[0] == 200
            assert edge.stop() == 0


def test_reloads_under_load(tmp_path: Path) -> None:
    """No request is lost or doubled while all processes are replaced again and again; counters go on."""
    counts = tmp_path / "counters"
    with (
        upstream() as recorder,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open", "--metrics", str(counts)) as edge,
    ):
        with Load(edge.port) as load:
            for _ in range(3):
                load.wait_for(200)
                edge.reload()
            load.wait_for(200)
        assert load.lost == []
        assert edge.stop() == 0
        came = Counter(request.target for request in recorder.requests)
        assert came == load.answered
        assert set(came.values()) == {1}
        read = counters.read(counts.read_bytes())
        assert read["requests"] == read["allowed"] == len(recorder.requests) == load.sent
        assert f"masugata_edge_requests_total {load.sent}\n" in counters.text(counts.read_bytes())


class SlowAnswer:
    """An upstream that begins to answer, and goes on once it is released."""

    def __init__(self) -> None:
        """Not asked yet."""
        self.begun = threading.Event()
        self.release = threading.Event()

    async def __call__(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.begun.set()
        await asyncio.to_thread(self.release.wait)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
        await writer.drain()


def test_a_stop_answers_what_runs() -> None:
    """A request that is on its way when the edge is told to stop is answered."""
    slow = SlowAnswer()
    with (
        upstream() as recorder,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open") as edge,
        contextlib.ExitStack() as ending,
    ):
        ending.callback(slow.release.set)
        recorder.handlers["/slow"] = slow
        with edge.connect() as client:
            client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            slow.begun.wait(60)
            edge.process.terminate()
            until(lambda: not accepts(edge))
            slow.release.set()
            status, headers, body = client.response()
            assert (status, body, ("connection", "close") in headers) == (200, b"slow", True)
        assert edge.process.wait(60) == 0


def accepts(edge: EdgeProcess) -> bool:
    """Whether a connection is taken."""
    try:
        edge.connect().socket.close()
    except ConnectionError:
        return False
    return True


def test_killed_workers_are_replaced() -> None:
    """A worker that is killed takes its connections with it and nothing else: others are served at once."""
    with upstream() as recorder, EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open") as edge:
        with Load(edge.port) as load:
            for _ in range(2):
                load.wait_for(200)
                before = edge.workers
                os.kill(min(before), signal.SIGKILL)
                until(lambda before=before: not edge.workers >= before and len(edge.workers) >= 2)
            load.wait_for(200)
        came = Counter(request.target for request in recorder.requests)
        assert set(came.values()) <= {1}
        assert set(load.answered) <= set(came)
        assert len(load.lost) <= 2 * load.clients


def test_a_worker_that_dies_while_others_retire_is_replaced() -> None:
    """A new worker that is killed does not wait for the slowest client of those before it."""
    slow = SlowAnswer()
    limits = ("--set", "drain_seconds=300", "--set", "response_seconds=300")
    with (
        upstream() as recorder,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open", *limits, workers=1) as edge,
        contextlib.ExitStack() as ending,
    ):
        ending.callback(slow.release.set)
        recorder.handlers["/slow"] = slow
        with edge.connect() as waiting, edge.connect() as kept:

            def retires() -> bool:
                kept.send(GET)
                return ("connection", "close") in kept.response()[1]

            waiting.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            slow.begun.wait(60)
            old = edge.workers
            edge.process.send_signal(signal.SIGHUP)
            until(retires)
            (new,) = edge.workers - old
            os.kill(new, signal.SIGKILL)
            with edge.connect() as client:
                client.send(GET)
                assert client.response()[0] == 200
            assert old < edge.workers
            slow.release.set()
            assert waiting.response()[2] == b"slow"


def test_a_reload_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Settings that do not hold, here certificates that are gone, leave the workers that serve."""
    from e2e.test_edge_limits import make_certificate

    chain, key = make_certificate(tmp_path, "a")
    with upstream() as recorder:
        edge = EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open", "--tls", f"{chain},{key}", workers=1)
        with edge:
            before = edge.workers
            Path(chain).unlink()
            edge.process.send_signal(signal.SIGHUP)
            until(lambda: edge.workers != before)  # one that tries
            until(lambda: edge.workers == before)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("site=127.0.0.1:0",), "is not a site"),
        (("site=127.0.0.1:99999=127.0.0.1:1",), "is not an address"),
        (("a=127.0.0.1:0=:1", "a=127.0.0.1:1=:1"), "one name"),
        (("a=127.0.0.1:0=:1", "--set", "maximum_body=x"), "is not a limit"),
        (("a=127.0.0.1:0=:1", "--set", "idle_seconds=0"), "is not a value"),
        (("a=127.0.0.1:0=:1", "--set", "workers_x=1"), "is not a limit"),
        (("a=127.0.0.1:0=:1", "--tls", "x"), "--tls takes"),
        (("a=127.0.0.1:0=:1", "--tls", "/no/chain,/no/key"), "are not a PEM certificate"),
        (("a=127.0.0.1:0=:1", "--trusted-proxy", "x"), "is not an address or network"),
    ],
)
def test_settings_that_do_not_hold(arguments: tuple[str, ...], said: str) -> None:
    """What cannot be done is said in one line, with status 2."""
    command = [sys.executable, "-m", "masugata", "edge", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_address_that_is_taken() -> None:
    """A taken address is said."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "masugata", "edge", f"site=127.0.0.1:{port}=:1"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, "cannot listen" in ended.stderr) == (2, True)


def test_an_edge_beside_a_server(tmp_path: Path) -> None:
    """`up --edge` serves both, and the edge ends with the server, even if that is killed."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with upstream() as recorder:
        site = f"shop=127.0.0.1:{port}=127.0.0.1:{recorder.port}"
        server = Server(tmp_path, ("--edge", site, "--fail-open")).start()
        with Client(socket.create_connection(("127.0.0.1", port), timeout=30)) as client:
            client.send(GET)
            assert client.response()[0] == 200
        server.kill()
        until(lambda: not is_taken(port))
        server.start()
        assert is_taken(port)
        assert server.stop() == 0
        assert not is_taken(port)


def is_taken(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=30).close()
    except ConnectionError:
        return False
    return True
