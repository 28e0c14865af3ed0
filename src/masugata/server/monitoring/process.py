"""What the operating system says of a process; Linux says it in /proc, elsewhere nothing is known."""

import os
from collections.abc import Iterator
from pathlib import Path

from masugata.metrics import Metric, Sample

_LABEL = ("worker",)
_CPU = Metric("process_cpu_seconds_total", "Processor time of each process, by its id.", _LABEL)
_MEMORY = Metric("process_resident_memory_bytes", "Memory of each process.", _LABEL, "gauge")
_FILES = Metric("process_open_fds", "Open files of each process.", _LABEL, "gauge")
_START = Metric("process_start_time_seconds", "When each process started, since 1970.", _LABEL, "gauge")
PROCESS_METRICS = (_CPU, _MEMORY, _FILES, _START)


def start_ticks(pid: int) -> int | None:
    """When a process started, in ticks since the machine did; None if there is none. Ids are used again."""
    stat = _stat(pid)
    return None if stat is None else int(stat[19])


def process_samples(pid: int) -> Iterator[Sample]:
    """What is known of a process."""
    stat, label = _stat(pid), (str(pid),)
    if stat is None:
        return
    tick = os.sysconf("SC_CLK_TCK")
    yield Sample(_CPU.name, label, ((int(stat[11]) + int(stat[12])) / tick,))
    yield Sample(_MEMORY.name, label, (int(stat[21]) * os.sysconf("SC_PAGE_SIZE"),))
    yield Sample(_START.name, label, (_boot_time() + int(stat[19]) / tick,))
    try:
        yield Sample(_FILES.name, label, (len(os.listdir(f"/proc/{pid}/fd")),))  # noqa: PTH208  # only counted
    except OSError:
        return


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third on; the second, a name, may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _boot_time() -> int:
    for line in Path("/proc/stat").read_text("ascii").splitlines():
        if line.startswith("btime "):
            return int(line.removeprefix("btime "))
    return 0
