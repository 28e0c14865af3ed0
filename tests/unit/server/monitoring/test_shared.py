"""Numbers of several processes, shown by any of them."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from masugata.metrics import METRICS, Registry, Sample
from masugata.metrics.table import FAILING, JOBS_WAITING, REQUESTS
from masugata.server.monitoring import SharedMetrics, shared

CHILD = """
import sys
from pathlib import Path
from masugata.metrics import METRICS
from masugata.metrics.table import *
from masugata.server.monitoring import SharedMetrics
mine = SharedMetrics(Path(sys.argv[1]))
METRICS.add(REQUESTS, "iam", "GetUser", "2xx", by=int(sys.argv[2]))
METRICS.set(JOBS_WAITING, 3)
METRICS.set(FAILING, int(sys.argv[2]))
METRICS.observe(GROUP_JOBS, 2)
mine.flush()
print("ready", flush=True)
sys.stdin.read()
"""


class Child:
    """Another process that has counted something; it lives until it is ended."""

    def __init__(self, folder, count):
        command = [sys.executable, "-c", CHILD, str(folder), str(count)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def end(self):
        """End, without a chance to say anything."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def child(tmp_path):
    """Starts children."""
    children = []

    def start(count):
        children.append(Child(tmp_path / "run", count))
        return children[-1]

    yield start
    for one in children:
        if one.process.returncode is None:
            one.end()


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """This process's part, with nothing counted yet."""
    monkeypatch.setattr(METRICS, "_values", {})
    return SharedMetrics(tmp_path / "run")


def values(part):
    """The samples by name and labels."""
    return {(sample.name, *sample.labels): sample.values for sample in part.samples()}


REQUEST = (REQUESTS.name, "iam", "GetUser", "2xx")


def test_sum(child, mine):
    """Counters and gauges of all living processes are added up, of a maximum the greatest counts."""
    first, second = child(5), child(7)
    METRICS.add(REQUESTS, "iam", "GetUser", "2xx")
    METRICS.set(JOBS_WAITING, 1)
    found = values(mine)
    assert found[REQUEST] == (13,)
    assert found[JOBS_WAITING.name,] == (7,)
    assert found[FAILING.name,] == (7,)
    assert found["masugata_store_group_jobs",][2] == 2
    for pid in (os.getpid(), first.process.pid, second.process.pid):
        assert found["process_resident_memory_bytes", str(pid)][0] > 1 << 20
        assert found["process_open_fds", str(pid)][0] > 2


def test_counters_outlive_their_process(child, mine, tmp_path):
    """What ended processes counted stays in the sum, once, whoever asks; their gauges go."""
    child(5).end()
    gone = child(7)
    assert values(mine)[REQUEST] == (12,)
    gone.end()
    for _ in range(3):
        found = values(mine)
        assert found[REQUEST] == (12,)
        assert (JOBS_WAITING.name,) not in found
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["ended"]
    assert values(SharedMetrics(tmp_path / "run"))[REQUEST] == (12,)
    child(1)
    assert values(mine)[REQUEST] == (13,)


def test_files_do_not_pile_up(child, mine, tmp_path):
    """Whoever ends gathers what others left before, so that restarts leave no more and more files."""
    for _ in range(3):
        child(5).end()
    METRICS.add(REQUESTS, "iam", "GetUser", "2xx")
    mine.close()
    assert {file.name for file in (tmp_path / "run").iterdir()} == {"ended", mine._file}
    assert values(mine)[REQUEST] == (16,)


def test_crash_while_gathering(child, mine, monkeypatch):
    """A process that dies between adding up and removing lets nothing be counted twice."""
    child(5).end()
    with monkeypatch.context() as dying:

        def die(*_, **__):
            raise KeyboardInterrupt

        dying.setattr(Path, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            mine.samples()
    assert values(mine)[REQUEST] == (5,)
    assert values(mine)[REQUEST] == (5,)


def test_reused_process_id(mine, tmp_path):
    """A process that has the id of one that ended is not taken for it."""
    left = shared._Left(os.getpid(), 1, [Sample(*REQUEST[:1], REQUEST[1:], (4,))])
    (tmp_path / "run").mkdir()
    shared._write(tmp_path / "run" / f"{os.getpid()}-old", left)
    assert values(mine)[REQUEST] == (4,)
    assert not (tmp_path / "run" / f"{os.getpid()}-old").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"pid":1}', b"[]", b"\xff" * 100])
def test_damaged_files(mine, tmp_path, content):
    """A file that cannot be read costs its numbers and nothing else."""
    (tmp_path / "run").mkdir()
    for name in ("1-a", "ended", "other"):
        (tmp_path / "run" / name).write_bytes(content)
    METRICS.add(REQUESTS, "iam", "GetUser", "2xx")
    assert values(mine)[REQUEST] == (1,)


def test_numbers_of_another_version(mine, tmp_path):
    """Series that this program does not have, or has in another shape, are left out."""
    samples = [
        Sample("gone", (), (1,)),
        Sample(REQUESTS.name, ("iam",), (9,)),
        Sample(*REQUEST[:1], REQUEST[1:], (2,)),
    ]
    (tmp_path / "run").mkdir()
    shared._write(tmp_path / "run" / "ended", shared._Left(0, None, samples))
    found = values(mine)
    assert found[REQUEST] == (2,)
    assert ("gone",) not in found


def test_where_nothing_can_be_written(mine, tmp_path):
    """Without its folder a process still shows its own numbers, and goes on counting."""
    (tmp_path / "run").write_text("a file")
    METRICS.add(REQUESTS, "iam", "GetUser", "2xx")
    mine.flush()
    assert values(mine)[REQUEST] == (1,)


def test_flush_soon(mine, tmp_path):
    """Many requests in a moment lead to one write after it."""
    later = []
    loop = SimpleNamespace(
        call_later=lambda *call: later.append(call),
        run_in_executor=lambda _, call, *arguments: call(*arguments),
    )
    for _ in range(5):
        mine.flush_soon(loop)
    ((seconds, call, *arguments),) = later
    assert seconds == shared.FLUSH_SECONDS
    assert not (tmp_path / "run").exists()
    call(*arguments)
    (file,) = (tmp_path / "run").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    mine.flush_soon(loop)
    assert len(later) == 2


@pytest.mark.parametrize("writable", [True, False])
def test_until_settled(mine, tmp_path, writable):
    """What a process left while it failed does not stand there for ever when no request comes any more."""
    later = []
    loop = SimpleNamespace(
        call_later=lambda *call: later.append(call[1:]),
        run_in_executor=lambda _, call, *arguments: call(*arguments),
        call_soon_threadsafe=lambda call, *arguments: call(*arguments),
    )
    if not writable:
        (tmp_path / "run").write_text("a full disk")
    METRICS.set(FAILING, 1)
    METRICS.set(JOBS_WAITING, 0)
    mine.flush_soon(loop)
    for _ in range(3):
        ((call, *arguments),) = later
        later.clear()
        call(*arguments)
    if not writable:
        (tmp_path / "run").unlink()
    METRICS.set(FAILING, 0)
    ((call, *arguments),) = later
    later.clear()
    call(*arguments)
    assert not later
    (file,) = (tmp_path / "run").iterdir()
    assert Sample(FAILING.name, (), (0,)) in shared._read(file).samples


def test_alone(monkeypatch):
    """An ephemeral server shares with nobody and writes nothing."""
    monkeypatch.setattr(shared, "METRICS", Registry())
    alone = SharedMetrics(None)
    alone.flush_soon(SimpleNamespace())  # whose attributes are not asked for
    alone.flush()
    assert {sample.name.partition("_")[0] for sample in alone.samples()} == {"process"}


def test_a_process_that_ends_does_not_complain(mine, monkeypatch):
    """Numbers that were to be written while the last threads end are left to `close`, without an error."""
    monkeypatch.setattr(shared, "FLUSH_SECONDS", 0)
    complaints = []

    async def end():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        await loop.shutdown_default_executor()
        mine.flush_soon(loop)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(end())
    assert complaints == []
